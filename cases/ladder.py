"""The ladder of warnings: what follows, step by step, while the time of a clock runs out and afterwards.

| step | moment | what it means |
|---|---|---|
| half | half of the limit is used | a colour in the lists |
| yellow | one working day is left, of shorter limits a quarter | who handles it is reminded |
| red | the first instant that is late | the responsible leader is told, the lateness becomes a finding |
| urged | the next working day opens | 催办通知 |
| circular | five working days after the urging | an item of the next 通报 |

Reminders keep office hours, except those of urgent cases. A limit so short that a reminder would come after the red
step has no reminder.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from cases.calendar import ONE_DAY, OfficeHours, WorkCalendar, open_intervals
from cases.clocks import Clock
from cases.limits import Measure, Unit, local_day
from cases.policies import ClockKind

LATE_UNTIL_WARNED = 3
"""So many late readings and replies in one quarter, and a unit may be warned 效能警告 (“3次以上” includes the third)."""
DAYS_UNTIL_CIRCULAR = 5
_SECOND = timedelta(seconds=1)


class Step(StrEnum):
    """How far a clock has come; in the order of the ladder."""

    NONE = ""
    HALF = "half"
    YELLOW = "yellow"
    RED = "red"
    URGED = "urged"
    CIRCULAR = "circular"

    @property
    def height(self) -> int:
        return _ORDER[self]


_ORDER = {step: height for height, step in enumerate(Step)}
WHOLE_LADDER = (Step.HALF, Step.YELLOW, Step.RED, Step.URGED, Step.CIRCULAR)
ONLY_RUNS_OUT: frozenset[ClockKind] = frozenset(
    {
        ClockKind.ACCEPT,
        ClockKind.PAUSE,
        ClockKind.ON_SITE,
        ClockKind.PROMISE,
        ClockKind.FRONTLINE_ACCEPT,
        ClockKind.FRONTLINE_RESPOND,
    }
)
"""Clocks of minutes: nobody is reminded of them beforehand, and what follows is settled by their own rules."""


def steps_of(kind: ClockKind) -> tuple[Step, ...]:
    return (Step.RED,) if kind in ONLY_RUNS_OUT else WHOLE_LADDER


@dataclass(frozen=True, slots=True)
class Rung:
    """A step and the moment at which it is due."""

    step: Step
    at: datetime


@dataclass(frozen=True, slots=True)
class Climb:
    """What is due on the ladder now: the step that tells, those it overtook, and when to look again."""

    step: Step | None
    skipped: tuple[Step, ...]
    next_at: datetime | None


def rungs(
    clock: Clock, steps: Iterable[Step], calendar: WorkCalendar, hours: OfficeHours, *, urgent: bool
) -> Iterator[Rung]:
    """Return the steps of a running clock in their order; lazily, because most clocks stop before the first."""
    red = clock.last_instant + _SECOND
    wanted = frozenset(steps)
    measure = Measure(clock.limit.unit, calendar, hours)
    if Step.HALF in wanted and (half := _half(clock, measure)) < red:
        yield Rung(Step.HALF, half)
    if Step.YELLOW in wanted:
        yellow = _yellow(clock, measure)
        if not urgent:
            yellow = office_opens(yellow, calendar, hours)
        if yellow < red:
            yield Rung(Step.YELLOW, yellow)
    if Step.RED in wanted:
        yield Rung(Step.RED, red)
    urged = red + ONE_DAY if urgent else office_opens(_midnight_after(red, calendar), calendar, hours)
    if Step.URGED in wanted:
        yield Rung(Step.URGED, urged)
    if Step.CIRCULAR in wanted:
        day = calendar.add(local_day(urged, calendar), DAYS_UNTIL_CIRCULAR)
        yield Rung(Step.CIRCULAR, office_opens(_begin(day, calendar), calendar, hours))


def climb(ladder: Iterable[Rung], after: Step, at: datetime) -> Climb:
    """Return what is due at this instant above the step that was reached. Only the highest tells."""
    due: list[Step] = []
    for rung in ladder:
        if rung.step.height <= after.height:
            continue
        if rung.at > at:
            return Climb(due[-1] if due else None, tuple(due[:-1]), rung.at)
        due.append(rung.step)
    return Climb(due[-1] if due else None, tuple(due[:-1]), None)


def office_opens(at: datetime, calendar: WorkCalendar, hours: OfficeHours) -> datetime:
    """Return this instant if the office is open, else when it opens next."""
    return next(open_intervals(at, calendar, hours))[0]


def _units(clock: Clock) -> int:
    return clock.limit.amount + sum(clock.extensions) + clock.topped_up


def _in_days(clock: Clock) -> bool:
    return clock.limit.unit in (Unit.WORKING_DAY, Unit.DAY)


def _half(clock: Clock, measure: Measure) -> datetime:
    return _reached(clock, measure, -(-_units(clock) * measure.scale // 2))


def _yellow(clock: Clock, measure: Measure) -> datetime:
    units = _units(clock)
    if not _in_days(clock):
        return _reached(clock, measure, units * measure.scale * 3 // 4)
    if units > 1:
        return _reached(clock, measure, units - 1)
    since = clock.spans[-1].since
    return since + (clock.last_instant - since) * 0.75


def _reached(clock: Clock, measure: Measure, amount: int) -> datetime:
    """Return the first instant at which so much of the limit is used, pauses left out."""
    for span in clock.spans:
        at = measure.reach(span.since, amount)
        if span.until is None or at <= span.until:
            break
        amount = max(0, amount - measure.between(span.since, span.until))
    # A day that counts is used up when it is over; an hour is at its last second.
    return at + _SECOND if _in_days(clock) else at


def _begin(day: date, calendar: WorkCalendar) -> datetime:
    return datetime.combine(day, time(), calendar.zone)


def _midnight_after(red: datetime, calendar: WorkCalendar) -> datetime:
    """Return the end of the day of the last instant in time: limits in days end with their last day."""
    return _begin(local_day(red - _SECOND, calendar) + ONE_DAY, calendar)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the calendar in which something is counted."""

    name: str
    begins: datetime
    ends: datetime


def quarter_of(at: datetime, zone: ZoneInfo) -> Period:
    """Return the quarter 季度 in which lateness adds up to a warning: `2026Q4`."""
    local = at.astimezone(zone)
    number = (local.month - 1) // 3
    first = date(local.year, number * 3 + 1, 1)
    after = date(local.year + 1, 1, 1) if number == 3 else date(local.year, number * 3 + 4, 1)
    return Period(f"{local.year}Q{number + 1}", *_instants(first, after, zone))


def month_named(name: str, zone: ZoneInfo) -> Period:
    """Return the month of a circular 通报 from its name, `2026-11`; raises ValueError for anything else."""
    first = date.fromisoformat(f"{name}-01")
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return Period(name, *_instants(first, after, zone))


def _instants(first: date, after: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    begin, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, after))
    return begin, end


LATENESS: Mapping[ClockKind, str] = {ClockKind.READ: "late_read"}
"""Which trigger of G-04 a clock that has run out raises; all others raise `late_handle`."""
