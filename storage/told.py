"""What callers were told of their wait and of an event, for the agent who then answers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from cases.telephone import canonical
from storage.figure_models import ToldWait
from storage.number_models import Event, EventMember
from storage.types import table_of

TOLD = table_of(ToldWait)
EVENT = table_of(Event)
MEMBER = table_of(EventMember)


@dataclass(frozen=True, slots=True)
class ToldBrief:
    """The last announcement to one caller, in seconds as they were said; `high` None stands for "or more"."""

    position: int
    low: float
    high: float | None


def newest(conn: Connection, call: str) -> ToldBrief | None:
    row = conn.execute(
        select(TOLD.c.position, TOLD.c.low, TOLD.c.high)
        .where(TOLD.c.call == call)
        .order_by(TOLD.c.no.desc())
        .limit(1)
    ).first()
    return None if row is None else ToldBrief(row.position, row.low, row.high)


def joined(conn: Connection, number: str, at: datetime) -> str:
    """Return the name of the event that is going on and that this citizen has joined, '' if there is none."""
    if not number:
        return ""
    name = conn.execute(
        select(EVENT.c.name)
        .join(MEMBER, MEMBER.c.event == EVENT.c.id)
        .where(MEMBER.c.number == canonical(number), EVENT.c.closed_at.is_(None), EVENT.c.expires_at > at)
        .order_by(EVENT.c.id.desc())
        .limit(1)
    ).scalar()
    return name or ""
