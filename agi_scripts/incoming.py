"""A citizen dials the hotline. One look into the store; whatever state that is in, a person is on the way."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from agi_scripts import menus
from agi_scripts.agi import AGISession
from agi_scripts.case_desk import CaseDesk
from agi_scripts.parts import LOOK_UP_SECONDS, Parts
from cases.call_record import RingBackReason
from dialplan import variables
from ivr import admission, self_service, wanted, welcome
from ivr.admission import Arriving, Why
from ivr.menu import EVENT, Profile
from ivr.menu_run import Dialogue
from ivr.route import Route
from ivr.sound import BadSound
from storage import events, numbers, ring_backs
from storage.errors import Missing, StoreDown
from storage.number_models import Heard
from storage.phone_service import OpenCase
from storage.reception import NOTHING, Known, reception

log = logging.getLogger(__name__)

T = TypeVar("T")

OURS = "12345"
# The caller hears nothing meanwhile.
WELCOME_SECONDS = min(1.5, LOOK_UP_SECONDS)


async def run(call: AGISession, parts: Parts) -> None:
    at = parts.now()
    pace = parts.arrivals.came(call.caller, at)
    known = await _known(call, parts)
    day = at.astimezone(parts.zone).date()
    arriving = Arriving(call.dialled or OURS, parts.load(), pace, day, closed=parts.closed())
    decided = admission.receive(known, arriving, parts.limits)
    await call.set(variables.WISH, decided.wish)
    if decided.why:
        log.info("%s: received otherwise: %s, %s", call.id, decided.lane, decided.why)
    wishes = menus.Wishes(call, decided.wish)
    route = await welcome.receive(
        call,
        _Tools(call, parts, wishes),
        decided,
        now=at,
        zone=parts.zone,
        appeals=parts.limits.appeals,
        offers=wanted.offered(decided.wish, parts.rules()),
        menu=_menu(call, parts, wishes, known),
    )
    await call.route(route)


def _menu(call: AGISession, parts: Parts, wishes: menus.Wishes, known: Known) -> Dialogue | None:
    """Return the menus where a city wants them before the line."""
    book = parts.menus()
    if book.profile is Profile.DIRECT:
        return None
    holds = frozenset({EVENT} if known.events else ())
    return menus.dialogue(call, parts, wishes, book, holds=holds, events=bool(known.events))


async def _known(call: AGISession, parts: Parts) -> Known:
    dialled, number, at = call.dialled or OURS, call.caller, parts.now()
    try:
        async with asyncio.timeout(WELCOME_SECONDS):
            return await parts.store.read(lambda conn: reception(conn, dialled=dialled, number=number, at=at))
    except (StoreDown, TimeoutError) as down:
        log.warning("%s: nothing is known of the call: %r", call.id, down)
        return NOTHING


@dataclass(frozen=True, slots=True)
class _Tools:
    """`ivr.welcome.Tools` on the store. What the store cannot keep now stands in the call's facts all the same."""

    call: AGISession
    parts: Parts
    wishes: menus.Wishes

    async def speak(self, text: str, sound: str | None = None) -> list[str]:
        if sound:
            try:
                async with asyncio.timeout(WELCOME_SECONDS):
                    return await self.parts.voice.recorded(sound, lambda: self._sound(sound))
            except (StoreDown, Missing, BadSound, OSError, TimeoutError) as error:
                log.warning("%s: the recording %s cannot be played: %r", self.call.id, sound, error)
        return await self.parts.voice.say(text)

    async def owe(self, number: str, why: Why) -> bool:
        """Promise the call back in the place he would have had; a flood, and whoever calls while it is closed, has none."""
        at, key = self.parts.now(), f"{self.call.id}:refused"
        crowded = why in {Why.CALLS, Why.WAITING}
        log.info("%s: the number is noted (%s)", self.call.id, why)
        return await self._keep(
            lambda conn: ring_backs.ask_ring_back(
                conn,
                call=self.call.id,
                number=number,
                at=at,
                key=key,
                within=self.parts.ring_back_within,
                since=at if crowded else None,
                reason=RingBackReason.ASKED if crowded else RingBackReason.REFUSED,
                wish=self.wishes.wish,
            )
        )

    async def hold(self) -> None:
        at = self.parts.now()
        await self._keep(lambda conn: ring_backs.take_back(conn, call=self.call.id, by="caller", at=at))

    async def join(self, event: int, number: str) -> bool:
        at = self.parts.now()
        return await self._keep(
            lambda conn: events.add_member(conn, event, call=self.call.id, number=number, at=at)
        )

    async def heard(self, event: int, what: Heard) -> None:
        at = self.parts.now()
        await self._keep(lambda conn: events.heard(conn, event, call=self.call.id, what=what, at=at))

    async def greet(self, case: OpenCase) -> Route | None:
        """Before the line he hears it only if he has to wait, and his place is his from now on."""
        now, zone = self.parts.now(), self.parts.zone
        if self.parts.menus().profile is Profile.DIRECT:
            if self.parts.free():
                return None  # whoever takes him at once sees the case
            await self.call.set(variables.SINCE, f"{now.timestamp():.3f}")
            await self.call.set(variables.TELL, "1")
        return await self_service.greet(self.call, CaseDesk(self.call, self.parts), case, now=now, zone=zone)

    async def _sound(self, digest: str) -> bytes:
        return await self.parts.store.read(lambda conn: numbers.sound(conn, digest))

    async def _keep(self, work: Callable[[Connection], object]) -> bool:
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                await self.parts.store.write(work, retryable=True)
        except (StoreDown, TimeoutError) as down:
            log.warning("%s: not kept: %r", self.call.id, down)
            return False
        return True
