"""A caller pressed 1: how does the case stand?"""

import asyncio
import logging

from agi_scripts.agi import AGISession
from agi_scripts.parts import LOOK_UP_SECONDS, Parts
from dialplan import variables
from ivr.route import Route
from ivr.status import Answer, tell_status
from storage.errors import StoreDown
from storage.status import status_by_code

log = logging.getLogger(__name__)


async def run(call: AGISession, parts: Parts) -> None:
    async def find(digits: str, code: str) -> Answer:
        at = parts.now()
        async with asyncio.timeout(LOOK_UP_SECONDS):
            # A write: wrong codes are counted.
            return await parts.store.write(
                lambda conn: status_by_code(conn, digits, code, caller=call.caller, at=at)
            )

    waiting = await call.get(variables.POSITION) != ""
    try:
        route = await tell_status(call, parts.voice, find, now=parts.now(), zone=parts.zone, waiting=waiting)
    except (StoreDown, TimeoutError) as down:
        log.warning("%s: no case could be looked up: %r", call.id, down)
        await call.say(["status-unavailable"])
        route = Route.LINE
    await call.route(route)
