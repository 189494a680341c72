"""A day of the line as it was: who asked for a person, and which seats there were. For the simulator."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from cases.call_record import Direction
from storage.call_models import Call, SeatLog
from storage.types import table_of

CALL = table_of(Call)
LOG = table_of(SeatLog)


@dataclass(frozen=True, slots=True)
class Asked:
    """A caller who asked for a person, and what became of it. Spans in seconds."""

    call: str
    number: str
    at: datetime
    line: str
    skill: str
    language: str
    priority: int
    answered: bool
    waited: float
    talk: float
    wrap_up: float


def asked_between(conn: Connection, after: datetime, until: datetime) -> list[Asked]:
    """Return who asked for a person within the time, in order. Calls of our own are none."""
    rows = conn.execute(
        select(CALL)
        # A call is offered before its caller asks for a person; the index is on that.
        .where(CALL.c.offered_at >= after, CALL.c.offered_at < until, CALL.c.queued_at.is_not(None))
        .where(CALL.c.direction == Direction.INCOMING)
        .order_by(CALL.c.queued_at, CALL.c.id)
    )
    return [
        Asked(
            call=row.id,
            number=row.number,
            at=row.queued_at,
            line=row.line or row.dialled,
            skill=row.skill,
            language=row.language,
            priority=row.priority,
            answered=row.answered_at is not None,
            waited=row.wait_seconds,
            talk=row.talk_seconds + row.hold_seconds,
            wrap_up=row.wrap_up_seconds,
        )
        for row in rows
    ]


def seats_until(conn: Connection, until: datetime) -> list[str]:
    """Return every seat that has ever changed its state before then."""
    return list(
        conn.execute(select(LOG.c.seat).where(LOG.c.at < until).distinct().order_by(LOG.c.seat)).scalars()
    )


def last_talks(conn: Connection, most: int = 200) -> list[tuple[float, float]]:
    """Return how long the newest calls took that a person answered, and the work after them, oldest first."""
    rows = conn.execute(
        select(CALL.c.talk_seconds + CALL.c.hold_seconds, CALL.c.wrap_up_seconds)
        .where(CALL.c.ended_at.is_not(None), CALL.c.answered_at.is_not(None))
        .where(CALL.c.direction == Direction.INCOMING)
        .order_by(CALL.c.offered_at.desc())
        .limit(most)
    )
    return [(talk, wrap_up) for talk, wrap_up in rows][::-1]
