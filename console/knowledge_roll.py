"""Ends articles on their last day and reminds the units that answer for them, a few at a time."""

import logging
from functools import partial
from typing import Final

from console.parts import Parts
from console.rolling import Round
from storage import knowledge_sweep

log = logging.getLogger(__name__)


async def sweep(parts: Parts) -> int:
    """Do all that today asks for; return how many articles it was.

    An article that is over is not told anyway; this says so to its owner.
    """
    at, rules = parts.now(), parts.rules
    today, done = at.astimezone(rules.zone).date(), 0
    while found := await parts.store.write(partial(knowledge_sweep.sweep, today=today, at=at, rules=rules)):
        done += found
    if done:
        log.info("%d articles of the knowledge base have ended or are due", done)
    return done


ROUND: Final = Round(300.0, sweep, "the knowledge base is not swept")
