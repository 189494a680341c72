"""退件: a unit says that a case is not its own; the dispatcher decides, and after a second dispute the adjudicators."""

from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from cases import workflow
from cases.limits import Limit, Unit, due_at, is_late
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, Role
from storage import assignments, clocks
from storage.clocks import CLOCK, Obligation
from storage.errors import Invalid
from storage.forms import checked_text
from storage.models import ReturnRequest, Stage
from storage.moves import Seen, change, decide, note, recorded
from storage.people import Actor
from storage.types import table_of
from storage.units import unit

RETURN = table_of(ReturnRequest)

REASONS = {
    "area": "不属本辖区",
    "duty": "不属本单位职责",
    "duplicate": "重复件",
    "not_enough_info": "要素不足",
    "external": "属外部单位",
    "other": "其他",
}
ASK_WITHIN = Limit(1, Unit.WORKING_DAY)
MOST_RETURNS = 2
MOVED = "moved"
# What a unit gets at the least when the one before it has used the time up.
LEAST_AFTER_RETURN = 2


@recorded(Action.ASK_RETURN)
def ask_return(
    conn: Connection,
    no: str,
    reason: str,
    *,
    basis: str,
    suggested_unit: str | None = None,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """申请退件: within one working day of dispatch, on a ground; the reply clock keeps running meanwhile."""
    seen, state = decide(conn, no, Action.ASK_RETURN, by)
    task = assignments.lead_of(conn, seen, by, Action.ASK_RETURN)
    ground = checked_text("basis", basis, longest=2_000)
    _check_request(conn, seen, task, reason=reason, suggested_unit=suggested_unit, at=at, rules=rules)
    change(conn, seen, state)
    conn.execute(
        insert(RETURN).values(
            case=seen.id,
            assignment=task.id,
            reason=reason,
            basis=ground,
            suggested_unit=suggested_unit or None,
            asked_by=by.login,
            asked_at=at,
        )
    )
    # Whoever gives a case back has read it.
    unread = {} if task.read_by else {"read_by": by.login, "read_at": at}
    assignments.put(conn, task.id, Stage.RETURN_ASKED, **unread)
    clocks.stop(conn, Obligation(seen.id, ClockKind.READ, task.id), at)
    owed = Obligation(seen.id, ClockKind.RETURN_DECISION)
    clocks.start(conn, owed, seen.intent, seen.urgency, at=at, rules=rules)
    note(conn, seen, "return.requested", by=by, at=at, unit=by.unit, reason=reason, suggested=suggested_unit)


@recorded(Action.REFUSE_RETURN)
def refuse_return(conn: Connection, no: str, comment: str, *, by: Actor, at: datetime) -> None:
    """不同意退件: the unit keeps the case."""
    seen, state = decide(conn, no, Action.REFUSE_RETURN, by)
    request = _decided(conn, seen, Action.REFUSE_RETURN, granted=False, comment=comment, by=by, at=at)
    change(conn, seen, state)
    assignments.put(conn, request.assignment, Stage.HANDLING)
    note(conn, seen, "return.decided", by=by, at=at, granted=False)


@recorded(Action.GRANT_RETURN)
def grant_return(conn: Connection, no: str, comment: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """同意退件: the case waits for dispatch again, and the old unit's clocks do not count against it."""
    seen, state = decide(conn, no, Action.GRANT_RETURN, by)
    request = _decided(conn, seen, Action.GRANT_RETURN, granted=True, comment=comment, by=by, at=at)
    change(conn, seen, state, unit=None)
    clocks.void(conn, seen.id, MOVED)
    assignments.put(conn, request.assignment, Stage.RETURNED, ended_at=at)
    assignments.end_all(conn, seen.id, Stage.WITHDRAWN, at)
    owed = Obligation(seen.id, ClockKind.DISPATCH)
    clocks.start(conn, owed, seen.intent, seen.urgency, at=at, rules=rules)
    note(conn, seen, "return.decided", by=by, at=at, granted=True)


def limit_after_return(conn: Connection, seen: Seen, *, at: datetime, rules: Rules) -> Limit | None:
    """Return what is left of the promise to the citizen, but never less than a minimum; None if it never moved."""
    row = conn.execute(
        select(CLOCK)
        .where(CLOCK.c.case == seen.id, CLOCK.c.kind == ClockKind.REPLY, CLOCK.c.void_reason == MOVED)
        .order_by(CLOCK.c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    clock = clocks.kept(row).clock
    left = clock.remaining(at, rules.calendar, rules.hours)
    return Limit(max(left, min(LEAST_AFTER_RETURN, clock.limit.amount)), clock.limit.unit)


def _check_request(
    conn: Connection,
    seen: Seen,
    task: assignments.Task,
    *,
    reason: str,
    suggested_unit: str | None,
    at: datetime,
    rules: Rules,
) -> None:
    if reason not in REASONS:
        raise Invalid({"reason": f"请选择原因:{'、'.join(REASONS.values())} (choose a reason)"})
    if suggested_unit and unit(conn, suggested_unit) is None:
        raise Invalid({"suggested_unit": "没有这个单位 (no such unit)"})
    if is_late(at, due_at(task.sent_at, ASK_WITHIN, rules.calendar, rules.hours)):
        raise Invalid({"reason": "已超过批转后1个工作日,不能退件 (too late to return it)"})
    asked = select(RETURN.c.assignment, RETURN.c.granted).where(RETURN.c.case == seen.id)
    requests = conn.execute(asked).all()
    if any(request.assignment == task.id for request in requests):
        raise Invalid({"reason": "每个单位只能申请一次 (a unit may ask once)"})
    if len(requests) >= MOST_RETURNS:
        raise Invalid({"reason": "此件已两次退件,不能再退 (it was returned twice)"})


def _decided(
    conn: Connection, seen: Seen, action: Action, *, granted: bool, comment: str, by: Actor, at: datetime
) -> Row[int, int]:
    """Write the decision on the open request, and return the request."""
    why = checked_text("comment", comment, longest=2_000)
    asked = conn.execute(select(func.count()).where(RETURN.c.case == seen.id)).scalar_one()
    if asked >= MOST_RETURNS and by.role is not Role.ADJUDICATOR:
        # 裁定小组: a second dispute over the same case is no longer the dispatcher's.
        raise workflow.NotAllowed(by.role, action)
    open_one = (RETURN.c.case == seen.id, RETURN.c.granted.is_(None))
    request = conn.execute(select(RETURN.c.id, RETURN.c.assignment).where(*open_one)).one()
    conn.execute(
        update(RETURN)
        .where(RETURN.c.id == request.id)
        .values(granted=granted, comment=why, decided_by=by.login, decided_at=at)
    )
    clocks.stop(conn, Obligation(seen.id, ClockKind.RETURN_DECISION), at)
    return request
