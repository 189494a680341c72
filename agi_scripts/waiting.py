"""A caller has to wait: how long will it be? Nothing is looked up; what the engine has in memory must do."""

from agi_scripts import menus
from agi_scripts.agi import AGISession
from agi_scripts.parts import Parts
from agi_scripts.picture import wish
from dialplan import variables
from ivr import wanted
from ivr.waiting import holds, waiting


async def run(call: AGISession, parts: Parts) -> None:
    text, chosen = await call.get(variables.WISH), await call.get(variables.ARGUMENT)
    needs = wish(text)
    wait, wishes = parts.estimate(call.id, needs), menus.Wishes(call, text)
    way = await waiting(
        call,
        wait,
        menus.dialogue(call, parts, wishes, parts.menus(), waiting=True, holds=holds(wait)),
        elder=needs is not None and needs.elder,
        chosen=wanted.CHOSEN.get(chosen, ""),
    )
    await call.route(wishes.route(way.route))
