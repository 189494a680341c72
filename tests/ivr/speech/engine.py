"""A real speech service on loopback, and an Asterisk that speaks to it: for the tests of both."""

import asyncio
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.town import two_free_ports

PATIENCE = 20.0  # seconds; a limit for a machine that is busy, not a measurement
FRAME = 320


class Service:
    """`python -m ivr.speech`, with the model that ships."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = two_free_ports()
        self.log = folder / f"speech-{self.port}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ivr.speech", "--port", str(self.port), *options],
                stdout=output,
                stderr=output,
            )

    def __enter__(self) -> Self:
        try:
            self.until(lambda health: bool(health) and all(one["ready"] for one in health["workers"]))
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(PATIENCE)

    def health(self) -> dict[str, Any]:
        """Return what /healthz tells; {} if nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port + 1}/healthz", timeout=5) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as unwell:
            found = json.load(unwell)
        except OSError:
            return {}
        return found

    def until(self, true: Any) -> dict[str, Any]:
        """Wait until that is true of the health, and return it."""
        end = time.monotonic() + PATIENCE
        while not true(found := self.health()):
            assert time.monotonic() < end, f"{found}\n{self.log.read_text(encoding='utf-8')}"
            time.sleep(0.05)
        return found

    def metrics(self) -> list[str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port + 1}/metrics", timeout=5) as answer:
            lines: list[str] = answer.read().decode().splitlines()
        return lines

    def metric(self, name: str) -> int:
        """Return the sum over all workers."""
        return sum(int(line.split()[-1]) for line in self.metrics() if line.startswith(name))

    def workers(self) -> list[int]:
        """Return the process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text(encoding="ascii").split()]


class Asterisk:
    """One SPEECH CREATE. Sends sound as fast as it can: the service counts seconds of sound, not of the clock."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def request(self, kind: str, **more: Any) -> dict[str, Any]:
        await self.socket.send_json({"request": kind, "id": "1", **more})
        answer: dict[str, Any] = await self.socket.receive_json(timeout=PATIENCE)
        return answer

    async def set(self, name: str, value: str) -> dict[str, Any]:
        return await self.request("set", params={name: value})

    async def sound(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), FRAME):
            await self.socket.send_bytes(pcm[start : start + FRAME])

    async def result(self) -> tuple[str, int, str]:
        """Return text, score and grammar of the next answer."""
        told = await self.socket.receive_json(timeout=PATIENCE)
        assert told["request"] == "set"
        [found] = told["params"]["results"]
        await self.socket.send_json({"response": "set", "id": told["id"]})
        return found["text"], found["score"], found["grammar"]

    async def hear(self, grammar: str, pcm: bytes) -> tuple[str, int, str]:
        """Do one RECOGNIZE."""
        await self.set("grammar", grammar)
        await self.sound(pcm)
        return await self.result()

    async def is_silent(self) -> bool:
        """Say whether no answer is on its way: a request that is sent now is answered first."""
        return (await self.request("get")).get("response") == "get"


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Asterisk]:
    address = f"ws://127.0.0.1:{port}/aeap"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(address, protocols=("speech_to_text",)) as socket,
    ):
        yield Asterisk(socket)


@asynccontextmanager
async def created(port: int) -> AsyncIterator[Asterisk]:
    """Connect and set up, as SPEECH CREATE does."""
    async with connected(port) as one:
        answer = await one.request("setup", version="0.1.0", codecs=[{"name": "slin"}])
        assert answer == {"response": "setup", "id": "1", "codecs": [{"name": "slin"}]}
        yield one


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Service]:
    with Service(folder, *options) as service:
        yield service


async def is_refused(port: int) -> bool:
    try:
        async with connected(port):
            return False
    except aiohttp.WSServerHandshakeError as refused:
        return refused.status == 503


def at_once(*, hears: str, port: int, pcm: bytes) -> Any:
    """Return one answer in a test that is not asynchronous."""

    async def ask() -> tuple[str, int, str]:
        async with created(port) as one:
            return await one.hear(hears, pcm)

    return asyncio.run(ask())
