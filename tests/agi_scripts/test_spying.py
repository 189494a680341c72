"""Supervisors in talks on a real Asterisk: who hears whom in each mode, and that whom they take over is never lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from agi_scripts.nodes import Nodes, Station
from agi_scripts.spying import Spying
from agi_scripts.switch import AsteriskSwitch
from routing.engine import Refused
from routing.line import SeatState
from routing.watching import Mode, Watch, Watching, telephone_of
from tests.agi_scripts.test_ami_asterisk import Desk, desk_at, now, to_the_line
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard
from tests.asterisk.test_seat import voice
from tests.sip import Telephone, eventually, hertz_in

__all__ = ["to_the_line"]

pytestmark = [pytest.mark.asterisk, pytest.mark.usefixtures("to_the_line")]

CITIZEN, AGENT, LEAD = 300, 420, 540
RATE = 16_000
"""Bytes of a second of what a telephone has heard."""


@dataclass
class Floor:
    """A citizen who talks to s1001, a supervisor with a telephone, and the engine between them."""

    board: Switchboard
    people: People
    desk: Desk
    watching: Watching
    citizen: Telephone
    seat: Telephone
    lead: Telephone

    async def enters(self, mode: Mode) -> Watch:
        return await self.watching.begin("s1001", mode, by="lead", name="王班长", reason="新人", at=now())

    async def heard_by(self, one: Telephone) -> set[int]:
        """Return whose voices reach this telephone in the next second and a half."""
        begins = len(one.phone.samples())
        await eventually(lambda: len(one.phone.samples()) >= begins + RATE * 3 // 2)
        samples = one.phone.samples()[begins + RATE // 2 :]
        sets = [(CITIZEN,), (AGENT,), (LEAD,), (CITIZEN, AGENT), (CITIZEN, LEAD), (AGENT, LEAD)]
        return {hertz for each in sets if hertz_in(samples, *each) for hertz in each}

    def there(self, telephone: str) -> bool:
        return any(name.startswith(f"PJSIP/{telephone}-") for name in self.board.channels())


@asynccontextmanager
async def talking(board: Switchboard, folder: Path) -> AsyncIterator[Floor]:
    async with AsyncExitStack() as stack, desk_at(board) as desk:
        people = People(board, folder, stack)
        nodes = Nodes([Station("hotline1", desk.link, AsteriskSwitch(desk.link, now=now))], agi="")
        watching = Watching(desk.engine, Spying(nodes))
        seat = await people.telephone(board.let_in("s1001", "hotline-seats"), voice(folder, AGENT))
        lead = await people.telephone(board.let_in("vlead", "hotline-seats"), voice(folder, LEAD))
        desk.engine.sign_on("s1001", agent="1001", name="李燕", at=now())
        desk.engine.phone("s1001", registered=True, mic=True, at=now())
        desk.engine.ready("s1001", at=now())
        citizen = await people.citizen(voice=voice(folder, CITIZEN))
        await citizen.dials()
        await seat.answers()
        await desk.becomes(SeatState.TALKING)
        await citizen.hears_tone(AGENT)
        yield Floor(board, people, desk, watching, citizen, seat, lead)


async def test_who_hears_whom_when_a_supervisor_listens_whispers_and_speaks_with_both(
    switchboard: Switchboard, tmp_path: Path
) -> None:
    async with talking(switchboard, tmp_path) as floor:
        for mode, lead, agent, citizen in (
            (Mode.LISTEN, {CITIZEN, AGENT}, {CITIZEN}, {AGENT}),
            (Mode.WHISPER, {CITIZEN, AGENT}, {CITIZEN, LEAD}, {AGENT}),
            (Mode.BARGE, {CITIZEN, AGENT}, {CITIZEN, LEAD}, {AGENT, LEAD}),
            (Mode.LISTEN, {CITIZEN, AGENT}, {CITIZEN}, {AGENT}),
        ):
            await floor.enters(mode)
            if not floor.lead.is_up:
                await floor.lead.answers()
            ends = (floor.lead, floor.seat, floor.citizen)
            heard = await asyncio.gather(*(floor.heard_by(one) for one in ends))
            assert heard == [lead, agent, citizen], mode
        assert [each.mode for each in floor.watching.of("s1001")] == [Mode.LISTEN]
        await floor.citizen.hangs_up()
        await floor.lead.is_hung_up()
        await eventually(lambda: not floor.watching.going_on)


async def test_a_supervisor_leaves_and_the_talk_has_nothing_to_do_with_it(
    switchboard: Switchboard, tmp_path: Path
) -> None:
    async with talking(switchboard, tmp_path) as floor:
        await floor.enters(Mode.LISTEN)
        await floor.lead.answers()
        await floor.watching.end("lead")
        await floor.lead.is_hung_up()
        await floor.enters(Mode.WHISPER)
        await floor.lead.answers()
        await floor.lead.hangs_up()
        await eventually(lambda: not floor.watching.going_on, otherwise="its own end was not heard")
        assert await floor.heard_by(floor.citizen) == {AGENT}
        assert floor.desk.seat().state is SeatState.TALKING


async def test_a_citizen_who_is_taken_over_talks_to_the_supervisor_and_the_agent_is_free(
    switchboard: Switchboard, tmp_path: Path
) -> None:
    async with talking(switchboard, tmp_path) as floor:
        await floor.enters(Mode.LISTEN)
        await floor.lead.answers()
        call = floor.desk.seat().call
        watch = await floor.enters(Mode.TAKE_OVER)
        # Its first call ends at the same moment.
        await floor.lead.answers()
        await floor.seat.is_hung_up()
        await floor.desk.becomes(SeatState.WRAP_UP)
        assert await floor.heard_by(floor.citizen) == {LEAD}
        assert await floor.heard_by(floor.lead) == {CITIZEN}
        assert (watch.call, floor.watching.going_on) == (call, [watch])
        taken = [(fact.detail, fact.call) for fact in switchboard.facts("TAKEN")]
        assert taken == [({"by": "vlead"}, call)]
        await floor.citizen.hangs_up()
        await eventually(lambda: not floor.watching.going_on)
        assert floor.desk.engine.line.callers == {}


async def test_a_supervisor_who_does_not_pick_up_costs_the_citizen_nothing_but_a_moment(
    switchboard: Switchboard, tmp_path: Path
) -> None:
    async with talking(switchboard, tmp_path) as floor:
        call = floor.desk.seat().call
        await floor.enters(Mode.TAKE_OVER)
        await floor.lead.refuses()
        await eventually(lambda: call in floor.desk.engine.line.callers, otherwise="not back in the line")
        await eventually(lambda: not floor.there("vlead"))
        assert floor.citizen.is_up


async def test_without_a_telephone_or_a_talk_nobody_is_brought_in(
    switchboard: Switchboard, tmp_path: Path
) -> None:
    async with talking(switchboard, tmp_path) as floor:
        with pytest.raises(Refused):
            await floor.watching.begin("s1001", Mode.TAKE_OVER, by="x", name="", reason="", at=now())
        with pytest.raises(Refused):
            await floor.watching.begin("s1002", Mode.LISTEN, by="lead", name="", reason="", at=now())
        assert floor.watching.going_on == []
        assert await floor.heard_by(floor.citizen) == {AGENT}


def test_no_login_makes_a_telephone_that_could_be_a_seats_or_break_an_order() -> None:
    names = {telephone_of(login) for login in ("lead", "Lead", "1001", "a-b", "班长", "s1001", "x" * 60)}
    assert len(names) == 7
    assert all(name[0] == "v" and name.isascii() and name.isalnum() for name in names)
