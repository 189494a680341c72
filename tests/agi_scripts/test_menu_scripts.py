"""The scripts that play the menus: from the file in force to what stands on the channel and where the call goes."""

from dataclasses import replace
from functools import partial

import pytest

from agi_scripts import chosen, waiting
from agi_scripts.parts import Parts
from agi_scripts.server import scripts
from ivr.menu import Book, Profile
from ivr.menu_file import shipped
from routing.estimate import Wait
from routing.rules import Language, LineRules
from storage.engine import Store
from tests.agi_scripts.agi_world import GONE, Heard, session, table
from tests.agi_scripts.test_incoming import SILENT, water_cut
from tests.agi_scripts.test_scripts import DeadStore, parts_of, routed, said
from tests.ivr.menus import a_book

FIRST = shipped(Profile.MENU_FIRST)
WISH = "skill=&language=&priority=0&line=12345"
ON_CHANNEL = {
    'GET VARIABLE "HOTLINE_WISH"': f"200 result=1 ({WISH})",
    'GET VARIABLE "HOTLINE_SINCE"': "200 result=1 (1795308600.000)",
}
DANGER = a_book(
    '[menus.waiting.choices.danger]\naction="urgent"\nkey="5"\noffer="紧急情况请按5,"\n'
    '[menus.waiting.choices.wages]\naction="person"\nkey="6"\nskill="劳动"\noffer="欠薪请按6,"'
)


def parts(book: Book, store: Store | None = None, rules: LineRules | None = None) -> Parts:
    return replace(
        parts_of(store or DeadStore()),
        menus=lambda: book,
        rules=lambda: rules or LineRules(),
        estimate=lambda _call, _wish: Wait(150, 290, 4),
    )


async def incoming(found: Parts, replies: dict[str, str]) -> Heard:
    return await session(scripts(found)["incoming"], table(replies))


async def pressed(found: Parts, key: str) -> Heard:
    replies = table(ON_CHANNEL | {'GET VARIABLE "ARG1"': f"200 result=1 ({key})"})
    return await session(partial(chosen.run, parts=found), replies)


def written(heard: Heard, variable: str) -> list[str]:
    return [line for line in heard.of("SET VARIABLE") if f'"{variable}"' in line]


async def test_menu_first_plays_the_main_menu_before_the_line_and_silence_leads_to_a_person() -> None:
    heard = await incoming(parts(FIRST), {})
    assert routed(heard) == "line"
    assert said(heard)[:2] == ["welcome", "menu-main"]
    assert said(heard)[-1] == "to-person"


async def test_direct_lets_nobody_hear_a_menu_before_the_line() -> None:
    heard = await incoming(parts(shipped()), {})
    assert (routed(heard), said(heard)) == ("line", ["welcome"])


async def test_a_key_in_the_greeting_is_obeyed_but_not_without_the_notice_of_recording() -> None:
    heard = await incoming(parts(FIRST), {'STREAM FILE "hotline/welcome"': "200 result=49 endpos=0"})
    assert (routed(heard), said(heard)) == ("status", ["welcome", "recording-notice"])


async def test_a_key_in_the_menu_leads_on_at_once() -> None:
    heard = await incoming(parts(FIRST), {'STREAM FILE "hotline/key-status"': "200 result=57 endpos=0"})
    assert routed(heard) == "callback"
    assert said(heard)[-1] == "key-status"


async def test_h_21_what_many_call_about_is_announced_before_the_menu_and_may_be_heard_again(
    store: Store,
) -> None:
    water_cut(store)
    found = parts(FIRST, store)
    replies = SILENT | {'STREAM FILE "hotline/menu-main"': "200 result=53 endpos=0"}
    heard = await incoming(found, replies)
    sounds = said(heard)
    assert sounds.count("event-join") == 2
    assert sounds.index("event-join") < sounds.index("menu-main")
    assert routed(heard) == "line"


async def test_hanging_up_in_the_menu_is_on_record() -> None:
    heard = await incoming(parts(FIRST), {'STREAM FILE "hotline/menu-main"': GONE})
    assert any(
        fact.startswith("HOTLINE_MENU_LEFT,menu=main") and "to=hang_up" in fact for fact in heard.facts()
    )


async def test_who_waits_and_asks_for_english_is_known_to_want_it_before_he_is_answered() -> None:
    found = parts(shipped(), rules=LineRules(languages=(Language("en"),)))
    replies = table(ON_CHANNEL | {'STREAM FILE "hotline/key-english"': "200 result=56 endpos=0"})
    heard = await session(partial(waiting.run, parts=found), replies)
    assert routed(heard) == "wished"
    (place,) = written(heard, "HOTLINE_PLACE")
    assert '"line 1795308600.000 skill=&language=en&priority=0&line=12345"' in place
    assert heard.commands.index(place if place in heard.commands else f"SET VARIABLE {place}") < max(
        number for number, line in enumerate(heard.commands) if "welcome-english" in line
    )


async def test_english_is_offered_only_by_a_line_that_has_a_rule_for_it() -> None:
    heard = await session(partial(waiting.run, parts=parts(shipped())), table(ON_CHANNEL))
    assert "key-english" not in said(heard)


@pytest.mark.parametrize(
    ("key", "wish"),
    [("5", "skill=&language=&priority=9&line=12345"), ("6", "skill=%E5%8A%B3%E5%8A%A8&language=")],
)
async def test_a_key_of_the_citys_own_during_the_music_changes_what_he_wants_of_a_seat(
    key: str, wish: str
) -> None:
    heard = await pressed(parts(DANGER), key)
    assert routed(heard) == "wished"
    assert wish in written(heard, "HOTLINE_WISH")[0]
    assert ("emergency" in said(heard)) is (key == "5")


async def test_information_is_told_during_the_music_and_he_is_in_the_line_meanwhile() -> None:
    heard = await pressed(parts(shipped()), "4")
    assert routed(heard) == "line"
    assert said(heard)[0] == "menu-what"
    assert written(heard, "HOTLINE_PLACE") == []


@pytest.mark.parametrize("key", ["7", "8", ""])
async def test_a_key_without_a_meaning_leads_back_to_the_music_without_a_word(key: str) -> None:
    heard = await pressed(parts(shipped()), key)
    assert (routed(heard), said(heard)) == ("line", [])
