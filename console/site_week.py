"""The figures of the last week on the public page: counted once in ten minutes, however many look."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from console.parts import PARTS
from storage.public_week import Week, last_week

FRESH: Final = timedelta(minutes=10)


class WeekFigures:
    """The figures as they were counted last."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._week: Week | None = None
        self._until: datetime | None = None

    async def now(self, request: web.Request) -> Week:
        """Return the figures; whoever comes while they are counted waits for that one count."""
        parts = request.app[PARTS]
        at, zone = parts.now(), parts.settings.zone
        async with self._turn:
            if self._week is None or self._until is None or at >= self._until:
                calendar = parts.rules.calendar
                self._week = await parts.store.read(
                    lambda conn: last_week(conn, at=at, zone=zone, calendar=calendar)
                )
                self._until = at + FRESH
            return self._week


WEEK = web.AppKey("site_week", WeekFigures)


def set_up(app: web.Application) -> None:
    app[WEEK] = WeekFigures()
