"""The supervisors' wall: one snapshot on connecting, then numbered differences at most five times a second.

Context of wall.html: boot (empty).
"""

import asyncio
import logging
import time
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web

from console.health import FIGURES
from console.pages import render
from console.parts import PARTS, Parts
from console.permissions import Permission, needs
from console.sessions import SESSIONS, SIGNED
from console.sockets import Listener, accept, encode, heard
from console.view import Day, wall_state
from console.writing import epoch_ms
from storage import calls
from storage.errors import StoreDown

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 0.2
SILENT_AT_MOST: Final = 2.0
"""The page greys out when it has heard nothing for five seconds."""
FIGURES_EVERY: Final = timedelta(seconds=3)


class Wall:
    """What all walls show, and who is watching."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._listeners: set[Listener] = set()
        self._shown: dict[str, Any] = {}
        self._seq = 0
        self._sent_at = 0.0
        self.day = Day()
        self._day_at: datetime | None = None

    @property
    def watching(self) -> int:
        return len(self._listeners)

    async def join(self, listener: Listener) -> None:
        """Send the whole picture, then keep the browser up to date."""
        at = self._parts.now()
        await self.count_day(at)
        self._shown = self._shown or wall_state(self._parts.engine, self.day, at)
        await listener.send(self._snapshot(at))
        self._listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)

    async def run(self) -> None:
        """Tell the walls what has changed, until cancelled."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            await self.tick()

    async def tick(self) -> None:
        """Send the difference to what the walls show, if there is one or if it was silent for long."""
        at = self._parts.now()
        await self.count_day(at)  # desks show the day's figures, too
        if not self._listeners:
            # Nobody is behind, so the next to come starts from a fresh picture.
            self._shown = {}
            return
        state = wall_state(self._parts.engine, self.day, at)
        changed = difference(self._shown, state)
        self._shown = state
        if not changed and time.monotonic() - self._sent_at < SILENT_AT_MOST:
            return
        self._seq += 1
        self._sent_at = time.monotonic()
        await self._tell(at, changed)

    async def _tell(self, at: datetime, changed: dict[str, Any]) -> None:
        head = {"t": "wall_delta", "seq": self._seq, "now": epoch_ms(at), "age_ms": self._shown["age_ms"]}
        frame, snapshot = encode(head | changed), b""
        for listener in list(self._listeners):
            if listener.gone:
                self._listeners.discard(listener)
            elif listener.missed:
                # It lacks at least one difference: start it again from the whole picture.
                snapshot = snapshot or self._snapshot(at)
                listener.missed = not await listener.send(snapshot)
            else:
                listener.missed = not await listener.send(frame)

    def _snapshot(self, at: datetime) -> bytes:
        return encode({"t": "wall", "seq": self._seq, "now": epoch_ms(at)} | self._shown)

    async def count_day(self, at: datetime) -> None:
        """Read the day's figures again, at most every few seconds however many walls there are."""
        if self._day_at is not None and at - self._day_at < FIGURES_EVERY:
            return
        self._day_at = at
        zone = self._parts.settings.zone
        try:
            self.day = await self._parts.store.read(
                lambda conn: Day.of(calls.today(conn, at, zone), calls.answered_by_seat(conn, at, zone))
            )
        except StoreDown as error:
            log.warning("the day's figures stand still: %s", error)


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the keys whose value has changed; of the seats only those that have."""
    changed = {
        key: value
        for key, value in after.items()
        if key not in {"age_ms", "seats"} and before.get(key) != value
    }
    known = {seat["id"]: seat for seat in before.get("seats", [])}
    seats = [seat for seat in after["seats"] if known.get(seat["id"]) != seat]
    return changed | ({"seats": seats} if seats else {})


WALL = web.AppKey("wall", Wall)

routes = web.RouteTableDef()


@routes.get("/wall")
@needs(Permission.WALL)
async def page(request: web.Request) -> web.Response:
    return render(request, "wall.html", {"boot": {}})


@routes.get("/live/wall")
@needs(Permission.WALL, socket=True)
async def live(request: web.Request) -> web.StreamResponse:
    """Let a supervisor's page listen until it goes or its session ends."""
    wall, signed = request.app[WALL], request[SIGNED]
    socket, listener = await accept(request)
    await wall.join(listener)
    try:
        async for _ in heard(
            socket, still=lambda: request.app[SESSIONS].still(signed, request.app[PARTS].now())
        ):
            pass  # a wall has nothing to say
    finally:
        wall.leave(listener)
        if listener.missed and listener.gone:
            request.app[FIGURES].add("hotline_ws_dropped_total")
    await socket.close()
    return socket


def set_up(app: web.Application) -> None:
    app[WALL] = Wall(app[PARTS])
