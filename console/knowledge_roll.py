"""Ends articles on their last day and reminds the units that answer for them, a few at a time."""

import asyncio
import logging
from functools import partial
from typing import Final

from aiohttp import web

from console.parts import PARTS, Parts
from storage import knowledge_sweep
from storage.errors import StoreDown

log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 300.0


async def run(app: web.Application) -> None:
    """Work until cancelled. An article that is over is not told anyway; this says so to its owner."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        parts = app[PARTS]
        if parts.engine.leads:
            try:
                await sweep(parts)
            except StoreDown as error:
                log.warning("the knowledge base is not swept: %s", error)


async def sweep(parts: Parts) -> int:
    """Do all that today asks for; return how many articles it was."""
    at, rules = parts.now(), parts.rules
    today, done = at.astimezone(rules.zone).date(), 0
    while found := await parts.store.write(partial(knowledge_sweep.sweep, today=today, at=at, rules=rules)):
        done += found
    if done:
        log.info("%d articles of the knowledge base have ended or are due", done)
    return done
