"""One obligation and its clock: what a pause, an extension, a review or another promise does to the due instant.

A pause keeps what was left: the day on which a clock in working days is paused is used up, and the day of resuming
does not count. How instants are counted is told in `cases.limits`.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from cases.calendar import ONE_DAY, OfficeHours, WorkCalendar
from cases.limits import Limit, Measure, Unit, due_at, is_late, local_day, whole_second

__all__ = ["Clock", "ClockRefused", "Limit", "Result", "Span", "Unit", "due_at", "is_late"]


class ClockRefused(ValueError):
    """This cannot be done to a clock in its present condition. The message can be shown to who tried."""


class Result(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in which the clock ran; without an end it still does."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """One obligation. Every change makes a new value; `due` is None only while paused."""

    limit: Limit
    spans: tuple[Span, ...]
    due: datetime | None
    first_due: datetime
    calendar_version: str
    provisional: bool
    extensions: tuple[int, ...] = ()
    topped_up: int = 0
    stopped: bool = False
    void_reason: str = ""

    @classmethod
    def start(cls, at: datetime, limit: Limit, calendar: WorkCalendar, hours: OfficeHours) -> "Clock":
        due = due_at(at, limit, calendar, hours)
        return cls(
            limit=limit,
            spans=(Span(whole_second(at)),),
            due=due,
            first_due=due,
            calendar_version=calendar.version,
            provisional=_guessed(at, due, calendar),
        )

    @property
    def last_instant(self) -> datetime:
        """The due instant of a clock that is not paused."""
        if self.due is None:
            raise ClockRefused("时限已挂起，没有到期时刻 (a paused clock is not due)")
        return self.due

    @property
    def result(self) -> Result:
        """What has become of the clock. One that runs past its due instant is still running, only late."""
        if self.void_reason:
            return Result.VOID
        if self.stopped:
            return Result.MISSED if self._late_at(self._last.until) else Result.MET
        return Result.PAUSED if self._last.until else Result.RUNNING

    def pause(self, at: datetime) -> "Clock":
        """Stop counting and keep the remainder; refused when nothing is left to keep."""
        self._must_run("挂起")
        self._must_not_be_late(at, "挂起")
        return replace(self, spans=self._end_last(at), due=None)

    def resume(self, at: datetime, calendar: WorkCalendar, hours: OfficeHours) -> "Clock":
        """Go on with what was left when the clock was paused."""
        if self.result is not Result.PAUSED:
            raise ClockRefused("时限未挂起，不能恢复 (the clock is not paused)")
        return _counted(self._go_on(at), calendar, hours)

    def extend(self, amount: int, at: datetime, calendar: WorkCalendar, hours: OfficeHours) -> "Clock":
        """Add to the limit, in its own unit, before it has run out. `first_due` stays for the statistics."""
        self._must_run("延期")
        self._must_not_be_late(at, "延期")
        added = Limit(amount, self.limit.unit)
        longer = replace(self, extensions=(*self.extensions, added.amount))
        return _counted(longer, calendar, hours)

    def stop(self, at: datetime) -> "Clock":
        """The obligation is done, in time or not. A paused clock stops with its remainder unused."""
        if self.result not in (Result.RUNNING, Result.PAUSED):
            raise ClockRefused("时限已停止 (the clock has stopped already)")
        if self.result is Result.PAUSED:
            return replace(self, stopped=True)
        return replace(self, spans=self._end_last(at), stopped=True)

    def reopen(
        self,
        at: datetime,
        calendar: WorkCalendar,
        hours: OfficeHours,
        *,
        at_least: int = 1,
    ) -> "Clock":
        """Go on after a reply was sent back, with the remainder but not less than `at_least` units.

        A clock that was missed stays missed: its due instant remains where it was.
        """
        if self.result not in (Result.MET, Result.MISSED):
            raise ClockRefused("时限未停止，不能重新计时 (the clock has not stopped)")
        missed = self.result is Result.MISSED
        running = replace(self._go_on(at), stopped=False)
        if missed:
            return running
        measure = Measure(self.limit.unit, calendar, hours)
        short = at_least * measure.scale - _left(self, measure)
        if short > 0:
            running = replace(running, topped_up=self.topped_up - (-short // measure.scale))
        return _counted(running, calendar, hours)

    def void(self, reason: str) -> "Clock":
        """Take the clock out of all counting: moved to another unit, merged, withdrawn."""
        return replace(self, void_reason=reason)

    def rebase(self, calendar: WorkCalendar, hours: OfficeHours) -> "Clock":
        """Count again on a new calendar, pauses and extensions kept. Closed clocks are never touched."""
        if self.result not in (Result.RUNNING, Result.PAUSED):
            return self
        first_due = due_at(self.spans[0].since, self.limit, calendar, hours)
        return _counted(replace(self, first_due=first_due), calendar, hours)

    def relimit(
        self,
        limit: Limit,
        at: datetime,
        calendar: WorkCalendar,
        hours: OfficeHours,
        *,
        at_least: int = 1,
    ) -> "Clock":
        """Promise something else from the start, pauses and extensions kept.

        Nobody is made late backwards: `at_least` units are left. A clock that has run out, or has stopped, is left as it is.
        """
        if self.result not in (Result.RUNNING, Result.PAUSED) or self._late_at(at):
            return self
        new = replace(
            self,
            limit=limit,
            first_due=due_at(self.spans[0].since, limit, calendar, hours),
            extensions=tuple(_converted(units, self.limit.unit, limit.unit) for units in self.extensions),
            topped_up=_converted(self.topped_up, self.limit.unit, limit.unit),
        )
        measure = Measure(limit.unit, calendar, hours)
        ended = new if self._last.until else replace(new, spans=self._end_last(at))
        if (short := at_least * measure.scale - _left(ended, measure)) > 0:
            # What was used beyond the new limit is granted as well, or the remainder would still be nothing.
            over = max(0, _used(ended, measure) - _total(new, measure))
            new = replace(new, topped_up=new.topped_up - (-(short + over) // measure.scale))
        return _counted(new, calendar, hours)

    def within(self, outer: "Clock", at: datetime, calendar: WorkCalendar, hours: OfficeHours) -> "Clock":
        """Promise no more than the outer clock leaves after a unit for its own review, but one unit at least."""
        if self.result not in (Result.RUNNING, Result.PAUSED) or self._late_at(at):
            return self
        if self.due and outer.due and self.due < outer.due:
            return self
        unit = outer.limit.unit
        left = max(1, outer.remaining(at, calendar, hours) - 1)
        if self.limit.unit is unit and self.remaining(at, calendar, hours) <= left:
            return self
        measure = Measure(unit, calendar, hours)
        ended = self if self._last.until else replace(self, spans=self._end_last(at))
        used = -(-_used(ended, measure) // measure.scale)
        bare = replace(self, extensions=(), topped_up=0)
        return bare.relimit(Limit(used + left, unit), at, calendar, hours)

    def remaining(self, at: datetime, calendar: WorkCalendar, hours: OfficeHours) -> int:
        """Return the whole units left at this instant, 0 when late."""
        measure = Measure(self.limit.unit, calendar, hours)
        ended = self if self._last.until else replace(self, spans=self._end_last(at))
        return _left(ended, measure) // measure.scale

    def counted_days(self, calendar: WorkCalendar) -> list[date]:
        """Return the days that count towards the due day, for people to check; [] for hours and minutes."""
        if self.limit.unit not in (Unit.WORKING_DAY, Unit.DAY):
            return []
        days: list[date] = []
        for span in self.spans:
            since = local_day(span.since, calendar)
            until = span.until or self.due or span.since
            last = local_day(until, calendar)
            if self.limit.unit is Unit.WORKING_DAY:
                days += calendar.working_days(since, last)
            else:
                days += [since + n * ONE_DAY for n in range(1, (last - since).days + 1)]
        return days

    @property
    def _last(self) -> Span:
        return self.spans[-1]

    def _late_at(self, at: datetime | None) -> bool:
        return bool(at and self.due and is_late(at, self.due))

    def _must_run(self, verb: str) -> None:
        if self.result is not Result.RUNNING:
            raise ClockRefused(f"时限不在计时，不能{verb} (the clock is not running)")

    def _must_not_be_late(self, at: datetime, verb: str) -> None:
        if self._late_at(at):
            raise ClockRefused(f"已经超期，不能{verb} (the limit has already run out)")

    def _end_last(self, at: datetime) -> tuple[Span, ...]:
        if whole_second(at) < self._last.since:
            raise ClockRefused("时间早于计时开始 (earlier than the start of the clock)")
        return (*self.spans[:-1], Span(self._last.since, whole_second(at)))

    def _go_on(self, at: datetime) -> "Clock":
        if self._last.until and whole_second(at) < self._last.until:
            raise ClockRefused("时间早于上次停止 (earlier than the last stop)")
        return replace(self, spans=(*self.spans, Span(whole_second(at))))


def _total(clock: Clock, measure: Measure) -> int:
    units = clock.limit.amount + sum(clock.extensions) + clock.topped_up
    return units * measure.scale


def _left(clock: Clock, measure: Measure) -> int:
    """Return what is left, in the steps of the measure, when all spans have ended."""
    return max(0, _total(clock, measure) - _used(clock, measure))


def _used(clock: Clock, measure: Measure) -> int:
    return sum(measure.between(span.since, span.until) for span in clock.spans if span.until)


_DAY_IN = {
    Unit.WORKING_DAY: 1,
    Unit.DAY: 1,
    Unit.HOUR: 24,
    Unit.MINUTE: 24 * 60,
    Unit.WORKING_HOUR: 8,
    Unit.WORKING_MINUTE: 8 * 60,
}


def _converted(amount: int, unit: Unit, into: Unit) -> int:
    """Return what was granted in one unit in another, in favour of who has it: a working day is one of eight hours."""
    return -(-amount * _DAY_IN[into] // _DAY_IN[unit])


def _counted(clock: Clock, calendar: WorkCalendar, hours: OfficeHours) -> Clock:
    """Find the span in which the limit runs out; none does while the clock is paused."""
    measure = Measure(clock.limit.unit, calendar, hours)
    left = _total(clock, measure)
    due: datetime | None = None
    for span in clock.spans:
        due = measure.reach(span.since, left)
        if span.until is None or is_late(span.until, due):
            break
        left = max(0, left - measure.between(span.since, span.until))
        due = None
    guessed = _guessed(clock.spans[0].since, due or clock.spans[-1].since, calendar)
    return replace(clock, due=due, provisional=guessed, calendar_version=calendar.version)


def _guessed(start: datetime, due: datetime, calendar: WorkCalendar) -> bool:
    first, last = local_day(start, calendar).year, local_day(due, calendar).year
    return any(year not in calendar.official for year in range(first, last + 1))
