"""Counting running clocks again: on a new calendar or new hours, and by another promise. Closed clocks never change.

Each clock that moves leaves a line in the history of its case, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    Update,
    bindparam,
    select,
    text,
    update,
)

from cases import nesting
from cases.clocks import Clock
from cases.limits import Unit
from cases.policies import ClockKind, Policy
from cases.rules import Rules
from storage import clocks, history, office_hours, promises, rulebooks
from storage.clocks import CLOCK, Kept
from storage.models import Assignment
from storage.promises import CASE, COLUMNS, WITH_CATEGORY, Traits
from storage.types import table_of

ASSIGNMENT = table_of(Assignment)

SYSTEM = "system"
# Spelled out: with bound values SQLite does not see that the index of the open clocks is meant.
# As plain text: a column that is called a truth value would be compared with 1, and the index not seen either.
_OPEN = text("clock.result IN ('running', 'paused')")
_NAME_POLICY = update(CLOCK).where(CLOCK.c.id == bindparam("row")).values(policy_version=bindparam("version"))
_COUNTED_BY_CALENDAR = (Unit.WORKING_DAY, Unit.WORKING_HOUR, Unit.WORKING_MINUTE)
_REPLIES = (ClockKind.REPLY, ClockKind.REWORK)
_COUNTED_BY_HOURS = (Unit.WORKING_HOUR, Unit.WORKING_MINUTE)


class Why(StrEnum):
    """Why a clock was counted again."""

    CALENDAR = "calendar"
    HOURS = "hours"
    POLICY = "policy"
    INTENT = "intent"
    OUTER = "outer"


@dataclass(frozen=True, slots=True)
class Moved:
    """A clock that is not as it was: the row as it is kept, and the clock as it ought to be."""

    no: str
    case: int
    kept: Kept
    clock: Clock


# What would move; nothing is written


def by_calendar(conn: Connection, rules: Rules, *, lock: bool = False) -> list[Moved]:
    """Return the open clocks that the calendar and the hours of these rules move."""
    counted = all_open(lock=lock).where(CLOCK.c.unit.in_(_COUNTED_BY_CALENDAR))
    moved: list[Moved] = []
    for row in conn.execute(counted):
        kept = clocks.kept(row)
        moved += _if_changed(row.no, row.case, kept, _recounted(conn, kept, rules))
    return moved


def by_policy(
    conn: Connection, rules: Rules, policy: Policy, at: datetime, *, lock: bool = False
) -> list[Moved]:
    """Return the open clocks for which this policy promises something else than the one they were started by.

    A limit that somebody gave by hand stays, and so does a clock that is late, or whose own policy nobody knows.
    """
    known: dict[str, Policy | None] = {}
    moved: list[Moved] = []
    for row in conn.execute(all_open(lock=lock).where(CLOCK.c.policy_version != policy.version)):
        if row.policy_version not in known:
            known[row.policy_version] = rulebooks.policy_named(conn, row.policy_version)
        if (old := known[row.policy_version]) is not None:
            case = promises.traits(row)
            moved += _relimited(conn, row, rules, (old, case), (policy, case), at)
    return moved


# What moves


def apply(
    conn: Connection, moved: Sequence[Moved], why: Why, *, by: str, at: datetime, policy: str = ""
) -> None:
    """Put the clocks as they ought to be, and say so in the history of each case."""
    for each in moved:
        clocks.change(conn, each.kept, partial(_instead, each.clock))
    if policy and moved:
        conn.execute(_NAME_POLICY, [{"row": each.kept.id, "version": policy} for each in moved])
    # Last, because whoever appends to the history makes others wait.
    for each in moved:
        detail = {
            "clock": each.kept.kind,
            "why": why,
            "was": _iso(each.kept.clock.due),
            "due": _iso(each.clock.due),
            "version": policy or each.clock.calendar_version,
        }
        history.append(conn, subject=each.no, kind="clock.rebased", actor=by, detail=detail, at=at)


def recount(conn: Connection, rules: Rules, why: Why, *, by: str, at: datetime) -> int:
    """Count every open clock on the calendar and the hours of these rules; return how many moved."""
    moved = by_calendar(conn, rules, lock=True)
    apply(conn, moved, why, by=by, at=at)
    # The rest was counted on it as well, with the same result.
    conn.execute(to_be_named(rules.calendar.version))
    return len(moved)


def follow_policy(conn: Connection, rules: Rules, *, by: str, at: datetime) -> int:
    """Let running clocks follow the policy of these rules; return how many moved."""
    moved = by_policy(conn, rules, rules.policy, at, lock=True)
    apply(conn, moved, Why.POLICY, by=by, at=at, policy=rules.policy.version)
    for case, no in {each.case: each.no for each in moved}.items():
        _fit_inner(conn, case, no, rules, by=by, at=at)
    return len(moved)


def settle(conn: Connection, rules: Rules, at: datetime) -> int:
    """Bring clocks up to the rules in force, where those came into force without anybody at a page: at midnight, or
    with a new release. Harmless to do twice, by however many processes. Return how many clocks moved.
    """
    count = 0
    kept = rulebooks.policy_in_force(conn, at)
    if kept is not None and kept.moves_clocks and rulebooks.claim_move(conn, kept, at):
        count += follow_policy(conn, rules, by=kept.by, at=at)
    if conn.execute(counted_otherwise(rules.calendar.version)).first() is not None:
        count += recount(conn, rules, Why.CALENDAR, by=SYSTEM, at=at)
    return count


def reclassified(conn: Connection, case: int, before: Traits, *, by: str, at: datetime, rules: Rules) -> int:
    """Let the running clocks of a case follow what it is now, by their own policy; return how many moved (SH-03).

    `before` is what `promises.traits_of` said before the case was changed.
    """
    rows = conn.execute(all_open(lock=True).where(CLOCK.c.case == case)).all()
    moved: list[Moved] = []
    for row in rows:
        policy = rulebooks.policy_named(conn, row.policy_version) or rules.policy
        now = promises.traits(row)
        moved += _relimited(conn, row, rules, (policy, before), (policy, now), at)
    apply(conn, moved, Why.INTENT, by=by, at=at)
    if moved:
        _fit_inner(conn, case, moved[0].no, rules, by=by, at=at)
    return len(moved)


def _fit_inner(conn: Connection, case: int, no: str, rules: Rules, *, by: str, at: datetime) -> None:
    """Keep inner clocks inside the outer ones, level by level from above (H-11)."""
    rows = conn.execute(select(ASSIGNMENT.c.id, ASSIGNMENT.c.parent).where(ASSIGNMENT.c.case == case))
    above: dict[int | None, int | None] = {row.id: row.parent for row in rows}
    counted: dict[int | None, Clock] = {}
    for kept in clocks.open_clocks(conn, case):
        if kept.kind not in _REPLIES or kept.assignment is None:
            continue
        inner, outer = kept.clock, counted.get(above.get(kept.assignment))
        if outer is not None:
            hours = office_hours.of_assignment(conn, rules, kept.assignment)
            inner = inner.within(outer, at, rules.calendar, hours)
            inner = inner if nesting.fits(inner, outer) else inner.void(nesting.NESTED)
            apply(conn, _if_changed(no, case, kept, inner), Why.OUTER, by=by, at=at)
        counted[kept.assignment] = inner


def _relimited(
    conn: Connection,
    row: Row[*tuple[Any, ...]],
    rules: Rules,
    old: tuple[Policy, Traits],
    new: tuple[Policy, Traits],
    at: datetime,
) -> list[Moved]:
    kept = clocks.kept(row)
    was, limit = (case.limit(policy, kept.kind) for policy, case in (old, new))
    if limit is None or limit == was or kept.clock.limit != was:
        return []
    hours = office_hours.of_assignment(conn, rules, kept.assignment)
    return _if_changed(row.no, row.case, kept, kept.clock.relimit(limit, at, rules.calendar, hours))


def _recounted(conn: Connection, kept: Kept, rules: Rules) -> Clock:
    by_hours = kept.clock.limit.unit in _COUNTED_BY_HOURS
    hours = office_hours.of_assignment(conn, rules, kept.assignment) if by_hours else rules.hours
    return kept.clock.rebase(rules.calendar, hours)


def _if_changed(no: str, case: int, kept: Kept, clock: Clock) -> list[Moved]:
    old = kept.clock
    same = (old.due, old.first_due, old.provisional) == (clock.due, clock.first_due, clock.provisional)
    return (
        []
        if same and (old.limit, old.result) == (clock.limit, clock.result)
        else [Moved(no, case, kept, clock)]
    )


def all_open(*, lock: bool) -> Select[*tuple[Any, ...]]:
    """Select the open clocks with their cases; once locked, whoever else would change one of them waits."""
    joined = CLOCK.join(WITH_CATEGORY, CASE.c.id == CLOCK.c.case)
    rows = (
        select(CLOCK, CASE.c.no, *COLUMNS)
        .select_from(joined)
        .where(_OPEN)
        .order_by(CLOCK.c.calendar_version, CLOCK.c.id)
    )
    return rows.with_for_update(of=CLOCK) if lock else rows


def counted_otherwise(calendar: str) -> Select[*tuple[Any, ...]]:
    """Select one open clock that was counted on another calendar than this one."""
    return select(CLOCK.c.id).where(_OPEN, CLOCK.c.calendar_version != calendar).limit(1)


def to_be_named(calendar: str) -> Update:
    """Name the calendar on which the open clocks are counted now."""
    other = (_OPEN, CLOCK.c.calendar_version != calendar)
    return update(CLOCK).where(*other).values(calendar_version=calendar)


def _instead(new: Clock, _: Clock) -> Clock:
    return new


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
