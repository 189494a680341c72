"""What one agent has done today: the figures they see of themselves, their newest calls, and the cases they took."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from storage.briefs import BRIEF, CaseBrief, brief
from storage.calls import CALL, CallBrief, day_of
from storage.intake import CASE
from storage.models import CaseText, TextKind
from storage.types import table_of

TEXT = table_of(CaseText)
CALLS_SHOWN = 6
CASES_SHOWN = 30
CASES_SINCE = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class MyDay:
    """One person's day."""

    calls: int
    talk_seconds: float
    hold_seconds: float
    wrap_up_seconds: float
    outcomes: dict[str, int]
    newest: list[CallBrief]
    cases: list[CaseBrief]


def my_day(conn: Connection, *, login: str, seat: str, at: datetime, zone: ZoneInfo) -> MyDay:
    """Count the day that `at` falls on in the city's zone; cases are those of two days, a shift may pass midnight."""
    today = day_of(at, zone)
    mine = (
        CALL.c.offered_at >= today["begins"],
        CALL.c.offered_at < today["ends"],
        CALL.c.answered_at.is_not(None),
        CALL.c.seat == seat,
    )
    sums = (func.sum(CALL.c[name]) for name in ("talk_seconds", "hold_seconds", "wrap_up_seconds"))
    counts = select(CALL.c.outcome, func.count().label("calls"), *sums).where(*mine).group_by(CALL.c.outcome)
    rows = [tuple(row) for row in conn.execute(counts)]
    columns = (getattr(CALL.c, name) for name in CallBrief.__dataclass_fields__)
    newest = select(*columns).where(*mine).order_by(CALL.c.offered_at.desc()).limit(CALLS_SHOWN)
    taken = (
        BRIEF.join(TEXT, TEXT.c.case == CASE.c.id)
        .where(TEXT.c.kind == TextKind.ORIGINAL, TEXT.c.author == login)
        .where(CASE.c.received_at >= at - CASES_SINCE)
        .order_by(CASE.c.received_at.desc())
        .limit(CASES_SHOWN)
    )
    return MyDay(
        calls=sum(row[1] for row in rows),
        talk_seconds=sum(row[2] or 0 for row in rows),
        hold_seconds=sum(row[3] or 0 for row in rows),
        wrap_up_seconds=sum(row[4] or 0 for row in rows),
        outcomes={row[0]: row[1] for row in rows if row[0]},
        newest=[CallBrief(**row._asdict()) for row in conn.execute(newest)],
        cases=[brief(row) for row in conn.execute(taken)],
    )
