"""Time for the generated past: whole seconds since 1970, working days by looking them up, clocks as finished rows."""

import json
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from cases.calendar import ONE_DAY, OfficeHours, WorkCalendar
from cases.limits import Limit, Unit, due_at
from cases.policies import ClockKind, Intent, Urgency
from cases.rules import Rules

DAY = 86_400
_EPOCH = date(1970, 1, 1)
_TIMES = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}" for s in range(DAY)]
# Morning and afternoon, in seconds of the local day.
_OPEN = ((8 * 3600 + 1800, 12 * 3600), (14 * 3600 + 1800, 17 * 3600 + 1800))


@lru_cache(maxsize=4_096)
def _day_text(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()


def stamp(at: int) -> str:
    """Return an instant as both databases take it: UTC, as the store writes it into SQLite."""
    return f"{_day_text(at // DAY)} {_TIMES[at % DAY]}.000000"


def iso(at: int) -> str:
    """Return an instant as the history hashes it, to the microsecond."""
    return f"{_day_text(at // DAY)}T{_TIMES[at % DAY]}.000000+00:00"


def short_iso(at: int) -> str:
    """Return an instant as the spans of a clock are written."""
    return f"{_day_text(at // DAY)}T{_TIMES[at % DAY]}+00:00"


def instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


class Days:
    """The working days of a city with its own zone, which is taken to be at a fixed distance from UTC."""

    def __init__(self, rules: Rules, first: date, last: date) -> None:
        self.calendar: WorkCalendar = rules.calendar
        self.hours: OfficeHours = rules.hours
        self.version = rules.policy.version
        self._rules = rules
        noon = datetime.combine(first, time(12), rules.zone)
        offset = noon.utcoffset() or timedelta()
        self.offset = int(offset.total_seconds())
        known = (
            (date(self.calendar.first_year, 1, 1) - _EPOCH).days,
            (date(self.calendar.last_year, 12, 31) - _EPOCH).days,
        )
        begins, ends = max((first - _EPOCH).days - 10, known[0]), min((last - _EPOCH).days + 400, known[1])
        self._first = begins
        self._works = [self.calendar.is_working(_EPOCH + n * ONE_DAY) for n in range(begins, ends + 1)]
        self._list = [begins + n for n, works in enumerate(self._works) if works]
        count, self._until = 0, []
        for works in self._works:
            count += works
            self._until.append(count)
        self._due: dict[tuple[Limit, int], int] = {}
        self._limits: dict[tuple[str, str, str, bool], Limit | None] = {}

    def local(self, at: int) -> int:
        """Return the number of the local day."""
        return (at + self.offset) // DAY

    def begins(self, day: int) -> int:
        return day * DAY - self.offset

    def of(self, day: date) -> int:
        return (day - _EPOCH).days

    def is_working(self, day: int) -> bool:
        return self._works[day - self._first]

    def working(self, day: int, count: int) -> int:
        """Return the count-th working day after the day; with 0, the day itself or the next one that is worked."""
        if count == 0 and self.is_working(day):
            return day
        return self._list[self._until[day - self._first] - 1 + max(count, 1)]

    def between(self, day: int, last: int) -> int:
        """Return how many working days come after the day, the last one among them."""
        return self._until[last - self._first] - self._until[day - self._first]

    def office_time(self, day: int, where: float) -> int:
        """Return the instant at this part (0 to 1) of the office hours of a day."""
        (opens, closes), (again, ends) = _OPEN
        second = int(where * ((closes - opens) + (ends - again)))
        local = opens + second if second < closes - opens else again + second - (closes - opens)
        return self.begins(day) + local

    def limit(self, kind: ClockKind, intent: str, urgency: str, *, listed: bool) -> Limit | None:
        key = (kind, intent, urgency, listed)
        if key not in self._limits:
            found = self._rules.policy.limit(kind, Intent(intent), Urgency(urgency), listed=listed)
            self._limits[key] = found
        return self._limits[key]

    def due(self, start: int, limit: Limit) -> int:
        """Return the last second that is in time, as `cases.limits.due_at` does, which is asked once for each day."""
        if limit.unit in (Unit.HOUR, Unit.MINUTE):
            return start + limit.amount * (3600 if limit.unit is Unit.HOUR else 60)
        if limit.unit in (Unit.WORKING_HOUR, Unit.WORKING_MINUTE):
            return int(due_at(instant(start), limit, self.calendar, self.hours).timestamp())
        key = (limit, self.local(start))
        if key not in self._due:
            self._due[key] = int(due_at(instant(start), limit, self.calendar, self.hours).timestamp())
        return self._due[key]

    def guessed(self, start: int, due: int) -> bool:
        """Tell whether the clock rests on a year whose holidays are not announced."""
        first, last = (_EPOCH + self.local(at) * ONE_DAY for at in (start, due))
        return any(year not in self.calendar.official for year in range(first.year, last.year + 1))


CLOCK_COLUMNS = (
    "id", "case", "assignment", "kind", "amount", "unit", "policy_version", "calendar_version", "provisional",
    "started_at", "due_at", "first_due_at", "spans", "extensions", "topped_up", "stopped_at", "result", "void_reason",
    "step", "acts_at",
)  # fmt: skip


class RunningClock:
    """One clock of one case while its life is written; `row` is what the table gets."""

    __slots__ = (
        "case",
        "due",
        "extensions",
        "first_due",
        "id",
        "kind",
        "limit",
        "result",
        "spans",
        "stopped",
        "task",
        "topped",
        "void",
    )

    def __init__(
        self, clock: int, case: int, task: int | None, kind: str, limit: Limit, start: int, due: int
    ) -> None:
        self.id, self.case, self.task, self.kind, self.limit = clock, case, task, kind, limit
        self.due = self.first_due = due
        self.spans: list[list[int | None]] = [[start, None]]
        self.stopped: int | None = None
        self.result, self.void, self.topped = "running", "", 0
        self.extensions: list[int] = []

    def pause(self, at: int) -> None:
        self.spans[-1][1], self.result = at, "paused"

    def resume(self, at: int, days: Days) -> None:
        """Go on with what was left, as `Clock.resume` does for working days."""
        self.spans.append([at, None])
        self.result = "running"
        self._count(days)

    def extend(self, amount: int, days: Days) -> None:
        self.extensions.append(amount)
        self._count(days)

    def _left(self, days: Days) -> int:
        used = sum(
            days.between(days.local(since or 0), days.local(until))
            for since, until in self.spans[:-1]
            if until
        )
        return max(self.limit.amount + sum(self.extensions) + self.topped - used, 0)

    def _count(self, days: Days) -> None:
        since = self.spans[-1][0] or 0
        self.due = days.begins(days.working(days.local(since), self._left(days)) + 1) - 1

    def stop(self, at: int) -> None:
        self.spans[-1][1] = self.stopped = at
        self.result = "met" if at <= self.due else "missed"

    def go_on(self, at: int, days: Days) -> None:
        """Go on after a reply was sent back, with the remainder and at least one unit, as `Clock.reopen` does."""
        missed = self.result == "missed"
        self.spans.append([at, None])
        self.stopped, self.result = None, "running"
        if missed or self.limit.unit not in (Unit.WORKING_DAY, Unit.DAY):
            return
        self.topped += max(1 - self._left(days), 0)
        self._count(days)

    def row(self, days: Days) -> tuple[object, ...]:
        start = self.spans[0][0] or 0
        spans = [[short_iso(since or 0), short_iso(until) if until else None] for since, until in self.spans]
        running, paused = self.result == "running", self.result == "paused" and not self.void
        step = "red" if self.result == "missed" else ""
        return (
            self.id, self.case, self.task, self.kind, self.limit.amount, self.limit.unit.value, days.version,
            days.calendar.version, days.guessed(start, self.due), stamp(start), None if paused else stamp(self.due),
            stamp(self.first_due), json.dumps(spans), json.dumps(self.extensions), self.topped,
            stamp(self.stopped) if self.stopped else None, "void" if self.void else self.result, self.void, step,
            stamp(start) if running and not self.void else None,
        )  # fmt: skip
