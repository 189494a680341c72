"""The one question after a call. Its answer is a fact of the call; silence is an answer nobody holds against anyone."""

from ivr.call import Call

SCORES = {"1": 1, "2": 2, "3": 3}  # 满意, 基本满意, 不满意


async def ask_score(call: Call) -> int | None:
    """Ask for a score and thank the caller; None if there was no answer."""
    key = await call.ask(["survey"], digits=1)
    if key and key not in SCORES:
        key = await call.ask(["press-retry", "survey"], digits=1)
    score = SCORES.get(key)
    if score:
        # Before the thanks: most callers hang up as soon as they have pressed the key.
        await call.record("survey", score=score)
        await call.say(["thanks"])
    await call.say(["goodbye"])
    return score
