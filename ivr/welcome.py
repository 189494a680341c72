"""The first words: who is speaking, and that the call is recorded. A person comes next, unless a key says otherwise."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr import busy, event
from ivr.admission import Lane, Reception, Why
from ivr.call import Call
from ivr.menu import MAIN
from ivr.menu_run import Dialogue
from ivr.route import Route
from storage.events import Event
from storage.number_models import Heard, MergeMode
from storage.numbers import OldHotline
from storage.phone_service import OpenCase

KEYS = {"1": Route.STATUS, "9": Route.CALLBACK, "0": Route.LINE}


class Tools(Protocol):
    """What a reception does beyond speaking. None of it may fail: a caller is on the line."""

    async def speak(self, text: str, sound: str | None = None) -> list[str]:
        """Return the sounds of the city's recording or of the text; [] if neither can be heard."""

    async def owe(self, number: str, why: Why) -> bool:
        """Note that this number is rung back; False if that could not be kept."""

    async def hold(self) -> None:
        """Forget what was noted for this call: the caller waits after all."""

    async def join(self, event: int, number: str) -> bool:
        """Add the number to the event; False if that could not be kept."""

    async def heard(self, event: int, what: Heard) -> None:
        """Note what came of the announcement."""

    async def greet(self, case: OpenCase) -> Route | None:
        """Tell of his open case and do what he chooses; None if he chooses nothing."""


async def receive(
    call: Call,
    tools: Tools,
    reception: Reception,
    *,
    now: datetime,
    zone: ZoneInfo,
    appeals: str = "",
    offers: Mapping[str, Route] | None = None,
    menu: Dialogue | None = None,
) -> Route:
    """Speak to the caller as was decided, and return where the call goes.

    `offers` are the keys of this city's seats. With a `menu` it comes before the line, for ordinary callers.
    """
    match reception.lane:
        case Lane.BLOCKED:
            restriction = reception.known.restriction
            assert restriction is not None
            words = await tools.speak(busy.notice(restriction, now=now, zone=zone, appeals=appeals))
            return await busy.refuse(call, words)
        case Lane.NOTED:
            return await busy.note_down(call, tools, reception)
        case Lane.ELDER:
            await call.say(["welcome"])
            return Route.LINE
        case Lane.WARNED:
            await call.say(["welcome", "warned"])
            return Route.LINE
        case _:
            line, day = reception.known.line, now.astimezone(zone).date()
            words = await _of_line(tools, line, day) if line else []
            if menu is not None:
                return await _menu_first(call, tools, reception, words, menu)
            return await _ordinary(call, tools, reception, words, offers or {})


async def _ordinary(
    call: Call, tools: Tools, reception: Reception, words: Sequence[str], offers: Mapping[str, Route]
) -> Route:
    route = await welcome(call, words, offers)
    if route is None and (case := reception.known.open_case):
        route = await tools.greet(case)
    if route is None:
        return await _events(call, tools, reception.known.events) or Route.LINE
    return route


async def _menu_first(
    call: Call, tools: Tools, reception: Reception, words: Sequence[str], menu: Dialogue
) -> Route:
    """Greet, announce what many call about, and play the menu. Nobody is spared the notice of recording."""
    events = reception.known.events
    chosen = await menu.notice(["welcome"], MAIN, again=["recording-notice"])
    if chosen is None and words:
        chosen = await menu.notice(words, MAIN)
    if chosen is None and (case := reception.known.open_case) and (route := await tools.greet(case)):
        return route
    if chosen is None and (route := await _events(call, tools, events)):
        return route
    way = await menu.run(MAIN, chosen=chosen)
    if way.event:
        return await _events(call, tools, events) or Route.LINE
    return way.route


async def _events(call: Call, tools: Tools, events: Sequence[Event]) -> Route | None:
    """Tell of the events that are on; None for who calls about something else."""
    for one in events:
        words = await tools.speak(one.announcement, one.sound)
        if words and (route := await event.announce(call, tools, one, words)):
            return route
    return None


async def welcome(
    call: Call, words: Sequence[str] = (), offers: Mapping[str, Route] | None = None
) -> Route | None:
    """Greet the caller and return where a key leads; None, and so to the line, for silence.

    The keys are offered while waiting, but who knows them need not wait. Nobody is spared the notice of recording.
    """
    keys = KEYS | dict(offers or {})
    key = await call.say(["welcome"], keys="".join(keys))
    if key:
        await call.say(["recording-notice"])
    elif words:
        key = await call.say(words, keys="".join(keys))
    return keys.get(key)


async def _of_line(tools: Tools, line: OldHotline, day: date) -> list[str]:
    """Return what is said to somebody who dialled an old number: its own words, or the prompt for any."""
    own = not line.retired(day)
    spoken = await tools.speak(greeting(line, day), line.sound if own else None)
    return spoken or ["merged-line" if own else "line-retired"]


def greeting(line: OldHotline, day: date) -> str:
    """Return the sentence for the callers of an old number on this day.

    After its retirement they are told the new number, whatever was written before, and are received all the same.
    """
    if line.retired(day):
        return f"您拨打的{line.name}号码已停用，请今后直接拨打12345，正在为您转接。"
    if line.greeting:
        return line.greeting
    if line.in_parallel(day):
        return f"您拨打的{line.name}与12345并行服务，正在为您接通。"
    if line.mode is MergeMode.BRANCH:
        return f"您拨打的是12345热线{line.name}分中心，正在为您接通。"
    return f"您拨打的{line.name}已并入12345，正在为您转接。"
