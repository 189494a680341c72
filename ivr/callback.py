"""Booking to be rung back instead of waiting: when his turn comes, or at a time of his choice."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.ring_backs import dialled
from ivr import reading
from ivr.call import Call
from ivr.route import Route

Promise = Callable[[str, datetime | None], Awaitable[object]]
"""Keeps the number and, if he wants another time than his turn, that time."""

TRIES = 2
CONFIRMATIONS = 4  # how often a number is read back before a person takes over
LONGEST_NUMBER = 12
MORNING = time(9)


async def book(
    call: Call, promise: Promise, *, now: datetime, zone: ZoneInfo, place: Mapping[str, str] | None = None
) -> Route:
    """Agree on a number and a time, and promise the call back; whoever cannot be understood gets a person.

    `place` is what his channel says of his place in the line, which he keeps: it goes into the record with the promise, so
    that the promise holds although the store does not answer.
    """
    number = dialled(call.caller)
    offer = "callback-offer"
    if not number:
        number, offer = await ask_number(call), "callback-read-back"
    wrong = False
    for _ in range(CONFIRMATIONS):
        if not number:
            break
        key = await call.ask([offer, *reading.sounds(reading.phone(number)), "callback-confirm"], digits=1)
        if key in {"1", "2", "3"}:
            hours = await _hours(call) if key == "2" else 0
            if hours is None:
                break
            chosen = _time(key, hours, now.astimezone(zone))
            await call.record("callback", number=number, chosen=_epoch(chosen), **(place or {}))
            await promise(number, chosen)
            await call.say(_booked(chosen, now, zone))
            return Route.END
        if key == "4":
            number, offer = await ask_number(call), "callback-read-back"
        elif key and key != "0" and not wrong:
            wrong = True  # a second one means that he cannot be understood
            await call.say(["press-retry"])
        else:
            break
    await call.say(["to-person"])
    return Route.LINE


async def _hours(call: Call) -> int | None:
    """Return in how many hours he wants to be rung; 0 when his turn comes, which is also what silence means.

    None means that he wants a person.
    """
    for _ in range(TRIES):
        hours = await call.ask(["callback-hours"], digits=1)
        if hours == "0":
            return None
        if not hours or hours in set("12345678"):
            return int(hours or 0)
        await call.say(["press-retry"])
    return 0


def _time(key: str, hours: int, now: datetime) -> datetime | None:
    """Return when he wants to be rung; None when his turn comes."""
    if key == "3":
        return datetime.combine(now.date() + timedelta(days=1), MORNING, now.tzinfo)
    return now + timedelta(hours=hours) if hours else None


def _booked(chosen: datetime | None, now: datetime, zone: ZoneInfo) -> list[str]:
    if chosen is None:
        return ["callback-booked"]
    local = chosen.astimezone(zone)
    hour = reading.clock(time(local.hour, local.minute // 5 * 5))
    day = reading.moment(chosen, now=now, zone=zone) if local.date() != now.astimezone(zone).date() else ""
    return ["callback-booked-at", *reading.sounds(day + hour), "callback-then"]


def _epoch(at: datetime | None) -> str:
    return str(int(at.timestamp())) if at else ""


async def ask_number(call: Call) -> str:
    """Return a number keyed by the caller that can be dialled, or '' if there was none after two tries."""
    prompt = "callback-need-number"
    for _ in range(TRIES):
        keyed = await call.ask([prompt], digits=LONGEST_NUMBER, seconds=8)
        if not keyed:
            return ""
        if number := dialled(keyed, may_be_local=False):
            return number
        prompt = "callback-bad-number"
    return ""
