"""Callers asking how their case stands."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from cases.workflow import ENDED
from ivr import reading
from ivr.call import Call, Voice
from ivr.route import Route
from storage.status import Locked, Status, WrongCode

Answer = Status | WrongCode | Locked
Find = Callable[[str, str], Awaitable[Answer]]  # by the digits of the case and the query code

CASE_DIGITS, CODE_DIGITS = 12, 6
TRIES = 2
HEARINGS = 4  # of one answer, before a person asks what is unclear
LONGEST_REPLY = 400  # characters; about two minutes


async def tell_status(
    call: Call, voice: Voice, find: Find, *, now: datetime, zone: ZoneInfo, waiting: bool = True
) -> Route:
    """Ask for a case number and its code and tell how the case stands.

    A caller who left the line for this (`waiting`) goes back to it; with two wrong answers or none, a person helps.
    """
    found = await _ask_for_case(call, find)
    if isinstance(found, Status):
        sentence = await _sentence(found, voice, now=now, zone=zone)
        await call.record("self_service", result="heard", state=found.state, case=_digest(found.digits))
        if await _tell(call, sentence):
            return await _to_person(call)
        return await _leave(call, waiting=waiting)
    if isinstance(found, Locked):
        await call.record("self_service", result="locked")
        until = reading.clock((found.until + timedelta(minutes=1)).astimezone(zone).time())
        await call.say(["locked", *reading.sounds(until), "locked-until"])
    else:
        await call.record("self_service", result=found.name.lower())
        await call.say([found])
    return await _to_person(call)


class _NoCase(StrEnum):
    """Why there is nothing to tell, as the caller hears it."""

    WRONG = "still-not-found"
    SILENT = "no-input"


async def _ask_for_case(call: Call, find: Find) -> Status | Locked | _NoCase:
    complaint: list[str] = []
    for _ in range(TRIES):
        digits = await call.ask([*complaint, "enter-case-number"], digits=CASE_DIGITS)
        if not digits:
            return _NoCase.SILENT
        complaint = ["not-found"]
        if len(digits) != CASE_DIGITS or not digits.isdecimal():
            continue
        code = await call.ask(["enter-code"], digits=CODE_DIGITS)
        if not code:
            return _NoCase.SILENT
        answer = await find(digits, code)
        if not isinstance(answer, WrongCode):
            return answer
        # Whether the number or the code was wrong is nobody's business but the owner's.
        complaint = ["wrong-code"]
    return _NoCase.WRONG


async def _tell(call: Call, sentence: Sequence[str]) -> bool:
    """Speak the answer, again with 1; True if the caller wants a person."""
    for _ in range(HEARINGS):
        key = await call.ask([*sentence, "repeat-key", "person-key", "or-hang-up"], digits=1)
        if key not in {"", "0", "1"}:
            key = await call.ask(["press-retry", "repeat-key", "person-key"], digits=1)
        if key != "1":
            return key == "0"
    return True


async def _sentence(found: Status, voice: Voice, *, now: datetime, zone: ZoneInfo) -> list[str]:
    """Say: 您 十一月二十二日 反映的 噪声 事项, 已转 城管局, 要求 … 前答复, 目前 …。答复内容: …"""
    category, unit, reply = await asyncio.gather(
        voice.say(found.category), _unit(found, voice), _reply(found, voice)
    )
    filed = reading.sounds(reading.moment(found.filed_at, now=now, zone=zone))
    return [
        *("status-you", *filed, "status-reported", *category, "status-matter"),
        *unit,
        *_reply_by(found, now=now, zone=zone),
        *("status-now", f"state-{found.state}"),
        *reply,
    ]


async def _unit(found: Status, voice: Voice) -> list[str]:
    if not found.unit_name:
        return []
    name = await voice.say(found.unit_name)
    return ["status-sent-to", *name] if name else ["status-sent"]


def _reply_by(found: Status, *, now: datetime, zone: ZoneInfo) -> list[str]:
    """Say until when the department must answer, as long as it has not."""
    if found.reply_by is None or found.state in ENDED:
        return []
    due = reading.sounds(reading.deadline(found.reply_by, now=now, zone=zone))
    late = ["status-overdue"] if found.reply_by < now and not found.public_reply else []
    return ["status-required", *due, "status-reply-before", *late]


async def _reply(found: Status, voice: Voice) -> list[str]:
    if not found.public_reply:
        return [] if found.state in ENDED else ["status-no-reply"]
    opening = _opening(found.public_reply)
    spoken = await voice.say(opening)
    if not spoken:
        return ["status-reply-by-person"]
    rest = [] if opening == found.public_reply else ["status-reply-rest"]
    return ["status-reply-is", *spoken, *rest]


def _opening(reply: str) -> str:
    """Cut a long reply after its last whole sentence that is not too long to be listened to."""
    if len(reply) <= LONGEST_REPLY:
        return reply
    end = max(reply.rfind(mark, 0, LONGEST_REPLY) for mark in "。!！?？;；\n")
    return reply[: end + 1] or reply[:LONGEST_REPLY]


async def _to_person(call: Call) -> Route:
    await call.say(["to-person"])
    return Route.LINE


async def _leave(call: Call, *, waiting: bool) -> Route:
    await call.say(["back-to-line" if waiting else "goodbye"])
    return Route.LINE if waiting else Route.END


def _digest(digits: str) -> str:
    return hashlib.sha256(digits.encode()).hexdigest()[:16]
