"""Every choice of the menu that ships is reached by voice and by its key, and both lead to the same place."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from agi_scripts import incoming
from ivr.menu import Choice, Profile
from ivr.menu_file import shipped
from ivr.route import Route
from ivr.voice import SpokenText
from routing.rules import Language, LineRules
from tests import speech_sound
from tests.agi_scripts.test_scripts import DeadStore, parts_of
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard
from tests.asterisk.hearing import Ours, our_side, voice
from tests.asterisk.speech_service import ROOT, SpeechService, speech_service
from tests.asterisk.test_incoming import sends_to
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

BOOK = shipped(Profile.MENU_FIRST)
CITY = LineRules(languages=(Language("en"),))
CHOICES = {one.name: one for one in BOOK.menus["main"].choices}
AT_ONCE = 8  # calls; more would not be heard in time by two processors
PHRASE_AT, YES_AT = 3.0, 7.0  # seconds of the call


@pytest.fixture(scope="module")
def service(one_switchboard: Switchboard) -> Iterator[SpeechService]:
    port, log = one_switchboard.settings.speech_port, one_switchboard.folder / "log" / "speech.log"
    with speech_service(port, log, "--menu", str(ROOT / "ivr" / "menus" / "menu-first.toml")) as running:
        yield running


@pytest.fixture
async def ours(switchboard: Switchboard, service: SpeechService, tmp_path: Path) -> AsyncIterator[Ours]:
    async with our_side(switchboard) as side:
        await side.knows_speech()
        parts = replace(
            parts_of(DeadStore()),
            voice=SpokenText(tmp_path / "live"),
            menus=lambda: BOOK,
            rules=lambda: CITY,
            speech=side.probe,
        )
        side.scripts["incoming"] = partial(incoming.run, parts=parts)
        for route in Route:
            side.scripts.setdefault(route, sends_to("line"))
        yield side


def left(switchboard: Switchboard) -> dict[str, tuple[str, str]]:
    """Return by the caller's number which way he took, and whether he spoke or pressed a key."""
    numbers = {fact.call: fact.detail["number"] for fact in switchboard.facts("OFFERED")}
    steps = [fact for fact in switchboard.facts("MENU_STEP") if fact.detail["choice"]]
    return {numbers[fact.call]: (fact.detail["choice"], fact.detail["mode"]) for fact in reversed(steps)}


async def call_in(people: People, folder: Path, number: str, choice: Choice, *, by_key: bool) -> None:
    folder = folder / number
    folder.mkdir()
    said = speech_sound.talk((PHRASE_AT, choice.phrases[0]), (YES_AT, "对"), seconds=30)
    citizen = await people.citizen(number, None if by_key else voice(folder, said))
    await citizen.dials()
    if by_key:
        await asyncio.sleep(PHRASE_AT)
        await citizen.presses(choice.key)


def _have_chosen(switchboard: Switchboard, numbers: set[str]) -> bool:
    return numbers <= left(switchboard).keys()


@pytest.mark.parametrize("mode", ["speech", "key"])
async def test_f10_05_every_choice_of_the_main_menu_is_reached(
    switchboard: Switchboard, people: People, ours: Ours, tmp_path: Path, mode: str
) -> None:
    # What is offered only while something goes on, or where a city has such seats, has its own scenarios.
    offered = [
        one
        for one in CHOICES.values()
        if not one.when and one.name not in {"enterprise", "dialect"} and (mode == "speech" or one.key)
    ]
    wanted = {f"138{number:02}500001": one for number, one in enumerate(offered)}
    for begin in range(0, len(wanted), AT_ONCE):
        batch = list(wanted.items())[begin : begin + AT_ONCE]
        await asyncio.gather(
            *(call_in(people, tmp_path, number, one, by_key=mode == "key") for number, one in batch)
        )
        await eventually(partial(_have_chosen, switchboard, {number for number, _ in batch}), 30)
        switchboard.cli("channel request hangup all")
    assert left(switchboard) == {number: (one.name, mode) for number, one in wanted.items()}
