"""The synthetic citizen behind `hotline call`."""

import asyncio
import shutil
import wave
from pathlib import Path

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.server import Script
from hotline.caller import Pressed, place_call, read_keys
from hotline.phone import PhoneError
from tests.asterisk.harness import Switchboard, hertz_of, write_tone
from tests.sip import hertz_in

pytestmark = pytest.mark.asterisk


async def test_the_citizen_speaks_presses_and_tells_what_came_back(
    switchboard: Switchboard, scripts: dict[str, Script], tmp_path: Path
) -> None:
    keyed: list[str] = []

    async def incoming(call: AGISession) -> None:
        keyed.append(await call.ask(["enter-case-number"], digits=12))
        await call.say(["goodbye"])
        await call.route("end")

    scripts["incoming"] = incoming
    voice = tmp_path / "voice.wav"
    write_tone(voice, 300, 1)
    report = await asyncio.to_thread(
        place_call,
        "13850123456",
        server=switchboard.server,
        keys="1:261122,3:001781#",
        voice=voice,
        seconds=20,
        folder=tmp_path / "call",
    )
    assert keyed == ["261122001781"]
    assert report.answered
    assert report.heard_sound
    assert report.seconds < 20
    assert report.received is not None
    with wave.open(str(report.received)) as file:
        assert hertz_in(file.readframes(file.getnframes()), *hertz_of("goodbye"))


async def test_a_refused_call_is_told_with_the_switchboards_words(
    switchboard: Switchboard, tmp_path: Path
) -> None:
    report = await asyncio.to_thread(
        place_call, "13850123456", server=switchboard.server, dialled="99", folder=tmp_path / "call"
    )
    assert (report.answered, report.reason, report.heard_sound) == (False, "404 Not Found", False)


def test_keys_are_read_in_the_order_of_their_times() -> None:
    assert read_keys("5:2611#,2:1") == [Pressed(2, "1"), Pressed(5, "2611#")]


@pytest.mark.parametrize("text", ["1", "x:1", "-1:1", "1:", "1:a", "1:1;2:2"])
def test_keys_that_cannot_be_pressed_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="seconds:keys"):
        read_keys(text)


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="digits"):
        place_call("138\r\nX: y")


def test_without_baresip_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "baresip" else found(name))
    with pytest.raises(PhoneError, match="apt-get install baresip-core"):
        place_call("13850123456", folder=tmp_path)


def test_a_voice_that_is_no_sound_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "voice.wav").write_text("hello", encoding="utf-8")
    with pytest.raises(PhoneError, match="cannot be read"):
        place_call("13850123456", voice=tmp_path / "voice.wav", folder=tmp_path / "call")
