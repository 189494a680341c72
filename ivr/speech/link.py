"""A worker's line to the hotline's own process, which is told what is said in talks. A socket file, which only we may open.

The speech service knows no database and no desks. While nobody is at the other end, sentences wait, half sentences do not.
"""

import asyncio
import json
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0
MOST_WAITING = 1_000
LONGEST_LINE = 64 * 1024

Stop = Callable[[], Awaitable[object]]


class Link:
    """Tells what was said, and is told which call must not be listened to any more."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._waiting: deque[Mapping[str, Any]] = deque(maxlen=MOST_WAITING)
        self._filled = asyncio.Event()
        self._open: dict[str, set[tuple[str, Stop]]] = defaultdict(set)
        self._stopping: set[asyncio.Future[object]] = set()
        self._connected = False

    def tell(self, message: Mapping[str, Any], *, may_wait: bool) -> None:
        """Send it as soon as possible, or never if it may not wait and nobody is there."""
        if self._connected or may_wait:
            self._waiting.append(message)
            self._filled.set()

    @contextmanager
    def listening(self, call: str, ear: str, stop: Stop) -> Iterator[None]:
        """Have `stop` called if nobody may listen to the call any more, or somebody else does so in place of this ear."""
        self._open[call].add((ear, stop))
        try:
            yield
        finally:
            self._open[call].discard((ear, stop))
            if not self._open[call]:
                del self._open[call]

    async def run(self) -> None:
        """Hold the connection until cancelled."""
        while self._path is not None:
            try:
                reader, writer = await asyncio.open_unix_connection(self._path, limit=LONGEST_LINE)
            except OSError:
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            log.info("what is said in talks has somewhere to go")
            await self._talk(reader, writer)
            log.warning("nobody takes what is said in talks")
            await asyncio.sleep(AGAIN_SECONDS)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connected = True
        sides = [asyncio.create_task(self._send(writer)), asyncio.create_task(self._obey(reader))]
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._connected = False
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)
            writer.close()

    async def _send(self, writer: asyncio.StreamWriter) -> None:
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._waiting:
                message = json.dumps(self._waiting.popleft(), ensure_ascii=False)
                writer.write(message.encode() + b"\n")
                await writer.drain()

    async def _obey(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            told = json.loads(line)
            call, which = str(told.get("stop", "")), str(told.get("ear", ""))
            for stop in [stop for ear, stop in self._open.get(call, ()) if which in ("", ear)]:
                task = asyncio.ensure_future(stop())
                self._stopping.add(task)
                task.add_done_callback(self._stopping.discard)
