"""班长消息与已读回执: what supervisors tell seats, who has read it and when."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from storage import history
from storage.people import ACCOUNT
from storage.rounds_models import SeatMessage, SeatMessageReader
from storage.types import table_of

MESSAGE = table_of(SeatMessage)
READER = table_of(SeatMessageReader)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to whom a message went."""

    agent: str
    seat: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message with its receipts. `seat` is '' if it went to all that were signed on."""

    id: int
    seat: str
    text: str
    by: str
    at: datetime
    readers: tuple[Reader, ...]

    @property
    def unread(self) -> list[Reader]:
        return [one for one in self.readers if one.read_at is None]


def send(conn: Connection, text: str, readers: Mapping[str, str], *, seat: str, by: str, at: datetime) -> int:
    """Keep a message to these agents, each with the seat at which they sit; return its number."""
    values = {"seat": seat, "text": text, "by": by, "at": at}
    number: int = conn.execute(insert(MESSAGE).values(values).returning(MESSAGE.c.id)).scalar_one()
    rows = [{"message": number, "agent": agent, "seat": where} for agent, where in readers.items()]
    conn.execute(insert(READER), rows)
    detail = {"seats": len(rows), "text": text}
    history.append(conn, subject=f"seat:{seat or 'all'}", kind="seat.message", actor=by, detail=detail, at=at)
    return number


def read(conn: Connection, message: int, agent: str, *, at: datetime) -> bool:
    """Note when an agent has read it, once; False if there is nothing to be read."""
    unread = READER.c.message == message, READER.c.agent == agent, READER.c.read_at.is_(None)
    return conn.execute(update(READER).where(*unread).values(read_at=at)).rowcount == 1


def newest(conn: Connection, since: datetime, most: int) -> list[Message]:
    """Return the newest messages since then with their receipts, the newest first; `by` is the sender's name."""
    name = func.coalesce(ACCOUNT.c.name, MESSAGE.c.by).label("by")
    listed = select(MESSAGE.c.id, MESSAGE.c.seat, MESSAGE.c.text, name, MESSAGE.c.at).select_from(
        MESSAGE.outerjoin(ACCOUNT, ACCOUNT.c.login == MESSAGE.c.by)
    )
    rows = conn.execute(
        listed.where(MESSAGE.c.at >= since).order_by(MESSAGE.c.at.desc(), MESSAGE.c.id.desc()).limit(most)
    ).all()
    readers: dict[int, list[Reader]] = defaultdict(list)
    if rows:
        wanted = READER.c.message.in_([row.id for row in rows])
        for row in conn.execute(select(READER).where(wanted).order_by(READER.c.seat)):
            readers[row.message].append(Reader(row.agent, row.seat, row.read_at))
    return [Message(row.id, row.seat, row.text, row.by, row.at, tuple(readers[row.id])) for row in rows]
