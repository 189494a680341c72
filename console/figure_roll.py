"""Rolls up the figures of days that are over, one at a time, when the process has nothing better to do."""

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from cases.figures import slot_of
from console.parts import Parts
from console.rolling import Round
from storage import figures

log = logging.getLogger(__name__)

SETTLED_AFTER: Final = timedelta(hours=3)
"""A call lasts two hours at most, and its last lines come within seconds."""


async def roll(parts: Parts) -> None:
    await parts.store.write(partial(roll_next, zone=parts.settings.zone, at=parts.now()))


def roll_next(conn: Connection, *, zone: ZoneInfo, at: datetime) -> date | None:
    """Roll up the newest day that is over and not rolled up yet; return it, None if there is none."""
    oldest = figures.first_call(conn)
    if oldest is None:
        return None
    known = {first for first, _ in figures.spans(conn)}
    for day in _days(oldest.astimezone(zone).date(), (at - SETTLED_AFTER).astimezone(zone).date()):
        first = slot_of(datetime.combine(day, time(), zone))
        if first not in known:
            last = slot_of(datetime.combine(day + timedelta(days=1), time(), zone)) - 1
            figures.roll_up(conn, first, last, at=at)
            log.info("figures of %s are rolled up", day)
            return day
    return None


def _days(oldest: date, today: date) -> Iterator[date]:
    day = today - timedelta(days=1)
    while day >= oldest:
        yield day
        day -= timedelta(days=1)


ROUND: Final = Round(60.0, roll, "figures are not rolled up")
