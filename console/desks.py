"""The open desks, one for each seat: what an agent's page is told, and what its coming and going means to the line."""

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from aiohttp import web

from console.health import FIGURES
from console.i18n import say
from console.parts import PARTS, Parts
from console.phones import EXPIRES
from console.pop import look_up, nothing_known, pop
from console.sessions import SIGNED, Signed
from console.sockets import Listener, encode
from console.view import CallShown, LineFigures, call_at, desk_state, line_figures, wraps_up
from console.wall import WALL
from console.writing import epoch_ms
from routing.engine import Refused
from routing.line import Change, Notice
from storage.errors import StoreDown
from storage.people import Account

log = logging.getLogger(__name__)

REPLACED: Final = 4001
SIGNED_OUT: Final = 4002
LINE_SECONDS: Final = 1.0
LOST_DESK: Final = timedelta(seconds=60)
"""A reload takes two seconds; a computer that starts again takes a minute."""


class Desk:
    """One agent's open page."""

    def __init__(self, request: web.Request, listener: Listener) -> None:
        self.request = request
        self.parts: Parts = request.app[PARTS]
        self.signed: Signed = request[SIGNED]
        self.account = self.signed.account
        self.listener = listener
        self.wake = asyncio.Event()
        self.line: LineFigures | None = None
        self.notices: list[Notice] = []
        self._seq = 0
        self._popped: str | None = None

    @property
    def seat(self) -> str:
        return self.account.seat or ""

    async def tell(self, kind: str, **content: Any) -> None:
        """Send one numbered message with the server's time."""
        self._seq += 1
        head = {"t": kind, "seq": self._seq, "now": epoch_ms(self.parts.now())}
        await self.listener.send(encode(head | content))

    async def notice(self, level: str, key: str) -> None:
        await self.tell("notice", level=level, text=say(self.request, key))

    async def deliver(self) -> None:
        """Tell the page how things stand whenever they have changed, and pop each call once."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            if self.listener.missed:
                # The browser did not read for a while: it is told everything again, the pop too.
                self.listener.missed, self._popped = False, None
            self.line = line_figures(self.parts.engine)
            day = self.request.app[WALL].day
            await self.tell("desk", **desk_state(self.parts.engine, self.account, day, self.parts.now()))
            while self.notices:
                notice = self.notices.pop(0)
                await self.tell("notice", level=notice.level, text=notice.text)
            await self._pop()

    async def _pop(self) -> None:
        """Send the call this page has not shown yet; after a reload also the one that is being wrapped up."""
        shown = call_at(self.parts.engine, self.seat)
        if shown is None and wraps_up(self.parts.engine, self.seat):
            shown = self.last_call
        if shown is None or shown.id == self._popped:
            return
        self._popped = shown.id
        words = partial(say, self.request)
        try:
            known = await self.parts.store.read(lambda conn: look_up(conn, shown))
            content = pop(shown, known, at=self.parts.now(), say=words)
        except StoreDown as error:
            log.warning("call %s pops without history: %s", shown.id, error)
            content = nothing_known(shown, at=self.parts.now(), say=words)
        await self.tell("pop", **content)
        self.request.app[FIGURES].add("hotline_pops_total")

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

    async def end(self, key: str, code: int) -> None:
        """Say why, and close."""
        await self.tell("bye", text=say(self.request, key))
        await self.listener.close(code=code)


class Desks:
    """The open desks, one for each seat."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._desks: dict[str, Desk] = {}
        self._gone: dict[str, datetime] = {}
        self.last: dict[str, CallShown] = {}
        parts.engine.watch(self.changed)

    @property
    def open(self) -> int:
        return len(self._desks)

    def changed(self, change: Change) -> None:
        """Wake the desks of these seats; called by the engine for each confirmed change."""
        for seat in change.seats:
            if (shown := call_at(self._parts.engine, seat)) is not None:
                # Kept beyond the call: a page that is reloaded while wrapping up needs it again.
                self.last[seat] = shown
            if desk := self._desks.get(seat):
                desk.wake.set()
        if change.notice is not None and (desk := self._desks.get(change.notice.seat)):
            desk.notices.append(change.notice)
            desk.wake.set()

    async def join(self, desk: Desk) -> None:
        """Open the desk; the one this agent had open elsewhere is told and closed."""
        before = self._desks.get(desk.seat)
        self._desks[desk.seat] = desk
        if before is not None:
            await before.end("desk.replaced", REPLACED)
        account, at = desk.account, self._parts.now()
        self._gone.pop(desk.seat, None)
        self._parts.engine.sign_on(desk.seat, agent=account.login, name=account.name, at=at)
        desk.wake.set()
        await desk.give_phone()

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
        await self._sign_off(account.seat)
        if desk is not None:
            await desk.end("desk.signed_out", SIGNED_OUT)

    async def _sign_off(self, seat: str) -> None:
        self._gone.pop(seat, None)
        try:
            self._parts.engine.sign_off(seat, at=self._parts.now())
        except Refused as refused:
            # In a call: the line takes the seat out when the call is over, and the account goes with it.
            log.info("seat %s is not signed off yet: %s", seat, refused)
            self._gone[seat] = self._parts.now()
            return
        await self._parts.phones.close_seat(seat)

    async def sweep(self) -> None:
        """Sign off the seats whose page did not come back, or the line would count on them."""
        at = self._parts.now()
        for seat, since in list(self._gone.items()):
            if at - since > LOST_DESK:
                await self._sign_off(seat)

    async def run(self) -> None:
        """Tell desks about the line as it changes, once a second; their own seat's changes go at once."""
        while True:
            await asyncio.sleep(LINE_SECONDS)
            await self.sweep()
            figures = line_figures(self._parts.engine)
            for desk in list(self._desks.values()):
                if desk.line != figures or desk.listener.missed:
                    desk.wake.set()


DESKS = web.AppKey("desks", Desks)
