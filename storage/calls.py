"""What people ask of calls: who called before, how today goes, who must be called back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, case, func, select

from cases.call_record import RING_BACK_WITHIN, Channel, Direction, EndReason, Who
from cases.call_segments import Segment
from cases.call_witness import WITNESSED
from cases.figures import LEVEL_SECONDS, SHORT_SECONDS
from storage import history, records, transcripts
from storage.call_models import Call, CallSegment, Recording
from storage.types import table_of

CALL = table_of(Call)
SEGMENT = table_of(CallSegment)
RECORDING = table_of(Recording)

# Calls of ours are kept like citizens' calls, and counted apart.
_INCOMING = CALL.c.direction == Direction.INCOMING


@dataclass(frozen=True, slots=True)
class CallBrief:
    """One line in the list of a caller's calls."""

    id: str
    offered_at: datetime
    ended_at: datetime | None
    end_reason: EndReason | None
    seat: str
    outcome: str
    outcome_by: str
    case: str
    wait_seconds: float
    talk_seconds: float


@dataclass(frozen=True, slots=True)
class CallView:
    """One call with everything that is known of it."""

    id: str
    node: str
    number: str
    dialled: str
    channel: Channel
    offered_at: datetime
    answered_by_line_at: datetime | None
    queued_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    end_reason: EndReason | None
    hung_up_by: Who | None
    cause: int | None
    seat: str
    answer_seconds: float | None
    wait_seconds: float
    talk_seconds: float
    hold_seconds: float
    outcome: str
    case: str
    outcome_by: str
    survey: int | None
    keys: str
    fallback: bool
    direction: Direction
    line: str
    skill: str
    event: str
    refused: str
    wrap_up_seconds: float
    purpose: str
    owed: str
    by: str
    dial_status: str
    segments: tuple[Segment, ...]
    recordings: tuple[str, ...]

    @property
    def witnessed(self) -> bool:
        """Tell whether some of it is in no line of Asterisk's: its disk was full, and we have seen it."""
        return any(WITNESSED in segment.detail.split() for segment in self.segments[:1])


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The calls that were offered on one day of the city (I-4a, I-4b of the indicators)."""

    offered: int
    asked: int  # for a person
    waiting: int  # asked and still in the line
    answered: int  # by a person
    answered_15s: int  # counted from the end of the prompts
    answered_15s_of_ring: int  # counted from the first ring
    abandoned: int  # hung up in the line
    abandoned_short: int  # of these, within five seconds
    self_service: int
    messages: int
    lost: int
    open: int

    @property
    def answer_rate(self) -> float | None:
        """Calls answered by a person ÷ calls that asked for one (those still waiting are not judged yet)."""
        return _ratio(self.answered, self.asked - self.waiting)

    @property
    def level(self) -> float | None:
        return _ratio(self.answered_15s, self.asked - self.waiting)

    @property
    def level_of_ring(self) -> float | None:
        return _ratio(self.answered_15s_of_ring, self.asked - self.waiting)


_BRIEF = [CALL.c[name] for name in CallBrief.__dataclass_fields__]
_OF_NUMBER = (
    select(*_BRIEF)
    .where(CALL.c.number == bindparam("number"), _INCOMING)
    .order_by(CALL.c.offered_at.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_COUNT_OF_NUMBER = select(func.count()).where(
    CALL.c.number == bindparam("number"), CALL.c.id != bindparam("but"), _INCOMING
)
_THESE = select(*_BRIEF).where(CALL.c.id.in_(bindparam("calls", expanding=True))).order_by(CALL.c.offered_at)
_SEGMENTS = select(SEGMENT).where(SEGMENT.c.call == bindparam("call")).order_by(SEGMENT.c.no)
_RECORDINGS = select(RECORDING.c.path).where(RECORDING.c.call == bindparam("call")).order_by(RECORDING.c.path)


def calls_of(conn: Connection, number: str, limit: int, *, skip: int = 0) -> list[CallBrief]:
    """Return the newest calls of a number; a withheld number has no past."""
    if not number:
        return []
    asked = {"number": number, "most": limit, "skip": skip}
    return [CallBrief(*row) for row in conn.execute(_OF_NUMBER, asked)]


def count_of(conn: Connection, number: str, *, but: str = "") -> int:
    """Return how often this number has called, not counting that one call."""
    if not number:
        return 0
    return int(conn.execute(_COUNT_OF_NUMBER, {"number": number, "but": but}).scalar_one())


def briefs(conn: Connection, these: Sequence[str]) -> list[CallBrief]:
    """Return these calls, oldest first; those of which no line has told yet are left out."""
    return [CallBrief(*row) for row in conn.execute(_THESE, {"calls": list(these)})] if these else []


def call(conn: Connection, id: str) -> CallView | None:  # noqa: A002 - the word everybody uses
    """Return one call, or None if no line has told of it."""
    row = conn.execute(select(CALL).where(CALL.c.id == id)).one_or_none()
    if row is None:
        return None
    fields = {name: getattr(row, name) for name in CallView.__dataclass_fields__ if name in row._fields}
    segments = tuple(_segment(line) for line in conn.execute(_SEGMENTS, {"call": id}))
    recordings = tuple(conn.execute(_RECORDINGS, {"call": id}).scalars())
    return CallView(**{**fields, "segments": segments, "recordings": recordings})


def set_outcome(
    conn: Connection,
    *,
    call: str,
    code: str,
    case: str,
    by: str,
    at: datetime,
    within: timedelta = RING_BACK_WITHIN,
) -> None:
    """Note what came of the call: a fact among its facts, so the record can always be made again."""
    moment = round(at.timestamp() * 1000)
    said = urlencode({"code": code, "case": case, "by": by, "at": moment})
    line = f"{moment // 1000}|{call}|hotline|NONE|HOTLINE_OUTCOME|{said}"
    records.note(conn, "desk", line, within=within)
    if case and transcripts.confidential(conn, [call]):
        transcripts.forget(conn, call)
    history.append(
        conn, subject=call, kind="call.outcome", actor=by, detail={"code": code, "case": case}, at=at
    )


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_ASKED = CALL.c.queued_at.is_not(None)
_UNANSWERED = CALL.c.answered_at.is_(None)
_ABANDONED = _ASKED & _UNANSWERED & (CALL.c.end_reason == EndReason.ABANDONED_IN_LINE)
_FIGURES = {
    "offered": func.count(),
    "asked": _count(_ASKED),
    "waiting": _count(_ASKED & _UNANSWERED & CALL.c.end_reason.is_(None)),
    "answered": _count(_ASKED & CALL.c.answered_at.is_not(None)),
    "answered_15s": _count(_ASKED & CALL.c.answered_at.is_not(None) & (CALL.c.wait_seconds <= LEVEL_SECONDS)),
    "answered_15s_of_ring": _count(_ASKED & (CALL.c.answer_seconds <= LEVEL_SECONDS)),
    "abandoned": _count(_ABANDONED),
    "abandoned_short": _count(_ABANDONED & (CALL.c.wait_seconds < SHORT_SECONDS)),
    "self_service": _count(CALL.c.end_reason == EndReason.SELF_SERVICE),
    "messages": _count(CALL.c.end_reason == EndReason.MESSAGE_LEFT),
    "lost": _count(CALL.c.end_reason == EndReason.LOST_RESTART),
    "open": _count(CALL.c.end_reason.is_(None)),
}
_DAY = select(*(value.label(name) for name, value in _FIGURES.items())).where(
    CALL.c.offered_at >= bindparam("begins"), CALL.c.offered_at < bindparam("ends"), _INCOMING
)


def today(conn: Connection, at: datetime, zone: ZoneInfo) -> DayFigures:
    """Count the day that `at` falls on in the city's zone: one indexed range, whatever the table holds."""
    span = day_of(at, zone)
    return between(conn, span["begins"], span["ends"])


def between(conn: Connection, begins: datetime, ends: datetime) -> DayFigures:
    """Count the calls that came in a stretch of time, in the same way as those of a day."""
    row = conn.execute(_DAY, {"begins": begins, "ends": ends}).one()
    return DayFigures(**{name: int(getattr(row, name)) for name in _FIGURES})


def answered_by_seat(conn: Connection, at: datetime, zone: ZoneInfo) -> dict[str, int]:
    """Count the calls each seat has answered on the day that `at` falls on in the city's zone."""
    counts = (
        select(CALL.c.seat, func.count().label("calls"))
        .where(CALL.c.offered_at >= bindparam("begins"), CALL.c.offered_at < bindparam("ends"))
        .where(CALL.c.answered_at.is_not(None), _INCOMING)
        .group_by(CALL.c.seat)
    )
    return {row.seat: int(row.calls) for row in conn.execute(counts, day_of(at, zone)) if row.seat}


def day_of(at: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    day = at.astimezone(zone).date()
    return {
        "begins": datetime.combine(day, time(), zone),
        "ends": datetime.combine(day + timedelta(days=1), time(), zone),
    }


def outcomes(conn: Connection, *, begins: datetime, ends: datetime) -> dict[str, int]:
    """Count citizens' calls of a time by how they ended; together they are all calls ('' for those still open)."""
    counts = (
        select(CALL.c.end_reason, func.count().label("calls"))
        .where(CALL.c.offered_at >= begins, CALL.c.offered_at < ends, _INCOMING)
        .group_by(CALL.c.end_reason)
    )
    return {str(row.end_reason or ""): int(row.calls) for row in conn.execute(counts)}


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def _segment(row: Row[Any]) -> Segment:
    return Segment(row.kind, row.began_at, row.ended_at, row.seat, row.result, row.cause, row.detail)
