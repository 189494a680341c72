"""Draws the quality checks of a week that is over, for each agent as many as for every other."""

import logging
from functools import partial
from typing import Final

from console.parts import Parts
from console.rolling import Round
from storage import quality_rounds

log = logging.getLogger(__name__)


async def draw_weeks(parts: Parts) -> int:
    """Draw what is not drawn yet; return how many calls."""
    wanted, zone, at = parts.settings.checks_a_week, parts.settings.zone, parts.now()
    if not wanted:
        return 0
    drawn = 0
    for week in await parts.store.read(partial(quality_rounds.waiting, zone=zone, at=at)):
        draw = partial(quality_rounds.draw_week, week=week, per_agent=wanted, zone=zone, at=at)
        drawn += await parts.store.write(draw)
        log.info("quality checks of the week of %s are drawn", week)
    return drawn


ROUND: Final = Round(1_800.0, draw_weeks, "quality checks are not drawn")
