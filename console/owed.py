"""The calls we owe, as idle agents and the wall see them: read for all open desks at once, every few seconds at most."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.parts import Parts
from console.writing import epoch_ms
from routing.line import SeatState
from storage import ring_backs
from storage.errors import StoreDown
from storage.ring_backs import Counts, Owed

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 2.0
LISTS_EVERY: Final = timedelta(seconds=10)
SHOWN: Final = 20
IDLE: Final = frozenset({SeatState.READY, SeatState.BREAK, SeatState.WRAP_UP})


class OwedCalls:
    """Open ring-backs: how many, and for each idle seat the ones it may take."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lists: dict[str, list[dict[str, Any]]] = {}
        self._listed_at: datetime | None = None
        self.counts: Counts | None = None
        self.counted_at: datetime | None = None

    def of(self, seat: str) -> list[dict[str, Any]]:
        return self._lists.get(seat, [])

    def again(self) -> None:
        """Something was taken or closed here: look again at once."""
        self._listed_at = None

    async def look(self, seats: Iterable[str]) -> set[str]:
        """Count, and list for these seats if the counts have changed or it was long ago; return whose list changed."""
        at, before = self._parts.now(), self.counts
        known = self._parts.engine.line.seats
        idle = [name for name in seats if name in known and known[name].state in IDLE]
        old = self._listed_at is None or at - self._listed_at >= LISTS_EVERY
        asked = [name for name in idle if old or name not in self._lists]

        def read(conn: Connection) -> tuple[Counts, dict[str, list[Owed]]]:
            counts = ring_backs.counts(conn, at)
            wanted = idle if counts != before else asked
            return counts, {name: ring_backs.owed_now(conn, name, at, SHOWN) for name in wanted}

        try:
            self.counts, lists = await self._parts.store.read(read)
        except StoreDown as error:
            log.warning("the calls we owe are not counted: %s", error)
            return set()
        self.counted_at = at
        if old or self.counts != before:
            self._listed_at = at
            self._lists = {name: rows for name, rows in self._lists.items() if name in idle}
        shown = {name: [_row(each, known[name].agent) for each in rows] for name, rows in lists.items()}
        changed = {name for name, rows in shown.items() if self._lists.get(name) != rows}
        self._lists |= shown
        return changed

    async def run(self, seats: Callable[[], Iterable[str]], wake: Callable[[str], None]) -> None:
        while True:
            for name in await self.look(seats()):
                wake(name)
            await asyncio.sleep(LOOK_SECONDS)


def _row(owed: Owed, agent: str) -> dict[str, Any]:
    return {
        "call": owed.call,
        # Not masked: it is about to be dialled by this agent.
        "number": owed.number,
        "reason": owed.reason,
        "asked_at": epoch_ms(owed.asked_at),
        "dial": owed.dial or "",
        "due_at": epoch_ms(owed.ring_by or owed.due_at),
        "moved": owed.moved or "",
        "attempts": owed.attempts,
        "last_at": epoch_ms(owed.last_attempt_at),
        "mine": owed.owner == agent,
        "escalated": owed.escalated_at is not None,
    }


OWED = web.AppKey("owed", OwedCalls)
