"""退件: a unit says that a case is not its own; the dispatcher decides, about a second dispute the adjudicators."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from cases import workflow
from cases.limits import Limit, Unit, due_at, is_late
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, State
from storage import assignments, clocks, requests
from storage.clocks import Obligation
from storage.dispatching import MOVED, hand_out, limit_after_return
from storage.errors import Invalid
from storage.forms import checked_text
from storage.models import Assignment, Part, ReturnRequest, Stage
from storage.moves import Seen, change, decide, note, recorded
from storage.people import Actor
from storage.types import table_of
from storage.units import unit as unit_of

RETURN = table_of(ReturnRequest)
ASSIGNMENT = table_of(Assignment)

REASONS: Final = {
    "area": "不属本辖区",
    "duty": "不属本单位职责",
    "duplicate": "重复件",
    "not_enough_info": "要素不足",
    "external": "属外部单位",
    "other": "其他",
}
ASK_WITHIN = Limit(1, Unit.WORKING_DAY)
MOST_RETURNS = 2
UPHOLD, MOVE, SHARE = "uphold", "move", "share"


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
    _check_reason(conn, seen, reason, suggested_unit)
    _check_turn(conn, seen, task, at=at, rules=rules)
    seen = change(conn, seen, state)
    asked = {"reason": reason, "basis": ground, "suggested_unit": suggested_unit or None}
    signed = {"asked_by": by.login, "asked_at": at}
    conn.execute(insert(RETURN).values(case=seen.id, assignment=task.id, **asked, **signed))
    # Whoever gives a case back has read it.
    unread = {} if task.read_by else {"read_by": by.login, "read_at": at}
    assignments.put(conn, task.id, Stage.RETURN_ASKED, **unread)
    clocks.stop(conn, Obligation(seen.id, ClockKind.READ, task.id), at)
    assignments.start(conn, seen, ClockKind.RETURN_DECISION, at=at, rules=rules)
    note(conn, seen, "return.requested", by=by, at=at, unit=by.unit, reason=reason, suggested=suggested_unit)


@recorded(Action.REFUSE_RETURN)
def refuse_return(conn: Connection, no: str, comment: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """不同意退件: the unit keeps the case."""
    seen, _ = decide(conn, no, Action.REFUSE_RETURN, by)
    must_be_first(conn, seen, by, Action.REFUSE_RETURN)
    settle(conn, seen, UPHOLD, None, comment=comment, action=Action.REFUSE_RETURN, by=by, at=at, rules=rules)


@recorded(Action.GRANT_RETURN)
def grant_return(
    conn: Connection, no: str, comment: str, *, to: str | None = None, by: Actor, at: datetime, rules: Rules
) -> None:
    """同意退件: the case goes to the unit that is named, or waits for dispatch again."""
    seen, _ = decide(conn, no, Action.GRANT_RETURN, by)
    must_be_first(conn, seen, by, Action.GRANT_RETURN)
    settle(conn, seen, MOVE, to, comment=comment, action=Action.GRANT_RETURN, by=by, at=at, rules=rules)


@recorded(Action.SHARE_RETURN)
def share_return(
    conn: Connection, no: str, unit: str, comment: str, *, by: Actor, at: datetime, rules: Rules
) -> None:
    """部分调整: only a part is not the unit's; it keeps the lead, and another unit joins."""
    seen, _ = decide(conn, no, Action.SHARE_RETURN, by)
    must_be_first(conn, seen, by, Action.SHARE_RETURN)
    settle(conn, seen, SHARE, unit, comment=comment, action=Action.SHARE_RETURN, by=by, at=at, rules=rules)


def must_be_first(conn: Connection, seen: Seen, by: Actor, action: Action) -> None:
    """裁定小组: a second dispute over the same case is no longer the dispatcher's."""
    asked = conn.execute(select(func.count()).where(RETURN.c.case == seen.id)).scalar_one()
    if asked >= MOST_RETURNS:
        raise workflow.NotAllowed(by.role, action)


def settle(  # noqa: PLR0913 - shared by the dispatcher and the adjudicators
    conn: Connection,
    seen: Seen,
    decision: str,
    unit: str | None,
    *,
    comment: str,
    action: Action,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> int:
    """Carry out what was decided about the open request, and return the request."""
    request = _decided(conn, seen, decision, unit, comment=comment, action=action, by=by, at=at)
    detail = {"granted": decision == MOVE, "decision": decision, "to": unit}
    if decision == MOVE:
        _move(conn, seen, request.assignment, unit, detail, by=by, at=at, rules=rules)
        return int(request.id)
    assignments.put(conn, request.assignment, Stage.HANDLING)
    seen = change(conn, seen, State.HANDLING)
    note(conn, seen, "return.decided", by=by, at=at, **detail)
    if decision == SHARE:
        _join(conn, seen, unit, by=by, at=at, rules=rules)
    return int(request.id)


def _move(
    conn: Connection,
    seen: Seen,
    task: int,
    unit: str | None,
    detail: dict[str, Any],
    *,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """The old unit's clocks do not count against it; the new one's begin as at any dispatch."""
    if unit is not None:
        assignments.check_targets(conn, seen.category, unit, ())
    requests.lapse(conn, seen, at, kinds=requests.ALL)
    clocks.void(conn, seen.id, MOVED)
    assignments.put(conn, task, Stage.RETURNED, ended_at=at)
    assignments.end_all(conn, seen.id, Stage.WITHDRAWN, at)
    seen = change(conn, seen, State.PENDING_DISPATCH, unit=None)
    note(conn, seen, "return.decided", by=by, at=at, **detail)
    if unit is None:
        assignments.start(conn, seen, ClockKind.DISPATCH, at=at, rules=rules)
        return
    lead = [(unit, Part.LEAD)]
    hand_out(conn, seen, State.DISPATCHED, lead, instruction="", by=by, at=at, rules=rules)


def _join(conn: Connection, seen: Seen, unit: str | None, *, by: Actor, at: datetime, rules: Rules) -> None:
    if unit is None or unit_of(conn, unit) is None:
        raise Invalid({"unit": "没有这个单位 (no such unit)"})
    if any(task.unit == unit for task in assignments.open_tasks(conn, seen.id)):
        raise Invalid({"unit": "该单位已在办理此件 (the unit has it already)"})
    limit = limit_after_return(conn, seen, at=at, rules=rules)
    assignments.send(
        conn, seen, assignments.NewTask(unit, Part.ASSIST, reply_limit=limit), by=by, at=at, rules=rules
    )
    note(conn, seen, "assignment.joined", by=by, at=at, unit=unit)


def _check_reason(conn: Connection, seen: Seen, reason: str, suggested_unit: str | None) -> None:
    if reason not in REASONS:
        raise Invalid({"reason": f"请选择原因：{'、'.join(REASONS.values())} (choose a reason)"})
    if suggested_unit and unit_of(conn, suggested_unit) is None:
        raise Invalid({"suggested_unit": "没有这个单位 (no such unit)"})
    if seen.paused_at is not None or seen.long_term_at is not None:
        raise Invalid({"reason": "已挂起或挂账，不能退件 (it is paused or on the long-term list)"})


def _check_turn(conn: Connection, seen: Seen, task: assignments.Task, *, at: datetime, rules: Rules) -> None:
    if seen.rework_no:
        raise Invalid({"reason": "重办件不能退件 (what is reworked is not given back)"})
    if is_late(at, due_at(task.sent_at, ASK_WITHIN, rules.calendar, rules.hours)):
        raise Invalid({"reason": "已超过批转后1个工作日，不能退件 (too late to return it)"})
    asked = select(ASSIGNMENT.c.unit).join(RETURN, RETURN.c.assignment == ASSIGNMENT.c.id)
    units = list(conn.execute(asked.where(RETURN.c.case == seen.id)).scalars())
    if task.unit in units:
        raise Invalid({"reason": "每个单位只能申请一次 (a unit may ask once)"})
    if len(units) >= MOST_RETURNS:
        raise Invalid({"reason": "此件已两次退件，不能再退 (it was returned twice)"})


def _decided(
    conn: Connection,
    seen: Seen,
    decision: str,
    unit: str | None,
    *,
    comment: str,
    action: Action,
    by: Actor,
    at: datetime,
) -> Row[*tuple[Any, ...]]:
    """Write the decision on the open request, and return the request."""
    why = checked_text("comment", comment, longest=2_000)
    wanted = (RETURN.c.case == seen.id, RETURN.c.granted.is_(None))
    request = conn.execute(select(RETURN).where(*wanted)).one()
    if by.login == request.asked_by:
        raise workflow.SamePerson(by.login, action)
    what = {"granted": decision == MOVE, "decision": decision, "moved_to": unit, "comment": why}
    signed = {"decided_by": by.login, "decided_at": at}
    conn.execute(update(RETURN).where(RETURN.c.id == request.id).values(**what, **signed))
    clocks.stop(conn, Obligation(seen.id, ClockKind.RETURN_DECISION), at)
    return request
