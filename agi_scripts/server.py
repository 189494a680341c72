"""The FastAGI server: Asterisk names a script, a coroutine of a fixed table serves the call."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from urllib.parse import urlsplit

from agi_scripts import callback, chosen, incoming, outgoing, status, survey, waiting, wanted
from agi_scripts.agi import AGISession, unheard
from agi_scripts.agi_speech import DEAF, Ears
from agi_scripts.parts import Parts
from ivr.call import HungUp

log = logging.getLogger(__name__)

Script = Callable[[AGISession], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "::1"})
HEADER_SECONDS = 5.0
HEADER_LINES = 64
# Longest line a peer may send us, header or answer.
LINE_BYTES = 16 * 1024
MOST_CALLS = 2000


def scripts(parts: Parts) -> dict[str, Script]:
    """Return every script the dialplan can call, by the name it calls it by."""
    modules = {
        "incoming": incoming,
        "status": status,
        "callback": callback,
        "survey": survey,
        "waiting": waiting,
        "wanted": wanted,
        "chosen": chosen,
        "outgoing": outgoing,
    }
    return {name: partial(module.run, parts=parts) for name, module in modules.items()}


class NoHeader(Exception):
    """The peer did not say what it wants: a port scan, a probe, or no Asterisk."""


class AGIServer:
    """Listens on loopback. A session that fails leaves its caller to the dialplan, which finds no DONE and goes on."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        *,
        peers: frozenset[str] = LOOPBACK,
        heard: Callable[[str, str], None] = unheard,
        ears: Ears = DEAF,
    ) -> None:
        self._scripts = scripts
        self._ears = ears
        self._peers = peers
        self._heard = heard
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    @property
    def active(self) -> int:
        return len(self._sessions)

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self, host: str | Sequence[str] = "127.0.0.1", port: int = 0) -> None:
        self._server = await asyncio.start_server(self._accept, host, port, limit=LINE_BYTES, backlog=1024)

    async def close(self, grace: float = 5.0) -> None:
        """Take no more calls, let the running dialogues finish for `grace` seconds, then cut them off."""
        if self._server is not None:
            self._server.close()
        if self._sessions:
            await asyncio.wait(self._sessions, timeout=grace)
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            # Only close() cancels; asyncio would log the cancelled task as an error.
            log.warning("an AGI dialogue was cut off")
        finally:
            self._sessions.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        if not peer or peer[0] not in self._peers:
            log.warning("AGI connection from %s refused", peer)
            return
        if len(self._sessions) > MOST_CALLS:
            log.error("%d calls in dialogues, the next one goes straight to the line", MOST_CALLS)
            return
        try:
            async with asyncio.timeout(HEADER_SECONDS):
                headers = await _headers(reader)
        except (NoHeader, TimeoutError, ConnectionError, ValueError) as error:
            log.warning("AGI connection from %s sent no header: %s", peer[0], repr(error))
            return
        await self._run(
            AGISession(reader, writer, headers, heard=self._heard, ears=self._ears), script_name(headers)
        )

    async def _run(self, call: AGISession, name: str) -> None:
        script = self._scripts.get(name)
        if script is None:
            log.error("%s: there is no script %r", call.id, name[:80])
            return
        try:
            await script(call)
        except HungUp:
            log.info("%s: hung up in %s", call.id, name)
        except Exception:
            # Whatever went wrong here, the dialplan finds no DONE and takes the caller to a person.
            log.exception("%s: script %s failed", call.id, name)


def script_name(headers: Mapping[str, str]) -> str:
    """Return the path that Asterisk was told to call, without slashes and query."""
    try:
        return urlsplit(headers.get("agi_network_script", "")).path.strip("/")
    except ValueError:
        return ""


async def _headers(reader: asyncio.StreamReader) -> dict[str, str]:
    """Read `agi_name: value` lines up to the blank one. The first of two equal names counts: later ones are forged."""
    headers: dict[str, str] = {}
    for _ in range(HEADER_LINES):
        line = await reader.readline()
        if not line.endswith(b"\n"):
            raise NoHeader("closed before the end")
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text:
            if "agi_network_script" not in headers:
                raise NoHeader("no script named")
            return headers
        name, colon, value = text.partition(":")
        if not colon or not name.startswith("agi_"):
            raise NoHeader("not AGI")
        headers.setdefault(name, value.strip())
    raise NoHeader("too many lines")
