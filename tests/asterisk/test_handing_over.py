"""Agents ask, bring in a third voice and hand over, by our engine on a real Asterisk; and whatever fails, nobody is lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from agi_scripts.ami import AMILink
from agi_scripts.events import Listener
from agi_scripts.switch import AsteriskSwitch
from hotline.phone import Line as Telephony
from routing.engine import Engine, LineSettings
from routing.line import Line
from routing.live import Seat, SeatState
from routing.moves import Step, Whom
from storage import calls
from storage.calls import CallView
from storage.engine import Store
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard
from tests.asterisk.test_incoming import callers
from tests.asterisk.test_records import Scripts, is_over, the_record
from tests.asterisk.test_seat import voice
from tests.asterisk.test_transfers import hears_both, said
from tests.sip import Telephone, eventually

pytestmark = pytest.mark.asterisk

CITIZEN_HERTZ, FIRST_HERTZ, SECOND_HERTZ = 300, 420, 390
DEPARTMENT = "059187551234"
SETTINGS = LineSettings(ring_seconds=3, wrap_up_seconds=30)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Hall:
    """A citizen who talks to s1001, a colleague beside them, and our engine, which may be killed."""

    engine: Engine
    running: list[asyncio.Task[None]]
    link: AMILink
    switchboard: Switchboard
    people: People
    citizen: Telephone
    first: Telephone
    second: Telephone

    @property
    def call(self) -> str:
        (fact,) = self.switchboard.facts("OFFERED")
        return fact.call

    def state(self, seat: str) -> SeatState:
        return self.engine.line.seats[seat].state

    def step(self) -> Step | None:
        aside = self.engine.moves.of("s1001")
        return aside.step if aside else None

    def ask(self, to: str) -> None:
        self.engine.moves.ask("s1001", Whom(to), now(), by="1001")

    def join(self, to: str) -> None:
        self.engine.moves.join("s1001", Whom(to), now(), by="1001")

    async def department(self, sound: Path | None = None) -> Telephone:
        """The duty telephone of a department, behind the carrier."""
        port = int(self.switchboard.settings.carrier.rpartition(":")[2])
        line = Telephony(user=DEPARTMENT, server=self.switchboard.server, port=port)
        return await self.people.telephone(line, sound)

    async def dies(self) -> None:
        """Our process is gone, from one moment to the next."""
        self.link.close()
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)

    def bridged(self, leg: str) -> bool:
        """Tell whether the citizen and his seat are together."""
        rows = [row for row in self.switchboard.cel() if row["channame"].startswith(f"PJSIP/{leg}-")]
        inside = [row["eventtype"] for row in rows if row["eventtype"].startswith("BRIDGE_")]
        talks = [row["context"] for row in rows if row["eventtype"] == "BRIDGE_ENTER"]
        return inside[-1] == "BRIDGE_ENTER" and talks[-1] in ("hotline-held", "hotline-consult")

    async def only(self, *legs: str) -> None:
        """Wait until there are no other channels than these."""

        def left() -> bool:
            there = sorted(name.split("/")[1].rpartition("-")[0] for name in self.switchboard.channels())
            return there == sorted(legs)

        await eventually(left, otherwise=f"not only {legs}")


async def keep_nothing(_: Seat) -> None:
    """The seat log of these tests."""


@pytest.fixture
async def hall(
    switchboard: Switchboard, people: People, scripts: Scripts, tmp_path: Path
) -> AsyncIterator[Hall]:
    async def line(call: object) -> None:
        await call.route("line")  # type: ignore[attr-defined]

    scripts["incoming"] = line
    settings = switchboard.settings
    link = AMILink(port=settings.ami_port, username="hotline", secret=settings.ami_secret)
    switch = AsteriskSwitch(link, now=now)
    engine = Engine(Line(), switch, SETTINGS, now=now, record=keep_nothing)
    listener = Listener(link, switch, engine, now=now)
    running = [asyncio.create_task(each()) for each in (link.run, listener.run, engine.run)]
    await asyncio.wait_for(link.ready.wait(), 10)
    first = await people.seat("s1001", voice(tmp_path, FIRST_HERTZ))
    second = await people.seat("s1002", voice(tmp_path, SECOND_HERTZ))
    await sits_down(engine, "s1001")
    citizen = await people.citizen("13850123456", voice(tmp_path, CITIZEN_HERTZ))
    await citizen.dials()
    await first.answers()
    await citizen.hears_tone(FIRST_HERTZ)
    await sits_down(engine, "s1002")
    hall = Hall(engine, running, link, switchboard, people, citizen, first, second)
    yield hall
    await hall.dies()


async def sits_down(engine: Engine, seat: str) -> None:
    await eventually(lambda: engine.line.linked)
    engine.sign_on(seat, agent=seat[1:], name=seat, at=now())
    engine.phone(seat, registered=True, mic=True, at=now())
    engine.ready(seat, at=now())
    await eventually(lambda: engine.line.seats[seat].state is not SeatState.DISABLED)


async def test_the_one_who_was_asked_takes_the_citizen_over(hall: Hall, kept: Store) -> None:
    hall.ask("s1002")
    await hall.second.answers()
    await hall.second.hears_tone(FIRST_HERTZ)
    await hall.citizen.hears_tone(HOLD_HERTZ)
    await eventually(lambda: hall.step() is Step.TALKING)
    assert (hall.state("s1001"), hall.state("s1002")) == (SeatState.TALKING, SeatState.TALKING)
    assert hall.engine.line.talks[hall.call].seat == "s1001"
    hall.engine.moves.hand_over("s1001", now(), by="1001")
    await hall.citizen.hears_tone(SECOND_HERTZ)
    await hall.second.hears_tone(CITIZEN_HERTZ)
    await hall.only("trunk", "s1002")
    await eventually(lambda: hall.state("s1001") is SeatState.WRAP_UP)
    assert hall.engine.line.talks[hall.call].seat == "s1002"
    await hall.second.hangs_up()
    await eventually(lambda: hall.state("s1002") is SeatState.WRAP_UP)
    await hall.citizen.is_hung_up()
    view = await the_record(kept, hall.switchboard, is_over)
    assert said(view)[:3] == [
        ("talk", "s1001", "moved", "attended"),
        ("consult", "s1001", "", "s1002"),
        ("talk", "s1002", "seat", ""),
    ]
    one_call(kept, view)


def one_call(kept: Store, view: CallView) -> None:
    """Whoever was beside the talk has no record of his own."""
    outcomes = kept.read_now(partial(calls.outcomes, begins=view.offered_at, ends=now()))
    assert sum(outcomes.values()) == 1


@pytest.mark.parametrize("how", ["busy", "no-answer", "hangs-up", "called-off"])
async def test_whatever_becomes_of_the_one_who_is_asked_the_seat_has_its_citizen_back(
    hall: Hall, how: str
) -> None:
    hall.ask("s1002")
    await hall.second.rings()
    await eventually(lambda: hall.state("s1002") is SeatState.RINGING)
    if how == "busy":
        await hall.second.refuses()
    elif how == "hangs-up":
        await hall.second.answers()
        await eventually(lambda: hall.step() is Step.TALKING)
        await hall.second.hangs_up()
    elif how == "called-off":
        hall.engine.moves.come_back("s1001", now())
    await eventually(lambda: hall.step() is None)
    await hall.only("trunk", "s1001")
    await hall.citizen.hears_tone(FIRST_HERTZ)
    assert (hall.state("s1001"), hall.state("s1002")) == (SeatState.TALKING, SeatState.READY)
    hall.ask("s1002")  # and once more
    await hall.second.answers()
    await eventually(lambda: hall.step() is Step.TALKING)
    hall.engine.moves.come_back("s1001", now())
    await hall.second.is_hung_up()
    await eventually(lambda: hall.bridged("s1001") and hall.bridged("trunk"))
    await hall.first.hangs_up()
    await eventually(lambda: hall.state("s1001") is SeatState.WRAP_UP)
    await hall.citizen.is_hung_up()


async def test_a_process_that_dies_in_a_question_leaves_the_citizen_with_the_seat_that_comes_back(
    hall: Hall,
) -> None:
    hall.ask("s1002")
    await hall.second.answers()
    await hall.citizen.hears_tone(HOLD_HERTZ)
    await hall.dies()
    await hall.second.hangs_up()
    await hall.citizen.hears_tone(FIRST_HERTZ)
    assert hall.citizen.is_up


async def test_a_seat_that_is_gone_in_a_question_leaves_its_citizen_at_the_head_of_the_line(
    hall: Hall,
) -> None:
    hall.ask("s1002")
    await hall.second.answers()
    await eventually(lambda: hall.step() is Step.TALKING)
    await hall.first.hangs_up()
    await hall.second.is_hung_up()
    await eventually(lambda: hall.state("s1001") is SeatState.WRAP_UP)
    # The colleague is free again, and is the first who can have him.
    await hall.second.answers()
    await hall.citizen.hears_tone(SECOND_HERTZ)
    assert hall.engine.line.talks[hall.call].seat == "s1002"


async def test_a_citizen_who_hangs_up_in_music_frees_both_seats(hall: Hall) -> None:
    hall.ask("s1002")
    await hall.second.answers()
    await eventually(lambda: hall.step() is Step.TALKING)
    await hall.citizen.hangs_up()
    await hall.only()
    assert (hall.state("s1001"), hall.state("s1002")) == (SeatState.WRAP_UP, SeatState.READY)


@pytest.mark.parametrize("answers", [True, False], ids=["answers", "does-not"])
async def test_a_citizen_who_is_handed_on_to_a_seat_is_its_own_or_at_the_head_of_the_line(
    hall: Hall, answers: bool
) -> None:
    hall.engine.moves.hand_on("s1001", Whom("s1002"), now(), by="1001")
    await hall.second.rings()
    await eventually(lambda: hall.state("s1001") is SeatState.WRAP_UP)
    if answers:
        await hall.second.answers()
        await hall.citizen.hears_tone(SECOND_HERTZ)
        assert hall.engine.line.talks[hall.call].seat == "s1002"
        assert hall.state("s1002") is SeatState.TALKING
    else:
        await eventually(lambda: callers(hall.switchboard))
        await eventually(lambda: hall.call in hall.engine.line.callers)
        assert hall.citizen.is_up


async def test_a_department_is_asked_by_telephone_and_takes_the_citizen_over(
    hall: Hall, tmp_path: Path, kept: Store
) -> None:
    department = await hall.department(voice(tmp_path, SECOND_HERTZ))
    hall.ask(DEPARTMENT)
    await department.answers()
    await department.hears_tone(FIRST_HERTZ)
    await eventually(lambda: hall.step() is Step.TALKING)
    hall.engine.moves.hand_over("s1001", now(), by="1001")
    await hall.citizen.hears_tone(SECOND_HERTZ)
    await eventually(lambda: hall.state("s1001") is SeatState.WRAP_UP)
    await hall.only("trunk", "carrier")
    await department.hangs_up()
    await hall.citizen.is_hung_up()
    one_call(kept, await the_record(kept, hall.switchboard, is_over))


async def test_a_number_that_is_busy_leaves_the_handed_on_citizen_at_the_head_of_the_line(
    hall: Hall,
) -> None:
    department = await hall.department()
    hall.engine.moves.hand_on("s1001", Whom(DEPARTMENT), now(), by="1001")
    await eventually(lambda: hall.state("s1001") is SeatState.WRAP_UP)
    await department.refuses()
    await hall.second.answers()
    await hall.citizen.hears_tone(SECOND_HERTZ)


async def test_a_third_voice_is_heard_by_both_leaves_and_takes_over(
    hall: Hall, tmp_path: Path, kept: Store
) -> None:
    rescue = await hall.department(voice(tmp_path, SECOND_HERTZ))
    hall.join(DEPARTMENT)
    await rescue.rings()
    await hall.citizen.hears_tone(FIRST_HERTZ)  # while it rings nothing changes
    await rescue.answers()
    await hears_both(rescue, CITIZEN_HERTZ, FIRST_HERTZ)
    await hears_both(hall.citizen, FIRST_HERTZ, SECOND_HERTZ)
    await eventually(lambda: hall.step() is Step.TALKING)
    hall.engine.moves.hand_over("s1001", now(), by="1001")
    await hall.only("trunk", "carrier")
    await eventually(lambda: hall.state("s1001") is SeatState.WRAP_UP)
    await rescue.hears_tone(CITIZEN_HERTZ)
    await rescue.hangs_up()
    await hall.citizen.is_hung_up()
    one_call(kept, await the_record(kept, hall.switchboard, is_over))


async def test_a_seat_as_third_voice_counts_as_talking_and_is_free_after_it(hall: Hall) -> None:
    hall.join("s1002")
    await hall.second.answers()
    await hears_both(hall.second, CITIZEN_HERTZ, FIRST_HERTZ)
    await eventually(lambda: hall.state("s1002") is SeatState.TALKING)
    assert hall.engine.line.talks[hall.call].seat == "s1001"
    assert set(hall.engine.line.talks) == {hall.call}
    hall.engine.moves.come_back("s1001", now())
    await hall.only("trunk", "s1001")
    await eventually(lambda: hall.state("s1002") is SeatState.READY)
    await hall.citizen.hears_tone(FIRST_HERTZ)


async def test_a_picture_of_asterisk_shows_who_is_beside_a_talk(hall: Hall) -> None:
    hall.ask("s1002")
    await hall.second.answers()
    await eventually(lambda: hall.step() is Step.TALKING)
    picture = await AsteriskSwitch(hall.link, now=now).snapshot()
    assert [(each.call, each.whom, each.answered, each.third) for each in picture.asides] == [
        (hall.call, "s1002", True, False)
    ]
    assert [each.seat for each in picture.talks] == ["s1001"]
