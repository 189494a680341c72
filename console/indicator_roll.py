"""Freezes the figures of weeks and months that are over, and counts recent ones once more each day, one at a time."""

import logging
from functools import partial
from typing import Final

from cases.indicators import BY_CODE, Source
from cases.periods import Period
from console.parts import Parts
from console.rolling import Round
from storage import indicator_periods, indicators
from storage.indicator_facts import Window
from storage.indicators import Figures

log = logging.getLogger(__name__)


async def roll_next(parts: Parts) -> str:
    """Freeze the newest period that waits for it, else count one again; return its name, '' if there is nothing to do."""
    zone, at = parts.settings.zone, parts.now()
    period = await parts.store.read(partial(indicator_periods.to_freeze, zone=zone, at=at))
    if period is not None:
        found = await count(parts, period)
        freeze = partial(indicator_periods.freeze, period=period, found=found, zone=zone, at=at)
        if await parts.store.write(freeze):
            log.info("indicators of %s are frozen", period.name)
        return period.name
    kept = await parts.store.read(partial(indicator_periods.to_recount, zone=zone, at=at))
    if kept is None:
        return ""
    found = await count(parts, kept.period)
    changed = await parts.store.write(partial(indicator_periods.correct, kept=kept, found=found, at=at))
    if changed:
        log.info("indicators of %s: %d figures are corrected", kept.period.name, changed)
    return kept.period.name


async def count(parts: Parts, period: Period) -> dict[str, Figures]:
    """Count all indicators of a period, each in a read of its own: none may hold the store for long."""
    zone = parts.settings.zone
    window = Window(begins=period.begins_at(zone), ends=period.ends_at(zone), at=parts.now())
    measure = partial(indicators.measure, window=window, calendar=parts.rules.calendar)
    line = [code for code, each in BY_CODE.items() if each.source is Source.LINE]
    times = [code for code, each in BY_CODE.items() if each.spread]
    found: dict[str, Figures] = {}
    for codes in [line, times, *([code] for code in BY_CODE if code not in {*line, *times})]:
        found |= await parts.store.read(partial(measure, codes=codes))
    return found


ROUND: Final = Round(60.0, roll_next, "indicators are not frozen")
