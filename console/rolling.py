"""What is done every so often, by the process that leads: one loop for all of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from console.parts import PARTS, Parts
from storage.errors import StoreDown

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """Work that can be done again at any time, and a sentence for the log when it was not done."""

    every_seconds: float
    work: Callable[[Parts], Awaitable[object]]
    undone: str


async def run(app: web.Application, each: Round) -> None:
    """Work until cancelled; what the store refuses today is done with the next round."""
    while True:
        await asyncio.sleep(each.every_seconds)
        parts = app[PARTS]
        if not parts.engine.leads:
            continue
        try:
            await each.work(parts)
        except StoreDown as error:
            log.warning("%s: %s", each.undone, error)
