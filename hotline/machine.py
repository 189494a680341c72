"""Watches the machine below us: a disk that fills up and a clock that jumps say nothing by themselves, so we do."""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from routing.live import Notice

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
# Less than this, or than this share of a small disk, is as good as full: somebody must have time to make room.
LOW_BYTES = 1 << 30
LOW_SHARE = 0.05
AGAIN_SECONDS = 60.0
JUMP = timedelta(seconds=2)


@dataclass(slots=True)
class Machine:
    """The disks of these folders by what lies there, and the clock."""

    folders: Mapping[str, Path]
    tell: Callable[[Notice], None]
    now: Callable[[], datetime]
    free: dict[str, int] = field(default_factory=dict)
    _told: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        before, ticks = self.now(), time.monotonic()
        while True:
            for what, (free, size) in (await asyncio.to_thread(self._measure)).items():
                self._look(what, free, size)
            await asyncio.sleep(LOOK_SECONDS)
            passed = time.monotonic() - ticks
            self._compare(before + timedelta(seconds=passed), self.now())
            before, ticks = self.now(), time.monotonic()

    def gauges(self) -> dict[str, float]:
        """Return how many of the folders are short of room, and the least that any of them has left."""
        return {
            "hotline_disks_low": float(len(self._told)),
            "hotline_disk_free_bytes": float(min(self.free.values(), default=0)),
        }

    def _measure(self) -> dict[str, tuple[int, int]]:
        found = {}
        for what, folder in self.folders.items():
            try:
                disk = os.statvfs(folder)
            except OSError as error:
                log.warning("the disk of %s cannot be looked at: %s", what, error)
                continue
            found[what] = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
        return found

    def _look(self, what: str, free: int, size: int) -> None:
        self.free[what] = free
        if free >= min(LOW_BYTES, int(size * LOW_SHARE)):
            if self._told.pop(what, None) is not None:
                log.warning("the disk of %s has room again", what)
        elif time.monotonic() - self._told.get(what, -AGAIN_SECONDS) >= AGAIN_SECONDS:
            self._told[what] = time.monotonic()
            log.error("the disk of %s is full: %d bytes left", what, free)
            left = f"{free / (1 << 20):.0f}"
            self.tell(Notice("", "bad", f"notice.disk_low_{what}", (("left", left),)))

    def _compare(self, expected: datetime, shown: datetime) -> None:
        if abs(shown - expected) > JUMP:
            seconds = round((shown - expected) / timedelta(seconds=1))
            log.error("the clock has jumped by %d s", seconds)
            self.tell(Notice("", "bad", "notice.clock_jumped", (("seconds", str(seconds)),)))
