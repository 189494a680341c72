"""A town with agents who need no browser, and citizens who keep calling while it is broken."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.asterisk.harness import write_sounds
from tests.endtoend.conftest import town_with
from tests.faults.load import Crowd, Outcome, Sound, call_all, numbers
from tests.faults.oracle import each_has_one_closed_record, nobody_is_sent_about, wall_is_right
from tests.faults.robots import TALK_SECONDS, Robot
from tests.sip import eventually
from tests.town import Town

LOGINS = ("1001", "1002", "1003")
__all__ = ["Load", "brisk_town", "loaded", "town_with"]


@contextmanager
def brisk_town(**settings: Any) -> Iterator[Town]:
    """A town with prompts of half a second: a fault that is not about prompts need not wait for them."""
    with town_with(**settings) as town:
        write_sounds(town.state / "sounds" / "zh")
        yield town


@dataclass
class Load:
    """A town in the middle of its day."""

    town: Town
    folder: Path
    robots: list[Robot] = field(default_factory=list)
    at_work: list[asyncio.Task[None]] = field(default_factory=list)
    crowds: list[tuple[Crowd, asyncio.Task[Outcome]]] = field(default_factory=list)

    def come(
        self,
        name: str,
        prefix: str,
        count: int,
        *,
        rate: float = 1.0,
        patience: float = 90,
        sound: Sound = Sound.ECHO,
    ) -> tuple[str, ...]:
        """Let so many citizens call; whoever is patient waits for a person and to be hung up on."""
        crowd = Crowd(name, numbers(prefix, count), rate, patience, sound)
        task = asyncio.create_task(call_all(self.town, crowd, self.folder))
        self.crowds.append((crowd, task))
        return crowd.numbers

    def sit(self, *logins: str, talk_seconds: float = TALK_SECONDS) -> list[Robot]:
        """Let more agents begin their work."""
        robots = [Robot(self.town, login, self.folder, talk_seconds) for login in logins]
        self.robots += robots
        self.at_work += [asyncio.create_task(robot.run()) for robot in robots]
        return robots

    @property
    def callers(self) -> tuple[str, ...]:
        return tuple(number for crowd, _ in self.crowds for number in crowd.numbers)

    async def ready(self) -> None:
        """Wait until every agent takes calls."""
        ready = {"ready", "ringing", "talking", "wrap_up"}
        await eventually(
            lambda: all(robot.state in ready for robot in self.robots),
            30,
            f"{[r.state for r in self.robots]}",
        )

    async def none_was_lost(self) -> None:
        """Everybody got through, was not sent about, and stayed until they or the hotline said goodbye; one record each."""
        for crowd, task in self.crowds:
            outcome = await task
            assert outcome.placed == len(crowd.numbers)
            assert outcome.failed == 0, f"{crowd.name}: {outcome.log}"
        await each_has_one_closed_record(self.town, self.callers)
        nobody_is_sent_about(self.town)

    async def wall_is_right(self) -> None:
        await wall_is_right(self.town)

    async def patient_were_served(self, callers: tuple[str, ...]) -> None:
        """All of these have talked to a person."""
        for record in await each_has_one_closed_record(self.town, callers):
            assert record["answered_at"] is not None, f"{record['number']} met nobody: {record['end_reason']}"


@asynccontextmanager
async def loaded(town: Town, folder: Path, *, logins: tuple[str, ...] = LOGINS) -> AsyncIterator[Load]:
    """Agents at work; with the block all telephones go."""
    load = Load(town, folder)
    load.sit(*logins)
    try:
        await load.ready()
        yield load
    except BaseException:
        states = [
            (robot.seat, robot.state, robot.telephone and robot.telephone.hook, robot.troubles[-3:])
            for robot in load.robots
        ]
        print(
            f"--- {states}\n{town.log()[-8000:]}\n{town.cli('core show channels')}{town.cli('queue show hotline')}"
        )
        raise
    finally:
        tasks = [*load.at_work, *(task for _, task in load.crowds)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
