"""评价: is it solved, and is he satisfied? Two questions, two answers; neither is ever filled in for him."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Protocol

from ivr.asking import PERSON, Question, ask
from ivr.call import Call
from storage.callbacks import DISSATISFIED, SATISFACTION
from storage.phone_service import Judged
from storage.voice_notes import Said

ASK_SOLVED: Final = Question("solved", {"1": "full", "2": "part", "3": "no", "0": PERSON})
ASK_SATISFIED: Final = Question("score", {"1": "1", "2": "2", "3": "3", "0": PERSON})


class Tools(Protocol):
    """What an evaluation needs of the rest."""

    async def record(self) -> Said | None:
        """Record what the caller says after a tone; None if that was nothing. Also kept when he hangs up in it."""

    async def judge(self, no: str, *, solved: str, satisfied: str, spoken: Sequence[Said]) -> Judged | None:
        """Keep the evaluation; None if that cannot be done now."""


class Outcome(StrEnum):
    """What came of asking."""

    KEPT = "kept"
    PERSON = "person"  # he wants one, did not answer, or it could not be kept


async def evaluate(call: Call, tools: Tools, no: str) -> Outcome:
    """Ask both questions, and why if he is not content; keep the answers, and thank him."""
    solved = await ask(call, ["ask-solved"], ASK_SOLVED)
    if solved in {"", PERSON}:
        return await _none(call, "solved")
    score = await ask(call, ["ask-satisfied"], ASK_SATISFIED)
    if score in {"", PERSON}:
        return await _none(call, "satisfied")
    satisfied = SATISFACTION[int(score) - 1]
    spoken = []
    if solved != "full" or satisfied == DISSATISFIED:
        await call.say(["say-why"])
        said = await tools.record()
        spoken = [said] if said else []
    kept = await tools.judge(no, solved=solved, satisfied=satisfied, spoken=spoken)
    if kept in {None, Judged.OVER}:
        return Outcome.PERSON
    await call.record("evaluated", solved=solved, score=score, why=int(bool(spoken)))
    await call.say(["thanks"])
    return Outcome.KEPT


async def _none(call: Call, question: str) -> Outcome:
    """Note at which question there was no answer. One answer alone is no evaluation."""
    await call.record("evaluated", unanswered=question)
    return Outcome.PERSON
