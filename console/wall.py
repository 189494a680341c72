"""The supervisors' wall: one snapshot on connecting, then numbered differences: at once, and in the long run ten a second.

Context of wall.html: boot (supervise: whether this person may give orders).
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console import view
from console.asking import ASKING, Asking
from console.breaks import BREAKS, Breaks
from console.i18n import CATALOGUE, Catalogue, Language
from console.line_watch import LineWatch
from console.owed import OWED, OwedCalls
from console.pages import render
from console.parts import PARTS, Parts
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from console.sockets import Bucket, Listener, encode
from console.view import Day
from console.writing import epoch_ms
from routing import attendance
from routing.happens import happens
from routing.line import Change, Seat, SeatState
from storage import calls, events, shifts
from storage.errors import StoreDown
from storage.shifts import Planned

log = logging.getLogger(__name__)

MESSAGES_BURST: Final = 4
MESSAGES_RATE: Final = 10
"""Each change is told at once as long as there are few; in a rush, so many messages a second tell of all of them."""
LOOKS_BURST: Final = 5
LOOKS_RATE: Final = 50
"""So often it is looked at most, at first and then, what has changed: most of what happens shows on no wall."""
TICK_SECONDS: Final = 0.2
"""So often it is looked at what changes without a word of the line."""
SILENT_AT_MOST: Final = 2.0
"""The page greys out when it has heard nothing for five seconds."""
FIGURES_EVERY: Final = timedelta(seconds=3)
ROSTER_EVERY: Final = timedelta(seconds=30)
STUCK_EVERY: Final = timedelta(seconds=1)
ESTIMATES_EVERY: Final = timedelta(seconds=2)
ESTIMATED: Final = 14
"""So many callers the wall shows with the wait that is expected for them."""
REPAIRS: Final = 30


class Wall:
    """What all walls show, and who is watching."""

    def __init__(
        self,
        parts: Parts,
        *,
        breaks: Breaks,
        owed: OwedCalls,
        catalogue: Catalogue,
        watch: LineWatch,
    ) -> None:
        self.watch = watch
        self._parts = parts
        self._breaks = breaks
        self._owed = owed
        self._catalogue = catalogue
        self._listeners: set[Listener] = set()
        self._shown: dict[str, Any] = {}
        self._tiles: dict[str, tuple[Seat, dict[str, Any], dict[str, Any]]] = {}
        self._seq = 0
        self._sent_at = 0.0
        self._moved = asyncio.Event()
        self._messages = Bucket(burst=MESSAGES_BURST, rate=MESSAGES_RATE)
        self._looks = Bucket(burst=LOOKS_BURST, rate=LOOKS_RATE)
        self._notices: list[dict[str, Any]] = []
        self.day = Day()
        self._day_at: datetime | None = None
        self._counting = asyncio.Lock()
        self._counted_at: datetime | None = None
        self._roster: list[Planned] = []
        self._roster_at: datetime | None = None
        self.events: list[dict[str, Any]] = []
        self._waits: dict[str, dict[str, Any]] = {}
        self._waits_at: datetime | None = None
        self._stuck: list[dict[str, Any]] = []
        self._stuck_at: datetime | None = None
        parts.engine.watch(self._hear)

    @property
    def watching(self) -> int:
        return len(self._listeners)

    def _hear(self, change: Change) -> None:
        """Wake the walls, and keep what supervisors should know; it is told with the next tick."""
        self._moved.set()
        notice = change.notice
        if notice is not None and not notice.seat:
            text = self._catalogue.text(Language.ZH, notice.text, **dict(notice.values))
            at = epoch_ms(self._parts.now())
            self._notices.append({"t": "notice", "now": at, "level": notice.level, "text": text})

    async def join(self, listener: Listener) -> None:
        """Send the whole picture, then keep the browser up to date."""
        at = self._parts.now()
        await self.count_day(at)
        self._shown = self._shown or self._state(at)
        await listener.send(self._snapshot(at))
        self._listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)

    async def run(self) -> None:
        """Tell the walls what has changed, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell_on())
            group.create_task(self._count_on())

    async def _tell_on(self) -> None:
        while True:
            await happens(self._moved, within=TICK_SECONDS)
            self._moved.clear()
            told = await self.tick()
            await asyncio.sleep(max(self._looks.spend(), self._messages.spend() if told else 0.0))

    async def _count_on(self) -> None:
        """Beside: no change waits for the store. Without walls, too, as desks show the day's figures."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            await self.count_day(self._parts.now())

    async def tick(self) -> bool:
        """Send the difference to what the walls show, if there is one or if it was silent for long; False if not."""
        at = self._parts.now()
        notices, self._notices = self._notices, []
        if not self._listeners:
            # Nobody is behind, so the next to come starts from a fresh picture.
            self._shown = {}
            return False
        state = self._state(at)
        changed = difference(self._shown, state)
        self._shown = state
        for notice in notices:
            for listener in list(self._listeners):
                await listener.send(encode(notice))
        if not changed and time.monotonic() - self._sent_at < SILENT_AT_MOST:
            return False
        self._seq += 1
        self._sent_at = time.monotonic()
        await self._tell(at, changed)
        return True

    async def _tell(self, at: datetime, changed: dict[str, Any]) -> None:
        frame, snapshot = encode(self._head("wall_delta", at) | changed), b""
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
        return encode(self._head("wall", at) | self._shown)

    def _head(self, kind: str, at: datetime) -> dict[str, Any]:
        """Every message says where its figures come from and how old they are."""
        return {
            "t": kind,
            "seq": self._seq,
            "now": epoch_ms(at),
            "age_ms": view.age_ms(self._parts.engine, at) if self._parts.engine.line.linked else None,
            "nodes": view.wall_nodes(self._parts.engine, at),
            "counted_at": epoch_ms(self._counted_at),
            "owed_at": epoch_ms(self._owed.counted_at),
        }

    def _state(self, at: datetime) -> dict[str, Any]:
        engine = self._parts.engine
        known = sorted(engine.line.seats.values(), key=lambda seat: seat.id)
        return {
            "line": view.wall_line(engine, self.day) | {"owed": self._owed_counts()},
            "callers": view.wall_callers(engine, self._estimates(at)),
            "seats": [self._tile(seat, at) for seat in known],
            **self.watch.state(at),
            "stuck": self._find_stuck(at),
            "repairs": {"total": engine.repaired, "newest": view.wall_repairs(engine, REPAIRS)},
            "roster": self._attendance(at),
            "events": self.events,
            "overloaded": bool(self._parts.gauges().get("hotline_admission_over", 0)),
        }

    def _tile(self, seat: Seat, at: datetime) -> dict[str, Any]:
        """Return what a tile shows: the very same as before unless something of it is new, as it mostly is not."""
        around = {"over_at": self._breaks.over_at(seat, at)} | self.watch.of_seat(seat.id, at)
        kept = self._tiles.get(seat.id)
        if kept is None or kept[0] is not seat or kept[1] != around:
            kept = self._tiles[seat.id] = (seat, around, view.wall_seat(seat) | around)
        return kept[2]

    def _owed_counts(self) -> dict[str, int] | None:
        counts = self._owed.counts
        if counts is None:
            return None
        return {"open": counts.open, "overdue": counts.overdue, "escalated": counts.escalated}

    def _find_stuck(self, at: datetime) -> list[dict[str, Any]]:
        """Look once a second: it goes through every seat and call."""
        if self._stuck_at is None or at - self._stuck_at >= STUCK_EVERY:
            self._stuck_at, self._stuck = at, view.wall_stuck(self._parts.engine, at)
        return self._stuck

    def _estimates(self, at: datetime) -> Mapping[str, dict[str, Any]]:
        """Return what the first callers have to expect; worked out now and then, as it moves slowly."""
        if self._waits_at is None or at - self._waits_at >= ESTIMATES_EVERY:
            self._waits_at, self._waits = at, {}
            for caller in self._parts.engine.line.waiting()[:ESTIMATED]:
                if (wait := self._parts.engine.estimate(caller.call, at)) is not None:
                    self._waits[caller.call] = {"low": wait.low_seconds, "high": wait.high_seconds}
        return self._waits

    # Who should be here

    def _signed_on(self) -> set[str]:
        known = self._parts.engine.line.seats.values()
        return {seat.agent for seat in known if seat.state is not SeatState.OFFLINE}

    def _attendance(self, at: datetime) -> dict[str, list[dict[str, Any]]]:
        here = self._signed_on()
        return {
            "late": [_planned(each) for each in attendance.missing(self._roster, here, at)],
            "staying": [_planned(each) for each in attendance.staying(self._roster, here, at)],
        }

    def roster_of(self, login: str, at: datetime) -> dict[str, Any] | None:
        """Return the shift of this agent that goes on or comes next."""
        own = [
            each for each in self._roster if each.login == login and each.ends_at > at - timedelta(hours=1)
        ]
        return _planned(own[0]) if own else None

    # What the store says

    async def count_day(self, at: datetime) -> None:
        """Read the day's figures again, at most every few seconds however many walls there are."""
        async with self._counting:  # who comes while they are read waits for them, or shows none
            if self._day_at is None or at - self._day_at >= FIGURES_EVERY:
                self._day_at = at
                await self._count_day(at)

    async def _count_day(self, at: datetime) -> None:
        try:
            self.day, self.events = await self._parts.store.read(lambda conn: self._look(conn, at))
        except StoreDown as error:
            log.warning("the day's figures stand still: %s", error)
            return
        self._counted_at = at
        if self._roster_at is None or at - self._roster_at >= ROSTER_EVERY:
            await self._read_roster(at)

    def recount(self) -> None:
        """Something that is read with the day's figures has been changed: read them with the next tick."""
        self._day_at = None

    def _look(self, conn: Connection, at: datetime) -> tuple[Day, list[dict[str, Any]]]:
        self.watch.read(conn, at)
        zone = self._parts.settings.zone
        day = Day.of(calls.today(conn, at, zone), calls.answered_by_seat(conn, at, zone))
        on = events.now_on(conn, at)
        totals = events.totals(conn, [each.id for each in on]) if on else {}
        return day, [
            {
                "id": each.id,
                "name": each.name,
                "area": each.area,
                "banner": each.banner,
                "since": epoch_ms(each.opened_at),
                "until": epoch_ms(each.expires_at),
                "heard": totals[each.id].heard if each.id in totals else 0,
                "members": totals[each.id].members if each.id in totals else 0,
            }
            for each in on
        ]

    async def _read_roster(self, at: datetime) -> None:
        self._roster_at = at
        day = timedelta(hours=16)
        try:
            self._roster = await self._parts.store.read(
                lambda conn: shifts.planned(conn, after=at - day, until=at + day)
            )
        except StoreDown as error:
            log.warning("the roster stands still: %s", error)


def _planned(shift: Planned) -> dict[str, Any]:
    return {
        "login": shift.login,
        "name": shift.name,
        "seat": shift.seat,
        "begins_at": epoch_ms(shift.begins_at),
        "ends_at": epoch_ms(shift.ends_at),
    }


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return the keys whose value has changed; of the seats only those that have."""
    changed = {key: value for key, value in after.items() if key != "seats" and before.get(key) != value}
    known = {seat["id"]: seat for seat in before.get("seats", [])}
    seats = [seat for seat in after["seats"] if (was := known.get(seat["id"])) is not seat and was != seat]
    return changed | ({"seats": seats} if seats else {})


WALL = web.AppKey("wall", Wall)

routes = web.RouteTableDef()


@routes.get("/wall")
@needs(Permission.WALL)
async def page(request: web.Request) -> web.Response:
    account = request[SIGNED].account
    boot = {"supervise": allowed(account.role, Permission.SUPERVISE), "login": account.login}
    return render(request, "wall.html", {"boot": boot})


def set_up(app: web.Application) -> None:
    parts = app[PARTS]
    app[BREAKS], app[OWED] = Breaks(parts), OwedCalls(parts)
    app[ASKING] = Asking(parts.engine)
    watch = LineWatch(parts, app[ASKING])
    app[WALL] = Wall(parts, breaks=app[BREAKS], owed=app[OWED], catalogue=app[CATALOGUE], watch=watch)
