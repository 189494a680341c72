"""Clocks as rows: one for each obligation, changed only by the pure rules of `cases.clocks`.

`acts_at` is when the sweep looks at a clock again, `step` how far up the ladder of warnings it has come. A change
that leaves the clock running only asks for a look at once: what follows then is for the sweep to find out.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from cases.clocks import Clock, Result, Span
from cases.ladder import Step, rungs, steps_of
from cases.limits import Limit, Unit, is_late
from cases.policies import ClockKind, Urgency
from cases.rules import Rules
from storage import office_hours, promises
from storage.models import Clock as ClockRow
from storage.types import table_of

CLOCK = table_of(ClockRow)

OUTLIVES = frozenset({ClockKind.SUPERVISE})
"""An order of supervision ends with its report, not with the case."""

_START = insert(CLOCK).returning(CLOCK.c.id)
_OPEN = (
    select(CLOCK)
    .where(CLOCK.c.case == bindparam("of"), CLOCK.c.result.in_([Result.RUNNING, Result.PAUSED]))
    .order_by(CLOCK.c.id)
)
_ONE = select(CLOCK).where(CLOCK.c.id == bindparam("row"))
_CHANGE = update(CLOCK).where(CLOCK.c.id == bindparam("row"))


@dataclass(frozen=True, slots=True)
class Obligation:
    """Whose clock it is: a case's, or that of one unit in it."""

    case: int
    kind: ClockKind
    assignment: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A clock with the row that keeps it."""

    id: int
    kind: ClockKind
    assignment: int | None
    clock: Clock
    step: Step = Step.NONE


def start(
    conn: Connection,
    owed: Obligation,
    intent: str,
    urgency: str,
    *,
    at: datetime,
    rules: Rules,
    limit: Limit | None = None,
) -> Kept | None:
    """Start a clock with the given limit, or with what the city promised; none if it promised nothing."""
    limit = limit or promises.limit_of(conn, rules.policy, owed.kind, owed.case, intent, urgency)
    if limit is None:
        return None
    hours = office_hours.of_assignment(conn, rules, owed.assignment)
    clock = Clock.start(at, limit, rules.calendar, hours)
    urgent = Urgency(urgency) is not Urgency.NORMAL
    first = next(rungs(clock, steps_of(owed.kind), rules.calendar, hours, urgent=urgent))
    row = {"case": owed.case, "assignment": owed.assignment, "kind": owed.kind, "started_at": at}
    ladder = {"step": Step.NONE, "acts_at": first.at}
    values = {**row, **ladder, "policy_version": rules.policy.version, **_columns(clock)}
    number: int = conn.execute(_START, values).scalar_one()
    return Kept(number, owed.kind, owed.assignment, clock)


def open_clocks(conn: Connection, case: int) -> list[Kept]:
    """Return the clocks of a case that still count, oldest first."""
    return [kept(row) for row in conn.execute(_OPEN, {"of": case})]


def change(conn: Connection, kept: Kept, how: Callable[[Clock], Clock]) -> Clock:
    """Put the clock as the pure rule leaves it."""
    clock = how(kept.clock)
    conn.execute(_CHANGE, {"row": kept.id, **_columns(clock), **_ladder(kept, clock)})
    return clock


def stop_row(conn: Connection, clock: int, at: datetime) -> None:
    """The obligation that this very clock measures is done, if it still runs."""
    found = kept(conn.execute(_ONE, {"row": clock}).one())
    if found.clock.result in (Result.RUNNING, Result.PAUSED):
        change(conn, found, lambda one: one.stop(at))


def reopen_row(conn: Connection, clock: int, at: datetime, rules: Rules) -> None:
    """Let this very clock go on with its remainder, if it has stopped."""
    found = kept(conn.execute(_ONE, {"row": clock}).one())
    if found.clock.stopped and not found.clock.void_reason:
        hours = office_hours.of_assignment(conn, rules, found.assignment)
        change(conn, found, lambda one: one.reopen(at, rules.calendar, hours))


def stop(conn: Connection, owed: Obligation, at: datetime) -> None:
    """The obligation is done; nothing happens where no clock ran."""
    for kept in _those(conn, owed):
        change(conn, kept, lambda clock: clock.stop(at))


def void(conn: Connection, case: int, reason: str, *, assignment: int | None = None) -> None:
    """Take all clocks of a case, or of one unit in it, out of the counting. Orders of supervision stay."""
    for kept in open_clocks(conn, case):
        if kept.kind not in OUTLIVES and assignment in (None, kept.assignment):
            change(conn, kept, lambda clock: clock.void(reason))


def settle(conn: Connection, case: int, reason: str, at: datetime) -> None:
    """The case needs nothing more of anybody: what is still in time is void, what ran out long ago was missed."""
    for kept in open_clocks(conn, case):
        if kept.kind in OUTLIVES:
            continue
        due = kept.clock.due
        late = due is not None and is_late(at, due)
        if late:
            change(conn, kept, lambda clock: clock.stop(at))
        else:
            change(conn, kept, lambda clock: clock.void(reason))


def reopen(conn: Connection, owed: Obligation, at: datetime, rules: Rules) -> Clock | None:
    """Let the newest stopped clock of this obligation go on, with its remainder."""
    row = conn.execute(
        select(CLOCK)
        .where(CLOCK.c.case == owed.case, CLOCK.c.kind == owed.kind, CLOCK.c.assignment == owed.assignment)
        .where(CLOCK.c.result.in_([Result.MET, Result.MISSED]))
        .order_by(CLOCK.c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    hours = office_hours.of_assignment(conn, rules, owed.assignment)
    return change(conn, kept(row), lambda clock: clock.reopen(at, rules.calendar, hours))


def running(conn: Connection, owed: Obligation) -> Kept | None:
    """Return the clock that counts for this obligation now."""
    return next(iter(_those(conn, owed)), None)


def _those(conn: Connection, owed: Obligation) -> list[Kept]:
    return [
        kept
        for kept in open_clocks(conn, owed.case)
        if kept.kind is owed.kind and kept.assignment == owed.assignment
    ]


def _ladder(kept: Kept, clock: Clock) -> dict[str, Any]:
    """Return where the clock stands on the ladder after a change, and when the sweep has to look."""
    if clock.result is Result.RUNNING:
        # A new due instant begins a new ladder; one that stays where it was has told what it had to tell.
        step = kept.step if clock.due == kept.clock.due else Step.NONE
        return {"step": step, "acts_at": clock.spans[-1].since}
    late_untold = clock.result is Result.MISSED and kept.step.height < Step.RED.height
    return {"acts_at": clock.spans[-1].until if late_untold else None}


def _columns(clock: Clock) -> dict[str, Any]:
    return {
        "amount": clock.limit.amount,
        "unit": clock.limit.unit,
        "calendar_version": clock.calendar_version,
        "provisional": clock.provisional,
        "due_at": clock.due,
        "first_due_at": clock.first_due,
        "spans": json.dumps([[_iso(span.since), _iso(span.until)] for span in clock.spans]),
        "extensions": json.dumps(clock.extensions),
        "topped_up": clock.topped_up,
        "stopped_at": clock.spans[-1].until if clock.stopped else None,
        "result": clock.result,
        "void_reason": clock.void_reason,
    }


def kept(row: Row[*tuple[Any, ...]]) -> Kept:
    clock = Clock(
        limit=Limit(row.amount, Unit(row.unit)),
        spans=tuple(Span(_instant(since), _instant(until)) for since, until in json.loads(row.spans)),
        due=row.due_at,
        first_due=row.first_due_at,
        calendar_version=row.calendar_version,
        provisional=row.provisional,
        extensions=tuple(json.loads(row.extensions)),
        topped_up=row.topped_up,
        stopped=row.stopped_at is not None,
        void_reason=row.void_reason,
    )
    return Kept(row.id, ClockKind(row.kind), row.assignment, clock, Step(row.step))


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(text: str | None) -> Any:
    return datetime.fromisoformat(text) if text else None
