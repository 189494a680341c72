"""The circuit of a case: its states, the moves between them, and who may make each move.

The table follows the regulation's circuit 受理→批转→查阅→办理→回复审核→终审→反馈→回访→办结.
The numbers in the comments (T1 to T28) are the rows of that table. Paused, long-term, front-line, supervised
and published are facts about a case, not states: their actions keep the state, and are listed so that it is
written down where they are legal.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Self


class _Named(StrEnum):
    """A closed set whose members carry, as `text`, the word that people read."""

    text: str

    def __new__(cls, value: str, text: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member


class State(_Named):
    """Where a case stands."""

    DRAFT = "draft", "草稿"
    REGISTERED = "registered", "已登记"
    REFUSED = "refused", "不予受理"
    ANSWERED = "answered", "电话即答"
    PENDING_DISPATCH = "pending_dispatch", "待批转"
    DISPATCHED = "dispatched", "待查阅"
    HANDLING = "handling", "办理中"
    RETURN_REVIEW = "return_review", "退件待裁"
    REPLIED = "replied", "待审核"
    FINAL_REVIEW = "final_review", "待终审"
    FEEDBACK = "feedback", "待反馈"
    CALLBACK = "callback", "待回访"
    CLOSED = "closed", "已办结"
    MERGED = "merged", "已并案"
    WITHDRAWN = "withdrawn", "已撤回"
    INVALID = "invalid", "无效"


class Action(_Named):
    """What a person (or a rule) does to a case. A decision with two outcomes is two actions."""

    START_DRAFT = "start_draft", "起草"  # T1
    REGISTER = "register", "登记"  # T2
    ANSWER_DIRECTLY = "answer_directly", "电话即答"  # T3
    REFUSE = "refuse", "不予受理"  # T4
    INVALIDATE = "invalidate", "判为无效"  # T5
    MERGE = "merge", "并案"  # T6
    MAKE_READY = "make_ready", "提交批转"  # T7
    DISPATCH = "dispatch", "批转"  # T8
    READ = "read", "查阅"  # T9
    CONTACT_CITIZEN = "contact_citizen", "联系诉求人"  # T10
    ASK_RETURN = "ask_return", "申请退件"  # T11
    REFUSE_RETURN = "refuse_return", "不同意退件"  # T12
    GRANT_RETURN = "grant_return", "同意退件"  # T12
    PASS_DOWN = "pass_down", "下转"  # T13
    PAUSE = "pause", "挂起"  # T14
    RESUME = "resume", "恢复办理"  # T14
    EXTEND = "extend", "延期"  # T15
    REPLY = "reply", "答复"  # T16
    SEND_BACK = "send_back", "审核退回"  # T17
    PASS_REVIEW = "pass_review", "审核通过"  # T18
    SEND_BACK_FINAL = "send_back_final", "终审退回"  # T19
    PASS_FINAL = "pass_final", "终审通过"  # T19
    FEED_BACK = "feed_back", "反馈"  # T20
    CLOSE = "close", "办结"  # T21
    REWORK = "rework", "重办"  # T22
    FLAG_RECURRENCE = "flag_recurrence", "标记复发"  # T23, on the closed case
    OPEN_RECURRENCE = "open_recurrence", "复发立案"  # T23, the new case
    WITHDRAW = "withdraw", "撤回"  # T24
    MARK_LONG_TERM = "mark_long_term", "挂账"  # T25
    REVIEW_LONG_TERM = "review_long_term", "复查挂账"  # T25
    END_LONG_TERM = "end_long_term", "销账"  # T25
    CALL_FRONTLINE = "call_frontline", "一线呼叫"  # T26
    SUPERVISE = "supervise", "督办"  # T27
    INSTRUCT = "instruct", "批示"  # T27
    EXPOSE = "expose", "曝光"  # T27
    PUBLISH = "publish", "公开"  # T28
    HOLD_PUBLICATION = "hold_publication", "暂不公开"  # T28
    TAKE_DOWN = "take_down", "撤下公开"  # T28


class Role(_Named):
    """Who acts, by post."""

    SYSTEM = "system", "系统"
    CITIZEN = "citizen", "诉求人"
    AGENT = "agent", "话务员"
    TEAM_LEAD = "team_lead", "班长"
    REGISTRAR = "registrar", "登记员"
    DISPATCHER = "dispatcher", "批转员"
    LIAISON = "liaison", "联络员"
    HANDLER = "handler", "承办人"
    UNIT_LEADER = "unit_leader", "分管领导"
    UPPER_REVIEWER = "upper_reviewer", "上级审核员"
    CENTRE_REVIEWER = "centre_reviewer", "回复审核员"
    FINAL_REVIEWER = "final_reviewer", "终审员"
    CALLBACK_AGENT = "callback_agent", "回访员"
    PUBLICATION_OFFICER = "publication_officer", "公开专员"
    KNOWLEDGE_EDITOR = "knowledge_editor", "知识库编辑"
    SUPERVISOR = "supervisor", "效能办"
    ADJUDICATOR = "adjudicator", "裁定小组"
    STREET_COMMANDER = "street_commander", "街道指挥员"
    FRONTLINE_RESPONDER = "frontline_responder", "一线响应人"
    GRID_WORKER = "grid_worker", "网格员"
    LEADERS_OFFICE = "leaders_office", "领导办公室"
    ANALYST = "analyst", "分析员"
    AUDITOR = "auditor", "审计员"
    ADMINISTRATOR = "administrator", "管理员"
    CLIENT = "client", "接入系统"


OPEN: frozenset[State] = frozenset(
    {
        State.REGISTERED,
        State.PENDING_DISPATCH,
        State.DISPATCHED,
        State.HANDLING,
        State.RETURN_REVIEW,
        State.REPLIED,
        State.FINAL_REVIEW,
        State.FEEDBACK,
        State.CALLBACK,
    },
)
"""Filed and not at its end. A draft is not yet a case: it has no number, and nobody owes anything for it."""

ENDED: frozenset[State] = frozenset(State) - OPEN - {State.DRAFT}

_FILED = OPEN | ENDED
_PUBLISHABLE = (State.ANSWERED, State.FEEDBACK, State.CALLBACK, State.CLOSED)  # the final review is behind it


def _stay(action: Action, states: Collection[State]) -> dict[tuple[State | None, Action], State]:
    return {(state, action): state for state in states}


MOVES: dict[tuple[State | None, Action], State] = {
    (None, Action.START_DRAFT): State.DRAFT,
    (State.DRAFT, Action.REGISTER): State.REGISTERED,
    (State.DRAFT, Action.ANSWER_DIRECTLY): State.ANSWERED,
    (State.REGISTERED, Action.ANSWER_DIRECTLY): State.ANSWERED,
    (State.REGISTERED, Action.REFUSE): State.REFUSED,
    (State.REGISTERED, Action.INVALIDATE): State.INVALID,
    (State.REGISTERED, Action.MERGE): State.MERGED,
    (State.REGISTERED, Action.MAKE_READY): State.PENDING_DISPATCH,
    (State.PENDING_DISPATCH, Action.DISPATCH): State.DISPATCHED,
    (State.DISPATCHED, Action.READ): State.HANDLING,
    (State.HANDLING, Action.CONTACT_CITIZEN): State.HANDLING,
    (State.DISPATCHED, Action.ASK_RETURN): State.RETURN_REVIEW,
    (State.HANDLING, Action.ASK_RETURN): State.RETURN_REVIEW,
    (State.RETURN_REVIEW, Action.REFUSE_RETURN): State.HANDLING,
    (State.RETURN_REVIEW, Action.GRANT_RETURN): State.PENDING_DISPATCH,
    (State.HANDLING, Action.PASS_DOWN): State.HANDLING,
    (State.HANDLING, Action.PAUSE): State.HANDLING,
    (State.HANDLING, Action.RESUME): State.HANDLING,
    (State.HANDLING, Action.EXTEND): State.HANDLING,
    (State.HANDLING, Action.REPLY): State.REPLIED,
    (State.REPLIED, Action.SEND_BACK): State.HANDLING,
    (State.REPLIED, Action.PASS_REVIEW): State.FINAL_REVIEW,
    (State.FINAL_REVIEW, Action.SEND_BACK_FINAL): State.HANDLING,
    (State.FINAL_REVIEW, Action.PASS_FINAL): State.FEEDBACK,
    (State.FEEDBACK, Action.FEED_BACK): State.CALLBACK,
    (State.CALLBACK, Action.CLOSE): State.CLOSED,
    (State.CALLBACK, Action.REWORK): State.HANDLING,
    (State.CLOSED, Action.REWORK): State.HANDLING,
    # What comes back after closing is a case of its own; the closed one stays closed and is only marked.
    (State.CLOSED, Action.FLAG_RECURRENCE): State.CLOSED,
    (None, Action.OPEN_RECURRENCE): State.REGISTERED,
    **{(state, Action.WITHDRAW): State.WITHDRAWN for state in OPEN},
    **_stay(Action.MARK_LONG_TERM, OPEN),
    **_stay(Action.REVIEW_LONG_TERM, OPEN),
    **_stay(Action.END_LONG_TERM, OPEN),
    **_stay(Action.CALL_FRONTLINE, OPEN),
    **_stay(Action.SUPERVISE, _FILED),
    **_stay(Action.INSTRUCT, _FILED),
    **_stay(Action.EXPOSE, _FILED),
    **_stay(Action.PUBLISH, _PUBLISHABLE),
    **_stay(Action.HOLD_PUBLICATION, _PUBLISHABLE),
    **_stay(Action.TAKE_DOWN, _PUBLISHABLE),
}


def _only(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


_UNIT = _only(Role.LIAISON, Role.HANDLER)

MAY: dict[Action, frozenset[Role]] = {
    Action.START_DRAFT: _only(Role.SYSTEM, Role.AGENT, Role.TEAM_LEAD, Role.REGISTRAR, Role.CLIENT),
    Action.REGISTER: _only(
        Role.AGENT,
        Role.TEAM_LEAD,
        Role.REGISTRAR,
        Role.CITIZEN,
        Role.GRID_WORKER,
        Role.CLIENT,
        Role.SYSTEM,
    ),
    Action.ANSWER_DIRECTLY: _only(Role.AGENT, Role.TEAM_LEAD),
    Action.REFUSE: _only(Role.TEAM_LEAD),  # an agent proposes, the team lead confirms
    Action.INVALIDATE: _only(Role.TEAM_LEAD),
    Action.MERGE: _only(Role.AGENT, Role.TEAM_LEAD, Role.DISPATCHER),
    Action.MAKE_READY: _only(Role.SYSTEM, Role.AGENT, Role.TEAM_LEAD, Role.REGISTRAR),
    Action.DISPATCH: _only(Role.DISPATCHER, Role.AGENT, Role.TEAM_LEAD, Role.SYSTEM),
    Action.READ: _UNIT,
    Action.CONTACT_CITIZEN: _UNIT,
    Action.ASK_RETURN: _only(Role.LIAISON),
    Action.REFUSE_RETURN: _only(Role.DISPATCHER, Role.ADJUDICATOR),
    Action.GRANT_RETURN: _only(Role.DISPATCHER, Role.ADJUDICATOR),
    Action.PASS_DOWN: _only(Role.LIAISON),
    Action.PAUSE: _only(Role.DISPATCHER, Role.CENTRE_REVIEWER),  # the unit asks, the centre decides
    Action.RESUME: _only(Role.DISPATCHER, Role.CENTRE_REVIEWER, Role.SYSTEM),
    Action.EXTEND: _only(Role.DISPATCHER, Role.CENTRE_REVIEWER),
    Action.REPLY: _only(Role.HANDLER, Role.LIAISON, Role.UNIT_LEADER),
    Action.SEND_BACK: _only(Role.UPPER_REVIEWER, Role.CENTRE_REVIEWER),
    Action.PASS_REVIEW: _only(Role.CENTRE_REVIEWER),
    Action.SEND_BACK_FINAL: _only(Role.FINAL_REVIEWER),
    Action.PASS_FINAL: _only(Role.FINAL_REVIEWER),
    Action.FEED_BACK: _only(Role.AGENT, Role.TEAM_LEAD, Role.CALLBACK_AGENT, Role.SYSTEM),
    Action.CLOSE: _only(Role.CALLBACK_AGENT),
    Action.REWORK: _only(Role.CALLBACK_AGENT, Role.TEAM_LEAD, Role.CENTRE_REVIEWER),
    Action.FLAG_RECURRENCE: _only(Role.SYSTEM),
    Action.OPEN_RECURRENCE: _only(Role.SYSTEM),
    Action.WITHDRAW: _only(Role.CITIZEN),  # through a verified channel; staff cannot make a case disappear
    Action.MARK_LONG_TERM: _only(Role.SUPERVISOR, Role.DISPATCHER),
    Action.REVIEW_LONG_TERM: _only(Role.SUPERVISOR, Role.DISPATCHER),
    Action.END_LONG_TERM: _only(Role.SUPERVISOR, Role.DISPATCHER),
    Action.CALL_FRONTLINE: _only(Role.STREET_COMMANDER),
    Action.SUPERVISE: _only(Role.SUPERVISOR),
    Action.INSTRUCT: _only(Role.LEADERS_OFFICE),
    Action.EXPOSE: _only(Role.SUPERVISOR),
    Action.PUBLISH: _only(Role.PUBLICATION_OFFICER),
    Action.HOLD_PUBLICATION: _only(Role.PUBLICATION_OFFICER),
    Action.TAKE_DOWN: _only(Role.PUBLICATION_OFFICER),
}


class Refusal(Exception):
    """The rules do not allow it. The message can be shown to the person who tried."""


class IllegalMove(Refusal):
    """This action is not possible in this state."""

    def __init__(self, state: State | None, action: Action) -> None:
        self.state = state
        self.action = action
        where = f"诉求件“{state.text}”" if state else "尚未登记的诉求件"
        super().__init__(f"{where},不能“{action.text}”")


class NotAllowed(Refusal):
    """This role may not do it, in whatever state."""

    def __init__(self, role: Role, action: Action) -> None:
        self.role = role
        self.action = action
        super().__init__(f"{role.text}无权“{action.text}”")


class SamePerson(Refusal):
    """The person has already acted on this reply: two pairs of eyes are required."""

    def __init__(self, by: str, action: Action) -> None:
        self.by = by
        self.action = action
        super().__init__(f"承办、审核、终审不得为同一人:{by}不能再“{action.text}”")


def move(state: State | None, action: Action) -> State:
    """Return the state that follows, or raise IllegalMove. `None` is a case that does not exist yet."""
    try:
        return MOVES[state, action]
    except KeyError:
        raise IllegalMove(state, action) from None


def actions_from(state: State | None) -> frozenset[Action]:
    """Return what can be done with a case in this state, by anyone."""
    return frozenset(action for at, action in MOVES if at == state)


def may(role: Role, action: Action) -> bool:
    return role in MAY[action]


def check_role(role: Role, action: Action) -> None:
    """Raise NotAllowed unless the role may do it."""
    if not may(role, action):
        raise NotAllowed(role, action)


_REVIEWS = frozenset({Action.SEND_BACK, Action.PASS_REVIEW})
_FINALS = frozenset({Action.SEND_BACK_FINAL, Action.PASS_FINAL})
_AFTER_HANDLING = _REVIEWS | _FINALS | {Action.CLOSE, Action.PUBLISH}


def check_four_eyes(
    action: Action,
    by: str,
    *,
    handlers: Collection[str],
    reviewers: Collection[str] = (),
) -> None:
    """Raise SamePerson where handler, reviewer and final reviewer of one reply would not be three persons.

    Who handled a case does not publish it or call back about it either.
    """
    handled = action in _AFTER_HANDLING and by in handlers
    reviewed = action in _FINALS and by in reviewers
    if handled or reviewed:
        raise SamePerson(by, action)
