"""Brings the calls we owe into the line when they may be made, and takes them out when they may not. What is owed stands in
the store, so that a process that dies here loses nothing and the next one goes on.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from cases.ring_backs import Quiet
from routing.engine import Engine
from routing.live import OwedCall, Wish
from routing.ring_backs import Room, asked, pick, room_in, too_many, waiting_debts
from storage import ring_backs
from storage.engine import Store
from storage.errors import StoreDown
from storage.ring_backs import LINE, Owed

log = logging.getLogger(__name__)

SECONDS = 2.0
# Renewed at each turn. A process that died keeps a number from being rung for so long at most.
CLAIMED_FOR = timedelta(seconds=30)
# What nobody asked for goes behind every citizen who waits.
AFTER_ALL = -1
# What came into the line and went out of it without a call having been made is not brought again at once.
AGAIN_AFTER = timedelta(seconds=30)

ReadWish = Callable[[str], Wish | None]


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one look at the store has come to."""

    kept: frozenset[str]
    picked: tuple[Owed, ...]


class RingBackLoop:
    """One for each process; only that of the engine which leads does anything."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        quiet: Quiet,
        *,
        node: str,
        now: Callable[[], datetime],
        read_wish: ReadWish,
    ) -> None:
        self._store = store
        self._engine = engine
        self._quiet = quiet
        self._by = LINE + node
        self._now = now
        self._read_wish = read_wish
        self._asked: set[str] = set()
        self._joined: dict[str, datetime] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.turn(self._now())
            except StoreDown as down:
                log.warning("the calls we owe cannot be looked at: %s", down)
            await asyncio.sleep(SECONDS)

    async def turn(self, at: datetime) -> None:
        """Renew what is ours, take in what may be rung now, and let go what may not."""
        line = self._engine.line
        if not (self._engine.leads and line.linked):
            return
        talks = (talk.caller for talk in line.talks.values())
        held = {each.ring_back for each in (*line.callers.values(), *talks) if each.is_owed}
        self._asked &= held
        self._joined = {call: since for call, since in self._joined.items() if at - since < AGAIN_AFTER}
        lately = frozenset(self._joined)
        work = partial(
            _look, quiet=self._quiet, by=self._by, held=held, lately=lately, room=room_in(line), at=at
        )
        found = await self._store.write(work, retryable=True)
        self._leave(held - found.kept, at)
        for owed in found.picked:
            self._join(owed, at)

    def _join(self, owed: Owed, at: datetime) -> None:
        wish = self._read_wish(owed.wish or "") or Wish()
        if asked(owed):
            self._asked.add(owed.call)
            since = owed.since or owed.asked_at
        else:
            wish, since = replace(wish, priority=min(wish.priority, AFTER_ALL)), at
        self._joined[owed.call] = at
        log.info("call %s is rung back now (%s)", owed.call, owed.reason)
        self._engine.ring_back_joins(OwedCall(owed.call, owed.dial or "", since, wish), at)

    def _leave(self, lost: set[str], at: datetime) -> None:
        """Take out what somebody else does now, and those for whom there is no seat any more.

        Who is promised to a seat is left alone: an agent may have taken him out of the line just now.
        """
        standing = waiting_debts(self._engine.line)
        crowd = set(too_many(standing, frozenset(self._asked), room_in(self._engine.line)))
        for each in standing:
            if each.ring_back in lost | crowd:
                self._engine.ring_back_leaves(each.ring_back, at)


def _look(
    conn: Connection,
    *,
    quiet: Quiet,
    by: str,
    held: set[str],
    lately: frozenset[str],
    room: Room,
    at: datetime,
) -> _Turn:
    """Date the new debts, keep the claims, and claim what there is room for: one unit of work."""
    ring_backs.plan(conn, quiet, at=at)
    claim = partial(ring_backs.claim, conn, by=by, at=at, until=at + CLAIMED_FOR)
    kept = frozenset(call for call in sorted(held) if claim(call))
    may = [each for each in ring_backs.ready(conn, by=by, at=at) if each.call not in held | lately]
    return _Turn(kept, tuple(each for each in pick(may, room) if claim(each.call)))
