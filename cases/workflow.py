"""The circuit of a case: its states, the moves between them, and who may make each move.

The table follows the regulation's circuit 受理→批转→查阅→办理→回复审核→终审→反馈→回访→办结.
The numbers in the comments (T1 to T28) are the rows of that table. Paused, long-term, front-line, supervised
and published are facts about a case, not states: their actions keep the state, and are listed so that it is
written down where they are legal.
"""

from collections.abc import Collection

from cases.permits import MAY
from cases.words import Action, Role, Secrecy, State

__all__ = [
    "ENDED",
    "MAY",
    "MOVES",
    "OPEN",
    "Action",
    "IllegalMove",
    "NotAllowed",
    "Refusal",
    "Role",
    "SamePerson",
    "Secrecy",
    "State",
    "actions_from",
    "check_four_eyes",
    "check_role",
    "may",
    "move",
]

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
_UNSETTLED = OPEN - {State.FINAL_REVIEW, State.FEEDBACK, State.CALLBACK}
_WITH_UNITS = frozenset({State.DISPATCHED, State.HANDLING})
_ANSWERABLE = frozenset(
    {State.HANDLING, State.REPLIED, State.FINAL_REVIEW, State.FEEDBACK, State.CALLBACK, State.CLOSED}
)
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
    (State.PENDING_DISPATCH, Action.MERGE): State.MERGED,  # given back as a duplicate
    (State.REGISTERED, Action.MAKE_READY): State.PENDING_DISPATCH,
    (State.PENDING_DISPATCH, Action.DISPATCH): State.DISPATCHED,
    (State.DISPATCHED, Action.READ): State.HANDLING,
    (State.HANDLING, Action.CONTACT_CITIZEN): State.HANDLING,
    (State.DISPATCHED, Action.ASK_RETURN): State.RETURN_REVIEW,
    (State.HANDLING, Action.ASK_RETURN): State.RETURN_REVIEW,
    (State.RETURN_REVIEW, Action.REFUSE_RETURN): State.HANDLING,
    (State.RETURN_REVIEW, Action.GRANT_RETURN): State.PENDING_DISPATCH,
    (State.RETURN_REVIEW, Action.SHARE_RETURN): State.HANDLING,
    (State.RETURN_REVIEW, Action.ADJUDICATE): State.HANDLING,  # or with the unit that the group names
    **_stay(Action.PASS_DOWN, (State.HANDLING,)),
    **_stay(Action.RECALL, (State.HANDLING,)),
    **_stay(Action.ASK_PAUSE, (State.HANDLING,)),
    **_stay(Action.PAUSE, (State.HANDLING,)),
    **_stay(Action.REFUSE_PAUSE, (State.HANDLING,)),
    **_stay(Action.RESUME, (State.HANDLING,)),
    **_stay(Action.ASK_EXTENSION, (State.HANDLING,)),
    **_stay(Action.EXTEND, (State.HANDLING,)),
    **_stay(Action.REFUSE_EXTENSION, (State.HANDLING,)),
    **_stay(Action.REPORT, _WITH_UNITS),
    **_stay(Action.PASS_REPORT, _WITH_UNITS),
    **_stay(Action.SEND_BACK_REPORT, _WITH_UNITS),
    **_stay(Action.NAME_PEOPLE, _WITH_UNITS),
    (State.HANDLING, Action.REPLY): State.REPLIED,  # or waits, still in handling, for the leader's signature
    (State.HANDLING, Action.APPROVE_REPLY): State.REPLIED,
    (State.HANDLING, Action.REJECT_REPLY): State.HANDLING,
    (State.REPLIED, Action.PASS_UPWARD): State.REPLIED,
    (State.REPLIED, Action.SEND_BACK): State.HANDLING,
    (State.REPLIED, Action.PASS_REVIEW): State.FINAL_REVIEW,
    (State.FINAL_REVIEW, Action.SEND_BACK_FINAL): State.HANDLING,
    (State.FINAL_REVIEW, Action.PASS_FINAL): State.FEEDBACK,
    (State.FEEDBACK, Action.FEED_BACK): State.CALLBACK,
    (State.MERGED, Action.FEED_BACK): State.MERGED,  # its caller is told with the others
    (State.CALLBACK, Action.TAKE_CALLBACK): State.CALLBACK,
    (State.CALLBACK, Action.CLOSE): State.CLOSED,
    (State.CALLBACK, Action.REWORK): State.HANDLING,
    (State.CLOSED, Action.REWORK): State.HANDLING,
    **_stay(Action.DECLINE_REWORK, (State.CALLBACK, State.CLOSED)),
    # What comes back after closing is a case of its own; the closed one stays closed and is only marked.
    (State.CLOSED, Action.FLAG_RECURRENCE): State.CLOSED,
    (None, Action.OPEN_RECURRENCE): State.REGISTERED,
    **{(state, Action.WITHDRAW): State.WITHDRAWN for state in OPEN},
    **_stay(Action.SPLIT, _UNSETTLED),
    **_stay(Action.RECLASSIFY, _UNSETTLED),
    **_stay(Action.SUPPLEMENT, OPEN | {State.CLOSED, State.MERGED}),
    **_stay(Action.ASK_LONG_TERM, (State.HANDLING,)),
    **_stay(Action.MARK_LONG_TERM, (State.HANDLING,)),
    **_stay(Action.REFUSE_LONG_TERM, (State.HANDLING,)),
    **_stay(Action.REVIEW_LONG_TERM, (State.HANDLING,)),
    **_stay(Action.END_LONG_TERM, (State.HANDLING,)),
    **_stay(Action.ASK_EXCLUSION, _ANSWERABLE),
    **_stay(Action.EXCLUDE, _ANSWERABLE),
    **_stay(Action.REFUSE_EXCLUSION, _ANSWERABLE),
    **_stay(Action.CALL_FRONTLINE, OPEN),
    **_stay(Action.SUPERVISE, _FILED),
    **_stay(Action.INSTRUCT, _FILED),
    **_stay(Action.EXPOSE, _FILED),
    **_stay(Action.PUBLISH, _PUBLISHABLE),
    **_stay(Action.HOLD_PUBLICATION, _PUBLISHABLE),
    **_stay(Action.TAKE_DOWN, _FILED),
}


class Refusal(Exception):
    """The rules do not allow it. The message can be shown to the person who tried."""


class IllegalMove(Refusal):
    """This action is not possible in this state."""

    def __init__(self, state: State | None, action: Action) -> None:
        self.state = state
        self.action = action
        where = f"诉求件“{state.text}”" if state else "尚未登记的诉求件"
        super().__init__(f"{where}，不能“{action.text}”")


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
        super().__init__(f"承办、审核、终审不得为同一人：{by}不能再“{action.text}”")


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


_REVIEWS = frozenset(
    {
        Action.APPROVE_REPLY,
        Action.REJECT_REPLY,
        Action.PASS_REPORT,
        Action.SEND_BACK_REPORT,
        Action.PASS_UPWARD,
        Action.SEND_BACK,
        Action.PASS_REVIEW,
    }
)
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
