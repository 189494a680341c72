"""Ways in which a case ends without an answer of its own: refused, invalid, merged."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from cases.rules import Rules
from cases.workflow import Action, State
from storage import clocks, members, requests
from storage.errors import Invalid, Missing
from storage.members import MEMBER
from storage.moves import CASE, Seen, change, decide, note, recorded, see, touch
from storage.people import Actor

REFUSALS = {
    "out_of_area": "不属本市",
    "legal_channel": "应通过诉讼、仲裁、复议、纪检或信息公开途径",
    "in_petition": "已在信访渠道办理",
    "emergency": "应拨打110、119、120",
    "secrets": "涉及国家秘密、个人隐私或违反公序良俗",
    "finished": "已办结且无新事实",
    "other_power": "属党委、军队、人大、法院等职权",
    "advert": "商业广告",
    "nothing_said": "无联系方式且无具体内容",
}
INVALID_REASONS = {"nuisance": "骚扰", "test": "测试", "empty": "空白"}
MERGE_WITHIN = timedelta(days=30)
_NO_MASTER = frozenset({State.DRAFT, State.REFUSED, State.MERGED, State.WITHDRAWN, State.INVALID})


@recorded(Action.REFUSE)
def refuse(conn: Connection, no: str, reason: str, *, by: Actor, at: datetime) -> None:
    """不予受理: for a coded reason; the citizen is told which way is open."""
    end(conn, no, Action.REFUSE, "case.refused", reason=_one_of(REFUSALS, reason), by=by, at=at)


@recorded(Action.INVALIDATE)
def invalidate(conn: Connection, no: str, reason: str, *, by: Actor, at: datetime) -> None:
    """判为无效: out of all rates."""
    end(
        conn, no, Action.INVALIDATE, "case.invalidated", reason=_one_of(INVALID_REASONS, reason), by=by, at=at
    )


@recorded(Action.MERGE)
def merge(conn: Connection, no: str, into: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """并案: the same matter is handled once; this caller hears how the other case stands, and what comes of it."""
    # Both rows at once and in one order: two cases that are merged into each other would otherwise both go.
    both = select(CASE.c.id).where(CASE.c.no.in_([no, into])).order_by(CASE.c.id)
    conn.execute(both.with_for_update())
    decide(conn, no, Action.MERGE, by)
    master = _master(conn, no, into, at)
    seen = end(conn, no, Action.MERGE, "case.merged", reason="merged", master=master, by=by, at=at)
    conn.execute(insert(MEMBER).values(member=seen.id, master=master.id, by=by.login, at=at))
    note(conn, touch(conn, master), "case.joined", by=by, at=at, member=seen.no)
    root = members.root_of(conn, see(conn, master.no))
    if root.state in members.HAS_A_RESULT:
        members.owe_feedback(conn, root, at=at, rules=rules)


def end(
    conn: Connection,
    no: str,
    action: Action,
    kind: str,
    *,
    reason: str,
    by: Actor,
    at: datetime,
    master: Seen | None = None,
) -> Seen:
    """End a case without an answer: nothing is owed for it any more, and nothing of it is erased."""
    seen, state = decide(conn, no, action, by)
    flags = {"paused_at": None, "paused_for": None, "long_term_at": None}
    seen = change(conn, seen, state, closed_at=at, master=master.id if master else None, **flags)
    clocks.settle(conn, seen.id, reason, at)
    requests.lapse(conn, seen, at, kinds=requests.ALL)
    detail = {"reason": reason} | ({"master": master.no} if master else {})
    note(conn, seen, kind, by=by, at=at, **detail)
    return seen


def _master(conn: Connection, no: str, into: str, at: datetime) -> Seen:
    try:
        master = see(conn, into)
    except Missing:
        raise Invalid({"into": "没有这个诉求件 (no such case)"}) from None
    if master.no == no:
        raise Invalid({"into": "不能并入自己 (not into itself)"})
    if master.state in _NO_MASTER:
        raise Invalid({"into": f"“{master.state.text}”的诉求件不能作为主件 (it cannot take others)"})
    if master.closed_at is not None and at - master.closed_at > MERGE_WITHIN:
        raise Invalid({"into": "主件办结已超过30天 (closed more than 30 days ago)"})
    return master


def _one_of(reasons: dict[str, str], reason: str) -> str:
    if reason not in reasons:
        raise Invalid({"reason": f"请选择原因：{'、'.join(reasons.values())} (choose a reason)"})
    return reason
