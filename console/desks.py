"""The open desks, one for each seat: what an agent's page is told, and what its coming and going means to the line."""

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from aiohttp import web

from console.breaks import BREAKS
from console.health import FIGURES
from console.i18n import say
from console.owed import OWED
from console.parts import PARTS, Parts
from console.phones import EXPIRES
from console.pop import look_up, nothing_known, pop
from console.sessions import SIGNED, Signed
from console.sockets import Listener, encode
from console.view import CallShown, Day, LineFigures, call_at, desk_state, line_figures, wraps_up
from console.wall import WALL
from console.writing import epoch_ms
from routing import rulebook
from routing.engine import Refused
from routing.line import Change, Notice
from routing.live import Profile, SeatState
from storage.errors import StoreDown
from storage.people import Account

log = logging.getLogger(__name__)

REPLACED: Final = 4001
SIGNED_OUT: Final = 4002
TRY_ANOTHER: Final = 1012
"""This process does not lead: the page connects again, and the balancer sends it to the one that does."""
LINE_SECONDS: Final = 1.0
PORTION: Final = 20
PORTION_SECONDS: Final = 0.01
"""What concerns every desk is told to so many at a time: five hundred at once would hold up whoever has a call."""
GIVEN_UP: Final = frozenset({SeatState.READY, SeatState.BREAK, SeatState.DISABLED})
"""What a new signing-in does not go on with. A call does, and the work after it."""
LEASE: Final = timedelta(seconds=20)
"""A reload takes two seconds. A page that stays away longer is signed off, and finds its state again when it is back."""


class Desk:
    """One agent's open page."""

    def __init__(self, request: web.Request, listener: Listener) -> None:
        self.request = request
        self.parts: Parts = request.app[PARTS]
        self.signed: Signed = request[SIGNED]
        self.account = self.signed.account
        self.listener = listener
        self.wake = asyncio.Event()
        self.line: tuple[LineFigures, Day, list[dict[str, Any]]] | None = None
        self.notices: list[Notice] = []
        self._seq = 0
        self._popped: str | None = None
        self._owed: list[dict[str, Any]] = []

    @property
    def seat(self) -> str:
        return self.account.seat or ""

    async def tell(self, kind: str, **content: Any) -> bool:
        """Send one numbered message with the server's time; False if the page does not read."""
        self._seq += 1
        head = {"t": kind, "seq": self._seq, "now": epoch_ms(self.parts.now())}
        return await self.listener.send(encode(head | content))

    async def notice(self, level: str, key: str, **values: str) -> None:
        """Say a sentence; what is no key of the catalogue is said as it is."""
        await self.tell("notice", level=level, text=say(self.request, key, **values))

    async def deliver(self) -> None:
        """Tell the page how things stand whenever they have changed, and pop each call once."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            if self.listener.missed:
                # The browser did not read for a while: it is told everything again, the pop too.
                self.listener.missed, self._popped, self._owed = False, None, []
            await self.tell("desk", **self.picture())
            while self.notices:
                notice = self.notices.pop(0)
                await self.notice(notice.level, notice.text, **dict(notice.values))
            await self._pop()
            await self._tell_owed()

    def picture(self) -> dict[str, Any]:
        """Return how things stand for this seat now."""
        wall, at = self.request.app[WALL], self.parts.now()
        self.line = (line_figures(self.parts.engine), wall.day, wall.events)
        state = desk_state(self.parts.engine, self.account, wall.day, at)
        if state["call"] is None and state["seat"]["state"] != SeatState.WRAP_UP:
            # The page drops the call when it reads this; the same one may come a second time.
            self._popped = None
        seat = self.parts.engine.line.seats.get(self.seat)
        return state | {
            "breaks": self.request.app[BREAKS].of(seat, at) if seat is not None else {},
            "roster": wall.roster_of(self.account.login, at),
            "events": wall.events,
            **wall.watch.at_desk(self.seat, at),
        }

    async def _pop(self) -> None:
        """Send the call this page has not shown yet; after a reload also the one that is being wrapped up."""
        shown = call_at(self.parts.engine, self.seat)
        if shown is None and wraps_up(self.parts.engine, self.seat):
            shown = self.last_call
        if shown is None or shown.id == self._popped:
            return
        self._popped = shown.id
        words, at = partial(say, self.request), self.parts.now()
        try:
            known = await self.parts.store.read(lambda conn: look_up(conn, shown, at))
            content = pop(shown, known, at=at, say=words)
        except StoreDown as error:
            log.warning("call %s pops without history: %s", shown.id, error)
            content = nothing_known(shown, at=at, say=words)
        await self.tell("pop", **content)
        self.request.app[FIGURES].add("hotline_pops_total")

    async def _tell_owed(self) -> None:
        """Send whom this seat may ring back, if that has changed."""
        owed = self.request.app[OWED].of(self.seat)
        if owed != self._owed:
            self._owed = owed
            await self.tell("owed", calls=owed)

    @property
    def last_call(self) -> CallShown | None:
        """Return the newest call that was offered to this seat, over or not."""
        return self.request.app[DESKS].last.get(self.seat)

    async def give_phone(self) -> None:
        """Hand over a fresh telephone secret, on this socket and nowhere else."""
        phone, pushed = await self.parts.phones.open_seat(self.seat)
        await self.tell(
            "phone",
            user=phone.user,
            secret=phone.secret,
            uri=f"sip:{phone.user}@hotline",
            ws="/sip",
            expires=EXPIRES,
        )
        if not pushed:
            await self.notice("warn", "desk.no_phone")

    async def end(self, key: str, code: int, **values: str) -> None:
        """Say why, and close."""
        await self.tell("bye", text=say(self.request, key, **values))
        await self.listener.close(code=code)


class Desks:
    """The open desks, one for each seat."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._desks: dict[str, Desk] = {}
        self._gone: dict[str, datetime] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._sessions: dict[str, str] = {}
        self.last: dict[str, CallShown] = {}
        parts.engine.watch(self.changed)

    @property
    def open(self) -> int:
        return len(self._desks)

    @property
    def seats(self) -> list[str]:
        return list(self._desks)

    def seat_with(self, call: str) -> str:
        """Return the seat that has the call, or has just had it; '' if none."""
        if (talk := self._parts.engine.line.talks.get(call)) is not None:
            return talk.seat
        return next((seat for seat, shown in self.last.items() if shown.id == call), "")

    def at(self, seat: str) -> Desk | None:
        """Return the page that is open at the seat."""
        return self._desks.get(seat)

    def wake(self, seat: str) -> None:
        if desk := self._desks.get(seat):
            desk.wake.set()

    def changed(self, change: Change) -> None:
        """Wake the desks of these seats; called by the engine for each confirmed change."""
        for seat in change.seats:
            if (shown := call_at(self._parts.engine, seat)) is not None:
                # Kept beyond the call: a page that is reloaded while wrapping up needs it again.
                self.last[seat] = shown
            self.wake(seat)
        if change.notice is not None and (desk := self._desks.get(change.notice.seat)):
            desk.notices.append(change.notice)
            desk.wake.set()

    async def join(self, desk: Desk) -> None:
        """Open the desk; the one this agent had open elsewhere is told and closed."""
        before = self._desks.get(desk.seat)
        self._desks[desk.seat] = desk
        if before is not None:
            # Beside: a page that is dead answers nothing, and this one must not wait ten seconds for that.
            self._end(before, "desk.replaced", REPLACED)
        account = desk.account
        profile = await self._profile(account.login)
        if self._desks.get(desk.seat) is not desk:
            return  # replaced already
        self._gone.pop(desk.seat, None)
        self._begin_anew(desk)
        self._parts.engine.sign_on(
            desk.seat, agent=account.login, name=account.name, profile=profile, at=self._parts.now()
        )
        desk.wake.set()
        await desk.give_phone()

    def _begin_anew(self, desk: Desk) -> None:
        """Go on from before only in the same session: who has signed in again has not said that they are ready."""
        session, before = desk.signed.token_hash, self._sessions.get(desk.seat)
        self._sessions[desk.seat] = session
        if before is None or before == session:
            return
        self._parts.engine.forget_desk(desk.seat)
        seat = self._parts.engine.line.seats.get(desk.seat)
        if seat is not None and seat.state in GIVEN_UP:
            self._parts.engine.sign_off(desk.seat, at=self._parts.now())

    async def _profile(self, login: str) -> Profile:
        """Return what this agent can do; while the store is down, a seat takes ordinary calls."""
        try:
            at = self._parts.now()
            return await self._parts.store.read(lambda conn: rulebook.profile_now(conn, login, at))
        except StoreDown as error:
            log.warning("the profile of %s is not known: %s", login, error)
            return Profile()

    def _end(self, desk: Desk, key: str, code: int, **values: str) -> None:
        task = asyncio.create_task(desk.end(key, code, **values))
        self._ending.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("a desk was not told that it is over: %r", error)

    def leave(self, desk: Desk) -> None:
        """The page is gone, and with it the telephone in it. A reload comes back before anybody notices."""
        if self._desks.get(desk.seat) is not desk:
            return
        del self._desks[desk.seat]
        at = self._parts.now()
        self._gone[desk.seat] = at
        with contextlib.suppress(Refused):
            self._parts.engine.phone(desk.seat, registered=False, mic=False, at=at)

    async def sign_off(self, account: Account) -> None:
        """End the desk of someone who signs out."""
        if account.seat is None:
            return
        desk = self._desks.pop(account.seat, None)
        self._gone.pop(account.seat, None)
        try:
            self._parts.engine.sign_off(account.seat, at=self._parts.now())
        except Refused as refused:
            # In a call: the line takes the seat out when the call is over, and the account goes with it.
            log.info("seat %s is not signed off yet: %s", account.seat, refused)
            self._gone[account.seat] = self._parts.now()
        else:
            await self._parts.phones.close_seat(account.seat)
        if desk is not None:
            await desk.end("desk.signed_out", SIGNED_OUT)

    async def order_off(self, seat: str, **values: str) -> None:
        """A supervisor has signed the seat off: its page says who and why."""
        if (desk := self._desks.pop(seat, None)) is not None:
            self._end(desk, "desk.ordered_off", SIGNED_OUT, **values)
        self._gone.pop(seat, None)
        await self._parts.phones.close_seat(seat)

    async def sweep(self) -> None:
        """Sign off the seats whose page did not come back, or the line would count on them."""
        at = self._parts.now()
        for seat, since in list(self._gone.items()):
            if at - since <= LEASE:
                continue
            try:
                self._parts.engine.lost_desk(seat, at=at)
            except Refused:
                continue  # in a talk nothing changes; it is looked at again when that is over
            self._gone.pop(seat, None)
            await self._parts.phones.close_seat(seat)

    async def run(self) -> None:
        """Tell desks about the line and the day as they change, once a second; their own seat's changes go at once."""
        while True:
            await asyncio.sleep(LINE_SECONDS)
            if not self._parts.engine.leads:
                self._send_away()
                continue
            await self.sweep()
            await self._tell_line()

    async def _tell_line(self) -> None:
        """Wake the desks that show another line than there is, and those that missed something."""
        figures, woken = line_figures(self._parts.engine), 0
        for desk in list(self._desks.values()):
            wall = desk.request.app[WALL]
            if desk.line != (figures, wall.day, wall.events) or desk.listener.missed:
                desk.wake.set()
                woken += 1
                if woken % PORTION == 0:
                    await asyncio.sleep(PORTION_SECONDS)

    def _send_away(self) -> None:
        """Another process leads now: it must have the desks, and this one must not move their seats."""
        for desk in list(self._desks.values()):
            del self._desks[desk.seat]
            task = asyncio.create_task(desk.listener.close(code=TRY_ANOTHER))
            self._ending.add(task)
            task.add_done_callback(self._ended)
        self._gone.clear()


DESKS = web.AppKey("desks", Desks)
