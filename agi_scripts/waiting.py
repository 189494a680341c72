"""A caller has to wait: how long will it be? Nothing is looked up; what the engine has in memory must do."""

from agi_scripts.agi import AGISession
from agi_scripts.parts import Parts
from agi_scripts.picture import wish
from dialplan import variables
from ivr.waiting import waiting


async def run(call: AGISession, parts: Parts) -> None:
    wanted = wish(await call.get(variables.WISH))
    wait = parts.estimate(call.id, wanted)
    await call.route(await waiting(call, wait, elder=wanted is not None and wanted.elder))
