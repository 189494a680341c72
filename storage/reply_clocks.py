"""The clocks of answers: what the lead owes, and inside of it what the units below owe."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from cases import nesting
from cases.clocks import Clock, ClockRefused, Result
from cases.limits import is_late
from cases.policies import ClockKind
from cases.rules import Rules
from storage import assignments, clocks, office_hours
from storage.assignments import Task
from storage.clocks import Kept
from storage.moves import Seen

KINDS = (ClockKind.REPLY, ClockKind.REWORK)
STAY = clocks.OUTLIVES | {ClockKind.REQUEST_DECISION}
How = Callable[[Clock], Clock]


def of_case(conn: Connection, seen: Seen) -> list[Kept]:
    return [kept for kept in clocks.open_clocks(conn, seen.id) if kept.kind in KINDS]


def of_task(conn: Connection, seen: Seen, task: Task) -> Kept | None:
    return next((kept for kept in of_case(conn, seen) if kept.assignment == task.id), None)


def stop(conn: Connection, seen: Seen, at: datetime, *, task: Task | None = None) -> None:
    """The answer is there: of one unit, or of the lead, with which all others are settled."""
    for kept in of_case(conn, seen):
        if task is None or kept.assignment == task.id:
            clocks.change(conn, kept, partial(Clock.stop, at=at))


def void(conn: Connection, seen: Seen, reason: str) -> None:
    """Nothing of it is owed any more."""
    for kept in of_case(conn, seen):
        clocks.change(conn, kept, partial(Clock.void, reason=reason))


def settle(conn: Connection, seen: Seen, reason: str, at: datetime) -> None:
    """The reply stands for all units: what was late was missed, nothing else is owed. Requests are still decided."""
    for kept in clocks.open_clocks(conn, seen.id):
        if kept.kind not in STAY:
            late = kept.clock.due is not None and is_late(at, kept.clock.due)
            how = partial(Clock.stop, at=at) if late else partial(Clock.void, reason=reason)
            clocks.change(conn, kept, how)


def pause(conn: Connection, seen: Seen, task: Task, at: datetime) -> None:
    """Let the lead's clock stand still, or be refused; the others with it, except what has run out already."""
    if of_task(conn, seen, task) is None:
        raise ClockRefused("此件没有答复时限，无需挂起 (no limit runs for it)")
    for kept in of_case(conn, seen):
        if _may_change(kept, task, at):
            clocks.change(conn, kept, partial(Clock.pause, at=at))


def resume(conn: Connection, seen: Seen, at: datetime, rules: Rules) -> None:
    for kept in of_case(conn, seen):
        if kept.clock.result is Result.PAUSED:
            hours = office_hours.of_assignment(conn, rules, kept.assignment)
            clocks.change(conn, kept, partial(Clock.resume, at=at, calendar=rules.calendar, hours=hours))
    # Paused on its last day, an inner clock that goes on at a weekend would end together with the outer one.
    drop_outlasting(conn, seen)


def extend(conn: Connection, seen: Seen, task: Task, amount: int, *, at: datetime, rules: Rules) -> None:
    """Give the lead more time, or be refused; the inner clocks grow with the outer one."""
    for kept in of_case(conn, seen):
        if _may_change(kept, task, at):
            hours = office_hours.of_assignment(conn, rules, kept.assignment)
            how = partial(Clock.extend, amount=amount, at=at, calendar=rules.calendar, hours=hours)
            clocks.change(conn, kept, how)


def _may_change(kept: Kept, task: Task, at: datetime) -> bool:
    """The lead's own clock is asked in any case, and refuses by itself."""
    return kept.assignment == task.id or not (kept.clock.due and is_late(at, kept.clock.due))


def reopen(conn: Connection, seen: Seen, task: Task, at: datetime, rules: Rules) -> None:
    """Let the unit's newest clock go on; an inner one that would then outlast the outer one counts no more."""
    for kind in reversed(KINDS):
        if clocks.reopen(conn, clocks.Obligation(seen.id, kind, task.id), at, rules):
            break
    drop_outlasting(conn, seen)
    if seen.paused_at is not None and (kept := of_task(conn, seen, task)) is not None:
        clocks.change(conn, kept, partial(Clock.pause, at=at))


def drop_outlasting(conn: Connection, seen: Seen) -> None:
    """An inner clock that would not end before the outer one does counts no more: the outer one counts for both."""
    for inner, outer in _pairs(conn, seen):
        if not nesting.fits(inner.clock, outer.clock):
            clocks.change(conn, inner, partial(Clock.void, reason=nesting.NESTED))


def _pairs(conn: Connection, seen: Seen) -> list[tuple[Kept, Kept]]:
    """Return the inner clocks with the outer ones they are in, in the order in which the parts were given."""
    running = {kept.assignment: kept for kept in of_case(conn, seen)}
    tasks = [task for task in assignments.open_tasks(conn, seen.id) if task.parent is not None]
    return [
        (running[task.id], running[task.parent]) for task in tasks if {task.id, task.parent} <= running.keys()
    ]
