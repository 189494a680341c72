"""What is recorded is written down beside everything else, whenever there is a speech service and a store."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

from storage.errors import StoreDown

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


async def keep_writing_down(
    what: str, there: Callable[[], bool], take_all: Callable[[], Awaitable[object]]
) -> NoReturn:
    """Take all that waits, every few seconds, until cancelled; `what` names it in the log."""
    while True:
        if there():
            try:
                await take_all()
            except StoreDown as down:
                log.warning("%s not written down now: %s", what, down)
        await asyncio.sleep(LOOK_SECONDS)
