"""Whatever a caller does or leaves undone, the call ends in one closed and truthful record, or with a person."""

import asyncio
from datetime import date

import pytest
from playwright.async_api import expect

from cases.figures import SHORT_SECONDS
from cases.numbers import CaseNumber
from tests.endtoend.people import AGENT_HERTZ, Street
from tests.endtoend.records import ended, hears, is_in, said

NOBODY = CaseNumber("RH", date(2026, 1, 1), 1).digits  # a number that no case has


async def test_a_caller_who_hangs_up_in_the_greeting_leaves_a_closed_record(street: Street) -> None:
    citizen = await street.citizen("13850130001")
    await citizen.dials("12345")
    await is_in(street.town, "13850130001", "AGI")
    await citizen.hears_sound()
    await citizen.hangs_up()
    call = await ended(street.town, "13850130001")
    assert (call["end_reason"], call["hung_up_by"]) == ("abandoned_in_menu", "caller")
    assert call["kinds"] == ["offered", "menu"]


async def test_a_caller_who_gives_up_in_the_line_is_owed_a_call_within_the_hour(street: Street) -> None:
    citizen = await street.citizen("13850130002")
    await citizen.dials("12345")
    await is_in(street.town, "13850130002", "Queue")
    await asyncio.sleep(SHORT_SECONDS + 1)
    await citizen.hangs_up()
    call = await ended(street.town, "13850130002")
    assert (call["end_reason"], call["kinds"]) == ("abandoned_in_line", ["offered", "menu", "queued"])
    assert [owed["reason"] for owed in call["owed"]] == ["abandoned"]


async def test_a_caller_who_hangs_up_while_a_seat_rings_was_not_answered(street: Street) -> None:
    desk = await street.agent("1004")
    citizen = await street.citizen("13850130003")
    await citizen.dials("12345")
    await desk.rings("138 5013 0003")
    await citizen.hangs_up()
    await desk.shows("空闲")
    call = await ended(street.town, "13850130003")
    assert call["end_reason"] == "abandoned_in_line"
    assert call["kinds"][-1] == "ringing"
    assert call["answered_at"] is None


@pytest.mark.parametrize(("number", "keys"), [("13850130101", ""), ("13850130102", NOBODY)])
async def test_a_caller_who_hangs_up_while_asked_for_a_number_or_a_code_leaves_a_closed_record(
    street: Street, number: str, keys: str
) -> None:
    citizen = await street.citizen(number)
    await citizen.dials("12345")
    await is_in(street.town, number, "Queue")
    await citizen.presses("1")
    await is_in(street.town, number, "AGI")
    await citizen.presses(keys)
    if keys:
        await hears(street.town, number, "enter-case-number")
    await citizen.hangs_up()
    call = await ended(street.town, number)
    assert call["end_reason"] in {"abandoned_in_menu", "abandoned_in_line"}
    assert call["keys"].startswith("1")


async def test_a_caller_whose_number_and_code_are_wrong_twice_comes_to_a_person(street: Street) -> None:
    desk = await street.agent("1005")
    await desk.takes_a_break()
    citizen = await street.citizen("13850130004")
    await citizen.dials("12345")
    await is_in(street.town, "13850130004", "Queue")
    await citizen.presses("1")
    await is_in(street.town, "13850130004", "AGI")
    await citizen.presses(NOBODY)
    await hears(street.town, "13850130004", "enter-case-number")
    await citizen.presses("123456")
    await hears(street.town, "13850130004", "enter-code")
    await asyncio.sleep(3)
    await citizen.presses("123457")
    await hears(street.town, "13850130004", "still-not-found")
    await hears(street.town, "13850130004", "to-person")
    await desk.go_ready(then="振铃")
    await desk.rings("138 5013 0004")
    await desk.answers()
    await citizen.hears_tone(AGENT_HERTZ)
    await citizen.hangs_up()
    await desk.finishes("其他")


async def test_a_caller_who_keys_nothing_comes_to_a_person(street: Street) -> None:
    desk = await street.agent("1006")
    await desk.takes_a_break()
    citizen = await street.citizen("13850130005")
    await citizen.dials("12345")
    await is_in(street.town, "13850130005", "Queue")
    await citizen.presses("1")
    await is_in(street.town, "13850130005", "AGI")
    await is_in(street.town, "13850130005", "Queue")
    await desk.go_ready(then="振铃")
    await desk.rings("138 5013 0005")
    await desk.answers()
    await citizen.hangs_up()
    await desk.finishes("无声")


async def test_a_seat_that_does_not_answer_loses_the_call_to_the_next_one(street: Street) -> None:
    first = await street.agent("1007")
    citizen = await street.citizen("13850130006")
    await citizen.dials("12345")
    await first.rings("138 5013 0006")
    second = await street.agent("1008")
    await first.shows("小休")
    await second.rings("138 5013 0006")
    await second.answers()
    await citizen.hears_tone(AGENT_HERTZ)
    await citizen.hangs_up()
    await second.finishes("其他")
    call = await ended(street.town, "13850130006")
    assert call["seat"] == "s1008"
    assert [one["seat"] for one in call["segments"] if one["kind"] == "ringing"] == ["s1007", "s1008"]


async def test_a_caller_may_ask_to_be_called_back_instead_of_waiting(street: Street) -> None:
    citizen = await street.citizen("13850130007")
    await citizen.dials("12345")
    await is_in(street.town, "13850130007", "Queue")
    await citizen.presses("9")
    await is_in(street.town, "13850130007", "AGI")
    await citizen.presses("1")
    await citizen.is_hung_up(60)
    call = await ended(street.town, "13850130007")
    assert [(owed["reason"], owed["number"]) for owed in call["owed"]] == [("asked", "13850130007")]
    assert "callback-booked" in said(street.town, "13850130007")


async def test_a_citizen_calls_from_a_browser_and_reaches_a_seat(street: Street) -> None:
    desk = await street.agent("1003")
    citizen = await street.page()
    await citizen.page.goto(f"{street.town.url}/call?debug=1")
    await citizen.page.fill("#own", "13850130008")
    await citizen.page.get_by_role("button", name="拨打 12345").click()
    await desk.rings("138 5013 0008", 30)
    await desk.answers()
    await citizen.hears(AGENT_HERTZ)
    await desk.hears(AGENT_HERTZ)  # the browser's microphone is the same for both
    await citizen.page.get_by_role("button", name="挂断").click()
    await expect(citizen.page.locator(".note.ok")).to_be_visible()
    await desk.finishes("其他")
    call = await ended(street.town, "13850130008")
    assert (call["channel"], call["hung_up_by"]) == ("webrtc", "caller")
