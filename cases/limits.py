"""How long something may take, and the last instant that is still in time.

Conventions, the same everywhere:

* The day of receipt does not count. A limit in working days (`wd`) or calendar days (`day`) ends with its last day.
* A due instant is the last second in time: 23:59:59 local time for `wd` and `day`. A second that has begun
  belongs to it, so a reading at 23:59:59.9 on that day is on time, and one at 00:00:00 of the next day is late.
* `wh` and `wmin` count office time on working days; `h` and `min` run day and night.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from cases.calendar import ONE_DAY, OfficeHours, WorkCalendar, open_intervals

_LAST_SECOND = time(23, 59, 59)
_SECOND = timedelta(seconds=1)
_LONGEST_DAYS = 3650
_DAY_SECONDS = 86_400


class Unit(StrEnum):
    WORKING_DAY = "wd"
    WORKING_HOUR = "wh"
    WORKING_MINUTE = "wmin"
    MINUTE = "min"
    HOUR = "h"
    DAY = "day"


_SECONDS = {Unit.WORKING_HOUR: 3600, Unit.WORKING_MINUTE: 60, Unit.MINUTE: 60, Unit.HOUR: 3600}
_OFFICE = (Unit.WORKING_HOUR, Unit.WORKING_MINUTE)
_WORDS = {
    Unit.WORKING_DAY: "个工作日",
    Unit.WORKING_HOUR: "个工作小时",
    Unit.WORKING_MINUTE: "个工作分钟",
    Unit.MINUTE: "分钟",
    Unit.HOUR: "小时",
    Unit.DAY: "天",
}


class BadLimit(ValueError):
    """A limit must be above zero and not beyond ten years."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        seconds = self.amount * _SECONDS.get(self.unit, _DAY_SECONDS)
        if self.amount < 1 or seconds > _LONGEST_DAYS * _DAY_SECONDS:
            raise BadLimit(f"时限不对：{self.text} (a limit is 1 or more and at most ten years)")

    @property
    def text(self) -> str:
        return f"{self.amount}{_WORDS[self.unit]}"


def due_at(start: datetime, limit: Limit, calendar: WorkCalendar, hours: OfficeHours) -> datetime:
    """Return the last instant, in UTC and in whole seconds, that is still within the limit."""
    measure = Measure(limit.unit, calendar, hours)
    return measure.reach(whole_second(start), limit.amount * measure.scale)


def is_late(at: datetime, due: datetime) -> bool:
    return at >= due + _SECOND


@dataclass(frozen=True, slots=True)
class Measure:
    """Counts in one unit: days for `wd` and `day`, seconds for the others."""

    unit: Unit
    calendar: WorkCalendar
    hours: OfficeHours

    @property
    def scale(self) -> int:
        return _SECONDS.get(self.unit, 1)

    def between(self, since: datetime, until: datetime) -> int:
        if self.unit in _OFFICE:
            return self._office_seconds(since, until)
        if self.unit in _SECONDS:
            return int((until - since).total_seconds())
        first, last = local_day(since, self.calendar), local_day(until, self.calendar)
        if self.unit is Unit.WORKING_DAY:
            return len(self.calendar.working_days(first, last))
        return (last - first).days

    def reach(self, start: datetime, amount: int) -> datetime:
        """Return the instant at which so much has been counted."""
        if self.unit in _OFFICE:
            return self._after_office_seconds(start, amount)
        if self.unit in _SECONDS:
            return start + timedelta(seconds=amount)
        day = local_day(start, self.calendar)
        last = self.calendar.add(day, amount) if self.unit is Unit.WORKING_DAY else day + amount * ONE_DAY
        return datetime.combine(last, _LAST_SECOND, self.calendar.zone).astimezone(UTC)

    def _office_seconds(self, since: datetime, until: datetime) -> int:
        seconds = 0.0
        for opens, closes in open_intervals(since, self.calendar, self.hours):
            if opens >= until:
                break
            seconds += (min(closes, until) - opens).total_seconds()
        return int(seconds)

    def _after_office_seconds(self, start: datetime, amount: int) -> datetime:
        left = timedelta(seconds=amount)
        intervals = open_intervals(start, self.calendar, self.hours)
        opens, closes = next(intervals)
        while opens + left > closes:
            left -= closes - opens
            opens, closes = next(intervals)
        return opens + left


def local_day(at: datetime, calendar: WorkCalendar) -> date:
    return at.astimezone(calendar.zone).date()


def whole_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
