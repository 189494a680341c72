"""Which days a city works, and at which hours.

Golden rule: a limit in working days is wrong without make-up workdays 调休. A year whose notice is not out yet is
*provisional*; when the notice is imported, a calendar with a new version is made and open clocks are re-based.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.china_days import FESTIVALS, FIXED_STATUTORY, OFFICIAL, Festivals, Year

ONE_DAY = timedelta(days=1)
_LEAP_YEAR = 2024  # any year with a 29 February, to walk through all days of a year


class OutsideCalendar(ValueError):
    """Nothing is known about the working days of this year."""

    def __init__(self, day: date, calendar: "WorkCalendar") -> None:
        first, last = calendar.first_year, calendar.last_year
        super().__init__(
            f"工作日历只含{first}–{last}年，查不到{day} (the work calendar covers {first} to {last} only)",
        )


class BadHours(ValueError):
    """Office hours that overlap, run backwards or leave a day of the year out."""


class WorkCalendar:
    """The working days of a city. Immutable; two calendars with the same version count alike."""

    __slots__ = ("_rest", "_work", "first_year", "last_year", "official", "version", "zone")

    def __init__(self, zone: ZoneInfo, years: Mapping[int, Year] = OFFICIAL) -> None:
        self.zone = zone
        self.official = frozenset(years)
        guessed = {year: f for year, f in FESTIVALS.items() if year not in years}
        self.first_year = min(years)
        self.last_year = max((*years, *guessed))
        rest, work = set[date](), set[date]()
        for number, year in years.items():
            rest.update(spans(number, year.rest))
            work.update(spans(number, year.work))
        for number, festivals in guessed.items():
            rest.update(statutory_days(number, festivals))
        self._rest = frozenset(rest)
        self._work = frozenset(work)
        text = "\n".join(f"{day} {day in work}" for day in sorted(rest | work))
        self.version = f"cn-{max(years)}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    def is_working(self, day: date) -> bool:
        if not self.first_year <= day.year <= self.last_year:
            raise OutsideCalendar(day, self)
        return day in self._work or (day.weekday() < 5 and day not in self._rest)

    def is_provisional(self, day: date) -> bool:
        """Tell whether the day's year is worked out from the law alone, because its notice is not out."""
        return day.year not in self.official

    def year_missing(self, today: date) -> int | None:
        """Return the year whose notice ought to be imported by now: this one, and from December on the next."""
        years = (today.year, today.year + 1) if today.month == 12 else (today.year,)
        return next((year for year in years if year not in self.official), None)

    def working_days(self, after: date, until: date) -> list[date]:
        """Return the working days later than `after`, up to and with `until`."""
        span = (until - after).days
        return [day for n in range(1, span + 1) if self.is_working(day := after + n * ONE_DAY)]

    def add(self, day: date, working_days: int) -> date:
        """Return the n-th working day after the day; with 0, the day itself or the next one that is worked."""
        if not working_days:
            return day if self.is_working(day) else self.add(day, 1)
        while working_days:
            day += ONE_DAY
            working_days -= self.is_working(day)
        return day


def spans(year: int, text: str) -> Iterator[date]:
    """Read the days of a notice: `01-01 02-15~02-23`."""
    for word in text.split():
        first, _, last = word.partition("~")
        day = date.fromisoformat(f"{year}-{first}")
        end = date.fromisoformat(f"{year}-{last or first}")
        while day <= end:
            yield day
            day += ONE_DAY


def statutory_days(year: int, festivals: Festivals) -> Iterator[date]:
    """Return the thirteen statutory days off of a year (twelve where two of them meet)."""
    yield from spans(year, FIXED_STATUTORY)
    for day in (festivals.clear_bright, festivals.dragon_boat, festivals.mid_autumn):
        yield date.fromisoformat(f"{year}-{day}")
    new_year = date.fromisoformat(f"{year}-{festivals.spring}")
    yield from (new_year + n * ONE_DAY for n in range(-1, 3))


@dataclass(frozen=True, slots=True)
class OfficeRule:
    """The hours kept in one part of the year, from `first` to `last` (`MM-DD`, may run over the new year)."""

    first: str
    last: str
    intervals: tuple[tuple[time, time], ...]

    def __post_init__(self) -> None:
        ends = [moment for interval in self.intervals for moment in interval]
        if not ends or ends != sorted(set(ends)):
            raise BadHours(f"办公时间段重叠或颠倒 (office hours overlap or run backwards): {self.intervals}")

    def covers(self, day: date) -> bool:
        month_day = f"{day:%m-%d}"
        if self.first <= self.last:
            return self.first <= month_day <= self.last
        return month_day >= self.first or month_day <= self.last


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The office hours of a class of units over the year; the first rule that covers a day holds.

    Days before `since` keep the hours they had, so that time counted already is not counted anew.
    """

    name: str
    rules: tuple[OfficeRule, ...]
    since: date = date.min
    earlier: "OfficeHours | None" = None

    def __post_init__(self) -> None:
        for day in (date(_LEAP_YEAR, 1, 1) + n * ONE_DAY for n in range(366)):
            if not any(rule.covers(day) for rule in self.rules):
                raise BadHours(f"办公时间缺{day:%m-%d} (no office hours on that day): {self.name}")

    def intervals(self, day: date) -> tuple[tuple[time, time], ...]:
        if self.earlier is not None and day < self.since:
            return self.earlier.intervals(day)
        return next(rule.intervals for rule in self.rules if rule.covers(day))


def open_intervals(
    start: datetime,
    calendar: WorkCalendar,
    hours: OfficeHours,
) -> Iterator[tuple[datetime, datetime]]:
    """Return, without end, the stretches of office time from `start` on, as UTC instants."""
    day = start.astimezone(calendar.zone).date()
    while True:
        if calendar.is_working(day):
            for opens, closes in hours.intervals(day):
                since = datetime.combine(day, opens, calendar.zone).astimezone(UTC)
                until = datetime.combine(day, closes, calendar.zone).astimezone(UTC)
                if until > start:
                    yield max(since, start), until
        day += ONE_DAY


def _rule(first: str, last: str, *words: str) -> OfficeRule:
    pairs = (word.split("-") for word in words)
    return OfficeRule(
        first,
        last,
        tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in pairs),
    )


FUZHOU_HOURS = OfficeHours(
    "fuzhou",
    (
        _rule("06-01", "09-30", "08:30-12:00", "15:00-18:00"),
        _rule("10-01", "05-31", "08:30-12:00", "14:30-17:30"),
    ),
)
FUZHOU_COUNTY_HOURS = OfficeHours(
    "fuzhou-county",
    (
        _rule("06-01", "09-30", "08:00-12:00", "15:00-18:00"),
        _rule("10-01", "05-31", "08:00-12:00", "14:30-17:30"),
    ),
)
PLAIN_HOURS = OfficeHours("plain", (_rule("01-01", "12-31", "09:00-17:00"),))

OFFICE_HOURS: dict[str, OfficeHours] = {
    hours.name: hours for hours in (FUZHOU_HOURS, FUZHOU_COUNTY_HOURS, PLAIN_HOURS)
}
