"""What is left of each agent's breaks today: counted from the log of seats when a seat changes, not every second."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.parts import Parts
from console.writing import epoch_ms
from routing import breaks
from routing.line import Change, Seat, SeatState
from storage import seats, shifts
from storage.errors import StoreDown
from storage.seats import Stretch
from storage.shifts import Minutes

log = logging.getLogger(__name__)

COUNT_SECONDS: Final = 1.0
QUOTAS_EVERY: Final = timedelta(seconds=30)


class Breaks:
    """Breaks of the day by seat and reason, and the quotas that hold."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._taken: dict[str, dict[str, float]] = {}
        self._agents: dict[str, tuple[str, datetime]] = {}
        self._due: set[str] = set()
        self._day: datetime | None = None
        self._quotas_at: datetime | None = None
        self.quotas: dict[str, Minutes] = breaks.quotas({})
        parts.engine.watch(self._changed)

    def _changed(self, change: Change) -> None:
        for name in change.seats:
            seat = self._parts.engine.line.seats[name]
            mark = (seat.agent, seat.since)
            if seat.agent and self._agents.get(name) != mark:
                self._agents[name] = mark
                self._due.add(name)

    async def count(self) -> set[str]:
        """Count again where a break may have begun or ended; return the seats whose figures have changed."""
        at = self._parts.now()
        midnight = _midnight(self._parts, at)
        if midnight != self._day:
            self._day = midnight
            self._due.update(self._agents)
        stale = self._quotas_at is None or at - self._quotas_at >= QUOTAS_EVERY
        due = sorted(self._due)
        if not due and not stale:
            return set()
        self._due.clear()
        self._quotas_at = at

        def look(conn: Connection) -> tuple[dict[str, list[Stretch]], dict[str, Minutes]]:
            found = seats.stretches(conn, due, after=midnight, until=at) if due else {}
            return found, shifts.quotas(conn)

        try:
            found, of_city = await self._parts.store.read(look)
        except StoreDown as error:
            log.warning("the breaks of %d seats are not counted: %s", len(due), error)
            self._due.update(due)
            return set()
        self.quotas = breaks.quotas(of_city)
        return {name for name in due if self._count(name, found.get(name, []))}

    def _count(self, name: str, found: list[Stretch]) -> bool:
        """Sum the breaks before the seat's present state; the log may lag behind that by a moment."""
        seat = self._parts.engine.line.seats[name]
        before = [each for each in found if each.began_at < seat.since]
        taken = seats.breaks_of(before, seat.agent, seat.since)
        changed = self._taken.get(name) != taken
        self._taken[name] = taken
        return changed

    def of(self, seat: Seat, at: datetime) -> dict[str, dict[str, Any]]:
        """Return what the desk shows for each reason that has a quota."""
        shown = {}
        for reason, quota in self.quotas.items():
            since = seat.since if seat.state is SeatState.BREAK and seat.reason == reason else None
            taken = timedelta(seconds=self._taken.get(seat.id, {}).get(reason, 0))
            if (left := breaks.allowance(quota, taken, since=since, at=at)) is not None:
                # Without what goes on: the page counts that itself, second by second.
                before = (
                    None if left.left_today is None else left.left_today + (at - since if since else _NONE)
                )
                shown[reason] = {
                    "once_ms": None if quota.once is None else quota.once * 60_000,
                    "left_ms": None if before is None else int(before.total_seconds() * 1000),
                    "over_at": epoch_ms(left.over_at),
                }
        return shown

    def over_at(self, seat: Seat, at: datetime) -> int | None:
        """Return when the break that goes on is over its quota."""
        if seat.state is not SeatState.BREAK:
            return None
        taken = timedelta(seconds=self._taken.get(seat.id, {}).get(seat.reason, 0))
        left = breaks.allowance(self.quotas.get(seat.reason), taken, since=seat.since, at=at)
        return epoch_ms(left.over_at) if left is not None else None

    async def run(self, wake: Any) -> None:
        """Count once a second what has changed, and wake the desks concerned."""
        while True:
            await asyncio.sleep(COUNT_SECONDS)
            for name in await self.count():
                wake(name)


_NONE = timedelta(0)


def _midnight(parts: Parts, at: datetime) -> datetime:
    local = at.astimezone(parts.settings.zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


BREAKS = web.AppKey("breaks", Breaks)
