"""Our process is dead or hangs. Asterisk alone serves the citizen, and nobody is lost."""

import os
from pathlib import Path

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.server import Script
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard, hertz_of, write_tone
from tests.asterisk.test_incoming import callers, sends_to
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]


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


async def test_a_stale_heartbeat_keeps_calls_out_of_a_process_that_hangs(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    asked: list[str] = []

    async def incoming(call: AGISession) -> None:
        asked.append(call.id)
        await call.route("line")

    scripts["incoming"] = incoming
    switchboard.heartbeat(16)
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


async def test_a_citizen_waiting_when_our_process_dies_with_nobody_at_a_seat_leaves_a_message(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    scripts["incoming"] = sends_to("line")
    citizen = await people.citizen()
    with switchboard.globals(HOTLINE_LINE_SECONDS=4):
        await citizen.dials()
        await citizen.hears_tone(HOLD_HERTZ)
    switchboard.heartbeat(60)
    await citizen.hears_tone(hertz_of("no-seat-leave-message"), seconds=20)


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
