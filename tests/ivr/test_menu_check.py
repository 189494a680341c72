"""What `hotline menu check` says of a menu file."""

import math
from array import array
from pathlib import Path

import pytest

from ivr import sound
from ivr.menu import Profile
from ivr.menu_check import check
from ivr.menu_file import shipped
from ivr.speech.models import SYNTHETIC
from ivr.speech.recogniser import Model
from ivr.speech.segment import unknown
from tests.ivr.menus import a_book

PERSON = '[everywhere.person]\naction="person"\nkey="0"\nphrases=["人工"]\noffer="person-key"\n'
MAIN = PERSON + '[menus.main]\nopening="menu-main"\n'
WAITING = PERSON + "[menus.waiting]\n"
STATUS = '[menus.main.choices.status]\naction="status"\nkey="1"\ntitle="查询"\noffer="key-status"\n'


@pytest.mark.parametrize("profile", list(Profile))
def test_the_menus_that_ship_have_nothing_to_find(profile: Profile) -> None:
    model = Model(SYNTHETIC)
    assert check(shipped(profile), lambda phrases: unknown(phrases, model.knows)) == []


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("accept = 40\nconfirm = 60", "accept: 应不小于 confirm"),
        ("[menus.main]", "没有任何选择"),
        (STATUS, "不能随时按 0 转人工"),
        (MAIN + '[menus.main.choices.person]\naction="person"\nkey="0"\nwhen="event"', "不能随时按 0"),
        (MAIN + '[menus.main.choices.a]\naction="status"\nkey="0"', "0 只能是人工"),
        (MAIN + '[menus.main.choices.a]\naction="menu"\nto="none"\nkey="1"', "没有菜单 'none'"),
        (MAIN + '[menus.main.choices.a]\naction="say"\nkey="1"', "没有要说的内容"),
        (MAIN + STATUS + '[menus.main.choices.a]\naction="callback"\nkey="1"', "同用 1 键"),
        (MAIN + '[menus.main.choices.a]\naction="status"\nkey="1"\nphrases=["人工"]', "同用一句话"),
        (MAIN + '[menus.main.choices.a]\naction="status"\nkey="1"\nwhen="noon"', "没有名为 noon 的时间"),
        (MAIN + '[menus.main.choices.a]\naction="status"\nkey="1"\nwhen="event"\nunless="event"', "从不提供"),
        (MAIN + '[menus.main.choices.a]\naction="status"\nkey="1"\nwhen="long-wait"', "long-wait 只在"),
        (MAIN + '[menus.main.choices.a]\naction="status"', "既无按键也无话语"),
        (MAIN + '[menus.main.choices.a]\naction="status"\nphrases=["进度"]', "只能说，不能按"),
        (MAIN + STATUS.replace("key-status", "key-callback"), "说的是按 9，键是 1"),
        (MAIN + STATUS.replace("key-status", "查询请按3。"), "说的是按 3，键是 1"),
        (MAIN + STATUS.replace("key-status", "no-such"), "没有这个提示音 (there is no such prompt): no-such"),
        (MAIN + STATUS.replace("key-status", "???"), "读不出来"),
        (WAITING + '[menus.waiting.choices.a]\naction="status"\nkey="9"', "9 键固定为 callback"),
    ],
)
def test_what_would_trap_or_mislead_a_caller_is_grave(text: str, finding: str) -> None:
    grave = [str(each) for each in check(a_book(text)) if each.grave]
    assert any(finding in each for each in grave), grave


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (MAIN + STATUS, "没有 waiting"),
        (MAIN + STATUS, "menus.main: 没有选择通向它"),  # of a city whose callers come to a person first
        (MAIN + STATUS.replace('offer="key-status"', ""), "没有说明按 1"),
        (MAIN + STATUS + 'phrases=["查"]', "一个字容易听错"),
        (MAIN + STATUS.replace('title="查询"', 'phrases=["进度"]'), "没有 title"),
        (MAIN + '[menus.main.choices.a]\naction="english"\nkey="8"\noffer="key-english"', "没有 en"),
        (WAITING + '[menus.waiting.choices.a]\naction="message"\nkey="7"', "排队时不能提供"),
        (MAIN + '[menus.main.choices.a]\naction="status"\nkey="1"\nphrases=["人公"]', "听起来一样"),
        (MAIN.replace("menu-main", "很长" * 60) + STATUS, "秒，太长"),
        (MAIN + f'[menus.main.choices.a]\naction="say"\nkey="1"\nsay="{"很长" * 120}"', "秒，太长"),
        (PERSON.replace('offer="person-key"', "") + "[menus.main]", "没有说明按 0 转人工"),
    ],
)
def test_what_could_be_better_is_a_note(text: str, finding: str) -> None:
    found = check(a_book(text))
    assert any(finding in str(each) and not each.grave for each in found), [*map(str, found)]


def test_too_many_choices_are_too_many_to_be_remembered() -> None:
    offers = "".join(
        f'[menus.main.choices.c{n}]\naction="status"\nkey="{n}"\ntitle="查询"\noffer="请按{n},"\n'
        for n in range(1, 10)
    )
    assert any("9 个选择，太多" in str(each) for each in check(a_book(MAIN + offers)))


def test_the_same_key_at_different_hours_is_no_conflict() -> None:
    text = (
        MAIN + '[menus.main.choices.open]\naction="status"\nkey="1"\nphrases=["进度"]\nwhen="day"\n'
        '[menus.main.choices.closed]\naction="message"\nkey="1"\nphrases=["进度"]\nunless="day"\n'
        '[times.day]\nhours="work 09:00-17:00"'
    )
    assert not [each for each in check(a_book(text)) if each.grave]


def test_a_phrase_that_the_model_does_not_know_is_named() -> None:
    text = MAIN + STATUS + 'phrases=["北京科技馆", "进度"]'
    found = check(a_book(text), lambda phrases: [each for each in phrases if each == "北京科技馆"])
    assert [each.what for each in found if "不认识" in each.what] == [
        "语音模型不认识，说了也听不到 (unknown to the speech model, never heard): 北京科技馆"
    ]


def test_a_citys_recording_is_held_to_what_prompts_are(tmp_path: Path) -> None:
    tone = array("h", [round(2500 * math.sin(n / 5)) for n in range(2 * sound.RATE)])
    book = a_book(MAIN.replace('opening="menu-main"', "opening={recording = 'x.wav'}") + STATUS, tmp_path)
    assert any("x.wav: is not a readable WAV file" in str(each) for each in check(book))
    sound.write(tmp_path / "x.wav", sound.levelled(tone))
    assert not any("x.wav" in str(each) for each in check(book))


def test_grave_findings_come_first() -> None:
    found = check(a_book(MAIN + STATUS.replace('offer="key-status"', 'offer="no-such"')))
    assert [each.grave for each in found] == sorted((each.grave for each in found), reverse=True)
