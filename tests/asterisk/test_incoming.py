"""A citizen dials 12345; our process says where the call goes."""

import asyncio

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.server import Script
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard, hertz_of
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]


def sends_to(route: str, *sounds: str) -> Script:
    """Return a script that says something and routes the call."""

    async def script(call: AGISession) -> None:
        if sounds:
            await call.say(sounds)
        await call.route(route)

    return script


def callers(switchboard: Switchboard) -> list[str]:
    """Return the waiting callers as Asterisk lists them, first one first."""
    shown = switchboard.cli("queue show hotline").partition("Callers:")[2]
    return [line.split()[1] for line in shown.splitlines() if "PJSIP/" in line]


async def test_a_citizen_hears_the_greeting_then_waits_in_the_line(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    scripts["incoming"] = sends_to("line", "welcome")
    citizen = await people.citizen("13850123456")
    await citizen.dials("12345")
    await citizen.hears_tone(hertz_of("welcome"))
    await citizen.hears_tone(HOLD_HERTZ)
    assert switchboard.kinds() == ["OFFERED", "MENU", "QUEUED"]
    offered = switchboard.facts("OFFERED")[0]
    assert offered.detail["number"] == "13850123456"
    assert offered.detail["dialled"] == "12345"
    assert offered.detail["way"] == "trunk"
    assert offered.detail["recording"].endswith(f"/{offered.call}.wav")
    assert offered.call.startswith("hotline1-")


async def test_a_waiting_citizen_is_told_his_keys_in_chinese(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    scripts["incoming"] = sends_to("line")
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(hertz_of("waiting-keys"))


async def test_the_ended_fact_is_written_once_when_the_citizen_hangs_up(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    scripts["incoming"] = sends_to("line")
    citizen = await people.citizen()
    await citizen.dials()
    await eventually(lambda: callers(switchboard))
    await citizen.hangs_up()
    await eventually(lambda: switchboard.facts("ENDED"))
    assert switchboard.kinds() == ["OFFERED", "QUEUED", "ENDED"]


async def test_a_citizen_who_hangs_up_inside_a_script_is_asked_nothing_more(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    async def incoming(call: AGISession) -> None:
        await call.ask(["enter-case-number"], digits=12)

    scripts["incoming"] = incoming
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(hertz_of("enter-case-number"))
    await citizen.hangs_up()
    await eventually(lambda: [row for row in switchboard.cel() if row["eventtype"] == "LINKEDID_END"])
    assert switchboard.kinds() == ["OFFERED", "MENU", "ENDED"]


@pytest.mark.parametrize(
    ("route", "asked"),
    [("status", "status"), ("callback", "callback"), ("line", ""), ("nonsense", ""), ("", "")],
)
async def test_each_route_leads_where_it_says_and_an_unknown_one_to_a_person(
    switchboard: Switchboard, people: People, scripts: Scripts, route: str, asked: str
) -> None:
    heard: list[str] = []

    def notes(name: str) -> Script:
        async def script(call: AGISession) -> None:
            heard.append(name)
            await call.route("line")

        return script

    scripts["incoming"] = sends_to(route)
    scripts["status"], scripts["callback"] = notes("status"), notes("callback")
    citizen = await people.citizen()
    await citizen.dials()
    await eventually(lambda: callers(switchboard))
    assert heard == ([asked] if asked else [])


async def test_the_route_end_hangs_up(switchboard: Switchboard, people: People, scripts: Scripts) -> None:
    scripts["incoming"] = sends_to("end", "goodbye")
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(hertz_of("goodbye"))
    await citizen.is_hung_up()
    await eventually(lambda: switchboard.facts("ENDED"))


@pytest.mark.parametrize(("key", "script"), [("1", "status"), ("9", "callback")])
async def test_a_key_while_waiting_asks_our_process_and_brings_the_citizen_back_to_his_place(
    switchboard: Switchboard, people: People, scripts: Scripts, key: str, script: str
) -> None:
    scripts["incoming"] = sends_to("line")
    scripts[script] = sends_to("line", "one-moment")
    first, second = await people.citizen("13850000001"), await people.citizen("13850000002")
    await first.dials()
    await eventually(lambda: len(callers(switchboard)) == 1)
    await second.dials()
    order = await eventually(lambda: callers(switchboard) if len(callers(switchboard)) == 2 else [])
    await first.hears_tone(HOLD_HERTZ)
    await first.presses(key)
    await first.hears_tone(hertz_of("one-moment"))
    await eventually(lambda: callers(switchboard) == order)
    assert [fact.detail["key"] for fact in switchboard.facts("KEY")] == [key]
    queued = switchboard.facts("QUEUED")[-1].detail
    assert (queued["returned"], queued["position"]) == ("0", "1")


async def test_who_waits_long_is_taken_out_and_put_back_to_his_place(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    scripts["incoming"] = sends_to("line")
    first, second = await people.citizen("13850000001"), await people.citizen("13850000002")
    with switchboard.globals(HOTLINE_LINE_SECONDS=4):
        await first.dials()
        await eventually(lambda: len(callers(switchboard)) == 1)
    await second.dials()
    order = await eventually(lambda: callers(switchboard) if len(callers(switchboard)) == 2 else [])
    await eventually(lambda: len(switchboard.facts("QUEUED")) == 3)
    await eventually(lambda: callers(switchboard) == order)
    assert [fact.detail["position"] for fact in switchboard.facts("QUEUED")] == ["0", "0", "1"]


async def test_key_0_goes_straight_back_to_the_line(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    scripts["incoming"] = sends_to("line")
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(HOLD_HERTZ)
    await citizen.presses("0")
    await eventually(lambda: switchboard.kinds() == ["OFFERED", "QUEUED", "KEY", "QUEUED"])
    await eventually(lambda: callers(switchboard))


async def test_a_script_killed_in_the_middle_leaves_the_caller_to_a_person(
    switchboard: Switchboard, people: People, menu_process: asyncio.subprocess.Process
) -> None:
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(hertz_of("waiting-keys"))
    await citizen.presses("1")
    await citizen.hears_tone(hertz_of("enter-case-number"))
    menu_process.kill()
    await eventually(lambda: switchboard.facts("UNASKED"))
    await eventually(lambda: callers(switchboard))
    assert switchboard.facts("UNASKED")[0].detail == {"script": "status"}
    assert citizen.is_up


async def test_a_script_that_fails_leaves_the_caller_to_a_person(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    async def broken(call: AGISession) -> None:
        raise ZeroDivisionError

    scripts["incoming"] = sends_to("line")
    scripts["status"] = broken
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(HOLD_HERTZ)
    await citizen.presses("1")
    await eventually(lambda: len(switchboard.facts("QUEUED")) == 2)
    assert citizen.is_up


async def test_only_the_bridged_talk_is_recorded(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    scripts["incoming"] = sends_to("line", "welcome")
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(HOLD_HERTZ)
    await citizen.hangs_up()
    await eventually(lambda: switchboard.facts("ENDED"))
    recording = switchboard.folder / "recordings" / switchboard.facts("OFFERED")[0].detail["recording"]
    assert await eventually(recording.exists)
    assert recording.stat().st_size < 1000
