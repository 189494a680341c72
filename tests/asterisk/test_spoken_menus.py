"""A citizen says what he wants: the menus that ship, real calls, real recognition, to where the call goes."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from agi_scripts import incoming, waiting
from agi_scripts.agi import AGISession
from ivr.menu import Profile
from ivr.menu_file import shipped
from ivr.voice import SpokenText
from routing.estimate import Wait
from routing.live import Wish
from tests import speech_sound
from tests.agi_scripts.test_scripts import DeadStore, parts_of
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard, hertz_of
from tests.asterisk.hearing import Ours, our_side, voice
from tests.asterisk.speech_service import ROOT, SpeechService, speech_service
from tests.asterisk.test_incoming import sends_to
from tests.asterisk.test_place import Listening
from tests.sip import eventually

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def service(one_switchboard: Switchboard) -> Iterator[SpeechService]:
    port, log = one_switchboard.settings.speech_port, one_switchboard.folder / "log" / "speech.log"
    menus = ROOT / "ivr" / "menus" / "menu-first.toml"
    with speech_service(port, log, "--menu", str(menus)) as running:
        yield running


@pytest.fixture
async def ours(switchboard: Switchboard, service: SpeechService, tmp_path: Path) -> AsyncIterator[Ours]:
    """Our real scripts with the menus that come first, while callers wait three minutes and more."""
    async with our_side(switchboard) as side:
        await side.knows_speech()
        parts = replace(
            parts_of(DeadStore()),
            voice=SpokenText(tmp_path / "live"),
            menus=lambda: shipped(Profile.MENU_FIRST),
            speech=side.probe,
            estimate=lambda *_: Wait(150, 290, 4),
        )
        side.scripts["incoming"] = partial(incoming.run, parts=parts)
        side.scripts["waiting"] = partial(waiting.run, parts=parts)
        yield side


async def says(people: People, folder: Path, *turns: tuple[float, str]) -> None:
    """Let a citizen call who says this at these seconds of his call."""
    citizen = await people.citizen(voice=voice(folder, speech_sound.talk(*turns, seconds=60)))
    await citizen.dials()


def steps(switchboard: Switchboard) -> list[tuple[str, str, str]]:
    facts = [fact.detail for fact in switchboard.facts("MENU_STEP")]
    return [(fact["menu"], fact["choice"], fact["mode"]) for fact in facts]


async def test_f10_05_common_information_is_asked_for_told_and_left_by_voice_alone(
    switchboard: Switchboard, people: People, ours: Ours, tmp_path: Path
) -> None:
    ours.scripts["waiting"] = sends_to("line")
    await says(people, tmp_path, (4.0, "常见 问题"), (7.5, "公积金"), (12.0, "人工"))
    await eventually(lambda: switchboard.facts("MENU_LEFT"), 40)
    assert steps(switchboard) == [
        ("main", "information", "speech"),
        ("information", "fund", "speech"),
        ("information", "person", "speech"),
    ]
    assert switchboard.facts("MENU_LEFT")[0].detail["to"] == "line"
    (served,) = switchboard.facts("SELF_SERVICE")
    assert served.detail["choice"] == "fund"


async def test_f10_05_who_waits_is_rung_back_by_a_word_and_keeps_his_place(
    switchboard: Switchboard, people: People, ours: Ours, tmp_path: Path
) -> None:
    asked: list[str] = []

    async def callback(call: AGISession) -> None:
        asked.append(await call.get("HOTLINE_PLACE"))
        await call.route("line")

    ours.scripts["incoming"], ours.scripts["callback"] = sends_to("line"), callback
    await says(people, tmp_path, (3.0, "回电"))
    await eventually(lambda: asked, 40)
    assert asked[0].startswith("aside ")
    await eventually(lambda: steps(switchboard) == [("waiting", "callback", "speech")])


async def test_a_cry_for_help_goes_before_everybody_while_he_hears_whom_to_ring(
    switchboard: Switchboard, people: People, ours: Ours, tmp_path: Path
) -> None:
    ours.scripts["incoming"] = sends_to("line")
    async with Listening(switchboard) as engine:
        citizen = await people.citizen(voice=voice(tmp_path, speech_sound.talk((3.0, "救命"), seconds=60)))
        await citizen.dials()
        await citizen.hears_tone(hertz_of("emergency"))
        (waits,) = (await engine.picture()).waiting
        assert waits.wish == Wish(priority=9)
        await citizen.hears_tone(HOLD_HERTZ)
