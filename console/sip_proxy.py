"""The telephone's socket: `/sip` is passed through to Asterisk's loopback port, for those who may have a telephone.

One origin and one port carry everything, so the session cookie guards the telephone too.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

import aiohttp
from aiohttp import WSMsgType, web

from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.phones import Visit
from console.sessions import SIGNED
from console.sockets import Bucket
from console.wall_phones import telephone_at

log = logging.getLogger(__name__)

MESSAGE_LIMIT: Final = 32 * 1024
SOCKETS_EACH: Final = 3
"""A reload opens the new socket before the old one is gone."""
SOCKETS_ALL: Final = 1200
BURST: Final = 100.0
MESSAGES_A_SECOND: Final = 25.0
DIAL_SECONDS: Final = 5.0


class Socket(Protocol):
    """Either side of the proxy."""

    def __aiter__(self) -> "Socket": ...
    async def __anext__(self) -> aiohttp.WSMessage: ...
    async def send_str(self, data: str, compress: int | None = None) -> None: ...
    async def send_bytes(self, data: bytes, compress: int | None = None) -> None: ...


async def _pass_on(source: Socket, sink: Socket, bucket: Bucket | None) -> None:
    async for message in source:
        if bucket is not None and not bucket.take():
            log.warning("a SIP socket sends too much and is closed")
            return
        if message.type is WSMsgType.TEXT:
            await sink.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await sink.send_bytes(message.data)
        else:
            return


async def _join(browser: web.WebSocketResponse, asterisk: aiohttp.ClientWebSocketResponse) -> None:
    """Carry messages both ways until either side ends, then end both."""
    ways = {
        asyncio.ensure_future(_pass_on(browser, asterisk, Bucket(burst=BURST, rate=MESSAGES_A_SECOND))),
        asyncio.ensure_future(_pass_on(asterisk, browser, None)),
    }
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        ended = await asyncio.gather(*ways, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, ConnectionError):
                log.warning("a SIP socket ended by %r", error)
        await asterisk.close()
        await browser.close()


class Sockets:
    """Which telephones have how many sockets open."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()
        self.http: aiohttp.ClientSession | None = None

    @contextmanager
    def hold(self, user: str, visit: Visit | None) -> Iterator[None]:
        """Count a socket of this account while it is open; refuse one too many."""
        if self.open[user] >= SOCKETS_EACH or self.open.total() >= SOCKETS_ALL:
            raise web.HTTPTooManyRequests
        self.open[user] += 1
        if visit is not None:
            visit.sockets += 1
        try:
            yield
        finally:
            self.open[user] -= 1
            self.open += Counter()  # forgets who has none left
            if visit is not None:
                visit.sockets -= 1

    def client(self) -> aiohttp.ClientSession:
        if self.http is None:
            self.http = aiohttp.ClientSession()
        return self.http


SOCKETS = web.AppKey("sip_sockets", Sockets)


def _user_of(request: web.Request) -> str | None:
    """Return the account this socket belongs to: a citizen's by its ticket, a seat's by its session."""
    visit = request.app[PARTS].phones.visit(request.query.get("phone", ""))
    if visit is not None:
        return visit.phone.user
    if (telephone := telephone_at(request)) is not None:
        return telephone
    signed = request.get(SIGNED)
    if signed is not None and allowed(signed.account.role, Permission.DESK):
        seat: str | None = signed.account.seat
        return seat
    return None


async def _dial(request: web.Request) -> aiohttp.ClientWebSocketResponse:
    parts = request.app[PARTS]
    try:
        async with asyncio.timeout(DIAL_SECONDS):
            return (
                await request.app[SOCKETS]
                .client()
                .ws_connect(
                    parts.settings.asterisk_ws,
                    protocols=("sip",),
                    max_msg_size=MESSAGE_LIMIT * 2,
                    compress=0,
                )
            )
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("a telephone cannot reach Asterisk: %r", error)
        raise web.HTTPServiceUnavailable from None


routes = web.RouteTableDef()


@routes.get("/sip")
@needs(Permission.PUBLIC, socket=True)
async def sip(request: web.Request) -> web.StreamResponse:
    """Carry one telephone's SIP. Public only because citizens have no session: a ticket stands in its place."""
    user = _user_of(request)
    if user is None:
        raise web.HTTPUnauthorized
    parts = request.app[PARTS]
    visit = parts.phones.visit(request.query.get("phone", ""))
    browser = web.WebSocketResponse(
        protocols=("sip",), heartbeat=20, max_msg_size=MESSAGE_LIMIT, compress=False
    )
    with request.app[SOCKETS].hold(user, visit):
        asterisk = await _dial(request)
        try:
            await browser.prepare(request)
            await _join(browser, asterisk)
        finally:
            await asterisk.close()
            if visit is not None:
                visit.used_at = parts.now()
    return browser


async def close(app: web.Application) -> None:
    if (http := app[SOCKETS].http) is not None:
        await http.close()


def set_up(app: web.Application) -> None:
    app[SOCKETS] = Sockets()
    app.on_cleanup.append(close)
