"""录音暂停 on a real call: what is said meanwhile is heard by both and is not in the file, which goes on afterwards."""

import asyncio
import wave
from pathlib import Path

import pytest

from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard
from tests.asterisk.test_seat import CITIZEN_HERTZ, SEAT_HERTZ, Scripts, assign, line_script, voice, waiting
from tests.sip import eventually, hertz_in

pytestmark = pytest.mark.asterisk
__all__ = ["line_script"]

SPOKEN, PAUSED = 1.5, 2.0


async def test_what_is_said_in_a_pause_is_heard_and_not_recorded(
    switchboard: Switchboard, people: People, line_script: Scripts, tmp_path: Path
) -> None:
    seat = await people.seat("s1001", voice(tmp_path, SEAT_HERTZ))
    citizen = await waiting(switchboard, people, voice(tmp_path, CITIZEN_HERTZ))
    assign(switchboard, "s1001")
    await seat.rings()
    await seat.answers()
    await citizen.hears_tone(SEAT_HERTZ)
    await asyncio.sleep(SPOKEN)
    call = switchboard.facts("OFFERED")[0].call
    mute = {"Channel": call, "Direction": "both"}
    assert switchboard.ami("MixMonitorMute", **mute, State="1")["Response"] == "Success"
    await asyncio.sleep(PAUSED)
    assert hertz_in(citizen.phone.samples()[-8000:], SEAT_HERTZ)
    assert switchboard.ami("MixMonitorMute", **mute, State="0")["Response"] == "Success"
    await asyncio.sleep(SPOKEN)
    await citizen.hangs_up()
    await eventually(lambda: switchboard.facts("ENDED"))
    assert "no such channel" in switchboard.ami("MixMonitorMute", **mute, State="0")["Message"].lower()
    recording = switchboard.folder / "recordings" / switchboard.facts("OFFERED")[0].detail["recording"]
    await eventually(lambda: recording.stat().st_size > 2000, otherwise="nothing was recorded")
    tenths = loud_tenths(recording)
    silent = tenths.index(False, tenths.index(True))
    again = tenths.index(True, silent)
    assert PAUSED - 0.5 < (again - silent) / 10 < PAUSED + 0.5
    assert len(tenths) / 10 > 2 * SPOKEN + PAUSED - 0.5


def loud_tenths(recording: Path) -> list[bool]:
    """Tell of each tenth of a second of the file whether anything at all is in it."""
    with wave.open(str(recording)) as file:
        frames = file.readframes(file.getnframes())
    return [any(frames[start : start + 1600]) for start in range(0, len(frames) - 1600, 1600)]
