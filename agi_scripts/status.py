"""A caller pressed 1: how does the case stand?"""

import logging

from agi_scripts.agi import AGISession
from agi_scripts.case_desk import CaseDesk
from agi_scripts.parts import Parts
from dialplan import variables
from ivr.route import Route
from ivr.status import Asked, tell_status
from storage.errors import StoreDown

log = logging.getLogger(__name__)


async def run(call: AGISession, parts: Parts) -> None:
    waiting = await call.get(variables.POSITION) != ""
    asked = Asked(now=parts.now(), zone=parts.zone, waiting=waiting, listens=parts.speech())
    try:
        route = await tell_status(call, parts.voice, CaseDesk(call, parts), asked)
    except (StoreDown, TimeoutError) as down:
        log.warning("%s: no case could be looked up: %r", call.id, down)
        await call.say(["status-unavailable"])
        route = Route.LINE
    await call.route(route)
