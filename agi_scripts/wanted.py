"""A caller pressed 2 or 3: he waits on in his place, and for seats of that kind. Nothing is said here, he is in the line."""

from agi_scripts.agi import AGISession
from agi_scripts.parts import Parts
from dialplan import variables
from ivr import wanted
from ivr.route import Route


async def run(call: AGISession, parts: Parts) -> None:
    key = await call.get(variables.ARGUMENT)
    wish = wanted.changed(await call.get(variables.WISH), key, parts.rules())
    if not wish:
        await call.route(Route.LINE)
        return
    await call.set(variables.WISH, wish)
    await call.route(wanted.KEYS[key])
