"""How long from a free seat to the INVITE at its telephone: our engine, and app_queue alone, on the same Asterisk.

    scripts/isolated python -m bench.seat [--calls 40]

A whole hotline is started in a folder of its own. Citizens call over real SIP (sipp), four seats have telephones written
by hand that answer at once, talk for about 0.5 s and hang up. With the engine the clock starts when the desk says that the
work after the call is done; then our process is killed with -9, app_queue rings the seats by itself, and the clock starts
when Asterisk confirms that the seat has hung up. It stops when the INVITE of the next caller is at the seat's socket.
Processor time of Asterisk and of our process is read from /proc; a call includes the greeting, the waiting, the recording
and with our process the question for a score.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

import aiohttp

from bench.sip_seat import SipSeat, sip_seat
from tests.faults.load import Crowd, call_all, numbers
from tests.faults.robots import Robot
from tests.sip import eventually
from tests.town import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LOGINS = ("1001", "1002", "1003", "1004")
TALK_SECONDS, WORK_SECONDS = 0.5, 0.3
STALE_SECONDS = 16.0
"""After this the dialplan has noticed that our process is gone."""
SETTINGS = {
    "HOTLINE_NUMBER_A_MINUTE": "0",
    "HOTLINE_PREFIX_A_MINUTE": "0",
    "HOTLINE_FALLBACK_SECONDS": "90",
}


@dataclass
class Agent(Robot):
    """An agent whose telephone is written by hand."""

    hand: SipSeat | None = None
    freed: float = 0.0
    said: set[tuple[object, str]] = field(default_factory=set)

    async def _register(self, http: aiohttp.ClientSession) -> None:
        """Tell Asterisk where the telephone stands; it need not register."""
        if self.hand is None:
            self.hand = await sip_seat(self.seat, talk_seconds=TALK_SECONDS)
        await self._push(http)
        fields = {"contact": self.hand.address, "max_contacts": "1", "qualify_frequency": "0"}
        async with http.put(
            f"{self._ari}/aor/{self.seat}",
            json={"fields": [{"attribute": name, "value": value} for name, value in fields.items()]},
            headers=self._key,
        ) as answer:
            assert answer.status == 200, await answer.text()

    async def _stay_plain(self, http: aiohttp.ClientSession) -> None:
        """Asterisk is not restarted here."""

    async def _talk(self) -> None:
        """The telephone does that by itself."""

    async def _say(self, **command: object) -> None:
        """Say each word of a call once, and that the work is done a moment after what came of it was written down."""
        word = (command["do"], self._call)
        if command["do"] in {"outcome", "wrapped"} and word in self.said:
            return
        self.said.add(word)
        if command["do"] == "wrapped":
            await asyncio.sleep(WORK_SECONDS)
            self.freed = time.perf_counter()
        await super()._say(**command)


@dataclass
class Gaps:
    """Milliseconds from a free seat to its next INVITE."""

    taken: list[float] = field(default_factory=list)
    calls: int = 0
    _free: dict[str, float] = field(default_factory=dict)

    def listen(self, agent: Agent, free_since: Callable[[Agent], float]) -> None:
        hand = agent.hand
        assert hand is not None

        def rings(at: float) -> None:
            self.calls += 1
            since = self._free.get(agent.seat, 0.0) or free_since(agent)
            if since:
                self.taken.append((at - since) * 1000)
            self._free[agent.seat] = agent.freed = 0.0

        hand.on_ring = rings

    def listen_to_the_line(self, agent: Agent) -> None:
        """The seat is free when Asterisk has confirmed its hanging up."""
        self.listen(agent, lambda _agent: 0.0)
        assert agent.hand is not None
        agent.hand.on_free = lambda at: self._free.__setitem__(agent.seat, at)


def cpu_seconds(pid: int) -> float:
    """Return how much processor time the process has used, threads and all."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def agents(town: Town, folder: Path) -> "AsyncIterator[list[Agent]]":
    """Have everybody signed on and ready."""
    people = [Agent(town, login, folder) for login in LOGINS]
    tasks = [asyncio.create_task(agent.run()) for agent in people]
    try:
        await eventually(lambda: all(agent.state == "ready" and agent.hand for agent in people), 60)
        yield people
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def crowd(town: Town, folder: Path, *, name: str, prefix: str, calls: int) -> float:
    """Let so many citizens call, faster than they can be served; return how long the last of them took."""
    began = time.perf_counter()
    outcome = await call_all(town, Crowd(name, numbers(prefix, calls), 7.3, 60), folder, seconds=60)
    if outcome.failed:
        print(f"  {outcome.failed} of {outcome.placed} calls failed: {outcome.log[-300:]}")
    return time.perf_counter() - began


async def run(town: Town, folder: Path, calls: int) -> tuple[Gaps, Gaps]:
    pbx, ours = town._pbx, town._ours  # noqa: SLF001
    assert pbx is not None
    assert ours is not None
    engine, alone = Gaps(), Gaps()
    async with agents(town, folder) as people:
        for agent in people:
            engine.listen(agent, lambda one: one.freed)
        before = cpu_seconds(pbx.pid), cpu_seconds(ours.pid)
        await crowd(town, folder, name="engine", prefix="138", calls=calls)
        used = cpu_seconds(pbx.pid) - before[0], cpu_seconds(ours.pid) - before[1]
        show(
            "engine",
            engine,
            f"Asterisk {used[0] / calls * 1e3:.0f} ms, our process {used[1] / calls * 1e3:.0f} ms",
        )
        town.kill_ours()
        for agent in people:
            alone.listen_to_the_line(agent)
        await asyncio.sleep(STALE_SECONDS)
        idle = cpu_seconds(pbx.pid)
        await crowd(town, folder, name="alone", prefix="139", calls=calls)
        show("app_queue alone", alone, f"Asterisk {(cpu_seconds(pbx.pid) - idle) / calls * 1e3:.0f} ms")
    return engine, alone


def show(name: str, gaps: Gaps, cpu: str) -> None:
    if len(gaps.taken) < 2:
        raise SystemExit(f"{name}: seats rang {gaps.calls} times only")
    p50, p95 = percentiles(gaps)
    print(
        f"{name:<16} {len(gaps.taken):>3} gaps: p50 {p50:7.1f} ms  p95 {p95:7.1f} ms  worst {max(gaps.taken):7.1f} ms; "
        f"{gaps.calls} calls answered; processor time a call: {cpu}",
        flush=True,
    )


def percentiles(gaps: Gaps) -> tuple[float, float]:
    cuts = quantiles(gaps.taken, n=20)
    return cuts[9], cuts[18]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=40, help="in each half")
    calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory(prefix="hl-") as state, tempfile.TemporaryDirectory() as folder:
        town = Town(Path(state), SETTINGS)
        town.prepare()
        town.start()
        try:
            engine, alone = asyncio.run(run(town, Path(folder), calls))
        finally:
            with suppress(OSError):
                town.stop()
    ours, theirs = percentiles(engine), percentiles(alone)
    print(
        f"app_queue alone takes {theirs[0] / ours[0]:.0f} × (p50) and {theirs[1] / ours[1]:.0f} × (p95) as long"
    )


if __name__ == "__main__":
    main()
