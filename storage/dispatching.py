"""Handing a case out: by the dispatcher, or because a decision about a return names the next lead."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from cases.limits import Limit
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import State
from storage import assignments, clocks
from storage.clocks import CLOCK, Obligation
from storage.models import Part
from storage.moves import CASE, Seen, change, note
from storage.people import Actor
from storage.units import suggestions

MOVED = "moved"
"""Why the clocks of a unit that gave the case back are void."""
# What a unit gets at the least when the one before it has used the time up.
LEAST_AFTER_RETURN = 2


def hand_out(
    conn: Connection,
    seen: Seen,
    state: State,
    units: Sequence[tuple[str, Part]],
    *,
    instruction: str,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """Give the units their parts, the lead first; also where a decision about a return names the next lead."""
    (lead, _), *others = units
    suggested = [duty.unit.id for duty in suggestions(conn, seen.category, _address(conn, seen))]
    limit = limit_after_return(conn, seen, at=at, rules=rules)
    seen = change(conn, seen, state, unit=lead)
    clocks.stop(conn, Obligation(seen.id, ClockKind.DISPATCH), at)
    for unit, part in units:
        task = assignments.NewTask(unit, part, instruction, reply_limit=limit)
        assignments.send(conn, seen, task, by=by, at=at, rules=rules)
    assist = [unit for unit, _ in others]
    detail = {"lead": lead, "assist": assist, "suggested": suggested, "followed": lead in suggested[:1]}
    note(conn, seen, "assignment.created", by=by, at=at, **detail)


def _address(conn: Connection, seen: Seen) -> str:
    return str(conn.execute(select(CASE.c.address).where(CASE.c.id == seen.id)).scalar_one())


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
