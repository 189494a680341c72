"""The one question after a call. Its answer is a fact of the call; silence is an answer nobody holds against anyone."""

from typing import Final

from ivr.asking import Question, ask
from ivr.call import Call

SCORE: Final = Question("score", {"1": "1", "2": "2", "3": "3"})  # 满意, 基本满意, 不满意


async def ask_score(call: Call) -> int | None:
    """Ask for a score and thank the caller; None if there was no answer."""
    answer = await ask(call, ["survey"], SCORE)
    score = int(answer) if answer else None
    if score:
        # Before the thanks: most callers hang up as soon as they have answered.
        await call.record("survey", score=score)
        await call.say(["thanks"])
    await call.say(["goodbye"])
    return score
