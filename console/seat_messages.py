"""What supervisors wrote to seats: on the desk until it is read, on the wall when it stays unread for too long.

Walls hang where everybody sees them: they show to whom and since when, and the words only of what went to all.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from console.parts import Parts
from console.writing import epoch_ms
from routing.live import SeatState
from storage import seat_messages
from storage.seat_messages import Message, Reader

SHIFT: Final = timedelta(hours=12)
ALARMING: Final = timedelta(hours=1)
"""What nobody has read for longer than this is no news any more; it still waits on the desk."""
MOST: Final = 50
ON_WALLS: Final = 8


class SeatMessages:
    """Read with the figures of the day, and again after each that is sent or read here."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._known: list[Message] = []
        self._unread: dict[str, list[Message]] = {}
        self._last = 0

    def read(self, conn: Connection, at: datetime) -> None:
        """Take in what the store says, unless that was read before something newer was sent."""
        known = seat_messages.newest(conn, at - SHIFT, MOST)
        if self._last > max((one.id for one in known), default=self._last):
            return
        unread: dict[str, list[Message]] = defaultdict(list)
        for message in reversed(known):
            for reader in message.unread:
                unread[reader.agent].append(message)
        self._known, self._unread = known, dict(unread)

    async def send(self, seats: list[str], text: str, *, seat: str, by: str, at: datetime) -> None:
        """Tell these seats, and have their pages show it at once."""
        line = self._parts.engine.line
        readers = {line.seats[each].agent: each for each in seats}

        def work(conn: Connection) -> None:
            self._last = seat_messages.send(conn, text, readers, seat=seat, by=by, at=at)
            self.read(conn, at)

        await self._parts.store.write(work)
        for each in seats:
            line.touch(each)

    async def note_read(self, message: int, agent: str, *, at: datetime) -> None:
        def work(conn: Connection) -> None:
            if seat_messages.read(conn, message, agent, at=at):
                self.read(conn, at)

        await self._parts.store.write(work)

    def at_desk(self, seat: str) -> list[dict[str, Any]]:
        """Return what the agent at this seat has not read, the oldest first."""
        known = self._parts.engine.line.seats.get(seat)
        waiting = self._unread.get(known.agent, []) if known else []
        return [{"id": one.id, "by": one.by, "text": one.text, "at": epoch_ms(one.at)} for one in waiting]

    def on_walls(self, at: datetime, unread_seconds: int) -> list[dict[str, Any]]:
        """Return the newest messages: how many have read each, and whom to remind, if anybody."""
        return [self._shown(one, at, unread_seconds) for one in self._known[:ON_WALLS]]

    def _shown(self, one: Message, at: datetime, unread_seconds: int) -> dict[str, Any]:
        late = unread_seconds and timedelta(seconds=unread_seconds) < at - one.at <= ALARMING
        missing = [reader.seat for reader in one.unread if self._is_there(reader)]
        return {
            "id": one.id,
            "seat": one.seat,
            "text": "" if one.seat else one.text,
            "by": one.by,
            "at": epoch_ms(one.at),
            "told": len(one.readers),
            "read": len(one.readers) - len(one.unread),
            "unread": missing,
            "late": bool(late and missing),
        }

    def _is_there(self, reader: Reader) -> bool:
        """Whoever has gone home reads it tomorrow, and nobody need run after them."""
        seat = self._parts.engine.line.seats.get(reader.seat)
        return seat is not None and seat.agent == reader.agent and seat.state is not SeatState.OFFLINE
