"""What is said to those who are not put through at once: too many call, or this number may not for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cases.nuisance import SPOKEN
from cases.ring_backs import dialled
from ivr import reading
from ivr.admission import EMERGENCY_HINT, Reception, Why
from ivr.call import Call
from ivr.callback import ask_number
from ivr.route import Route
from storage.nuisance import Restriction

if TYPE_CHECKING:
    from ivr.welcome import Tools

HOLD, MESSAGE = "0", "1"
SECONDS_TO_THINK = 4.0


async def note_down(call: Call, tools: "Tools", reception: Reception) -> Route:
    """Note the number and say so; whoever will not be rung back may wait as long as there is room at all."""
    number = dialled(call.caller)
    cause = "line-closed" if reception.why is Why.CLOSED else "busy-many"
    if not number:
        # The emergency numbers come first: whoever needs them shall not have to key anything.
        await call.say(["welcome", cause, EMERGENCY_HINT])
        number = await number_of(call)
        if not number:
            return await _without_number(call, may_hold=reception.may_hold)
        opening = ["busy-noted", *reading.sounds(reading.phone(number))]
    else:
        opening = ["welcome", cause, "busy-noted", *reading.sounds(reading.phone(number))]
    await call.record("refused", why=reception.why, number=number, again=int(reception.known.ring_back_owed))
    if not reception.known.ring_back_owed:
        await tools.owe(number, reception.why)
    return await _farewell(call, tools, opening, may_hold=reception.may_hold)


async def _farewell(call: Call, tools: "Tools", opening: Sequence[str], *, may_hold: bool) -> Route:
    hold = ["busy-hold"] if may_hold else []
    key = await call.ask([*opening, EMERGENCY_HINT, *hold], digits=1, seconds=SECONDS_TO_THINK)
    if key != HOLD or not may_hold:
        await call.say(["goodbye"])
        return Route.END
    await tools.hold()
    await call.record("held")
    await call.say(["to-person"])
    return Route.LINE


async def _without_number(call: Call, *, may_hold: bool) -> Route:
    """Nobody can be rung back without a number: the line if there is room, else a message."""
    if may_hold:
        await call.say(["to-person"])
        return Route.LINE
    return Route.MESSAGE


async def number_of(call: Call) -> str:
    """Return the number to ring: the one that is presented, else one that is keyed; '' if there is none."""
    return dialled(call.caller) or await ask_number(call)


async def refuse(call: Call, words: Sequence[str]) -> Route:
    """Say why and until when the number is restricted, and let the caller leave a message or an appeal."""
    await call.record("refused", why=Why.NUISANCE, number="")
    notice = ["welcome", *(words or ["blocked"]), EMERGENCY_HINT, "blocked-message"]
    key = await call.ask(notice, digits=1, seconds=6)
    if key == MESSAGE:
        return Route.MESSAGE
    await call.say(["goodbye"])
    return Route.END


def notice(restriction: Restriction, *, now: datetime, zone: ZoneInfo, appeals: str) -> str:
    """Return the notice: the reason, the last day, and where to appeal."""
    ends = restriction.expires_at or now
    # What ends at midnight has its last day before.
    last = reading.moment(ends - timedelta(minutes=1), now=now, zone=zone)
    where = f"可留言，或拨打{appeals}申诉" if appeals else "可留言申诉"
    return f"您的来电因{SPOKEN[restriction.reason]}被限制至{last}，{where}。"
