"""An event that many call about: what is known of it, and one key to be told how it ends instead of waiting."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ivr import reading
from ivr.busy import number_of
from ivr.call import Call, HungUp
from ivr.route import Route
from storage.events import Event
from storage.number_models import Heard

if TYPE_CHECKING:
    from ivr.welcome import Tools

JOIN, PERSON = "1", "0"
SECONDS_TO_THINK = 3.0


async def announce(call: Call, tools: "Tools", event: Event, words: Sequence[str]) -> Route | None:
    """Tell of the event; return where the call goes, or None for whoever calls about something else.

    Key 1 adds the number and gives the place in line to somebody else; silence leads to a person.
    """
    try:
        key = await call.ask([*words, "event-join"], digits=1, seconds=SECONDS_TO_THINK)
        if key == JOIN and (number := await number_of(call)):
            return await _join(call, tools, event, number)
    except HungUp:
        await tools.heard(event.id, Heard.HUNG_UP)
        raise
    await tools.heard(event.id, Heard.PERSON)
    await call.record("event", event=event.id, heard=Heard.PERSON)
    return Route.LINE if key in {JOIN, PERSON} else None


async def _join(call: Call, tools: "Tools", event: Event, number: str) -> Route:
    """Keep the number first, then say so: a caller who hangs up in the middle of the sentence is among them."""
    if not await tools.join(event.id, number):
        await call.say(["to-person"])
        return Route.LINE
    await call.record("event", event=event.id, heard=Heard.ADDED)
    # Served without a person: nobody owes him a call because he "gave up".
    await call.record("self_service", result="heard", event=event.id)
    read_back = reading.sounds(reading.phone(number))
    key = await call.ask(["event-added", *read_back, "person-key", "or-hang-up"], digits=1, seconds=5)
    return Route.LINE if key == PERSON else Route.END
