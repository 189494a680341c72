"""One engine's part in who leads: it takes the lease, keeps it, and stops deciding before anybody else could have it.

What makes this safe is not the lease but the nodes: each remembers the highest term it has seen and obeys no lower one.
So a leader that was frozen and wakes up, or that only believes to lead, moves no caller.

While Redis is away nobody can take the lease, and the present leader goes on for as long as its own node and every other
one that it reaches know of no later term. If it dies then, too, the nodes hear no heartbeat any more and serve their
callers by themselves; an engine that finds them so takes the next term that is its own by its place among the nodes, and
begins only when a round later no node has seen a higher one.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from routing.leadership import Leadership, NoWord, Term

log = logging.getLogger(__name__)

LEASE_SECONDS = 2.0
ROUND_SECONDS = 0.5
MARGIN_SECONDS = 0.4
"""A leader believes its lease to be this much shorter than it is."""
HOMELESS_SECONDS = 5.0
"""A leader whose own node is gone for so long makes room for one that has a node: the desks' telephones are there."""
SILENT_SECONDS = 20.0
"""Nodes that hear no heartbeat for so long have given up on engines; see hotline-line."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What a node has seen of engines."""

    term: int
    heartbeat: str


class Court(Protocol):
    """The nodes, as who leads them needs to know."""

    @property
    def home(self) -> str:
        """The name of our own node."""

    async def signs(self) -> Mapping[str, Sign]:
        """Ask every node that we reach."""

    async def announce(self, term: int) -> None:
        """Tell every node that we reach whom to obey."""


def boottime() -> float:
    """Return seconds that go on while the machine sleeps, as a lease does."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Reign:
    """Whether this engine leads."""

    def __init__(
        self,
        leadership: Leadership,
        court: Court,
        *,
        rank: int = 0,
        nodes: int = 1,
        clock: Callable[[], float] = boottime,
    ) -> None:
        self._leadership = leadership
        self._court = court
        self._rank = rank
        self._nodes = nodes
        self._clock = clock
        self._term: Term | None = None
        self._until = 0.0
        self._home_at = clock()
        self._heartbeats: dict[str, str] = {}
        self._silent_since = clock()
        self._was_silent = False
        self._not_before = 0.0
        self.on_change: Callable[[Term | None], None] = lambda _term: None

    @property
    def term(self) -> int:
        """The term under which we decide; 0 while another leads."""
        return self._term.number if self._term is not None and self.leads else 0

    @property
    def leads(self) -> bool:
        """Whether we may decide now. Asked right before each act: a process that was frozen must not go on where it was."""
        return self._term is not None and self._clock() < self._until

    async def run(self) -> None:
        """Take and keep the lease until cancelled; then give it away."""
        try:
            while True:
                await self.round()
                await asyncio.sleep(ROUND_SECONDS)
        finally:
            await self.resign()

    async def round(self) -> None:
        """Ask the nodes, then the lease, and draw the conclusion."""
        asked = self._clock()
        signs = await self._court.signs()
        self._listen(signs, asked)
        highest = max((sign.term for sign in signs.values()), default=0)
        at_home = self._court.home in signs
        try:
            if self._term is None:
                await self._look_for_lease(highest if at_home else None, asked)
            elif highest > self._term.number or asked - self._home_at > HOMELESS_SECONDS:
                await self.resign()
            elif await self._leadership.renew():
                await self._go_on(signs, asked)
            elif not await self._try(max(highest, self._term.number), asked):
                self._step_down("another has the lease")
        except NoWord as silence:
            await self._without_lease(signs, asked, highest, silence)

    async def _look_for_lease(self, above: int | None, asked: float) -> None:
        """Take the lease if it is free and we have a node. After a silence whoever leads has the first word."""
        if self._was_silent:
            await self._leadership.renew()
            self._was_silent, self._not_before = False, asked + LEASE_SECONDS
        elif above is not None and asked >= self._not_before:
            await self._try(above, asked)

    async def _try(self, above: int, asked: float) -> bool:
        """Take the lease if nobody has it. An emptied Redis has forgotten that it is ours."""
        term = await self._leadership.acquire(above)
        if term is not None:
            await self._begin(term, asked)
        return term is not None

    async def _without_lease(
        self, signs: Mapping[str, Sign], asked: float, highest: int, silence: NoWord
    ) -> None:
        at_home = self._court.home in signs
        self._was_silent = True
        if self._term is not None and at_home and highest <= self._term.number:
            if not self.leads:
                log.warning("%s; leading on, no node knows of a later term than %d", silence, highest)
            await self._go_on(signs, asked)
        elif self._term is not None:
            self._step_down(f"{silence}, and the nodes do not confirm us")
        elif at_home and asked - self._silent_since > SILENT_SECONDS:
            # Terms of two engines that do so at once differ, and the next round shows which is the higher one.
            log.error("%s, and no engine gives a sign of life: taking over", silence)
            self._term = Term((highest // self._nodes + 1) * self._nodes + self._rank)
            await self._court.announce(self._term.number)

    async def _begin(self, term: Term, asked: float) -> None:
        self._term, self._home_at = term, asked
        await self._court.announce(term.number)
        self._until = asked + LEASE_SECONDS - MARGIN_SECONDS
        log.warning("this engine leads, term %d", term.number)
        self.on_change(term)

    async def _go_on(self, signs: Mapping[str, Sign], asked: float) -> None:
        assert self._term is not None
        if any(sign.term < self._term.number for sign in signs.values()):
            await self._court.announce(self._term.number)
        begins, self._until = self._until == 0.0, asked + LEASE_SECONDS - MARGIN_SECONDS
        if begins:
            log.warning("this engine leads, term %d, without a lease", self._term.number)
            self.on_change(self._term)

    async def resign(self) -> None:
        """Give the lease away, if it is ours, and let go of whoever keeps it."""
        if self._term is not None:
            self._step_down("given up")
        try:
            await self._leadership.release()
        except NoWord as silence:
            log.warning("a lease of ours expires by itself: %s", silence)

    def _step_down(self, why: str) -> None:
        log.warning("this engine does not lead any more: %s", why)
        self._term, self._until = None, 0.0
        self.on_change(None)

    def _listen(self, signs: Mapping[str, Sign], asked: float) -> None:
        """Note when our own node was last there, and when any heartbeat last changed."""
        if self._court.home in signs:
            self._home_at = asked
        heartbeats = {node: sign.heartbeat for node, sign in signs.items()}
        if any(self._heartbeats.get(node) != beat for node, beat in heartbeats.items()):
            self._silent_since = asked
        self._heartbeats.update(heartbeats)
