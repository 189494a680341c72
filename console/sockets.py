"""Browsers that listen: a message is encoded once, and whoever does not read is skipped, then dropped.

One browser that stopped reading must not hold up the others (measured: with a plain loop of sends it stops them all).
"""

import asyncio
import json
import logging
import socket as network
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

log = logging.getLogger(__name__)

BEHIND_BYTES: Final = 32 * 1024
BEHIND_SECONDS: Final = 10.0
BEHIND: Final = 4008
"""This browser did not read: awake again, it connects anew and is shown the whole."""
LINGER_SECONDS: Final = 5.0
"""So long the end may take to reach a browser; one that still reads nothing is cut off."""
KERNEL_BYTES: Final = 256 * 1024
"""What the kernel may hold for one browser: left to itself it holds megabytes for one that sleeps."""
# Above anything one message can add to BEHIND_BYTES, so that sending never waits for the reader.
NEVER_WAIT_BYTES: Final = 4 * 1024 * 1024
INCOMING_LIMIT: Final = 8 * 1024
ALIVE: Final = (WSMsgType.PING, WSMsgType.PONG)
HEARTBEAT: Final = 10.0
ANSWER_SECONDS: Final = 5.0
"""A browser that has said nothing for a heartbeat is asked; one that is asleep or cut off does not answer in time."""
CHECK_SECONDS: Final = 30.0


def said_in(text: str) -> dict[str, Any]:
    """Return what a page says in one message; nonsense says nothing."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


class Bucket:
    """Lets a burst through, then a steady rate."""

    def __init__(self, *, burst: float, rate: float) -> None:
        self._burst = self._left = burst
        self._rate = rate
        self._at = time.monotonic()

    def take(self) -> bool:
        at = time.monotonic()
        self._left = min(self._burst, self._left + (at - self._at) * self._rate)
        self._at = at
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def spend(self) -> float:
        """Take one that is there, and return in how many seconds the next one is."""
        self.take()
        return max(0.0, (1 - self._left) / self._rate)


def encode(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


class Listener:
    """One browser's socket."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self._socket = socket
        self._transport = request.transport
        self._behind_since: float | None = None
        self._ending: asyncio.Task[None] | None = None
        self._code = int(WSCloseCode.OK)
        self.missed = False
        if self._transport is not None:
            self._transport.set_write_buffer_limits(high=NEVER_WAIT_BYTES)
            if (kernel := self._transport.get_extra_info("socket")) is not None:
                kernel.setsockopt(network.SOL_SOCKET, network.SO_SNDBUF, KERNEL_BYTES)

    @property
    def gone(self) -> bool:
        return self._socket.closed or self._transport is None or self._transport.is_closing()

    async def send(self, frame: bytes) -> bool:
        """Send unless the browser is behind; drop it once it has been behind for too long."""
        if self.gone or self._transport is None:
            return False
        if self._transport.get_write_buffer_size() > BEHIND_BYTES:
            self._skip()
            return False
        self._behind_since = None
        try:
            await self._socket.send_frame(frame, WSMsgType.TEXT)
        except (ConnectionError, RuntimeError):
            return False
        return True

    def _skip(self) -> None:
        self.missed = True
        now = time.monotonic()
        self._behind_since = self._behind_since or now
        if now - self._behind_since > BEHIND_SECONDS and self._ending is None:
            log.warning("a browser has not read for %d s and is dropped", BEHIND_SECONDS)
            self.give_up()

    def give_up(self) -> None:
        """Say why, for when it wakes up. Beside, and without draining: nobody waits for one that does not read."""
        self._code = BEHIND
        self._ending = asyncio.create_task(self.close())
        self.let_go()

    def let_go(self) -> None:
        """Cut the connection soon: what closes it waits without limit for a browser to read what it was sent."""
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self.drop)

    def drop(self) -> None:
        """Cut the connection without waiting for anything."""
        if self._transport is not None:
            self._transport.abort()

    async def close(self, *, code: int | None = None) -> None:
        """Close with this code, or with the reason for which it is over."""
        await self._socket.close(code=code or self._code)


async def accept(request: web.Request) -> tuple[web.WebSocketResponse, Listener]:
    """Complete the handshake. No compression: it costs four times the processor and saves nothing on a LAN."""
    socket = web.WebSocketResponse(autoping=False, max_msg_size=INCOMING_LIMIT, compress=False)
    await socket.prepare(request)
    return socket, Listener(socket, request)


async def heard(
    socket: web.WebSocketResponse,
    listener: Listener,
    *,
    still: Callable[[], Awaitable[bool]],
    burst: float = 40,
    rate: float = 10,
) -> AsyncIterator[str]:
    """Yield what the browser says until it goes or falls asleep, its session ends, or it says far too much."""
    bucket, pulse = Bucket(burst=burst, rate=rate), Pulse()
    checked = time.monotonic()
    while True:
        if time.monotonic() - checked >= CHECK_SECONDS:
            checked = time.monotonic()
            if not await still():
                return
        try:
            message = await socket.receive(timeout=min(CHECK_SECONDS, ANSWER_SECONDS))
        except TimeoutError:
            if await pulse.stopped(socket):
                listener.give_up()
                return
            continue
        pulse.felt()
        if message.type is WSMsgType.PING:
            await socket.pong(message.data)
        if message.type not in (WSMsgType.TEXT, *ALIVE) or not bucket.take():
            return
        if message.type is WSMsgType.TEXT:
            yield message.data


class Pulse:
    """Whether a browser is awake. Not the framework's own heartbeat: that cuts the connection without a word."""

    def __init__(self) -> None:
        self.felt()

    def felt(self) -> None:
        self._heard = time.monotonic()
        self._asked: float | None = None

    async def stopped(self, socket: web.WebSocketResponse) -> bool:
        """Ask one that has been silent for long; True if it did not even answer."""
        now = time.monotonic()
        if self._asked is not None:
            return now - self._asked >= ANSWER_SECONDS
        if now - self._heard >= HEARTBEAT:
            self._asked = now
            with suppress(ConnectionError):
                await socket.ping()
        return False
