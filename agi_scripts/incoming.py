"""A citizen dials 12345. Nothing is looked up here: whatever state the store is in, a person is on the way."""

from agi_scripts.agi import AGISession
from agi_scripts.parts import Parts
from ivr.welcome import welcome


async def run(call: AGISession, parts: Parts) -> None:  # noqa: ARG001  all scripts are called alike
    await call.route(await welcome(call))
