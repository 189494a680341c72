"""Callers asking how their case stands, and doing something about it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr import evaluation, reading, self_service
from ivr.asking import ask
from ivr.call import Call, Voice
from ivr.case_number import Unsaid, case_number, query_code
from ivr.evaluation import Outcome
from ivr.read_out import UNSPOKEN, read_out
from ivr.route import Route
from ivr.self_service import prompts_of, question_of
from ivr.status_words import sentence
from storage.status import Locked, Status, WrongCode

Answer = Status | WrongCode | Locked

TRIES = 2
STEPS = 8  # after which a person asks what is unclear
LONGEST_REPLY = 1200  # characters; about five minutes
REPLY_KEYS = {"1": "repeat", "4": "slower", "#": "end"}


class Tools(evaluation.Tools, self_service.Tools, Protocol):
    """What the dialogue needs of the rest."""

    async def find(self, digits: str, code: str) -> Answer:
        """Look a case up by its twelve digits and its query code."""


@dataclass(frozen=True, slots=True)
class Asked:
    """When, where and how it is asked."""

    now: datetime
    zone: ZoneInfo
    waiting: bool = True
    """The caller left the line for this, and goes back to it."""
    listens: bool = False
    """Numbers may be said as well as keyed, and the prompts say so."""


async def tell_status(call: Call, voice: Voice, tools: Tools, asked: Asked) -> Route:
    """Ask for a case number and its code, tell how the case stands, and do what may be done about it.

    With two wrong answers or none a person helps, as with silence at any later question.
    """
    found = await _ask_for_case(call, tools, asked)
    if isinstance(found, Status):
        told = {"state": found.state, "case": _digest(found.digits)}
        await call.record("self_service", result="heard", **told)
        return await _Telling(call, voice, tools, asked).tell(found)
    if isinstance(found, Locked):
        await call.record("self_service", result="locked")
        until = reading.clock((found.until + timedelta(minutes=1)).astimezone(asked.zone).time())
        await call.say(["locked", *reading.sounds(until), "locked-until"])
    else:
        await call.record("self_service", result=_RESULTS[found])
        if found is not Unsaid.PERSON:
            await call.say(["still-not-found" if found is Unsaid.UNCLEAR else "no-input"])
    return await _to_person(call)


_RESULTS = {Unsaid.UNCLEAR: "wrong", Unsaid.SILENT: "silent", Unsaid.PERSON: "person"}


async def _ask_for_case(call: Call, tools: Tools, asked: Asked) -> Status | Locked | Unsaid:
    number, code = ("say-case-number", "say-code") if asked.listens else ("enter-case-number", "enter-code")
    complaint: list[str] = []
    for _ in range(TRIES):
        digits = await case_number(call, [*complaint, number])
        complaint = ["not-found"]
        if digits is Unsaid.UNCLEAR:
            continue
        if isinstance(digits, Unsaid):
            return digits
        secret = await query_code(call, [code])
        if isinstance(secret, Unsaid) and secret is not Unsaid.UNCLEAR:
            return secret
        # Whether the number or the code was wrong is nobody's business but the owner's.
        complaint = ["wrong-code"]
        if isinstance(secret, Unsaid):
            continue
        answer = await tools.find(digits, secret)
        if not isinstance(answer, WrongCode):
            return answer
    return Unsaid.UNCLEAR


@dataclass(frozen=True, slots=True)
class _Telling:
    """One case told to one caller."""

    call: Call
    voice: Voice
    tools: Tools
    asked: Asked

    async def tell(self, found: Status) -> Route:
        """Tell it, again with 1, and do what he chooses; each of it once."""
        may = {"add": found.may_add, "rate": found.may_judge, "urge": found.may_urge}
        offers = [wish for wish in self_service.OFFERS if may[wish]]
        said = await sentence(found, self.voice, now=self.asked.now, zone=self.asked.zone)
        wish = "repeat"
        for _ in range(STEPS):
            if wish in {"repeat", "slower"}:
                wish = await self._hear_out(said, found.public_reply or "", offers, slow=wish == "slower")
            elif wish in offers:
                offers.remove(wish)
                if not await self._serve(found, wish):
                    break
                wish = await self._ask([], offers, reply=bool(found.public_reply))
            else:
                break
        if self.asked.waiting and wish in {"", "end"}:
            await self.call.say(["back-to-line"])
            return Route.LINE
        if wish == "end":
            await self.call.say(["goodbye"])
            return Route.END
        return await _to_person(self.call)

    async def _hear_out(self, said: Sequence[str], reply: str, offers: Sequence[str], *, slow: bool) -> str:
        """Tell how it stands, read the reply, and ask what next. An answer in the middle is taken at once."""
        if not reply:
            return await self._ask(said, offers, reply=False)
        question, read = question_of(offers, REPLY_KEYS), _opening(reply)
        before = [] if slow else [*said, "status-reply-is"]
        wish = await read_out(self.call, self.voice, read, question, opening=before, slow=slow)
        if wish == UNSPOKEN:
            return await self._ask([*said, "status-reply-by-person"], offers, reply=False)
        after = [] if read == reply else ["status-reply-rest"]
        return wish or await self._ask(after, offers, reply=True)

    async def _ask(self, said: Sequence[str], offers: Sequence[str], *, reply: bool) -> str:
        slower = ["slower-key"] if reply else []
        choices = ["repeat-key", *prompts_of(offers), *slower, "person-key", "or-hang-up"]
        question = question_of(offers, REPLY_KEYS if reply else {"1": "repeat", "#": "end"})
        return await ask(self.call, [*said, *choices], question, again=choices)

    async def _serve(self, found: Status, wish: str) -> bool:
        if wish == "rate":
            return await evaluation.evaluate(self.call, self.tools, found.no) is Outcome.KEPT
        return await self_service.serve(self.call, self.tools, found.no, wish)


def _opening(reply: str) -> str:
    """Cut a long reply after its last whole sentence that is not too long to be listened to."""
    if len(reply) <= LONGEST_REPLY:
        return reply
    end = max(reply.rfind(mark, 0, LONGEST_REPLY) for mark in "。!！?？;；\n")
    return reply[: end + 1] or reply[:LONGEST_REPLY]


async def _to_person(call: Call) -> Route:
    await call.say(["to-person"])
    return Route.LINE


def _digest(digits: str) -> str:
    return hashlib.sha256(digits.encode()).hexdigest()[:16]
