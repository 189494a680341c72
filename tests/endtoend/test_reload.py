"""A desk is lost in mid-talk and comes back: what the citizen and the agent hear, and what the record says."""

import asyncio
import time

import pytest
from playwright.async_api import expect

from tests.endtoend.people import AGENT_HERTZ, CITIZEN_HERTZ, Desk, Street
from tests.endtoend.records import calls_of, ended, is_in
from tests.sip import Telephone, eventually, hertz_in

TYPED = "来电人反映楼前四盏路灯连续多日不亮"
DROP_SIP = "window.__phone.ua._transport.socket._ws.close()"


async def in_a_talk(street: Street, login: str, number: str) -> tuple[Desk, Telephone]:
    desk = await street.agent(login)
    citizen = await street.citizen(number)
    await citizen.dials("12345")
    await desk.rings(f"{number[:3]} {number[3:7]} {number[7:]}")
    await desk.answers()
    await citizen.hears_tone(AGENT_HERTZ)
    await desk.hears(CITIZEN_HERTZ)
    return desk, citizen


async def hears_again(citizen: Telephone) -> None:
    heard = len(citizen.phone.samples())
    await eventually(lambda: hertz_in(citizen.phone.samples()[heard:], AGENT_HERTZ), 20, "no sound came back")


async def sounds_again(desk: Desk) -> None:
    """Wait until the desk's new page hears the citizen."""
    end = time.monotonic() + 20
    while True:
        hertz = await desk.page.evaluate("window.__phone?.tone('remote').hz ?? 0")
        if abs(hertz - CITIZEN_HERTZ) < 30:
            return
        assert time.monotonic() < end, "the desk does not hear the citizen again"
        await asyncio.sleep(0.02)


async def test_an_agent_reloads_the_page_in_mid_talk_and_both_hear_each_other_again(
    street: Street, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, citizen = await in_a_talk(street, "1004", "13850150001")
    await desk.fills(content=TYPED)
    for _ in range(2):
        began = time.monotonic()
        await desk.page.reload(wait_until="commit")
        await sounds_again(desk)
        with capsys.disabled():
            print(f" [reload to sound {time.monotonic() - began:.2f} s] ", end="")
        await hears_again(citizen)
        await desk.shows("通话")
        await expect(desk.page.locator("#f-content")).to_have_value(TYPED)
    await citizen.hangs_up()
    await desk.finishes("当场答复")
    await desk.takes_a_break()
    call = await ended(street.town, "13850150001")
    talks = ["talk", "reconnect", "talk", "reconnect", "talk"]
    assert call["kinds"] == ["offered", "menu", "queued", "ringing", *talks]
    assert {segment["seat"] for segment in call["segments"][3:]} == {"s1004"}
    assert (call["end_reason"], call["outcome"]) == ("caller_hung_up", "answered")
    assert call["talk_seconds"] > 0


async def test_a_desk_that_is_opened_anew_after_a_crash_gets_its_citizen_back(street: Street) -> None:
    desk, citizen = await in_a_talk(street, "1005", "13850150002")
    context = desk.page.context
    await desk.page.close()
    await is_in(street.town, "13850150002", "Wait")
    desk.page = await context.new_page()
    await desk.page.goto(f"{street.town.url}/desk?debug=1")
    await sounds_again(desk)
    await hears_again(citizen)
    await citizen.hangs_up()
    await desk.finishes("当场答复")
    assert "reconnect" in (await ended(street.town, "13850150002"))["kinds"]


async def test_a_citizen_who_hangs_up_while_the_desk_is_away_has_one_closed_record(street: Street) -> None:
    desk, citizen = await in_a_talk(street, "1006", "13850150003")
    await desk.page.goto("about:blank")
    await is_in(street.town, "13850150003", "Wait")
    await citizen.hangs_up()
    call = await ended(street.town, "13850150003")
    assert call["kinds"][-2:] == ["talk", "reconnect"]
    assert call["end_reason"] == "abandoned_in_line"
    assert len(call["owed"]) == 1
    await desk.page.goto(f"{street.town.url}/desk?debug=1")
    await desk.finishes("中断")


async def test_a_desk_that_stays_away_gives_its_citizen_to_another_seat(street: Street) -> None:
    desk, citizen = await in_a_talk(street, "1007", "13850150004")
    other = await street.agent("1008")
    await desk.page.close()
    await other.rings("138 5015 0004", 30)
    await other.answers()
    await hears_again(citizen)
    await citizen.hangs_up()
    await other.finishes("当场答复")
    call = await ended(street.town, "13850150004")
    talks = [segment["seat"] for segment in call["segments"] if segment["kind"] == "talk"]
    assert talks == ["s1007", "s1008"]


async def test_a_page_that_loses_only_its_telephones_socket_keeps_its_sound(street: Street) -> None:
    desk, citizen = await in_a_talk(street, "1004", "13850150005")
    await desk.page.evaluate(DROP_SIP)
    heard = len(citizen.phone.samples())
    await eventually(lambda: len(citizen.phone.samples()) > heard + 3 * 16000, 15, "the talk fell silent")
    for begin in range(heard, heard + 3 * 16000, 16000):
        assert hertz_in(citizen.phone.samples()[begin : begin + 16000], AGENT_HERTZ)
    await desk.is_linked()
    await citizen.hangs_up()
    await desk.finishes("当场答复")
    assert (await ended(street.town, "13850150005"))["kinds"].count("talk") == 1


async def test_a_page_reloaded_while_our_process_is_dead_gets_its_citizen_back(ruins: Street) -> None:
    town = ruins.town
    desk, citizen = await in_a_talk(ruins, "1001", "13850150006")
    town.kill_ours()
    await desk.page.goto("about:blank")
    town.start_ours()
    await desk.page.goto(f"{town.url}/desk?debug=1")
    await sounds_again(desk)
    await hears_again(citizen)
    await desk.shows("通话")
    await citizen.hangs_up()
    await desk.finishes("当场答复")
    assert len(calls_of(town, "13850150006")) == 1
