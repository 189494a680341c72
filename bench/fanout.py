"""How fast and how dearly changes reach 500 desks and 50 boards on real WebSockets and are painted in a real Chromium.

    scripts/isolated python -m bench.fanout [--seats 500] [--boards 50] [--real 4] [--seconds 10] [--idle]

The console runs in this process with its own engine, sessions and sockets; `--real` boards and one desk are pages of
Chromium. All others only listen. They stand for other machines, so they are a process of the lowest priority (nice 19):
reading five hundred sockets in Python must not hold up the pages that paint; that they hear later than those is the
price. Seats change their state so many times a second, and the figures of the day once a second, which concerns every
desk. Measured is the time from the change in the engine until a browser has the message ("hear": those who only listen)
and until its frame is on the screen ("paint": real pages; below it, when those had the message), and the processor that
this process used for everything it does. A frame itself waits up to 17 ms for its turn at 60 frames a second.

The same stretch is run in turn with and without one browser that never reads; then with the usual loop in the place of
ours (`send_json` to each in turn: of what has changed, and of the whole picture), and that beside one that never reads.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bench.boards import browsers
from bench.stalled import Stalled
from cases.workflow import Role
from console.desks import DESKS, Desk
from console.sockets import encode
from console.wall import WALL
from storage import people
from storage.demo_city import load_city
from storage.engine import Store, migrate
from storage.people import Account
from tests.console.world import HASH, World, world_of
from tests.makers import MORNING

SEED = 7
IDLE_EVENTS = 3.0
REAL_DESK = "s5000"
REAL_SHARE = 0.3
"""So often it is the seat whose desk is a real page: its paintings are counted, too."""
LIMIT_IDLE, LIMIT_LOADED, LIMIT_SHARE = 50.0, 250.0, 0.30

Naive = Callable[["Town", str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Spent:
    """What one stretch cost, and how long its messages took to be heard and to be painted."""

    seconds: float
    processor: float
    boards: Sequence[float] = ()
    boards_reached: Sequence[float] = ()
    boards_painted: Sequence[float] = ()
    desks: Sequence[float] = ()
    desks_reached: Sequence[float] = ()
    desks_painted: Sequence[float] = ()

    @property
    def share(self) -> float:
        return self.processor / self.seconds

    def __str__(self) -> str:
        columns = (self.boards, self.boards_painted, self.desks, self.desks_painted)
        reached: tuple[Sequence[float], ...] = ((), self.boards_reached, (), self.desks_reached)
        first = f"{self.share:9.1%}  " + "  ".join(_cuts(each) for each in columns)
        if not self.boards_reached:
            return first
        below = "  ".join(f"{'':24}" if not each else _cuts(each) for each in reached)
        return f"{first}\n{'    of it, until a page has it':32}{'':9}  {below}"


HEAD = f"{'':32}{'processor':>9}  " + "  ".join(
    f"{name:>24}" for name in ("boards hear", "boards paint", "desks hear", "desks paint")
)
UNDER = f"{'':32}{'':>9}  " + "  ".join(f"{'p50 / p95 / worst (n)':>24}" for _ in range(4))


def at_p95(took: Sequence[float]) -> float:
    return statistics.quantiles(took, n=20)[18] if len(took) > 1 else float("inf")


def _cuts(took: Sequence[float]) -> str:
    if len(took) < 2:
        return f"{f'({len(took)})':>24}"
    shown = f"{statistics.median(took):.0f} / {at_p95(took):.0f} / {max(took):.0f} ({len(took)})"
    return f"{shown:>24}"


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _staff(conn: Connection, seats: int) -> None:
    load_city(conn, MORNING)
    for n in range(seats):
        who = Account(f"a{n}", f"话务员{n}", Role.AGENT, "rxzx", f"s{5000 + n}")
        people.add_account(conn, who, password_hash=HASH, by="bench", at=MORNING)


class Town:
    """The console with its browsers."""

    def __init__(
        self, world: World, browsers: Sequence[asyncio.subprocess.Process], seats: list[str]
    ) -> None:
        self.world = world
        self._browsers = browsers
        self._seats = seats
        self._dice = random.Random(SEED)

    async def heard(self) -> dict[str, list[float]]:
        """Return by name what was measured since it was asked last."""
        measured: dict[str, list[float]] = {}
        for each in self._browsers:
            assert each.stdin is not None
            assert each.stdout is not None
            each.stdin.write(b"\n")
            for name, took in json.loads(await each.stdout.readline()).items():
                measured.setdefault(name, []).extend(took)
        return measured

    def change(self) -> str:
        """One seat becomes ready or takes a break, now."""
        self.world.clock.at = at = datetime.now(UTC)
        seat = REAL_DESK if self._dice.random() < REAL_SHARE else self._dice.choice(self._seats)
        engine = self.world.engine
        if engine.line.seats[seat].state.value == "ready":
            engine.take_break(seat, reason="rest", at=at)
        else:
            engine.phone(seat, registered=True, mic=True, at=at)
            engine.ready(seat, at=at)
        return seat

    def count(self) -> None:
        """The day's figures move: that concerns all desks. And the line is compared with the exchange."""
        self.world.engine.line.links.compared("", self.world.clock(), "bench")
        wall = self.world.app[WALL]
        wall.day = replace(wall.day, answered_15s=self._dice.random())

    async def stretch(self, seconds: float, events: float, naive: Naive | None = None) -> Spent:
        await asyncio.sleep(0.5)
        await self.heard()
        began, used, happened = time.monotonic(), processor(), 0
        due = self._dice.uniform(0, 2 / events)
        while (passed := time.monotonic() - began) < seconds:
            self.world.clock.at = datetime.now(UTC)
            if passed < due:
                await asyncio.sleep(0.004)
                continue
            due += self._dice.uniform(0, 2 / events)
            happened += 1
            seat = self.change()
            if happened % max(1, round(events)) == 0:
                self.count()
                if naive:
                    await desks_by_hand(self)
            if naive:
                with suppress(TimeoutError):
                    await asyncio.wait_for(naive(self, seat), max(0.1, seconds - passed))
        used = processor() - used
        spent = time.monotonic() - began
        await asyncio.sleep(0.6)
        return Spent(spent, used, **await self.heard())

    def without_ours(self) -> None:
        """Our own ways of telling are taken away; the sockets stay, with the limits a framework gives them."""
        wall, desks = self.world.app[WALL], self.world.app[DESKS]
        self.boards = list(wall._listeners)  # noqa: SLF001
        self.desks = list(desks._desks.values())  # noqa: SLF001
        wall._listeners.clear()  # noqa: SLF001
        desks._desks.clear()  # noqa: SLF001
        for each in [*self.boards, *(desk.listener for desk in self.desks)]:
            each._transport.set_write_buffer_limits()  # type: ignore[union-attr]  # noqa: SLF001


# The usual loop


async def desks_by_hand(town: Town) -> None:
    for desk in town.desks:
        await _desk_by_hand(desk)


async def _desk_by_hand(desk: Desk) -> None:
    content = {"t": "desk"} | desk.picture()
    with suppress(ConnectionError):
        await desk.listener._socket.send_json(content)  # noqa: SLF001


async def changes_by_hand(town: Town, seat: str) -> None:
    """Encode what has changed for each, and wait for each."""
    wall, now = town.world.app[WALL], town.world.clock()
    state = wall._state(now)  # noqa: SLF001
    wall._seq += 1  # noqa: SLF001
    one = next(each for each in state["seats"] if each["id"] == seat)
    changed = wall._head("wall_delta", now) | {"seats": [one], "line": state["line"]}  # noqa: SLF001
    await _to_all(town, seat, changed)


async def pictures_by_hand(town: Town, seat: str) -> None:
    """The same with the whole picture, as long as nobody has thought of differences."""
    wall, now = town.world.app[WALL], town.world.clock()
    state = wall._state(now)  # noqa: SLF001
    one = next(each for each in state["seats"] if each["id"] == seat)
    await _to_all(town, seat, {"seat": one} | wall._head("wall", now) | state)  # noqa: SLF001


async def _to_all(town: Town, seat: str, said: dict[str, Any]) -> None:
    for desk in town.desks:
        if desk.seat == seat:
            await _desk_by_hand(desk)
    for listener in town.boards:
        with suppress(ConnectionError):
            await listener._socket.send_json(said)  # noqa: SLF001


# A run


@asynccontextmanager
async def a_town(url: str, given: argparse.Namespace) -> AsyncIterator[Town]:
    store = Store.open(url)
    try:
        await store.write(partial(_staff, seats=given.seats))
        async with world_of(store) as world:
            world.clock.at = datetime.now(UTC)
            agents = [await world.signed_in(f"a{n}") for n in range(given.seats)]
            lead = await world.signed_in("lead")
            real = min(given.real, given.boards)
            first = 1 if given.real else 0
            listening = [("/live/desk", each.cookie) for each in agents[first:]]
            listening += [("/live/wall", lead.cookie)] * (given.boards - real)
            painting = [("/desk", agents[0].cookie)] * first + [("/wall", lead.cookie)] * real
            async with browsers(world.origin, listening, painting) as all_of_them:
                async with asyncio.timeout(120):
                    while (
                        len(world.engine.line.seats) < given.seats or world.app[WALL].watching < given.boards
                    ):
                        world.clock.at = datetime.now(UTC)
                        await asyncio.sleep(0.1)
                yield Town(world, all_of_them, [f"s{5000 + n}" for n in range(given.seats)])
    finally:
        store.close()


async def measure(town: Town, given: argparse.Namespace) -> None:
    picture = encode(town.world.app[WALL]._state(town.world.clock()))  # noqa: SLF001
    print(
        f"{given.seats} desks and {given.boards} boards, {given.real} boards and one desk of them pages of Chromium; "
        f"{given.events:g} changes a second; {os.cpu_count()} cores; one whole picture {len(picture) / 1000:.0f} kB\n"
    )
    print(HEAD, UNDER, sep="\n", flush=True)

    def row(name: str, spent: Spent) -> Spent:
        print(f"{name:32}{spent}", flush=True)
        return spent

    await asyncio.sleep(3)
    idle = row(f"idle, {IDLE_EVENTS:g} changes a second", await town.stretch(given.seconds, IDLE_EVENTS))
    if given.idle:
        judge_idle(idle)
        return
    alone, beside, stalled = [], [], []
    for turn in (1, 2):
        alone.append(row(f"loaded {turn}", await town.stretch(given.seconds, given.events)))
        stalled.append(await Stalled.begin(town.world))
        spent = await town.stretch(given.seconds, given.events)
        beside.append(row(f"loaded {turn}, one never reads", spent))
        await stalled[-1].end()
    town.without_ours()
    shorter = given.seconds * 2 / 3
    silent = row("nobody is told", await town.stretch(shorter, given.events))
    changes = row("send_json of changes", await town.stretch(shorter, given.events, changes_by_hand))
    pictures = row("send_json of pictures", await town.stretch(shorter, given.events, pictures_by_hand))
    stuck = await Stalled.begin(town.world)
    town.boards.insert(len(town.boards) // 2, stuck.listener)
    stuck.listener._transport.set_write_buffer_limits()  # type: ignore[union-attr]  # noqa: SLF001
    town.world.app[WALL]._listeners.clear()  # noqa: SLF001
    halted = row("the same, one never reads", await town.stretch(shorter, given.events, pictures_by_hand))
    stuck.drop()
    judge(idle, alone, beside)
    print(*stalled, sep="\n")
    compare(silent, alone, changes, pictures)
    print(
        f"one that never reads leaves the usual loop {len(halted.boards) / max(1, len(pictures.boards)):.0%} of its messages"
    )


def limit(name: str, is_: float, most: float, unit: str) -> None:
    shown = f"{is_:.1%}" if unit == "%" else f"{is_:.0f} {unit}"
    print(f"{'held  ' if is_ <= most else 'MISSED'} {name}: {shown}")


def judge_idle(idle: Spent) -> None:
    print()
    for whose, painted in (("boards", idle.boards_painted), ("the desk", idle.desks_painted)):
        limit(f"idle, change to paint on {whose}, p95 at most 50 ms", at_p95(painted), LIMIT_IDLE, "ms")


def judge(idle: Spent, alone: Sequence[Spent], beside: Sequence[Spent]) -> None:
    judge_idle(idle)
    together = [*alone, *beside]
    painted = [took for each in together for took in each.boards_painted]
    limit("loaded, change to paint on boards, p95 at most 250 ms", at_p95(painted), LIMIT_LOADED, "ms")
    painted = [took for each in together for took in each.desks_painted]
    limit("loaded, change to paint on the desk, p95 at most 250 ms", at_p95(painted), LIMIT_LOADED, "ms")
    limit(
        "processor of this process at most 30 % of a core", max(s.share for s in together), LIMIT_SHARE, "%"
    )
    print("with one that never reads against without, and the two runs without it against each other:")
    for name, value in (
        ("boards hear, p95 ms", lambda s: at_p95(s.boards)),
        ("boards paint, p95 ms", lambda s: at_p95(s.boards_painted)),
        ("desks hear, p95 ms", lambda s: at_p95(s.desks)),
        ("processor, % of a core", lambda s: 100 * s.share),
    ):
        with_, without = ([value(s) for s in runs] for runs in (beside, alone))
        change = statistics.mean(with_) - statistics.mean(without)
        print(f"       {name}: {change:+.1f}; noise {abs(without[0] - without[1]):.1f}")


def compare(silent: Spent, alone: Sequence[Spent], changes: Spent, pictures: Spent) -> None:
    """Without what the changes themselves cost; and per change on a board, as a loop that cannot keep up tells less."""

    def each(spent: Spent) -> float:
        told = max(1, len(spent.boards)) / spent.seconds
        return max(0.0, spent.share - silent.share) / told

    ours = statistics.mean(each(one) for one in alone)
    share = statistics.mean(one.share for one in alone) - silent.share
    print(
        f"fan-out alone {share:.1%} of a core, {ours * 1e6:.0f} µs for each change on each board (desks included)"
    )
    for name, spent in (("changes", changes), ("pictures", pictures)):
        print(f"send_json of {name} costs {each(spent) / max(ours, 1e-9):.1f} times ours")


async def run(given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrate(url)
        async with a_town(url, given) as town:
            await measure(town, given)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seats", type=int, default=500, help="desks, one of them a real page (500)")
    parser.add_argument("--boards", type=int, default=50, help="boards, real ones among them (50)")
    parser.add_argument(
        "--real", type=int, default=4, help="of the boards so many in Chromium; 0: no Chromium (4)"
    )
    parser.add_argument(
        "--seconds", type=float, default=10, help="length of one stretch, of which there are nine (10)"
    )
    parser.add_argument("--events", type=float, default=20, help="changes a second under load (20)")
    parser.add_argument("--idle", action="store_true", help="only the stretch with few changes")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
