"""A caller pressed 9: call me back instead."""

import asyncio
import logging

from agi_scripts.agi import AGISession
from agi_scripts.parts import LOOK_UP_SECONDS, Parts
from ivr.callback import book
from ivr.route import Route
from storage.calls import ask_ring_back
from storage.errors import StoreDown

log = logging.getLogger(__name__)


async def run(call: AGISession, parts: Parts) -> None:
    async def promise(number: str) -> None:
        at, key = parts.now(), f"{call.id}:callback"
        async with asyncio.timeout(LOOK_UP_SECONDS):
            await parts.store.write(
                lambda conn: ask_ring_back(conn, call=call.id, number=number, at=at, key=key), retryable=True
            )

    try:
        route = await book(call, promise)
    except (StoreDown, TimeoutError) as down:
        log.warning("%s: no call back could be booked: %r", call.id, down)
        await call.say(["callback-failed"])
        route = Route.LINE
    await call.route(route)
