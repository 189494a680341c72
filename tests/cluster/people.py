"""Citizens on either node, and agents who sit down wherever the leader is."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from hotline.phone import Line
from tests.cluster.city import City, NodeTown
from tests.faults.robots import Robot
from tests.plain_rows import clear
from tests.sip import Telephone, eventually, telephone


@dataclass
class Agent(Robot):
    """Asks each process whether it leads, as a balancer before the consoles does, and sits down there."""

    city: City | None = None
    sat_at: list[str] = field(default_factory=list)

    async def _sit(self, http: aiohttp.ClientSession) -> None:
        assert self.city is not None
        for name, node in self.city.nodes.items():
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with http.get(f"{node.url}/readyz", timeout=aiohttp.ClientTimeout(total=1)) as answer:
                    if answer.status == 200:
                        self.town = node
                        self.sat_at.append(name)
                        await super()._sit(http)
                        return


@dataclass
class Crowd:
    """Everybody in one test."""

    city: City
    folder: Path
    stack: AsyncExitStack
    agents: list[Agent] = field(default_factory=list)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    count: int = 0

    async def calls(self, node: NodeTown, number: str) -> Telephone:
        """Let a citizen call this node and wait for a person."""
        self.count += 1
        line = Line(user=number, server=node.sip)
        citizen = await self.stack.enter_async_context(
            telephone(line, self.folder / f"{number}-{self.count}")
        )
        await citizen.dials()
        await eventually(lambda: number in self._in_line(node), otherwise=f"{number} is not in the line")
        return citizen

    def _in_line(self, node: NodeTown) -> list[str]:
        rows = [row.split("!") for row in node.cli("core show channels concise").splitlines()]
        return [row[7] for row in rows if len(row) > 7 and row[5] in {"Queue", "Dial"}]

    async def agent(self, login: str) -> Agent:
        """Let an agent come to work; with callers waiting, the first one rings at once.

        Each test has its own: where an agent stood before is remembered, and so is a telephone that is not there any more.
        """
        agent = Agent(next(iter(self.city.nodes.values())), login, self.folder, city=self.city)
        task = self.tasks[login] = asyncio.create_task(agent.run())
        self.agents.append(agent)

        async def goes_home() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self.stack.push_async_callback(goes_home)
        return agent

    async def closes_the_page(self, agent: Agent) -> None:
        """Take page and telephone away without a word."""
        task = self.tasks.pop(agent.login)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def served(self, *numbers: str, seconds: float = 40) -> list[dict[str, object]]:
        """Wait until each has talked to a person; return their records in the order in which they did."""

        def records() -> list[dict[str, object]]:
            rows = [row for row in self._records() if row["number"] in numbers and row["answered_at"]]
            return sorted(rows, key=lambda row: str(row["answered_at"])) if len(rows) == len(numbers) else []

        return await eventually(records, seconds, f"not all of {numbers} were served: {self._records()}")

    def _records(self) -> list[dict[str, object]]:
        store = next(iter(self.city.nodes.values())).store()
        try:
            return store.read_now(
                lambda conn: [dict(row) for row in conn.execute(clear("select * from call")).mappings()]
            )
        finally:
            store.close()


@asynccontextmanager
async def crowd_of(city: City, folder: Path) -> AsyncIterator[Crowd]:
    """People for one test; all go home when it ends."""
    async with AsyncExitStack() as stack:
        yield Crowd(city, folder, stack)
    for node in city.nodes.values():
        node.cli("channel request hangup all")
