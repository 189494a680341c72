"""A citizen's place in the line stands on his channel; whatever he hears, he can be sent to a seat from there."""

import asyncio
from datetime import UTC, datetime
from typing import Self

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.ami import AMILink
from agi_scripts.events import Translator
from agi_scripts.server import Script
from agi_scripts.switch import AsteriskSwitch
from routing.live import Wish
from routing.switch import Snapshot
from tests.agi_scripts.test_events import Ear
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard, hertz_of
from tests.asterisk.test_incoming import callers, sends_to
from tests.asterisk.test_outgoing import CITIZEN, a_call, citizen
from tests.asterisk.test_seat import assign
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]


class Listening:
    """Our side of AMI: what a translator makes of Asterisk's words, and the picture it gives when asked."""

    def __init__(self, switchboard: Switchboard) -> None:
        settings = switchboard.settings
        self.link = AMILink(port=settings.ami_port, username="hotline", secret=settings.ami_secret)
        self.switch = AsteriskSwitch(self.link, now=lambda: datetime.now(UTC))
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
    caller = await people.citizen()
    async with Listening(switchboard) as old:
        with switchboard.globals(HOTLINE_LINE_SECONDS=3):
            await caller.dials()
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
    caller = await people.citizen()
    async with Listening(switchboard) as ours:
        await caller.dials()
        await caller.hears_tone(hertz_of("one-moment"))
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
    caller = await people.citizen()
    async with Listening(switchboard) as ours:
        await caller.dials()
        await caller.hears_tone(HOLD_HERTZ)
        (before,) = (await ours.picture()).waiting
        await caller.presses("1")
        await caller.hears_tone(hertz_of("one-moment"))
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
    caller = await people.citizen()
    async with Listening(switchboard) as ours:
        await caller.dials()
        await eventually(lambda: callers(switchboard))
        (before,) = (await ours.picture()).waiting
        assign(switchboard, "s1999")
        await eventually(lambda: "refused" in ours.words())
        await eventually(lambda: callers(switchboard))
        (after,) = (await ours.picture()).waiting
        assert after.since == before.since
    refused = [word for word in ours.ear.heard if word[0] == "refused"]
    assert [word[2:] for word in refused] == [("s1999", "unreachable")]


async def test_a_call_of_ours_is_heard_and_seen_as_its_seats_and_ends_with_it(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    seat, other = await people.seat(), await citizen(switchboard, people)
    call = a_call()
    async with Listening(switchboard) as ours:
        await ours.switch.ring_out(call, "s1001", number=CITIZEN, owed="hotline1-1.2")
        await seat.rings()
        (ringing,) = (await ours.picture()).talks
        assert (ringing.call, ringing.seat, ringing.answered_at, ringing.ring_back) == (
            call,
            "s1001",
            None,
            "hotline1-1.2",
        )
        await seat.answers()
        await other.answers()
        await eventually(lambda: "reached" in ours.ear.words())
        (talk,) = (await ours.picture()).talks
        assert (talk.number, talk.reached_at is not None, talk.channel[:14]) == (
            CITIZEN,
            True,
            "PJSIP/carrier-",
        )
        assert (await ours.picture()).waiting == ()
        await seat.hangs_up()
        await eventually(lambda: "ended" in ours.ear.words())
    words = [word[:3] for word in ours.ear.heard if word[0] in ("offered", "answered", "reached", "ended")]
    assert words == [
        ("offered", call, "s1001"),
        ("answered", call, "s1001"),
        ("reached", call),
        ("ended", call, talk.seat_channel),
    ]


async def test_a_call_of_ours_that_its_seat_does_not_take_is_refused_by_it(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    seat = await people.seat()
    call = a_call()
    async with Listening(switchboard) as ours:
        await ours.switch.ring_out(call, "s1001", number=CITIZEN)
        await seat.refuses()
        await eventually(lambda: "refused" in ours.ear.words())
    words = [word for word in ours.ear.heard if word[0] in ("offered", "refused", "ended")]
    assert words == [("offered", call, "s1001"), ("refused", call, "s1001", "rejected")]
