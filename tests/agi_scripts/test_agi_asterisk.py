"""AGI as a real Asterisk speaks it: keys, missing sounds, hang-ups, values."""

import asyncio

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.server import Script
from ivr.call import HungUp
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard, hertz_of
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]


async def test_values_survive_asterisk_and_a_line_break_injects_nothing(
    people: People, scripts: Scripts
) -> None:
    seen: dict[str, str] = {}

    async def script(call: AGISession) -> None:
        for name, value in {
            "A": 'a"b\\c 供水, (x) ${EXTEN}',
            "B": "hangup",
            "C": 'x"\nSET VARIABLE INJ "owned',
        }.items():
            await call.set(name, value)
        for name in ("A", "B", "C", "INJ", "NOWHERE"):
            seen[name] = await call.get(name)
        await call.route("line")

    scripts["incoming"] = script
    await (await people.citizen()).dials()
    await eventually(lambda: "NOWHERE" in seen)
    assert seen == {
        "A": 'a"b\\c 供水, (x) ${EXTEN}',
        "B": "hangup",
        "C": 'x" SET VARIABLE INJ "owned',
        "INJ": "",
        "NOWHERE": "",
    }


async def test_the_call_is_known_by_its_id_number_and_what_was_dialled(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    seen: list[str] = []

    async def script(call: AGISession) -> None:
        seen.extend([call.id, call.caller, call.dialled])
        await call.route("line")

    scripts["incoming"] = script
    await (await people.citizen("13850123456")).dials()
    await eventually(lambda: seen)
    assert seen == [switchboard.facts("OFFERED")[0].call, "13850123456", "12345"]


async def test_a_missing_sound_is_skipped_and_the_next_one_heard(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    async def script(call: AGISession) -> None:
        await call.say(["no-such-sound", "welcome"])
        await call.route("line")

    scripts["incoming"] = script
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(hertz_of("welcome"))
    await eventually(lambda: "QUEUED" in switchboard.kinds())
    assert switchboard.facts("MENU")[0].detail["said"] == "welcome"
    assert switchboard.facts("UNASKED") == []


async def test_keys_over_the_prompt_and_after_it_are_one_number(people: People, scripts: Scripts) -> None:
    keyed: list[str] = []

    async def script(call: AGISession) -> None:
        keyed.append(await call.ask(["enter-case-number"] * 4, digits=6, seconds=3))
        await call.route("line")

    scripts["incoming"] = script
    citizen = await people.citizen()
    await citizen.dials()
    await asyncio.sleep(0.5)
    await citizen.presses("261122")
    await eventually(lambda: keyed)
    assert keyed == ["261122"]


async def test_the_square_ends_a_number_early_and_silence_is_no_number(
    people: People, scripts: Scripts
) -> None:
    keyed: list[str] = []

    async def script(call: AGISession) -> None:
        keyed.append(await call.ask(["enter-case-number"], digits=12, seconds=5))
        keyed.append(await call.ask([], digits=12, seconds=0.5))
        await call.route("line")

    scripts["incoming"] = script
    citizen = await people.citizen()
    await citizen.dials()
    await asyncio.sleep(0.5)
    await citizen.presses("12#")
    await eventually(lambda: len(keyed) == 2)
    assert keyed == ["12", ""]


@pytest.mark.parametrize("step", ["say", "ask"])
async def test_a_hang_up_ends_the_dialogue_and_the_facts_are_complete(
    switchboard: Switchboard, people: People, scripts: Scripts, step: str
) -> None:
    ended: list[str] = []

    async def script(call: AGISession) -> None:
        try:
            await (call.say(["welcome"] * 50) if step == "say" else call.ask([], digits=4, seconds=30))
        except HungUp:
            await call.record("after", hangup=1)
            ended.append(await call.get("HOTLINE_CALL"))
            raise

    scripts["incoming"] = script
    citizen = await people.citizen()
    await citizen.dials()
    await asyncio.sleep(1)
    await citizen.hangs_up()
    await eventually(lambda: ended)
    await eventually(lambda: switchboard.facts("ENDED"))
    assert switchboard.kinds() == ["OFFERED", "MENU", "AFTER", "ENDED"]
    assert ended == [switchboard.facts("OFFERED")[0].call]


async def test_a_script_that_fails_sends_the_caller_to_a_person(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    async def script(_call: AGISession) -> None:
        raise ZeroDivisionError

    scripts["incoming"] = script
    await (await people.citizen()).dials()
    await eventually(lambda: "FALLBACK" in switchboard.kinds())
    assert switchboard.facts("UNASKED")[0].detail == {"script": "incoming"}
