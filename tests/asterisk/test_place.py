"""A citizen's place in the line stands on his channel; whatever he hears, he can be sent to a seat from there."""

import asyncio
from typing import Self

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.ami import AMILink
from agi_scripts.events import Translator
from agi_scripts.server import Script
from agi_scripts.switch import AsteriskSwitch
from hotline.service import now
from routing.live import Wish
from routing.switch import Snapshot
from tests.agi_scripts.test_events import Ear
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard, hertz_of
from tests.asterisk.test_incoming import callers, sends_to
from tests.asterisk.test_seat import assign
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]


class Listening:
    """Our side of AMI: what a translator makes of Asterisk's words, and the picture it gives when asked."""

    def __init__(self, switchboard: Switchboard) -> None:
        settings = switchboard.settings
        self.link = AMILink(port=settings.ami_port, username="hotline", secret=settings.ami_secret)
        self.switch = AsteriskSwitch(self.link, now=now)
        self.ear = Ear()
        self.arrivals: dict[str, object] = {}

    async def __aenter__(self) -> Self:
        self.tasks = [asyncio.create_task(self.link.run()), asyncio.create_task(self._translate())]
        await self.link.ready.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.link.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def picture(self) -> Snapshot:
        return await self.switch.snapshot()

    def words(self) -> list[object]:
        return self.ear.words("joined", "aside", "gone", "left", "offered", "refused", "ended")

    async def _translate(self) -> None:
        translator = Translator(self.ear)
        while True:
            event = await self.link.inbox.get()
            translator.tell(event)
            if self.ear.said[0] is not None:
                self.arrivals.setdefault(event.get("Uniqueid", ""), self.ear.said)


async def test_when_he_came_stands_on_the_channel_and_a_new_process_reads_it(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    async def incoming(call: AGISession) -> None:
        await call.set("HOTLINE_WISH", "skill=labour&line=12345")
        await call.route("line")

    scripts["incoming"] = incoming
    citizen = await people.citizen()
    async with Listening(switchboard) as old:
        with switchboard.globals(HOTLINE_LINE_SECONDS=3):
            await citizen.dials()
            await eventually(lambda: callers(switchboard))
        (first,) = (await old.picture()).waiting
        await eventually(lambda: old.words().count("joined") >= 4, otherwise="no second round")
        (call,) = old.arrivals
        assert old.arrivals[call] == (first.since, Wish(skill="labour"))
    async with Listening(switchboard) as new:
        await eventually(lambda: callers(switchboard))
        (found,) = (await new.picture()).waiting
    assert (found.call, found.since, found.wish) == (first.call, first.since, first.wish)


async def test_a_citizen_who_is_being_told_of_his_wait_is_in_the_line_and_can_be_sent_to_a_seat(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    async def waiting(call: AGISession) -> None:
        for _ in range(20):
            await call.say(["one-moment"])
        await call.route("line")

    scripts["incoming"], scripts["waiting"] = sends_to("line"), waiting
    seat = await people.seat()
    citizen = await people.citizen()
    async with Listening(switchboard) as ours:
        await citizen.dials()
        await citizen.hears_tone(hertz_of("one-moment"))
        (found,) = (await ours.picture()).waiting
        assert not found.aside
        assert callers(switchboard) == []
        await ours.switch.assign(found.call, "s1001", channel=found.channel, reason="longest_idle")
        await seat.answers()
        assert (await ours.picture()).waiting == ()
        assert [talk.seat for talk in (await ours.picture()).talks] == ["s1001"]
        assert ours.words() == ["joined", "offered"]
    assert switchboard.facts("UNASKED") == []


async def test_a_citizen_who_pressed_a_key_is_aside_and_back_in_his_place_after_it(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    told = asyncio.Event()

    async def status(call: AGISession) -> None:
        while not told.is_set():
            await call.say(["one-moment"])
        await call.route("line")

    scripts["incoming"], scripts["status"] = sends_to("line"), status
    citizen = await people.citizen()
    async with Listening(switchboard) as ours:
        await citizen.dials()
        await citizen.hears_tone(HOLD_HERTZ)
        (before,) = (await ours.picture()).waiting
        await citizen.presses("1")
        await citizen.hears_tone(hertz_of("one-moment"))
        (during,) = (await ours.picture()).waiting
        assert during.aside
        told.set()
        await eventually(lambda: callers(switchboard))
        (after,) = (await ours.picture()).waiting
        assert (after.aside, after.since) == (False, before.since)
        assert "aside" in ours.words()


async def test_a_seat_that_is_not_there_is_told_and_costs_nobody_his_place(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    scripts["incoming"] = sends_to("line")
    citizen = await people.citizen()
    async with Listening(switchboard) as ours:
        await citizen.dials()
        await eventually(lambda: callers(switchboard))
        (before,) = (await ours.picture()).waiting
        assign(switchboard, "s1999")
        await eventually(lambda: "refused" in ours.words())
        await eventually(lambda: callers(switchboard))
        (after,) = (await ours.picture()).waiting
        assert after.since == before.since
    refused = [word for word in ours.ear.heard if word[0] == "refused"]
    assert [word[2:] for word in refused] == [("s1999", "unreachable")]
