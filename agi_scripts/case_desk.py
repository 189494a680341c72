"""What a caller does about his case by himself, bound to the store and to his channel."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from agi_scripts import voice_note
from agi_scripts.agi import AGISession
from agi_scripts.parts import LOOK_UP_SECONDS, Parts
from cases.clocks import ClockRefused
from cases.rules import Rules
from cases.workflow import Refusal
from ivr.status import Answer
from storage import phone_service
from storage.errors import Conflict, Invalid, Missing, StoreDown
from storage.phone_service import Judged, Urged
from storage.status import status_by_code
from storage.voice_notes import Said

log = logging.getLogger(__name__)

T = TypeVar("T")

# What the store may say to a caller's wish. He is not told; a person is.
CANNOT = (StoreDown, TimeoutError, Refusal, ClockRefused, Conflict, Invalid, Missing)


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """`ivr.status.Tools`, `ivr.self_service.Tools` and `ivr.evaluation.Tools` for one call."""

    call: AGISession
    parts: Parts

    async def find(self, digits: str, code: str) -> Answer:
        at = self.parts.now()
        async with asyncio.timeout(LOOK_UP_SECONDS):
            # A write: wrong codes are counted.
            return await self.parts.store.write(
                lambda conn: status_by_code(conn, digits, code, caller=self.call.caller, at=at)
            )

    async def urge(self, no: str) -> Urged | None:
        at, call = self.parts.now(), self.call.id
        return await self._do(
            lambda conn, rules: phone_service.urge(conn, no, call=call, at=at, rules=rules), again=True
        )

    async def record(self) -> Said | None:
        return await voice_note.take(self.call, self.parts)

    async def add(self, no: str, said: Said) -> bool:
        at, call = self.parts.now(), self.call.id
        went = await self._do(
            lambda conn, rules: phone_service.add_words(conn, no, said, call=call, at=at, rules=rules),
            again=True,
        )
        await self._put_away([said], kept=went is not None)
        return went is not None

    async def judge(self, no: str, *, solved: str, satisfied: str, spoken: Sequence[Said]) -> Judged | None:
        answers = {"solved": solved, "satisfied": satisfied}
        at, call = self.parts.now(), self.call.id
        judged = await self._do(
            lambda conn, rules: phone_service.evaluate(
                conn, no, **answers, spoken=spoken, call=call, at=at, rules=rules
            )
        )
        await self._put_away(spoken, kept=judged is not None and judged is not Judged.OVER)
        return judged

    async def _put_away(self, spoken: Sequence[Said], *, kept: bool) -> None:
        """What the store has not got is left for a person to hear."""
        for said in spoken:
            try:
                await (voice_note.settle if kept else voice_note.postpone)(self.parts, said)
            except OSError as error:
                log.warning("%s: the spool keeps what was said, for now: %r", self.call.id, error)

    async def _do(self, work: Callable[[Connection, Rules], T], *, again: bool = False) -> T | None:
        """Do it in the store under the rules in force; None if that cannot be done."""
        rules = self.parts.case_rules()
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                return await self.parts.store.write(lambda conn: work(conn, rules), retryable=again)
        except CANNOT as why:
            # The kind only: a message could name the case.
            log.warning("%s: not done by the caller himself: %s", self.call.id, type(why).__name__)
            return None
