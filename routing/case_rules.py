"""Keeps this process on the case rules that the store has in force, whoever changed them and wherever."""

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from cases.rules import Rules
from storage import rebasing, rulebooks
from storage.errors import StoreDown

log = logging.getLogger(__name__)

LOOK_SECONDS = 3.0
WHERE = "/rules/calendar"
T = TypeVar("T")


class Keeps(Protocol):
    """What is needed of the store."""

    async def read(self, work: Callable[[Connection], T]) -> T: ...

    async def write(self, work: Callable[[Connection], T], *, retryable: bool = False) -> T: ...


class CaseRules:
    """The case rules in force, answered from memory: calling it returns them."""

    def __init__(self, configured: Rules) -> None:
        self.configured = configured
        """What the configuration says; the store's rules lie on top of it."""
        self._rules = configured
        self._mark = ""
        self._warned_on: date | None = None

    def __call__(self) -> Rules:
        return self._rules

    async def look(self, store: Keeps, at: datetime) -> None:
        """Take over what has changed since the last look, and let running clocks follow where they should."""

        def read(conn: Connection) -> tuple[str, Rules] | None:
            mark = rulebooks.mark(conn, at)
            return None if mark == self._mark else (mark, rulebooks.in_force(conn, self.configured, at))

        found = await store.read(read)
        mark, self._rules = found or (self._mark, self._rules)
        self._warn_once_a_day(at)
        if found is None:
            return
        # What was started by the old rules in these seconds, here or elsewhere, is put right as well.
        moved = await store.write(lambda conn: rebasing.settle(conn, self._rules, at), retryable=True)
        self._mark = mark
        if moved:
            log.info("%d running clocks were counted again, by %s", moved, self._rules.policy.version)

    def _warn_once_a_day(self, at: datetime) -> None:
        today = at.astimezone(self._rules.zone).date()
        if today == self._warned_on:
            return
        self._warned_on = today
        if (year := self._rules.calendar.year_missing(today)) is not None:
            log.warning(
                "%d年放假调休安排尚未导入，时限暂计 the notice of %d is not imported: %s", year, year, WHERE
            )

    async def watch(self, store: Keeps, now: Callable[[], datetime]) -> None:
        """Look every few seconds, until cancelled."""
        while True:
            try:
                await self.look(store, now())
            except StoreDown as down:
                log.warning("whether the case rules have changed is not known, those in use stay: %s", down)
            await asyncio.sleep(LOOK_SECONDS)
