"""One real call: a citizen on the telephone, an agent in the browser, and everything that comes of it."""

import asyncio
import hashlib
import re
import wave
from pathlib import Path

import numpy as np
from playwright.async_api import expect

from hotline.caller import SOUND, loudest
from tests.endtoend.people import AGENT_HERTZ, CITIZEN_HERTZ, Desk, Street
from tests.endtoend.records import ended, hears, is_in, last_call
from tests.sip import eventually, hertz_in


def both_sound(path: Path) -> bool:
    """Tell whether somewhere in the recording both tones sound at once, and hardly anything else."""
    with wave.open(str(path)) as file:
        rate = file.getframerate()
        values = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).astype(float)
    for begin in range(0, len(values) - rate, rate // 2):
        power = np.abs(np.fft.rfft(values[begin : begin + rate] * np.hanning(rate))) ** 2
        shares = [power[hertz - 3 : hertz + 4].sum() / power.sum() for hertz in (AGENT_HERTZ, CITIZEN_HERTZ)]
        if min(shares) > 0.1 and sum(shares) > 0.8:
            return True
    return False


async def calls_of_today(desk: Desk) -> int:
    """How many calls the head of the desk counts for its agent."""
    head = desk.page.locator("header.top .q")
    await expect(head).to_contain_text(re.compile(r"我的今日\d"))
    found = re.search(r"我的今日(\d+)", await head.inner_text())
    assert found
    return int(found[1])


async def test_a_citizen_and_an_agent_hear_each_other_and_the_recording_has_both(street: Street) -> None:
    desk = await street.agent("1001")
    before = await calls_of_today(desk)
    citizen = await street.citizen("13850120001")
    await citizen.dials("12345")
    await desk.rings("138 5012 0001")
    await desk.answers()
    await citizen.hears_tone(AGENT_HERTZ)
    await desk.hears(CITIZEN_HERTZ)
    await asyncio.sleep(2)  # so that the recording holds a talk and not a moment
    await citizen.hangs_up()
    await desk.finishes("当场答复")
    await expect(desk.page.locator("header.top .q")).to_contain_text(f"我的今日{before + 1}", timeout=15_000)
    call = await ended(street.town, "13850120001")
    assert (call["end_reason"], call["hung_up_by"], call["seat"]) == ("caller_hung_up", "caller", "s1001")
    assert call["kinds"] == ["offered", "menu", "queued", "ringing", "talk"]
    await eventually(
        lambda: last_call(street.town, "13850120001")["wrap_ups"] == ["s1001"], 10, "no wrap-up was noted"
    )
    assert call["outcome"] == "answered"
    sound = await eventually(
        lambda: last_call(street.town, "13850120001")["sound"], 15, "no recording was kept"
    )
    path = street.town.state / "recordings" / sound["path"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sound["sha256"]
    assert both_sound(path)


async def test_a_held_citizen_hears_music_and_the_agent_is_back_after_it(street: Street) -> None:
    desk = await street.agent("1002")
    citizen = await street.citizen("13850120002")
    await citizen.dials("12345")
    await desk.rings("138 5012 0002")
    await desk.answers()
    await citizen.hears_tone(AGENT_HERTZ)
    await desk.page.keyboard.press("F7")
    await desk.shows("保持")
    heard = len(citizen.phone.samples())
    await eventually(lambda: len(citizen.phone.samples()) > heard + 4 * 16000, 20, "no sound while held")
    music = citizen.phone.samples()[heard + 16000 : heard + 4 * 16000]
    assert loudest(music) > SOUND
    assert not hertz_in(music, AGENT_HERTZ)
    await desk.page.keyboard.press("F7")
    await desk.shows("通话")
    heard = len(citizen.phone.samples())
    await eventually(
        lambda: hertz_in(citizen.phone.samples()[heard:], AGENT_HERTZ), 15, "not back after the hold"
    )
    await asyncio.sleep(1.1)  # the hang-up key is guarded against a double press
    await desk.page.keyboard.press("F2")
    # The agent has left: the citizen is asked for a score, and gives it.
    await desk.finishes("当场答复")
    await asyncio.sleep(2)
    await citizen.presses("1")
    await citizen.is_hung_up()
    call = await ended(street.town, "13850120002")
    assert (call["hung_up_by"], call["survey"]) == ("seat", 1)
    assert call["hold_seconds"] > 2
    assert call["kinds"] == ["offered", "menu", "queued", "ringing", "talk", "hold", "talk", "survey"]


async def test_the_second_call_pops_the_case_of_the_first_and_the_telephone_tells_how_it_stands(
    street: Street,
) -> None:
    desk = await street.agent("1003")
    citizen = await street.citizen("13850120003")
    await citizen.dials("12345")
    await desk.rings("138 5012 0003")
    await desk.answers()
    await desk.fills(
        title="江滨路 12 号楼前路灯不亮",
        intent="投诉",
        content="来电人反映楼前四盏路灯连续多日不亮,夜间出行不便。",
        address="江滨区江南街道江滨路 12 号",
        category="路灯",
        unit="市政工程",
        contact_name="林女士",
    )
    digits, code = await desk.files("Control+Enter")
    assert (len(digits), len(code)) == (12, 6)
    await citizen.hangs_up()
    await desk.finishes()

    await citizen.dials("12345")
    await desk.rings("138 5012 0003")
    await desk.answers()
    shown = desk.page.locator("section[aria-labelledby='open']")
    await expect(shown).to_contain_text("路灯不亮")
    await expect(desk.page.locator("section[aria-labelledby='caller']")).to_contain_text("第 2 次来电")
    await citizen.hangs_up()
    await desk.finishes("催办")

    await desk.takes_a_break()
    await citizen.dials("12345")
    # Nobody is free: he is told of his case first. The welcome is over by now, and the greeting is not.
    await asyncio.sleep(9)
    await citizen.presses("0")
    await hears(street.town, "13850120003", "open-case")
    await is_in(street.town, "13850120003", "Queue")
    await citizen.presses("1")
    await is_in(street.town, "13850120003", "AGI")
    await citizen.presses(digits)
    await hears(street.town, "13850120003", "enter-case-number")
    before = len(citizen.phone.samples())
    await citizen.presses(code)
    await hears(street.town, "13850120003", "state-dispatched")
    assert loudest(citizen.phone.samples()[before:]) > SOUND
    await citizen.hangs_up()
    call = await ended(street.town, "13850120003", calls=3)
    assert call["end_reason"] == "self_service"
