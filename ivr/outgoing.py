"""What somebody hears whom we rang by ourselves. The number of the matter comes first, so that it can be asked about at
12345; nobody is kept, nothing is taken for an answer that was none, and a person is one key away.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from cases.outgoing import Result
from ivr import reading
from ivr.asking import PERSON, Question, ask
from ivr.call import Call, Voice
from ivr.evaluation import ASK_SATISFIED, ASK_SOLVED
from ivr.read_out import UNSPOKEN, read_out
from storage.callbacks import DISSATISFIED, SATISFACTION, SOLVED
from storage.voice_notes import Said

HEARINGS: Final = 3
TAIL: Final = 4
"""So many figures of a case's number are said: enough to ask for it at 12345, too few for a stranger."""

BEGIN: Final = Question("yes_no", {"1": "yes", "2": "no", "0": PERSON})
LISTENING: Final = Question("status_keys", {"1": "repeat", "4": "slower", "0": PERSON})
ALARM_SECONDS: Final = 5.0


class Tools(Protocol):
    """Keeps what a call has come to. Each may be slow, none fails: what cannot be kept is for a person."""

    async def told(self) -> None:
        """The result was heard."""

    async def record(self) -> Said | None:
        """Record what he says after a tone; None if that was nothing. Also kept when he hangs up in it."""

    async def judged(self, solved: str, satisfied: str, spoken: Sequence[Said]) -> None:
        """Both questions were answered, and perhaps why."""

    async def acknowledged(self) -> None:
        """The unit has set out."""

    async def person(self) -> None:
        """He wants to be rung by a person."""

    async def note(self, result: Result, *, solved: str | None = None, satisfied: str | None = None) -> None:
        """Anything else, and what was answered before the call broke off."""


async def tell_result(call: Call, voice: Voice, digits: str, reply: str, tools: Tools) -> None:
    """反馈: the result, to whoever says that he wants to hear it now."""
    lead = ["out-hello", "out-case", *_tail(digits), "out-result"]
    if not await _begins(call, lead, "out-listen", tools):
        return
    for _ in range(HEARINGS):
        answer = await read_out(call, voice, reply, LISTENING)
        if answer == UNSPOKEN:
            await call.say(["status-reply-by-person"])
            await _to_person(call, tools)
            return
        if not answer:
            await tools.told()
            answer = await ask(call, ["repeat-key", "person-key", "or-hang-up"], LISTENING)
        if answer == PERSON:
            await _to_person(call, tools)
            return
        if not answer:
            break
    await call.say(["out-goodbye"])


async def ask_citizen(call: Call, digits: str, tools: Tools) -> None:
    """回访: is it solved, and is he satisfied: two questions, and neither is answered for him."""
    lead = ["out-hello", "out-case", *_tail(digits), "out-revisit"]
    if not await _begins(call, lead, "out-begin", tools):
        return
    solved = await _question(call, "ask-solved", ASK_SOLVED, tools)
    if solved not in SOLVED:
        return
    await tools.note(Result.PARTIAL, solved=solved)
    score = await _question(call, "ask-satisfied", ASK_SATISFIED, tools)
    if not score.isdecimal():
        return
    satisfied = SATISFACTION[int(score) - 1]
    await tools.note(Result.PARTIAL, solved=solved, satisfied=satisfied)
    spoken: list[Said] = []
    try:
        if solved != "full" or satisfied == DISSATISFIED:
            await call.say(["say-why"])
            said = await tools.record()
            spoken = [said] if said else []
    finally:
        # Whoever hangs up now has answered all the same.
        await tools.judged(solved, satisfied, spoken)
    await call.say(["thanks", "out-goodbye"])


async def alarm(call: Call, voice: Voice, digits: str, words: str, purpose: str, tools: Tools) -> None:
    """紧急值班: said until a key acknowledges it. Only a key does: a machine that talks back has not set out."""
    what = {"alarm": "out-duty-alarm", "not_there": "out-duty-not-there"}.get(purpose, "out-duty-late")
    spoken = await voice.say(words) if words else []
    message = ["out-duty", what, *_tail(digits), *spoken, "out-duty-keys"]
    for _ in range(HEARINGS):
        if await call.ask(message, digits=1, seconds=ALARM_SECONDS) == "1":
            await tools.acknowledged()
            await call.say(["out-duty-done"])
            return
    await tools.note(Result.NO_WORD)


async def _begins(call: Call, lead: Sequence[str], offer: str, tools: Tools) -> bool:
    """Tell whether he wants to go on; otherwise he has been told what follows. Many say nothing at first but hello."""
    answer = await ask(call, [*lead, offer], BEGIN, again=[offer])
    answer = answer or await ask(call, [offer], BEGIN)
    if answer == "yes":
        return True
    if answer == PERSON:
        await _to_person(call, tools)
        return False
    await tools.note(Result.LATER if answer == "no" else Result.NO_WORD)
    await call.say(["out-again"])
    return False


async def _question(call: Call, prompt: str, question: Question, tools: Tools) -> str:
    """Return what was answered; '' if it was nothing, after which a person will ask."""
    answer = await ask(call, [prompt], question)
    if answer == PERSON:
        await _to_person(call, tools)
    elif not answer:
        await call.say(["out-person"])
    return answer


async def _to_person(call: Call, tools: Tools) -> None:
    await tools.person()
    await call.say(["out-person"])


def _tail(digits: str) -> list[str]:
    return reading.sounds(reading.digits(digits[-TAIL:]))
