"""The live desk: what an agent's page hears at once, and the commands it sends.

The server is the truth about calls; a command changes nothing on the screen until Asterisk has confirmed it.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, read_texts
from console.health import FIGURES
from console.i18n import say
from console.parts import PARTS, Parts
from console.permissions import Permission, needs
from console.phones import EXPIRES
from console.pop import look_up, nothing_known, pop
from console.sessions import SESSIONS, SIGNED, Signed
from console.sockets import Listener, accept, encode, heard
from console.view import CallShown, LineFigures, call_at, desk_state, line_figures, wraps_up
from console.wall import WALL
from console.writing import epoch_ms
from routing.engine import Refused
from routing.line import Change, Notice
from storage import calls
from storage.errors import Conflict, Invalid, Missing, StoreDown
from storage.people import Account

log = logging.getLogger(__name__)

REPLACED: Final = 4001
SIGNED_OUT: Final = 4002
LINE_SECONDS: Final = 1.0
LOST_DESK: Final = timedelta(seconds=60)
"""A reload takes two seconds; a computer that starts again takes a minute."""


class Desk:
    """One agent's open page."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, listener: Listener) -> None:
        self.request = request
        self.parts: Parts = request.app[PARTS]
        self.signed: Signed = request[SIGNED]
        self.account = self.signed.account
        self.socket = socket
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
            shown = self.request.app[DESKS].last.get(self.seat)
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
        if desk is not None:
            await desk.end("desk.signed_out", SIGNED_OUT)
        await self._sign_off(account.seat)

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
                if desk.line != figures:
                    desk.wake.set()


DESKS = web.AppKey("desks", Desks)

Command = Callable[[Desk, Mapping[str, Any]], Awaitable[None] | None]
REASON: Final = Text(40)


def _phone(desk: Desk, said: Mapping[str, Any]) -> None:
    registered, mic = said.get("registered") is True, said.get("mic") is True
    desk.parts.engine.phone(desk.seat, registered=registered, mic=mic, at=desk.parts.now())


def _ready(desk: Desk, _: Mapping[str, Any]) -> None:
    desk.parts.engine.ready(desk.seat, at=desk.parts.now())


def _break(desk: Desk, said: Mapping[str, Any]) -> None:
    desk.parts.engine.take_break(desk.seat, reason=_reason(desk, said), at=desk.parts.now())


def _wrapped(desk: Desk, _: Mapping[str, Any]) -> None:
    desk.parts.engine.wrapped(desk.seat, at=desk.parts.now())


def _extend(desk: Desk, said: Mapping[str, Any]) -> None:
    desk.parts.engine.extend_wrap_up(desk.seat, reason=_reason(desk, said), at=desk.parts.now())


def _hang_up(desk: Desk, _: Mapping[str, Any]) -> None:
    desk.parts.engine.hang_up(desk.seat, at=desk.parts.now())


def _sign_off(desk: Desk, _: Mapping[str, Any]) -> None:
    desk.parts.engine.sign_off(desk.seat, at=desk.parts.now())


async def _outcome(desk: Desk, said: Mapping[str, Any]) -> None:
    """Keep what came of a call."""
    sent = {name: said.get(name) or "" for name in ("call", "code", "case")}
    form = read_texts(
        desk.request,
        {"call": Text(64, required=True), "code": Text(40, required=True), "case": Text(40)},
        sent,
    )
    at, by = desk.parts.now(), desk.account.login
    last = desk.request.app[DESKS].last.get(desk.seat)
    shown = last is not None and last.id == form["call"]

    def note(conn: Connection) -> bool:
        if not shown and ((call := calls.call(conn, form["call"])) is None or call.seat != desk.seat):
            return False
        calls.set_outcome(conn, call=form["call"], code=form["code"], case=form["case"], by=by, at=at)
        return True

    if not await desk.parts.store.write(note):
        await desk.notice("warn", "desk.not_your_call")


def _reason(desk: Desk, said: Mapping[str, Any]) -> str:
    return read_texts(desk.request, {"reason": REASON}, {"reason": said.get("reason") or ""})["reason"]


COMMANDS: Final[Mapping[str, Command]] = {
    "phone": _phone,
    "ready": _ready,
    "break": _break,
    "wrapped": _wrapped,
    "extend": _extend,
    "hang_up": _hang_up,
    "sign_off": _sign_off,
    "outcome": _outcome,
}


def _read(text: str) -> dict[str, Any]:
    """Return what the page says; nonsense says nothing."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


async def obey(desk: Desk, text: str) -> None:
    """Carry out one command of the page; whatever happens, the desk stays open."""
    figures = desk.request.app[FIGURES]
    try:
        said = _read(text)
        name = said.get("do")
        command = COMMANDS.get(name) if isinstance(name, str) else None
        if command is None:
            await desk.notice("warn", "desk.unknown_command")
            return
        figures.add("hotline_desk_commands_total", f'do="{name}"')
        if (going_on := command(desk, said)) is not None:
            await going_on
    except Refused as refused:
        await desk.tell("notice", level="warn", text=str(refused))
        desk.wake.set()
    except (Invalid, Missing, Conflict) as error:
        await desk.tell("notice", level="warn", text=str(error))
    except StoreDown:
        await desk.notice("bad", "error.503")
    except Exception:
        log.exception("command of seat %s failed", desk.seat)
        figures.add("hotline_desk_command_errors_total")
        await desk.notice("bad", "desk.failed")


routes = web.RouteTableDef()


@routes.get("/live/desk")
@needs(Permission.DESK, socket=True)
async def live(request: web.Request) -> web.StreamResponse:
    """Keep one agent's page up to date until it goes, is replaced, or its session ends."""
    if request[SIGNED].account.seat is None:
        raise web.HTTPForbidden
    socket, listener = await accept(request)
    desk, desks = Desk(request, socket, listener), request.app[DESKS]
    delivering = asyncio.create_task(desk.deliver())
    # A page that hears nothing more must not look alive: it connects again and starts afresh.
    delivering.add_done_callback(lambda task: None if task.cancelled() else listener.drop())
    try:
        try:
            await desks.join(desk)
        except Refused as refused:
            await desk.tell("bye", text=str(refused))
            return socket
        async for text in heard(socket, still=lambda: _still(desk)):
            await obey(desk, text)
    finally:
        # First what needs no waiting: this task itself may be cancelled at the next await.
        desks.leave(desk)
        delivering.cancel()
        (ended,) = await asyncio.gather(delivering, return_exceptions=True)
        if isinstance(ended, Exception):
            log.error("desk of seat %s stopped hearing", desk.seat, exc_info=ended)
    await socket.close()
    return socket


async def _still(desk: Desk) -> bool:
    if await desk.request.app[SESSIONS].still(desk.signed, desk.parts.now()):
        return True
    await desk.end("desk.signed_out", SIGNED_OUT)
    await desk.parts.phones.close_seat(desk.seat)
    return False


def set_up(app: web.Application) -> None:
    app[DESKS] = Desks(app[PARTS])
