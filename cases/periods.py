"""Weeks, months and any other stretch of whole days of the city, as figures are told for them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


class Span(StrEnum):
    MONTH = "month"
    WEEK = "week"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` until before `after`. A week begins on Monday."""

    span: Span
    first: date
    after: date

    @property
    def name(self) -> str:
        """Return 2026-11, 2026-W48, or the first and the last day."""
        if self.span is Span.MONTH:
            return f"{self.first:%Y-%m}"
        if self.span is Span.WEEK:
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02}"
        return f"{self.first}~{self.after - ONE_DAY}"

    @property
    def before(self) -> "Period":
        """Return the period of the same kind, or of the same length, just before."""
        if self.span is Span.MONTH:
            return month_of(self.first - ONE_DAY)
        return Period(self.span, self.first - (self.after - self.first), self.first)

    @property
    def next(self) -> "Period":
        if self.span is Span.MONTH:
            return month_of(self.after)
        return Period(self.span, self.after, self.after + (self.after - self.first))

    def begins_at(self, zone: ZoneInfo) -> datetime:
        return datetime.combine(self.first, time(), zone)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        return datetime.combine(self.after, time(), zone)


def month_of(day: date) -> Period:
    first = day.replace(day=1)
    return Period(Span.MONTH, first, (first + 31 * ONE_DAY).replace(day=1))


def week_of(day: date) -> Period:
    first = day - day.weekday() * ONE_DAY
    return Period(Span.WEEK, first, first + 7 * ONE_DAY)


def days(first: date, last: date) -> Period:
    return Period(Span.FREE, first, last + ONE_DAY)
