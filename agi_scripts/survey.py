"""The seat has hung up and the caller is still there: one question."""

from agi_scripts.agi import AGISession
from agi_scripts.parts import Parts
from ivr.route import Route
from ivr.survey import ask_score


async def run(call: AGISession, parts: Parts) -> None:  # noqa: ARG001  all scripts are called alike
    await ask_score(call)
    await call.route(Route.END)
