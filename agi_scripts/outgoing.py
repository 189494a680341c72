"""Somebody took up a call that we began by ourselves: say what it is about, and keep what came of it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from agi_scripts import voice_note
from agi_scripts.agi import AGISession
from agi_scripts.parts import LOOK_UP_SECONDS, Parts
from cases.outgoing import Kind, Result
from ivr import outgoing as dialogue
from ivr.route import Route
from storage import outgoing_results
from storage.errors import StoreDown
from storage.outgoing_results import Brief, Judgement
from storage.voice_notes import Said

log = logging.getLogger(__name__)

# He waits no longer for what he said to be safe; it is done all the same.
KEEP_SECONDS = 10.0


async def run(call: AGISession, parts: Parts) -> None:
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            brief = await parts.store.read(partial(outgoing_results.brief, call=call.id))
    except (StoreDown, TimeoutError) as down:
        # The dialplan finds no DONE, and says that we will ring again.
        log.warning("%s: it is not known what to say: %r", call.id, down)
        return
    if brief is None:
        # Somebody has done it while the telephone rang, or nobody knows of this call.
        log.info("%s: there is nothing to say any more", call.id)
        await _Tools(call, parts, "", "").note(Result.OVERTAKEN)
        await call.say(["out-hello", "out-settled"])
    else:
        await _talk(call, parts, brief)
    await call.route(Route.END)


async def _talk(call: AGISession, parts: Parts, brief: Brief) -> None:
    tools = _Tools(call, parts, brief.no, brief.number)
    match brief.kind:
        case Kind.DUTY:
            words = "，".join(filter(None, (brief.unit, brief.title, brief.address)))
            await dialogue.alarm(call, parts.voice, brief.digits, words, brief.purpose, tools)
        case Kind.FEEDBACK:
            await dialogue.tell_result(call, parts.voice, brief.digits, brief.reply, tools)
        case Kind.REVISIT:
            await dialogue.ask_citizen(call, brief.digits, tools)


@dataclass(frozen=True, slots=True)
class _Tools:
    """`ivr.outgoing.Tools` over the store. What is refused there was done by somebody else, or is for a person."""

    call: AGISession
    parts: Parts
    no: str
    number: str

    async def told(self) -> None:
        at, rules = self.parts.now(), self.parts.case_rules()
        await self._keep(partial(outgoing_results.told, call=self.call.id, no=self.no, at=at, rules=rules))

    async def record(self) -> Said | None:
        return await voice_note.take(self.call, self.parts)

    async def judged(self, solved: str, satisfied: str, spoken: Sequence[Said]) -> None:
        at, rules = self.parts.now(), self.parts.case_rules()
        how = Judgement(solved=solved, satisfied=satisfied, spoken=spoken)
        kept = await self._keep(
            partial(outgoing_results.judged, call=self.call.id, no=self.no, how=how, at=at, rules=rules)
        )
        for said in spoken:
            try:
                await (voice_note.settle if kept else voice_note.postpone)(self.parts, said)
            except OSError as error:
                log.warning("%s: the spool keeps what was said, for now: %r", self.call.id, error)

    async def acknowledged(self) -> None:
        at = self.parts.now()
        await self._keep(partial(outgoing_results.acknowledged, call=self.call.id, no=self.no, at=at))

    async def person(self) -> None:
        at = self.parts.now()
        await self._keep(partial(outgoing_results.wants_person, call=self.call.id, number=self.number, at=at))

    async def note(self, result: Result, *, solved: str | None = None, satisfied: str | None = None) -> None:
        await self._keep(
            partial(
                outgoing_results.said,
                call=self.call.id,
                result=result,
                solved=solved,
                satisfied=satisfied,
            )
        )

    async def _keep(self, work: Callable[[Connection], None]) -> bool:
        try:
            async with asyncio.timeout(KEEP_SECONDS):
                await self.parts.store.write(work)
        except (StoreDown, TimeoutError) as down:
            log.warning("%s: what was said could not be kept: %r", self.call.id, down)
            return False
        except outgoing_results.REFUSED as refused:
            # The kind only: the exact words stand in the history of the case.
            log.warning("%s: not kept: %s", self.call.id, type(refused).__name__)
            return False
        return True
