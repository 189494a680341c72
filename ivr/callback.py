"""Booking to be rung back instead of waiting."""

import re
from collections.abc import Awaitable, Callable

from ivr import reading
from ivr.call import Call
from ivr.route import Route

AskRingBack = Callable[[str], Awaitable[object]]

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d\d)[2-9]\d{6,7}", re.ASCII)
LOCAL = re.compile(r"[2-9]\d{6,7}", re.ASCII)  # as an exchange of the same area presents it
TRIES = 2
CONFIRMATIONS = 4  # how often a number is read back before a person takes over
LONGEST_NUMBER = 12


async def book(call: Call, ask_ring_back: AskRingBack) -> Route:
    """Agree on a number and ask for the call back; whoever cannot be understood gets a person."""
    number = ring_back_number(call.caller, may_be_local=True)
    offer = "callback-offer"
    if not number:
        number, offer = await _ask_number(call), "callback-read-back"
    for _ in range(CONFIRMATIONS):
        if not number:
            break
        key = await call.ask([offer, *reading.sounds(reading.phone(number)), "callback-confirm"], digits=1)
        if key == "1":
            await ask_ring_back(number)
            await call.record("callback", number=number)
            await call.say(["callback-booked"])
            return Route.END
        if key == "2":
            number, offer = await _ask_number(call), "callback-read-back"
        elif key and key != "0":
            await call.say(["press-retry"])
        else:
            break
    await call.say(["to-person"])
    return Route.LINE


async def _ask_number(call: Call) -> str:
    """Return a number keyed by the caller that can be dialled, or '' if there was none after two tries."""
    prompt = "callback-need-number"
    for _ in range(TRIES):
        keyed = await call.ask([prompt], digits=LONGEST_NUMBER, seconds=8)
        if not keyed:
            return ""
        if number := ring_back_number(keyed):
            return number
        prompt = "callback-bad-number"
    return ""


def ring_back_number(number: str, *, may_be_local: bool = False) -> str:
    """Return the number as it is dialled within the country, or '' for one a hotline does not ring back.

    Only mobile and fixed lines: whoever could book any number would make us dial premium or foreign ones.
    """
    for prefix in ("+86", "0086"):
        if number.startswith(prefix):
            number = number.removeprefix(prefix)
            if not MOBILE.fullmatch(number):
                number = "0" + number.removeprefix("0")
    if number.startswith("01") and MOBILE.fullmatch(number[1:]):
        return number[1:]  # once dialled with a zero from another province
    dialled = MOBILE.fullmatch(number) or LANDLINE.fullmatch(number)
    if may_be_local and not dialled:
        dialled = LOCAL.fullmatch(number)
    return number if dialled else ""
