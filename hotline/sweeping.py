"""Sweeps the clocks of the cases, in every process: who comes first acts."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from cases.rules import Rules
from storage import sweep
from storage.engine import Store
from storage.errors import StoreDown

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
MOST_A_RUN = 2_000
"""So many clocks at one go; what is left waits for the next run, and lets others write meanwhile."""
_MINUTE = timedelta(minutes=1)


class Sweeper:
    """The task, and the figures it shows."""

    def __init__(self, store: Store, rules: Callable[[], Rules], now: Callable[[], datetime]) -> None:
        self._store = store
        self._rules = rules
        self._now = now
        self.looked_at = 0
        self.held = False
        self.lag_seconds = 0.0
        self._believed_at: datetime | None = None

    async def run(self) -> None:
        """Sweep every few seconds, until cancelled."""
        while True:
            try:
                await self.once()
            except StoreDown as down:
                log.warning("clocks are not swept, the next run makes up for it: %s", down)
            await asyncio.sleep(EVERY_SECONDS)

    async def once(self) -> int:
        """Act on everything that is due, up to the bound of one run."""
        at = self._now()
        due = await self._store.read(sweep.due_since)
        self.lag_seconds = max(0.0, (at - due).total_seconds()) if due else 0.0
        idle = due is None or due > at
        if idle and self._believed_at is not None and at - self._believed_at < _MINUTE:
            return 0
        self.held = not await self._store.write(lambda conn: sweep.believes(conn, at))
        self._believed_at = None if self.held else at
        if self.held or idle:
            return 0
        rules, looked = self._rules(), 0
        while looked < MOST_A_RUN:
            found = await self._store.write(lambda conn: sweep.sweep(conn, at, rules))
            looked += found
            if found < sweep.MOST:
                break
        self.looked_at += looked
        log.info("swept %d clocks, the oldest was due %.0f seconds ago", looked, self.lag_seconds)
        return looked

    def gauges(self) -> dict[str, float]:
        return {
            "hotline_sweep_lag_seconds": self.lag_seconds,
            "hotline_sweep_looked_at": float(self.looked_at),
            "hotline_sweep_held": float(self.held),
        }
