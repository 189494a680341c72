"""The city's menus on a real Asterisk: before the line, while waiting, during the music."""

from dataclasses import replace
from functools import partial

import pytest

from agi_scripts import chosen, incoming, waiting
from agi_scripts.server import Script
from ivr.menu import Book, Profile
from ivr.menu_file import shipped
from routing.estimate import Wait
from routing.live import Wish
from routing.rules import Language, LineRules
from tests.agi_scripts.test_scripts import DeadStore, parts_of
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard, hertz_of
from tests.asterisk.test_incoming import callers, sends_to
from tests.asterisk.test_place import Listening
from tests.ivr.menus import a_book
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]

CITY = LineRules(languages=(Language("en"),))
DANGER = a_book('[menus.waiting.choices.danger]\naction="urgent"\nkey="5"')


def play(scripts: Scripts, book: Book) -> None:
    """Let our real scripts play these menus, without a store and without the speech service."""
    parts = replace(
        parts_of(DeadStore()), menus=lambda: book, rules=lambda: CITY, estimate=lambda *_: Wait(5, 25, 1)
    )
    scripts["incoming"] = sends_to("line")
    for module in (waiting, chosen):
        scripts[module.__name__.rpartition(".")[2]] = partial(module.run, parts=parts)
    if book.profile is Profile.MENU_FIRST:
        scripts["incoming"] = partial(incoming.run, parts=parts)


async def test_who_asks_for_english_while_waiting_keeps_his_place_and_is_known_to_want_it(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    play(scripts, shipped())
    caller = await people.citizen()
    async with Listening(switchboard) as ours:
        await caller.dials()
        await caller.hears_tone(hertz_of("key-english"))
        (before,) = (await ours.picture()).waiting
        await caller.presses("8")
        await caller.hears_tone(hertz_of("welcome-english"))
        (asked,) = (await ours.picture()).waiting  # the engine knows before the words are over
        assert (asked.wish, asked.since) == (Wish(language="en"), before.since)
        await caller.hears_tone(HOLD_HERTZ)
        (after,) = (await ours.picture()).waiting
        assert (after.wish, after.since) == (Wish(language="en"), before.since)
        assert "aside" not in ours.words()
    assert "language=en" in switchboard.facts("QUEUED")[-1].detail["wish"]
    (left,) = switchboard.facts("MENU_LEFT")
    assert (left.detail["to"], left.detail["choice"]) == ("line", "english")


async def test_a_key_of_the_citys_own_works_during_the_music(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    play(scripts, DANGER)
    caller = await people.citizen()
    async with Listening(switchboard) as ours:
        await caller.dials()
        await caller.hears_tone(HOLD_HERTZ)
        await caller.presses("5")
        await caller.hears_tone(hertz_of("emergency"))
        (waits,) = (await ours.picture()).waiting
        assert waits.wish == Wish(priority=9)
        await eventually(lambda: callers(switchboard))


async def test_menu_first_is_complete_with_keys_and_silence_leads_to_the_line(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    play(scripts, shipped(Profile.MENU_FIRST))
    caller = await people.citizen()
    await caller.dials()
    await caller.hears_tone(hertz_of("menu-main"))
    await caller.presses("4")
    await caller.hears_tone(hertz_of("menu-what"))
    await eventually(lambda: callers(switchboard))
    steps = [(fact.detail["menu"], fact.detail["choice"]) for fact in switchboard.facts("MENU_STEP")]
    assert steps == [("main", "information"), ("information", ""), ("waiting", "")]
    assert switchboard.facts("MENU_LEFT")[0].detail["to"] == "line"
