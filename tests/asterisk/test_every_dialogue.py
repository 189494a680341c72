"""Every dialogue on real calls: who hangs up at any step is let go at once, and who says nothing comes to a person."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.server import Script
from hotline.phone import Hook
from ivr.call import Heard, HungUp
from tests.asterisk.conftest import People
from tests.asterisk.harness import Fact, Switchboard
from tests.fakes import FakeCall
from tests.ivr.every_dialogue import DIALOGUES, Walk
from tests.sip import Telephone, eventually

pytestmark = pytest.mark.asterisk

AT_ONCE = 12
GONE = "hung up"


@dataclass
class Turn:
    """One real call in one dialogue."""

    name: str
    walk: Walk
    step: int = 1
    """From here on Asterisk plays and listens."""
    stays: bool = True
    """He says nothing; who does not stay hangs up at the step."""
    came: list[object] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.name}, step {self.step}"


def heard(sounds: Sequence[str]) -> list[str]:
    """Return sounds that this Asterisk has: words spoken for one caller last as long as a prompt."""
    return ["one-moment" if sound.startswith("live/") else sound for sound in sounds]


class RealFrom(FakeCall):
    """What comes before the step is answered as by who knows what he wants; from the step on there is a real call."""

    def __init__(self, call: AGISession, turn: Turn, telephone: Telephone) -> None:
        super().__init__(keys=turn.walk.happy)
        self._call, self._turn, self._telephone = call, turn, telephone

    async def say(self, sounds: Sequence[str], keys: str = "") -> str:
        if await self._is_real(sounds):
            return await self._call.say(heard(sounds), keys)
        return await super().say(sounds, keys)

    async def ask(self, sounds: Sequence[str], *, digits: int, seconds: float = 6.0) -> str:
        if await self._is_real(sounds):
            return await self._call.ask(heard(sounds), digits=digits, seconds=seconds)
        return await super().ask(sounds, digits=digits, seconds=seconds)

    async def hear(
        self, sounds: Sequence[str], grammar: str, *, keys: str, seconds: float = 5.0, spare: float = 0.0
    ) -> Heard:
        if await self._is_real(sounds):
            return await self._call.hear(heard(sounds), grammar, keys=keys, seconds=seconds, spare=spare)
        return await super().hear(sounds, grammar, keys=keys, seconds=seconds, spare=spare)

    async def _is_real(self, sounds: Sequence[str]) -> bool:
        if len(self.steps) + 1 < self._turn.step:
            return False
        self.steps.append(list(sounds))
        if len(self.steps) == self._turn.step and not self._turn.stays:
            await self._telephone.phone.until(Hook.UP)
            await self._telephone.phone.hang_up()
        return True


async def take_turns(people: People, scripts: dict[str, Script], turns: Sequence[Turn]) -> None:
    """Let a few telephones call again and again, until all turns have come to their end."""
    left = list(reversed(turns))
    now: dict[str, tuple[Turn, Telephone]] = {}

    async def incoming(call: AGISession) -> None:
        turn, telephone = now[call.caller]
        try:
            turn.came.append(await turn.walk.run(RealFrom(call, turn, telephone)))
        except HungUp:
            turn.came.append(GONE)
            raise
        await call.route("end")

    async def calls(number: str) -> None:
        telephone = await people.citizen(number)
        while left:
            turn = left.pop()
            now[number] = turn, telephone
            await telephone.phone.dial("12345")
            await eventually(lambda: turn.came, 90, f"no end of {turn}")  # noqa: B023  used up in this round
            await telephone.phone.until(Hook.CLOSED)

    async def lives() -> None:
        while True:
            people.switchboard.heartbeat(0)
            await asyncio.sleep(5)

    scripts["incoming"] = incoming
    beating = asyncio.create_task(lives())
    try:
        await asyncio.gather(*(calls(f"1385{place:03d}0001") for place in range(AT_ONCE)))
    finally:
        beating.cancel()


async def test_who_hangs_up_at_any_step_of_any_dialogue_is_let_go_and_recorded_once(
    switchboard: Switchboard, people: People, scripts: dict[str, Script]
) -> None:
    turns = [
        Turn(name, walk, step, stays=False)
        for name, walk in DIALOGUES.items()
        for step in range(1, await steps_of(walk) + 1)
    ]
    await take_turns(people, scripts, turns)
    assert [str(turn) for turn in turns if turn.came != [GONE]] == []
    await eventually(lambda: not switchboard.channels(), 30, "a channel is stuck")
    ended = await eventually(lambda: _all(switchboard, "ENDED", len(turns)), 30, "an end is not written")
    assert len({fact.call for fact in ended}) == len(turns)


async def test_who_says_nothing_in_any_dialogue_comes_to_a_person(
    people: People, scripts: dict[str, Script]
) -> None:
    turns = [Turn(name, walk) for name, walk in DIALOGUES.items()]
    await take_turns(people, scripts, turns)
    assert [(str(turn), turn.came) for turn in turns if turn.came != [turn.walk.unheard]] == []


async def steps_of(walk: Walk) -> int:
    call = FakeCall(keys=walk.happy)
    await walk.run(call)
    return len(call.steps)


def _all(switchboard: Switchboard, kind: str, number: int) -> list[Fact]:
    found = switchboard.facts(kind)
    return found if len(found) >= number else []
