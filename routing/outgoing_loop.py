"""Rings whom we ring by ourselves. The queue stands in the store: a process that dies here rings nobody twice, and the
next one goes on.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from cases.call_facts import EPOCH
from cases.outgoing import PURPOSES, Kind, Result
from cases.ring_backs import Quiet
from routing.engine import Engine
from routing.outgoing import Now, pick
from routing.ring_backs import Room, room_in
from routing.switch import SwitchFailed
from storage import outgoing
from storage.engine import Store
from storage.errors import StoreDown
from storage.outgoing import Ready

log = logging.getLogger(__name__)

SECONDS = 2.0
# What citizens are to hear is looked for so often: it is many rows, and none of them is urgent.
PLAN_EVERY = timedelta(seconds=20)
# Of a row that was taken so long ago nobody knows any more whether its call is awaited.
FRESH_SECONDS = 10.0


class NotBegun(SwitchFailed):
    """The exchange surely rings nobody; after any other failure it may."""


class Exchange(Protocol):
    """What rings somebody. Both raise SwitchFailed."""

    async def ring(self, call: str, number: str, purpose: str) -> None:
        """Begin a call under this id; it goes on by itself, and its record says how it ended. May raise NotBegun."""

    async def calls(self) -> frozenset[str]:
        """Return the ids of all calls that the exchange has now."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call that was taken, and is to be begun."""

    call: str
    one: Ready


@dataclass(slots=True)
class OutgoingLoop:
    """One for each process; only that of the engine which leads rings anybody."""

    store: Store
    engine: Engine
    quiet: Quiet
    exchange: Exchange
    node: str
    now: Callable[[], datetime]
    _clock: Callable[[], float] = field(default=time.monotonic)
    _planned_at: datetime = EPOCH

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.turn(self.now())
            except StoreDown as down:
                log.warning("nobody is rung by ourselves: %s", down)
            await asyncio.sleep(SECONDS)

    async def turn(self, at: datetime) -> None:
        """Read what came of the calls that are out, note who wants one, and ring whom there is room for."""
        line, planning = self.engine.line, at - self._planned_at >= PLAN_EVERY
        if not (self.engine.leads and line.linked):
            return
        if not await self.store.read(partial(outgoing.is_due, at=at, planning=planning)):
            return
        began = self._clock()
        self._planned_at = at if planning else self._planned_at
        work = partial(
            _look,
            at=at,
            quiet=self.quiet,
            node=self.node,
            kinds=tuple(Kind) if planning else (Kind.DUTY,),
            alive=await self._alive(at),
            room=room_in(line),
        )
        for each in await self.store.write(work):
            if self._clock() - began < FRESH_SECONDS and self.engine.leads:
                await self._ring(each)
            else:
                await self._undone(each.call)

    async def _alive(self, at: datetime) -> frozenset[str] | None:
        """Return the calls that go on; None while there is no doubt about any."""
        out = await self.store.read(outgoing.open_calls)
        if not any(each.by == self.node and each.at < at - outgoing.UNBEGUN for each in out):
            return None
        try:
            return await self.exchange.calls()
        except SwitchFailed as failed:
            log.warning("it is not known which calls go on: %s", failed)
            return None

    async def _ring(self, each: Ringing) -> None:
        try:
            await self.exchange.ring(each.call, each.one.number, PURPOSES[each.one.kind])
        except NotBegun as failed:
            log.warning("%s was not begun: %s", each.call, failed)
            await self._undone(each.call)
        except SwitchFailed as failed:
            # Its record, or the silence of the exchange, will tell.
            log.warning("nobody knows whether %s rings: %s", each.call, failed)
        else:
            log.info("%s rings by itself (%s)", each.call, each.one.kind)

    async def _undone(self, call: str) -> None:
        work = partial(outgoing.finish, call=call, result=Result.NOT_DIALLED, quiet=self.quiet, at=self.now())
        await self.store.write(work)


def _look(
    conn: Connection,
    *,
    at: datetime,
    quiet: Quiet,
    node: str,
    kinds: tuple[Kind, ...],
    alive: frozenset[str] | None,
    room: Room,
) -> list[Ringing]:
    """One unit of work: what ended, what is wanted, and who is taken. Not retried: who is taken twice is rung twice."""
    outgoing.settle(conn, quiet, at=at, alive=alive, by=node)
    outgoing.plan(conn, quiet, at=at, kinds=kinds)
    now = Now(room, outgoing.how_many_out(conn), quiet.holds(at))
    taken = []
    for one in pick(outgoing.ready(conn, at=at), now):
        call = f"{node}-{int(at.timestamp())}.{10_000_000 + secrets.randbelow(90_000_000)}"
        if outgoing.take(conn, one, call=call, by=node, at=at):
            taken.append(Ringing(call, one))
    return taken
