"""What has been decided and must still be done, in order for each node, so that none waits for another's silence."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from routing.switch import SwitchFailed

log = logging.getLogger(__name__)

EFFECT_SECONDS = 5
"""The exchange answers within milliseconds or not at all, and nobody else may wait for one answer."""

Effect = Callable[[], Awaitable[None]]


class Work:
    """Effects by node. Putting one in returns at once; `run` carries them out.

    Each is carried out only if this is allowed at that very moment: a process that was stopped and goes on may have been
    deposed meanwhile, and must notice before it acts.
    """

    def __init__(self, allowed: Callable[[], bool]) -> None:
        self._allowed = allowed
        self._queues: dict[str, asyncio.Queue[Effect]] = {}
        self._opened: asyncio.Queue[str] = asyncio.Queue()
        self._aside: set[asyncio.Task[None]] = set()
        self._left = 0

    def later(self, effect: Effect, node: str = "") -> None:
        queue = self._queues.get(node)
        if queue is None:
            queue = self._queues[node] = asyncio.Queue()
            self._opened.put_nowait(node)
        queue.put_nowait(effect)
        self._left += 1

    def beside(self, effect: Effect, seconds: float = EFFECT_SECONDS) -> None:
        """Do it at once and beside everything else: a question that may take its time, but not more than this."""
        task = asyncio.get_running_loop().create_task(_done(effect, seconds))
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            started = set(self._queues)
            for node in started:
                tasks.create_task(self._work(node))
            while True:
                node = await self._opened.get()
                if node not in started:
                    started.add(node)
                    tasks.create_task(self._work(node))

    async def done(self) -> None:
        """Return when nothing is left to do."""
        while self._aside or self._left:
            await asyncio.gather(*self._aside, *(queue.join() for queue in self._queues.values()))

    async def _work(self, node: str) -> None:
        queue = self._queues[node]
        while True:
            effect = await queue.get()
            try:
                if self._allowed():
                    await _done(effect, EFFECT_SECONDS)
            finally:
                self._left -= 1
                queue.task_done()


async def _done(effect: Effect, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await effect()
    except (SwitchFailed, TimeoutError) as failed:
        log.warning("the exchange did not do it: %r", failed)
