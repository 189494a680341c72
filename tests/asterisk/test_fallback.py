"""Our process is dead or hangs. Asterisk alone serves the citizen, and nobody is lost."""

import os
import re
from pathlib import Path

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.server import Script
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard, hertz_of, write_tone
from tests.asterisk.test_incoming import callers, sends_to
from tests.asterisk.test_place import Listening
from tests.asterisk.test_seat import assign
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]


def paused(switchboard: Switchboard) -> set[str]:
    shown = switchboard.cli("queue show hotline").partition("Callers:")[0]
    return {
        found[1]
        for line in shown.splitlines()
        if "(paused" in line and (found := re.search(r"PJSIP/(s[0-9]+)", line))
    }


async def freed_by_a_call(switchboard: Switchboard, people: People) -> None:
    """Let a citizen come by who is served without us."""
    citizen = await people.citizen("13850000009")
    await citizen.dials()
    await eventually(lambda: switchboard.facts("FALLBACK"))
    await citizen.hangs_up()
    await eventually(lambda: switchboard.facts("ENDED"))


async def test_without_our_process_a_seat_is_rung_at_once(switchboard: Switchboard, people: People) -> None:
    seat = await people.seat()
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(hertz_of("welcome-fallback"))
    await seat.answers()
    await eventually(lambda: [row for row in switchboard.queue_log() if row[4] == "CONNECT"])
    assert switchboard.kinds() == ["OFFERED", "UNASKED", "FALLBACK"]
    assert switchboard.facts("FALLBACK")[0].detail == {"to": "queue"}
    await seat.hangs_up()
    await citizen.hears_tone(hertz_of("goodbye"))
    await citizen.is_hung_up()


@pytest.mark.parametrize("age", [16, -3600], ids=["old", "of the future"])
async def test_a_stale_heartbeat_keeps_calls_out_of_a_process_that_hangs(
    switchboard: Switchboard, people: People, scripts: Scripts, age: float
) -> None:
    """A clock that was set back would let a dead process look alive for as long as that was."""
    asked: list[str] = []

    async def incoming(call: AGISession) -> None:
        asked.append(call.id)
        await call.route("line")

    scripts["incoming"] = incoming
    switchboard.heartbeat(age)
    citizen = await people.citizen()
    await citizen.dials()
    await eventually(lambda: switchboard.facts("FALLBACK"))
    assert asked == []


async def test_a_fresh_heartbeat_with_nobody_listening_falls_back_at_once(
    switchboard: Switchboard, people: People
) -> None:
    switchboard.heartbeat(0)
    citizen = await people.citizen()
    await citizen.dials()
    await eventually(lambda: switchboard.facts("FALLBACK"))


async def test_a_citizen_waiting_when_our_process_dies_reaches_a_seat(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    scripts["incoming"] = sends_to("line")
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(HOLD_HERTZ)
    switchboard.heartbeat(60)
    seat = await people.seat()
    await seat.answers(seconds=30)
    assert citizen.is_up


async def test_a_key_pressed_when_our_process_is_dead_leads_back_to_the_line(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    scripts["incoming"] = sends_to("line")
    citizen = await people.citizen()
    await citizen.dials()
    await citizen.hears_tone(HOLD_HERTZ)
    switchboard.heartbeat(60)
    await citizen.presses("1")
    await eventually(lambda: len(switchboard.facts("QUEUED")) == 2)
    await eventually(lambda: callers(switchboard))


async def test_seats_that_do_not_answer_lead_to_a_message(switchboard: Switchboard, people: People) -> None:
    seat = await people.seat()
    citizen = await people.citizen()
    await citizen.dials()
    await seat.rings()
    await citizen.hears_tone(hertz_of("no-seat-leave-message"), seconds=30)
    assert [fact.detail["to"] for fact in switchboard.facts("FALLBACK")] == ["queue", "message"]


async def test_with_nobody_logged_in_the_citizen_leaves_a_message(
    switchboard: Switchboard, people: People, tmp_path: Path
) -> None:
    words = tmp_path / "words.wav"
    write_tone(words, 300, 60)
    citizen = await people.citizen("13850123456", words)
    await citizen.dials()
    await citizen.hears_tone(hertz_of("no-seat-leave-message"))
    await citizen.hears_tone(3700)
    spool = switchboard.folder / "spool" / "messages"
    await eventually(lambda: any(path.stat().st_size > 30000 for path in spool.rglob("*.wav")))
    await citizen.presses("#")
    await citizen.is_hung_up()
    await eventually(lambda: switchboard.facts("ENDED"))
    call = switchboard.facts("OFFERED")[0].call
    kept = [path for path in spool.rglob("*") if path.is_file() and path.suffix != ".wav"]
    texts = [path.read_text(encoding="utf-8") for path in kept]
    assert [text for text in texts if "13850123456" in text and call in text]


@pytest.mark.parametrize("age", [60, -3600], ids=["old", "of the future"])
async def test_a_citizen_waiting_when_our_process_dies_with_nobody_at_a_seat_leaves_a_message(
    switchboard: Switchboard, people: People, scripts: Scripts, age: float
) -> None:
    scripts["incoming"] = sends_to("line")
    citizen = await people.citizen()
    with switchboard.globals(HOTLINE_LINE_SECONDS=4):
        await citizen.dials()
        await citizen.hears_tone(HOLD_HERTZ)
    switchboard.heartbeat(age)
    await citizen.hears_tone(hertz_of("no-seat-leave-message"), seconds=20)


async def test_seats_that_our_dead_process_left_in_a_call_or_its_work_are_freed_and_breaks_are_kept(
    switchboard: Switchboard, people: People
) -> None:
    reasons = {"s1001": "wrap_up", "s1002": "call", "s1003": "break", "s1004": "disabled"}
    async with Listening(switchboard) as ours:
        for seat, reason in reasons.items():
            await people.seat(seat)
            await ours.switch.pause_seat(seat, reason)
    assert paused(switchboard) == set(reasons)
    await freed_by_a_call(switchboard, people)
    assert paused(switchboard) == {"s1003", "s1004"}


async def test_seats_are_not_touched_as_long_as_our_process_lives(
    switchboard: Switchboard, people: People
) -> None:
    async with Listening(switchboard) as ours:
        await people.seat()
        await ours.switch.pause_seat("s1001", "wrap_up")
    switchboard.heartbeat(
        0
    )  # and yet nobody answers the scripts, so that the citizen is led to the fall-back
    await freed_by_a_call(switchboard, people)
    assert paused(switchboard) == {"s1001"}


async def test_what_nobody_has_told_this_asterisk_is_left_alone(
    switchboard: Switchboard, people: People
) -> None:
    await people.seat()
    switchboard.ami("QueuePause", Queue="hotline", Interface="PJSIP/s1001", Paused="true", Reason="wrap_up")
    with switchboard.globals(HOTLINE_SEATS_1=""):
        await freed_by_a_call(switchboard, people)
        assert paused(switchboard) == {"s1001"}


async def test_a_seat_is_freed_when_it_hangs_up_after_our_death(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    scripts["incoming"] = sends_to("line")
    seat = await people.seat()
    citizen = await people.citizen()
    await citizen.dials()
    await eventually(lambda: callers(switchboard))
    async with Listening(switchboard) as ours:
        await ours.switch.pause_seat("s1001", "call")
    assign(switchboard, "s1001")
    await seat.answers()
    switchboard.heartbeat(60)
    await seat.hangs_up()
    await citizen.is_hung_up()
    assert paused(switchboard) == set()


async def test_a_message_script_that_cannot_run_still_answers_the_citizen(
    switchboard: Switchboard, people: People
) -> None:
    script = switchboard.folder / "agi-bin" / "leave_message"
    text = script.read_text(encoding="utf-8")
    script.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    try:
        citizen = await people.citizen()
        await citizen.dials()
        await citizen.hears_tone(hertz_of("busy-later"))
        await citizen.is_hung_up()
    finally:
        script.write_text(text, encoding="utf-8")
    assert os.access(script, os.X_OK)
