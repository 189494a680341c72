"""What a caller does about his case by himself: urge it, add to it by voice. A person is one silence away.

Who calls from the number of an open case is greeted with its state: that much may be said without a code, no more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from ivr import reading
from ivr.asking import ANY_KEY, PERSON, Question, ask
from ivr.call import Call
from ivr.route import Route
from storage.phone_service import OpenCase, Urged
from storage.voice_notes import Said

GREETED: Final = Question("status_keys", {"1": "urge", "2": "add", "3": "tell", "0": PERSON}, seconds=2.0)
OFFERS: Final[Mapping[str, tuple[str, str]]] = {
    "add": ("2", "add-key"),
    "rate": ("3", "evaluate-key"),
    "urge": ("5", "urge-key"),
}
"""Key and prompt of what may be done, in the order in which it is offered."""


class Tools(Protocol):
    """What is needed of the rest. None of it may fail: a caller is on the line."""

    async def urge(self, no: str) -> Urged | None:
        """Urge the case; None if that cannot be done now."""

    async def record(self) -> Said | None:
        """Record what the caller says after a tone; None if that was nothing. Also kept when he hangs up in it."""

    async def add(self, no: str, said: Said) -> bool:
        """Add the recording to the case; False if the case takes nothing more. A store that is away keeps it for later."""


async def greet(call: Call, tools: Tools, case: OpenCase, *, now: datetime, zone: ZoneInfo) -> Route | None:
    """Tell that he has a case, since when, and its state; return where a key leads, None for silence.

    He is not asked twice: who is not understood goes on to the line like who says nothing.
    """
    filed = reading.sounds(reading.moment(case.filed_at, now=now, zone=zone))
    sounds = ["open-cases" if case.others else "open-case", *filed, "status-reported"]
    sounds += ["status-now", f"state-{case.state}", "open-case-keys"]
    heard = await call.hear(sounds, GREETED.grammar, keys=ANY_KEY, seconds=GREETED.seconds)
    meaning = GREETED.meant(heard)
    await call.record("greeted", state=case.state, others=case.others, chosen=meaning or "none")
    match meaning:
        case "tell":
            return Route.STATUS
        case "urge" | "add":
            return await _go_on(call, tools, case.no, meaning)
    return Route.LINE if meaning == PERSON else None


async def _go_on(call: Call, tools: Tools, no: str, wish: str) -> Route:
    """Do what he wished, then offer the other; whoever then stays silent wants a person."""
    offered = ["urge", "add"]
    while wish in offered:
        offered.remove(wish)
        if not await serve(call, tools, no, wish):
            break
        wish = await ask(call, [*prompts_of(offered), "person-key", "or-hang-up"], question_of(offered))
    await call.say(["to-person"])
    return Route.LINE


async def serve(call: Call, tools: Tools, no: str, wish: str) -> bool:
    """Urge the case or add to it, and say what came of it; False if a person must help."""
    return await (urge(call, tools, no) if wish == "urge" else add(call, tools, no))


async def urge(call: Call, tools: Tools, no: str) -> bool:
    """催办: once a day; who urges again is told so politely."""
    urged = await tools.urge(no)
    if urged in {None, Urged.OVER}:
        await call.record("urged", result=urged or "failed")
        return False
    await call.record("urged", result=urged)
    # Served without a person, should he hang up now.
    await call.record("self_service", result="heard", urged=urged)
    await call.say(["urged" if urged is Urged.NOW else "urged-today"])
    return True


async def add(call: Call, tools: Tools, no: str) -> bool:
    """补充情况: what he says after the tone becomes a supplement of his case."""
    await call.say(["add-after-tone"])
    said = await tools.record()
    if said is None:
        await call.say(["add-nothing"])
        return True
    kept = await tools.add(no, said)
    await call.record("added", result="kept" if kept else "failed", seconds=round(said.seconds))
    if kept:
        await call.record("self_service", result="heard", added=round(said.seconds))
        await call.say(["added"])
    return kept


def prompts_of(offered: Sequence[str]) -> list[str]:
    return [prompt for wish, (_, prompt) in OFFERS.items() if wish in offered]


def question_of(offered: Sequence[str], more: Mapping[str, str] | None = None) -> Question:
    """Return the question whose answers are the offers, a person, and whatever else."""
    keys = {key: wish for wish, (key, _) in OFFERS.items() if wish in offered}
    return Question("status_keys", {**keys, **(more or {}), "0": PERSON})
