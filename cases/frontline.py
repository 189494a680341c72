"""一线处置: a street calls departments to the place of a matter, and each side judges the other. Pure.

A called department cannot refuse; it disputes afterwards. An answer ends nothing (杜绝答复即办结): an action is closed
with what was found, the root cause, the measures and the day on which somebody looks again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from cases.calendar import OfficeHours, WorkCalendar
from cases.limits import Limit, Unit, due_at, is_late

BEST_SCORE, WORST_SCORE = 5, 1
# A score as low as this hurts somebody's year, so it needs its reason.
NEEDS_REASON = 2
# [our own choice] So long after the report time, who is not there is absent and not only late.
ABSENT_AFTER = timedelta(minutes=30)
DISPUTE_WITHIN = Limit(2, Unit.WORKING_DAY)
LONGEST_RECHECK = timedelta(days=90)
LATEST_REPORT = timedelta(days=30)
MOST_TARGETS = 20


class Kind(StrEnum):
    """急、难、愁、大: what a street may call departments for."""

    PRESSING = "pressing"
    HARD = "hard"
    WORRYING = "worrying"
    GREAT = "great"


class Stage(StrEnum):
    """How far an action has come."""

    CALLED = "called"
    REPORTING = "reporting"
    ON_SITE = "on_site"
    DISPOSING = "disposing"
    CLOSED = "closed"
    JUDGED = "judged"


class Arrival(StrEnum):
    """Whether a department was where it was called to."""

    COMING = "coming"
    LATE_COMING = "late_coming"
    ON_TIME = "on_time"
    LATE = "late"
    ABSENT = "absent"


class Side(StrEnum):
    """Who judges: the street how well the department worked, the department how right the call was."""

    STREET = "street"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Progress:
    """What is needed to say how far an action has come."""

    accepted: bool
    arrived: bool
    found: bool
    closed: bool
    judged: bool


def stage(progress: Progress) -> Stage:
    """Return the stage; a later one holds whatever an earlier one still lacks, because people act out of order."""
    if progress.closed:
        return Stage.JUDGED if progress.judged else Stage.CLOSED
    if progress.found:
        return Stage.DISPOSING
    if progress.arrived:
        return Stage.ON_SITE
    return Stage.REPORTING if progress.accepted else Stage.CALLED


def arrival(
    report_at: datetime, checked_in_at: datetime | None, *, at: datetime, closed_at: datetime | None
) -> Arrival:
    if checked_in_at is not None:
        return Arrival.LATE if is_late(checked_in_at, report_at) else Arrival.ON_TIME
    if closed_at is not None or is_late(at, report_at + ABSENT_AFTER):
        return Arrival.ABSENT
    return Arrival.LATE_COMING if is_late(at, report_at) else Arrival.COMING


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What the street says when it closes an action."""

    findings: str
    root_cause: str
    measures: str
    recheck_on: date | None


def lacks(closing: Closing, today: date) -> dict[str, str]:
    """Return what is still missing before an action may be closed, by field; empty if nothing is."""
    texts = {"findings": closing.findings, "root_cause": closing.root_cause, "measures": closing.measures}
    missing = {name: "办结前必须填写 (required before closing)" for name, text in texts.items() if not text}
    if closing.recheck_on is None or not today < closing.recheck_on <= today + LONGEST_RECHECK:
        days = LONGEST_RECHECK.days
        missing["recheck_on"] = (
            f"请填写复查日期，应在明天至{days}天内 (a day to look again, within {days} days)"
        )
    return missing


def bad_score(score: int, reason: str) -> dict[str, str]:
    """Return what is wrong with a judgement, by field."""
    if not WORST_SCORE <= score <= BEST_SCORE:
        return {"score": f"请打{WORST_SCORE}–{BEST_SCORE}分 (a score from {WORST_SCORE} to {BEST_SCORE})"}
    if score <= NEEDS_REASON and not reason:
        return {
            "reason": f"{NEEDS_REASON}分及以下须说明理由 (a score of {NEEDS_REASON} or less needs its reason)"
        }
    return {}


def dispute_until(judged_at: datetime, calendar: WorkCalendar, hours: OfficeHours) -> datetime:
    return due_at(judged_at, DISPUTE_WITHIN, calendar, hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One department's part in one action, as it counts for the people who answer for it."""

    unit: str
    handler: str
    leader: str
    accepted: bool | None
    """In time, too late (or not at all though the time is over), or None where nothing was promised or it still runs."""
    responded: bool | None
    arrival: Arrival
    score: int | None


@dataclass(slots=True)
class Tally:
    """What one person, or one unit, has to show for a period."""

    unit: str
    name: str
    actions: int = 0
    accepts: int = 0
    accepted: int = 0
    responses: int = 0
    responded: int = 0
    arrivals: dict[Arrival, int] = field(default_factory=dict)
    scores: list[int] = field(default_factory=list)

    def add(self, deed: Deed) -> None:
        self.actions += 1
        self.accepts += deed.accepted is not None
        self.accepted += deed.accepted is True
        self.responses += deed.responded is not None
        self.responded += deed.responded is True
        self.arrivals[deed.arrival] = self.arrivals.get(deed.arrival, 0) + 1
        if deed.score is not None:
            self.scores.append(deed.score)

    @property
    def mean(self) -> float | None:
        return sum(self.scores) / len(self.scores) if self.scores else None


def tallies(deeds: Iterable[Deed]) -> Mapping[str, list[Tally]]:
    """Count by `unit`, by `handler` and by `leader`; who was never named counts only for the unit."""
    counted: dict[str, dict[tuple[str, str], Tally]] = {"unit": {}, "handler": {}, "leader": {}}
    for deed in deeds:
        for of, name in (("unit", ""), ("handler", deed.handler), ("leader", deed.leader)):
            if of == "unit" or name:
                counted[of].setdefault((deed.unit, name), Tally(deed.unit, name)).add(deed)
    return {of: [rows[key] for key in sorted(rows)] for of, rows in counted.items()}
