"""A citizen whom we have rung is held, handed over and handed on like one who called; and whatever fails, he is not lost."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from agi_scripts.ami import AMILink
from agi_scripts.events import Listener
from agi_scripts.switch import AsteriskSwitch
from routing.engine import Engine
from routing.line import Line
from routing.live import SeatState
from routing.moves import Step, Whom
from storage import calls
from storage.calls import CallView
from storage.engine import Store
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard
from tests.asterisk.test_handing_over import (
    CITIZEN_HERTZ,
    DEPARTMENT,
    FIRST_HERTZ,
    SECOND_HERTZ,
    SETTINGS,
    Hall,
    keep_nothing,
    now,
    sits_down,
)
from tests.asterisk.test_outgoing import citizen
from tests.asterisk.test_records import Scripts, is_over, the_record
from tests.asterisk.test_seat import voice
from tests.asterisk.test_transfers import hears_both, said
from tests.sip import eventually

pytestmark = pytest.mark.asterisk


async def a_process(switchboard: Switchboard) -> tuple[Engine, list[asyncio.Task[None]], AMILink]:
    settings = switchboard.settings
    link = AMILink(port=settings.ami_port, username="hotline", secret=settings.ami_secret)
    switch = AsteriskSwitch(link, now=now, node="hotline1")
    engine = Engine(Line(), switch, SETTINGS, now=now, record=keep_nothing, node="hotline1")
    listener = Listener(link, switch, engine, now=now, node="hotline1")
    running = [asyncio.create_task(each()) for each in (link.run, listener.run, engine.run)]
    await asyncio.wait_for(link.ready.wait(), 10)
    return engine, running, link


class OurCall(Hall):
    """s1001 has rung the citizen, who has answered."""

    @property
    def call(self) -> str:
        (fact,) = self.switchboard.facts("OUTGOING")
        return fact.call


@pytest.fixture
async def ours(
    switchboard: Switchboard, people: People, scripts: Scripts, tmp_path: Path
) -> AsyncIterator[OurCall]:
    async def asks_nothing(call: object) -> None:
        await call.route("end")  # type: ignore[attr-defined]

    scripts["survey"] = asks_nothing
    engine, running, link = await a_process(switchboard)
    first = await people.seat("s1001", voice(tmp_path, FIRST_HERTZ))
    second = await people.seat("s1002", voice(tmp_path, SECOND_HERTZ))
    other = await citizen(switchboard, people, voice(tmp_path, CITIZEN_HERTZ))
    await sits_down(engine, "s1001")
    engine.ring_out("s1001", number="13850123456", at=now(), by="1001")
    await first.answers()
    await other.answers()
    await other.hears_tone(FIRST_HERTZ)
    await sits_down(engine, "s1002")
    hall = OurCall(engine, running, link, switchboard, people, other, first, second)
    await eventually(lambda: engine.line.talks[hall.call].reached_at)
    yield hall
    await hall.dies()


def recorded(hall: OurCall) -> int:
    (begun,) = hall.switchboard.facts("OUTGOING")
    return (hall.switchboard.folder / "recordings" / begun.detail["recording"]).stat().st_size


def no_other_call(kept: Store, view: CallView) -> None:
    """The record of a call of ours is no caller's; neither whom we rang nor who was beside him has one of his own."""
    outcomes = kept.read_now(partial(calls.outcomes, begins=view.offered_at, ends=now()))
    assert sum(outcomes.values()) == 0


async def is_paused_and_goes_on(hall: OurCall, seat: str) -> None:
    """The exchange must know which leg is recorded, or the pause is refused."""
    await hall.engine.unrecorded.begin(seat, now(), by=seat[1:])
    hall.engine.unrecorded.end(seat, now())
    await eventually(lambda: hall.engine.unrecorded.of(hall.call) is None)


async def test_a_citizen_whom_we_rang_is_held_and_handed_over_and_it_stays_one_recorded_call(
    ours: OurCall, kept: Store
) -> None:
    await is_paused_and_goes_on(ours, "s1001")
    ours.ask("s1002")
    await ours.second.answers()
    await ours.second.hears_tone(FIRST_HERTZ)
    await ours.citizen.hears_tone(HOLD_HERTZ)
    await eventually(lambda: ours.step() is Step.TALKING)
    ours.engine.moves.hand_over("s1001", now(), by="1001")
    await ours.citizen.hears_tone(SECOND_HERTZ)
    before = recorded(ours)
    await ours.second.hears_tone(CITIZEN_HERTZ)
    await ours.only("carrier", "s1002")
    await eventually(lambda: ours.state("s1001") is SeatState.WRAP_UP)
    assert ours.engine.line.talks[ours.call].seat == "s1002"
    await eventually(lambda: recorded(ours) > before, otherwise="it is not recorded any more")
    await is_paused_and_goes_on(ours, "s1002")
    await ours.second.hangs_up()
    await ours.citizen.is_hung_up()
    await eventually(lambda: ours.state("s1002") is SeatState.WRAP_UP)
    view = await the_record(kept, ours.switchboard, is_over)
    assert [part for part in said(view) if part[0] in ("talk", "consult")] == [
        ("talk", "s1001", "moved", "attended"),
        ("consult", "s1001", "", "s1002"),
        ("talk", "s1002", "seat", ""),
    ]
    assert (view.seat, view.dial_status, view.hung_up_by) == ("s1001", "ANSWER", "seat")
    no_other_call(kept, view)


async def test_a_process_that_dies_in_the_question_leaves_whom_we_rang_with_the_seat_that_comes_back(
    ours: OurCall,
) -> None:
    ours.ask("s1002")
    await ours.second.answers()
    await ours.citizen.hears_tone(HOLD_HERTZ)
    await ours.dies()
    await ours.second.hangs_up()
    await ours.citizen.hears_tone(FIRST_HERTZ)
    # The next one knows by the first picture whom it can move.
    ours.engine, ours.running, ours.link = await a_process(ours.switchboard)
    await eventually(lambda: ours.call in ours.engine.line.talks)
    assert ours.engine.line.talks[ours.call].channel.startswith("PJSIP/carrier-")
    await sits_down(ours.engine, "s1002")
    ours.ask("s1002")
    await ours.second.answers()
    await ours.citizen.hears_tone(HOLD_HERTZ)


async def test_a_seat_that_is_gone_in_the_question_leaves_whom_we_rang_at_the_head_of_the_line(
    ours: OurCall, kept: Store
) -> None:
    ours.ask("s1002")
    await ours.second.answers()
    await eventually(lambda: ours.step() is Step.TALKING)
    await ours.first.hangs_up()
    await ours.second.is_hung_up()
    await eventually(lambda: ours.state("s1001") is SeatState.WRAP_UP)
    await ours.second.answers()
    await ours.citizen.hears_tone(SECOND_HERTZ)
    talk = ours.engine.line.talks[ours.call]
    assert (talk.seat, talk.caller.ring_back) == ("s1002", "")
    await ours.citizen.hangs_up()
    await eventually(lambda: ours.state("s1002") is SeatState.WRAP_UP)
    view = await the_record(kept, ours.switchboard, is_over)
    assert [part[:2] for part in said(view) if part[0] in ("talk", "consult")] == [
        ("talk", "s1001"),
        ("consult", "s1001"),
        ("talk", "s1002"),
    ]
    assert view.hung_up_by == "caller"
    no_other_call(kept, view)


async def test_whom_we_rang_is_handed_on_to_a_seat_and_to_the_line_if_a_number_is_not_to_be_had(
    ours: OurCall,
) -> None:
    ours.engine.moves.hand_on("s1001", Whom("s1002"), now(), by="1001")
    await ours.second.answers()
    await ours.citizen.hears_tone(SECOND_HERTZ)
    await eventually(lambda: ours.state("s1001") is SeatState.WRAP_UP)
    assert ours.engine.line.talks[ours.call].seat == "s1002"
    await ours.only("carrier", "s1002")
    ours.engine.ready("s1001", at=now())
    ours.engine.moves.hand_on("s1002", Whom(DEPARTMENT), now(), by="1002")  # the carrier does not know it
    await ours.first.answers()
    await ours.citizen.hears_tone(FIRST_HERTZ)
    assert [fact.detail for fact in ours.switchboard.facts("FORWARDED")] == [{"whom": DEPARTMENT}]


async def test_whom_we_rang_hears_a_third_voice_who_takes_him_over(ours: OurCall) -> None:
    ours.join("s1002")
    await ours.second.answers()
    await hears_both(ours.citizen, FIRST_HERTZ, SECOND_HERTZ)
    await eventually(lambda: ours.step() is Step.TALKING)
    ours.engine.moves.hand_over("s1001", now(), by="1001")
    await ours.only("carrier", "s1002")
    await eventually(lambda: ours.state("s1001") is SeatState.WRAP_UP)
    await ours.second.hears_tone(CITIZEN_HERTZ)
    assert ours.engine.line.talks[ours.call].seat == "s1002"
    await ours.second.hangs_up()
    await ours.citizen.is_hung_up()


async def test_whom_we_rang_hangs_up_in_music_and_frees_both_seats(ours: OurCall) -> None:
    ours.ask("s1002")
    await ours.second.answers()
    await eventually(lambda: ours.step() is Step.TALKING)
    await ours.citizen.hangs_up()
    await ours.only()
    assert (ours.state("s1001"), ours.state("s1002")) == (SeatState.WRAP_UP, SeatState.READY)
