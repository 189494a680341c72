"""A caller pressed a key during the music: what does the menu of the city say for it? He is in the line meanwhile."""

from agi_scripts import menus
from agi_scripts.agi import AGISession
from agi_scripts.parts import Parts
from dialplan import variables
from ivr.menu import LONG_WAIT, WAITING


async def run(call: AGISession, parts: Parts) -> None:
    wishes = menus.Wishes(call, await call.get(variables.WISH))
    # What was offered when he came is not withdrawn because the line has become shorter.
    menu = menus.dialogue(call, parts, wishes, parts.menus(), waiting=True, holds=frozenset({LONG_WAIT}))
    way = await menu.press(WAITING, await call.get(variables.ARGUMENT))
    await call.route(wishes.route(way.route))
