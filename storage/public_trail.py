"""The way of a case as everybody may see it: which step was reached when, and to whom it was given. No persons."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, select

from storage.assignments import ASSIGNMENT
from storage.members import FEEDBACK, root_of
from storage.models import CallbackAttempt, Part, Reply
from storage.moves import CASE, see
from storage.types import table_of
from storage.units import UNIT

REPLY = table_of(Reply)
ATTEMPT = table_of(CallbackAttempt)
MOST_SENT = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """It was given to a unit."""

    unit: str
    lead: bool
    at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Trail:
    """When each step was reached for the first time, by the name of the step; and each dispatch."""

    reached: dict[str, datetime]
    sent: tuple[Sent, ...]


def trail(conn: Connection, no: str) -> Trail:
    """Return the way of a case; of one that was merged, of the one that is handled."""
    own = see(conn, no)
    root = root_of(conn, own)
    sent = _sent(conn, root.id)
    told = _first(conn, FEEDBACK.c.at, FEEDBACK.c.case == own.id, FEEDBACK.c.delivered)
    asked = _first(conn, ATTEMPT.c.at, ATTEMPT.c.case == own.id, ATTEMPT.c.result == "reached")
    steps = {
        "received": conn.execute(select(CASE.c.received_at).where(CASE.c.id == own.id)).scalar_one(),
        "dispatched": sent[0].at if sent else None,
        "read": min((one.read_at for one in sent if one.read_at), default=None),
        "handled": _first(conn, REPLY.c.submitted_at, REPLY.c.case == root.id),
        "answered": told,
        "called_back": asked or (own.closed_at if told else None),
    }
    return Trail({name: at for name, at in steps.items() if at is not None}, sent)


def _first(conn: Connection, when: Column[Any], *which: Any) -> datetime | None:
    wanted = select(when).where(*which, when.is_not(None)).order_by(when).limit(1)
    at: datetime | None = conn.execute(wanted).scalar()
    return at


def _sent(conn: Connection, case: int) -> tuple[Sent, ...]:
    rows = conn.execute(
        select(UNIT.c.short_name, ASSIGNMENT.c.part, ASSIGNMENT.c.sent_at, ASSIGNMENT.c.read_at)
        .join(UNIT, UNIT.c.id == ASSIGNMENT.c.unit)
        .where(ASSIGNMENT.c.case == case, ASSIGNMENT.c.part != Part.INFORM)
        .order_by(ASSIGNMENT.c.id)
        .limit(MOST_SENT)
    )
    return tuple(Sent(row.short_name, row.part is Part.LEAD, row.sent_at, row.read_at) for row in rows)
