"""A supervisor at one node is in the talk of a citizen who came to the other one: what he hears comes from there."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agi_scripts.nodes import Nodes, Station
from agi_scripts.spying import Spying
from agi_scripts.switch import AsteriskSwitch
from routing.watching import Mode
from tests.agi_scripts.ami_world import held
from tests.agi_scripts.test_ami_asterisk import link_to, now
from tests.asterisk.test_seat import voice
from tests.cluster.conftest import Pair
from tests.sip import Telephone, eventually, hertz_in, telephone

CITIZEN, AGENT, LEAD = 300, 420, 540
LEG = "hotline1-0.0-vabcd"
ALL = ((CITIZEN, AGENT), (CITIZEN, LEAD), (AGENT, LEAD), (CITIZEN,), (AGENT,), (LEAD,))
TERM = 3
LATELY = 12_000
"""Bytes of three quarters of a second."""


@dataclass
class Floor:
    """The citizen is at hotline1; the seat, the supervisor and who leads are at hotline2."""

    spying: Spying
    call: str
    channel: str
    watched: str
    citizen: Telephone
    seat: Telephone
    lead: Telephone

    async def enters(self, mode: Mode, *, term: int = TERM) -> None:
        await self.spying.spy(
            LEG, telephone="vlead", watched=self.watched, call=self.call, mode=mode, term=term
        )

    async def hears(self, one: Telephone, *hertz: int) -> None:
        """Wait until these voices, and no other, reach the telephone."""

        def alone() -> bool:
            samples = one.phone.samples()[-LATELY:]
            heard = {each for some in ALL if hertz_in(samples, *some) for each in some}
            return heard == set(hertz)

        await eventually(alone, otherwise=f"not {hertz} alone")


@asynccontextmanager
async def talking(pair: Pair, folder: Path) -> AsyncIterator[Floor]:
    one, two = pair
    for each in pair:
        each.ami("Setvar", Variable="HOTLINE_TERM", Value=str(TERM))
    async with AsyncExitStack() as stack:
        links = [await stack.enter_async_context(held(link_to(each))) for each in (two, one)]
        stations = [
            Station(name, link, AsteriskSwitch(link, now=now, node=name))
            for name, link in zip(("hotline2", "hotline1"), links, strict=True)
        ]
        people = {}
        for name, hertz in (("s1001", AGENT), ("vlead", LEAD)):
            line = two.let_in(name, "hotline-seats")
            people[name] = await stack.enter_async_context(
                telephone(line, folder / name, voice(folder, hertz))
            )
            await people[name].phone.until_registered()
        citizen = await stack.enter_async_context(
            telephone(one.line("13850123456"), folder / "citizen", voice(folder, CITIZEN))
        )
        await citizen.dials()
        channel = await pair.one_waits("hotline1")
        one.redirect(channel, "hotline-seat", f"s1001-{TERM}-hotline2")
        await people["s1001"].answers()
        await citizen.hears_tone(AGENT)
        watched = next(name for name in one.channels() if name.startswith("PJSIP/node-"))
        call = one.facts("OFFERED")[0].call
        nodes = Nodes(stations, agi="")
        yield Floor(Spying(nodes), call, channel, watched, citizen, people["s1001"], people["vlead"])


async def test_a_supervisor_listens_whispers_and_leaves_at_another_node(pair: Pair, tmp_path: Path) -> None:
    one, two = pair
    async with talking(pair, tmp_path) as floor:
        await floor.enters(Mode.LISTEN)
        await floor.lead.answers()
        await floor.hears(floor.lead, CITIZEN, AGENT)
        await floor.hears(floor.seat, CITIZEN)
        await floor.spying.change(LEG, watched=floor.watched, call=floor.call, mode=Mode.WHISPER)
        await floor.hears(floor.seat, CITIZEN, LEAD)
        await floor.hears(floor.citizen, AGENT)
        await floor.spying.change(LEG, watched=floor.watched, call=floor.call, mode=Mode.BARGE)
        await floor.hears(floor.citizen, AGENT, LEAD)
        await floor.spying.hang_up(LEG, call=floor.call)
        await floor.lead.is_hung_up()
        await floor.hears(floor.citizen, AGENT)
        assert [fact.kind for fact in two.facts()] == []
        await floor.citizen.hangs_up()
        await eventually(lambda: not one.channels() and not two.channels())


async def test_a_supervisor_takes_a_citizen_of_another_node_over(pair: Pair, tmp_path: Path) -> None:
    one, two = pair
    async with talking(pair, tmp_path) as floor:
        await floor.spying.take_over(floor.call, floor.channel, telephone="vlead", term=TERM)
        await floor.lead.answers()
        await floor.seat.is_hung_up()
        await floor.hears(floor.citizen, LEAD)
        await floor.hears(floor.lead, CITIZEN)
        assert [fact.detail for fact in one.facts("TAKEN")] == [{"by": "vlead"}]
        await floor.citizen.hangs_up()
        await eventually(lambda: not one.channels() and not two.channels())


async def test_an_engine_that_was_deposed_has_no_supervisor_rung_by_another_node(
    pair: Pair, tmp_path: Path
) -> None:
    async with talking(pair, tmp_path) as floor:
        await floor.enters(Mode.LISTEN, term=TERM - 1)
        await eventually(lambda: LEG not in pair.nodes["hotline1"].cli("core show channels concise"))
        assert not any(name.startswith("PJSIP/vlead-") for name in pair.nodes["hotline2"].channels())
        await floor.hears(floor.citizen, AGENT)
