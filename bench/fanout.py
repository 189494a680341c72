"""How fast and how dearly changes reach 500 desks and 50 boards on real WebSockets, with one browser that never reads.

    python -m bench.fanout [--seats 500] [--boards 50] [--seconds 20] [--events 20]

The console runs in this process with its own engine, sessions and sockets; the browsers are another process. Seats change
their state so many times a second, and the figures of the day once a second, which concerns every desk. Measured is the
time from the change in the engine until a browser has the message, and the processor that this process used. The baseline
sends the same changes with `send_json` to each in turn, in the same run. Painting is measured in bench/pop.py.
"""

import argparse
import asyncio
import json
import random
import resource
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import Connection

from cases.workflow import Role
from console.desks import DESKS
from console.sockets import encode
from console.wall import WALL
from storage import people
from storage.demo_city import load_city
from storage.engine import Store, migrate
from storage.people import Account
from tests.console.world import HASH, World, connect_and_never_read, world_of
from tests.makers import MORNING

SEED = 7
IDLE_SECONDS = 5
BROWSERS = "--browsers"
NAIVE = '{"seat": '


@dataclass(frozen=True, slots=True)
class Spent:
    """What one stretch cost, and how long its messages took."""

    seconds: float
    processor: float
    desks: Sequence[float]
    boards: Sequence[float]

    def __str__(self) -> str:
        return f"{self.processor / self.seconds:6.1%} of a core; desks {_cuts(self.desks)}; boards {_cuts(self.boards)}"


def _cuts(took: Sequence[float]) -> str:
    if len(took) < 20:
        return f"{len(took)} messages"
    cuts = statistics.quantiles(took, n=20)
    return f"p50 {cuts[9]:.0f} ms p95 {cuts[18]:.0f} ms of {len(took)}"


# The browsers, in a process of their own


def read(frame: str) -> dict[str, Any]:
    """Of a whole picture only what changed is read: fifty real browsers would share that work."""
    if frame.startswith(NAIVE):
        return {"seat": json.JSONDecoder().raw_decode(frame, len(NAIVE))[0]}
    return dict(json.loads(frame))


async def listen(
    session: aiohttp.ClientSession, url: str, headers: dict[str, str], took: list[float]
) -> None:
    """Hear one page's messages, and note how old each change is when it is here."""
    known: dict[str, int] = {}
    async with session.ws_connect(url, headers=headers, max_msg_size=0) as page:
        async for message in page:
            now, said = time.time() * 1000, read(message.data)
            for seat in [said["seat"]] if "seat" in said else said.get("seats", ()):
                since = seat.get("since") or 0
                if since > known.setdefault(seat["id"], since):
                    known[seat["id"]] = since
                    took.append(now - since)


async def browsers() -> None:
    """Listen on all pages; answer each line with what was measured since the line before."""
    asked = json.loads(sys.stdin.readline())
    desks: list[float] = []
    boards: list[float] = []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        tasks = [
            asyncio.create_task(
                listen(session, asked["url"] + path, {"Cookie": cookie, "Origin": asked["origin"]}, took)
            )
            for path, cookie in asked["pages"]
            for took in [boards if path == "/live/wall" else desks]
        ]
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps([desks, boards]), flush=True)
            desks.clear()
            boards.clear()
        for task in tasks:
            task.cancel()


# The console, and what happens


def _staff(conn: Connection, seats: int) -> None:
    load_city(conn, MORNING)
    for n in range(seats):
        who = Account(f"a{n}", f"话务员{n}", Role.AGENT, "rxzx", f"s{5000 + n}")
        people.add_account(conn, who, password_hash=HASH, by="bench", at=MORNING)


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Town:
    """The console with its browsers."""

    def __init__(
        self,
        world: World,
        browsers: asyncio.subprocess.Process,
        seats: list[str],
        stalled: socket.socket,
    ) -> None:
        self.world = world
        self.stalled = stalled
        self._browsers = browsers
        self._seats = seats
        self._dice = random.Random(SEED)

    async def heard(self) -> tuple[list[float], list[float]]:
        assert self._browsers.stdin is not None
        assert self._browsers.stdout is not None
        self._browsers.stdin.write(b"\n")
        desks, boards = json.loads(await self._browsers.stdout.readline())
        return desks, boards

    def change(self) -> str:
        """One seat becomes ready or takes a break, now."""
        self.world.clock.at = at = datetime.now(UTC)
        seat, engine = self._dice.choice(self._seats), self.world.engine
        if engine.line.seats[seat].state.value == "ready":
            engine.take_break(seat, reason="rest", at=at)
        else:
            engine.phone(seat, registered=True, mic=True, at=at)
            engine.ready(seat, at=at)
        return seat

    def count(self) -> None:
        """The day's figures move: that concerns all desks."""
        wall = self.world.app[WALL]
        wall.day = replace(wall.day, answered_15s=self._dice.random())

    async def stretch(self, seconds: float, events: float, *, naive: bool = False) -> Spent:
        await self.heard()
        began, used, happened = time.monotonic(), processor(), 0
        while (passed := time.monotonic() - began) < seconds:
            if events and passed * events >= happened:
                happened += 1
                seat = self.change()
                if naive:
                    await self._send_to_each(seat)
                if happened % max(1, round(events)) == 0:
                    self.count()
            await asyncio.sleep(0.004)
        await asyncio.sleep(0.5)
        used = processor() - used
        desks, boards = await self.heard()
        return Spent(time.monotonic() - began, used, desks, boards)

    async def _send_to_each(self, seat: str) -> None:
        """What the usual loop does: encode for each, wait for each."""
        wall, now = self.world.app[WALL], self.world.clock()
        state = wall._state(now)  # noqa: SLF001
        one = next(each for each in state["seats"] if each["id"] == seat)
        picture = {"seat": one, "t": "wall"} | state
        for desk in list(self.world.app[DESKS]._desks.values()):  # noqa: SLF001
            await desk.listener._socket.send_json({"seat": one, "t": "desk"})  # noqa: SLF001
        for listener in list(wall._listeners):  # noqa: SLF001
            await listener._socket.send_json(picture)  # noqa: SLF001


@asynccontextmanager
async def a_town(url: str, seats: int, boards: int) -> AsyncIterator[Town]:
    store = Store.open(url)
    try:
        await store.write(partial(_staff, seats=seats))
        async with world_of(store) as world:
            world.clock.at = datetime.now(UTC)
            agents = [await world.signed_in(f"a{n}") for n in range(seats)]
            leads = [await world.signed_in("lead")] * boards
            pages = [("/live/desk", each.cookie) for each in agents]
            pages += [("/live/wall", each.cookie) for each in leads]
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.fanout", BROWSERS,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=64 * 1024 * 1024,
            )  # fmt: skip
            assert child.stdin is not None
            asked = {
                "url": str(world.server.make_url("")).rstrip("/"),
                "origin": world.origin,
                "pages": pages,
            }
            child.stdin.write(json.dumps(asked).encode() + b"\n")
            stalled = connect_and_never_read(world, leads[0], "/live/wall")
            async with asyncio.timeout(120):
                while len(world.engine.line.seats) < seats or world.app[WALL].watching < boards:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            try:
                yield Town(world, child, [f"s{5000 + n}" for n in range(seats)], stalled)
            finally:
                stalled.close()
                child.stdin.close()
                await child.wait()
    finally:
        store.close()


async def run(seats: int, boards: int, seconds: float, events: float) -> None:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate(url)
        async with a_town(url, seats, boards) as town:
            await asyncio.sleep(3)
            print(f"{seats} desks, {boards} boards, one more that never reads; {events:g} changes a second")
            picture = encode(town.world.app[WALL]._state(town.world.clock()))  # noqa: SLF001
            print(f"one whole picture of a board has {len(picture) / 1000:.0f} kB")
            print("idle      ", await town.stretch(IDLE_SECONDS, 1), flush=True)
            ours = await town.stretch(seconds, events)
            print("ours      ", ours, flush=True)
            stopped = await town.stretch(seconds, events, naive=True)
            print(
                "send_json ", stopped, "(beside ours, until the one that never reads is dropped)", flush=True
            )
            town.stalled.close()
            await asyncio.sleep(1)
            naive = await town.stretch(seconds, events, naive=True)
            print("send_json ", naive, "(beside ours, all read)", flush=True)
            each = [one.processor / max(1, len(one.boards)) for one in (naive, ours)]
            print(f"for each change on each board it costs {each[0] / each[1]:.1f} times ours")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seats", type=int, default=500)
    parser.add_argument("--boards", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--events", type=float, default=20)
    parser.add_argument(BROWSERS, action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.browsers:
        asyncio.run(browsers())
    else:
        asyncio.run(run(given.seats, given.boards, given.seconds, given.events))


if __name__ == "__main__":
    main()
