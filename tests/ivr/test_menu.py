"""The menu file: what it may say, what is named when it is wrong, and how it comes into force."""

import logging
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from cases.calendar import WorkCalendar
from ivr.menu import Action, BadMenu, Piece, Profile, Times
from ivr.menu_file import MenuFile, load, shipped
from ivr.menu_text import parse
from ivr.menu_times import times_hold
from routing.rules import Days, Hours
from tests.ivr.menus import ZONE, a_book

SMALL = 'version = "{}"\n[menus.waiting]\n[menus.waiting.choices.person]\naction = "person"\nkey = "0"\n'


@pytest.mark.parametrize("profile", list(Profile))
def test_each_profile_ships_with_a_menu_file_of_its_own(profile: Profile) -> None:
    book = shipped(profile)
    assert book.profile is profile
    assert set(book.grammars()) == {f"menu:{name}" for name in book.menus}


def test_a_grammar_holds_every_phrase_of_its_menu_and_those_understood_everywhere() -> None:
    book = a_book(
        '[everywhere.person]\naction="person"\nphrases=["人工"]\n'
        '[menus.main.choices.a]\naction="status"\nphrases=["进度", "查进度"]'
    )
    assert book.grammars() == {"menu:main": ("人工", "查进度", "进度")}
    found = book.choice_of("main", "查进度")
    assert found is not None
    assert found.action is Action.STATUS
    assert book.choice_of("main", "天气") is book.choice_of("none", "进度") is None


def test_a_menu_may_have_its_own_word_for_what_is_understood_everywhere() -> None:
    book = a_book(
        '[everywhere.person]\naction="person"\nkey="0"\noffer="person-key"\n'
        '[menus.main.choices.person]\naction="person"\nkey="0"'
    )
    assert [choice.offer for choice in book.menus["main"].choices] == [()]


def test_what_is_said_is_a_prompt_words_or_a_recording_beside_the_file(tmp_path: Path) -> None:
    book = a_book(
        "[menus.main]\nopening = ['menu-main', '您好,请说。', {recording = 'x.wav', text = '欢迎'}]", tmp_path
    )
    prompt, words, recording = book.menus["main"].opening
    assert (prompt, words) == (Piece(prompt="menu-main"), Piece(text="您好,请说。"))
    assert (recording.recording, recording.text) == (str(tmp_path / "x.wav"), "欢迎")
    assert len(recording.digest) == 64


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[menus", "不是有效的 TOML"),
        ("colour = 1", "没有名为 colour 的项"),
        ("profile = 'first'", "profile: 应为 direct 或 menu-first"),
        ("profile = 'menu-first'", "须有 menus.main"),
        ("menus = 3", "menus: 应为表"),
        ("[menus.Main]", "menus.Main: 名称只用小写字母"),
        ("[menus.main]\nseconds = 99", "menus.main.seconds: 应为 1 至 15"),
        ("[menus.main]\nopening = 3", "menus.main.opening: 应为提示音名"),
        ("[menus.main]\nopening = {recording = '../x.wav'}", "录音应与菜单文件在同一文件夹"),
        ("[menus.main]\nopening = {recording = 'none.wav'}", "录音无法读取"),
        ("[menus.main]\nchoices = 1", "menus.main.choices: 应为表"),
        ("[menus.main.choices.a]\naction = 'dance'", "a.action: 应为其一 (one of): person, status"),
        ("[menus.main.choices.a]\naction = 'status'\nkey = '12'", "a.key: 应为一个数字或 *"),
        ("[menus.main.choices.a]\naction = 'status'\nphrases = ['help']", "应为 1 至 12 个汉字"),
        ("[menus.main.choices.a]\naction = 'status'\nphrases = [1]", "a.phrases: 应为文字"),
        ("[menus.main.choices.a]\naction = 'status'\nkey = 1", "a.key: 应为文字"),
        ("[menus.main.choices.a]\naction = 'person'\npriority = 12", "a.priority: 应为 0 至 9 的整数"),
        ("[menus.main.choices.a]\naction = 'person'\nconfirm = 'yes'", "a.confirm: 应为 true 或 false"),
        ("accept = true", "accept: 应为 0 至 100 的整数"),
        ("[times.a]", "times.a: 没有 hours 也没有 office"),
        ("[times.a]\nhours = '9-17'", "times.a.hours: 应写作 09:00-17:00"),
        ("[times.a]\nhours = '09:00-27:00'", "times.a.hours: 应写作"),
        ("[times.a]\noffice = 'moon'", "times.a.office: 应为其一 (one of): fuzhou"),
        ("[times.a]\noffice = 'plain'\nclosed = ['soon']", "times.a.closed: 日期应写作 2026-12-31"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(BadMenu) as bad:
        parse(f'version = "1"\n{text}', tmp_path)
    assert any(problem in each for each in bad.value.problems), bad.value.problems


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(BadMenu) as bad:
        parse("colour = 1\nprofile = 'first'")
    assert len(bad.value.problems) == 3  # the version is missing as well


# When


def at(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, 30, tzinfo=ZONE).astimezone(UTC)


WORK = Times(hours=(Hours(time(9), time(17), Days.WORK),))
NIGHT = Times(hours=(Hours(time(21), time(8)),))
PLAIN = Times(office="plain", closed=("2026-11-24~2026-11-25",))


@pytest.mark.parametrize(
    ("times", "moment", "holds"),
    [
        (WORK, at(23, 9), True),
        (WORK, at(23, 17), False),
        (WORK, at(22, 9), False),  # a Sunday
        (WORK, at(10, 9, month=10), True),  # a Saturday that is worked
        (WORK, at(1, 9, month=10), False),  # the National Day
        (NIGHT, at(22, 23), True),
        (NIGHT, at(22, 7), True),
        (NIGHT, at(22, 12), False),
        (PLAIN, at(23, 9), True),
        (PLAIN, at(23, 8), False),
        (PLAIN, at(24, 9), False),  # closed by the city's own word
        (PLAIN, at(25, 9), False),
        (PLAIN, at(26, 9), True),
        (PLAIN, at(28, 9), False),  # a Saturday
    ],
)
def test_times_follow_the_work_calendar_with_its_make_up_days(
    times: Times, moment: datetime, *, holds: bool
) -> None:
    assert times_hold(times, WorkCalendar(ZONE), moment) is holds


# In force


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 2
        return self.now


def test_without_a_file_the_direct_menus_that_ship_are_in_force(tmp_path: Path) -> None:
    assert MenuFile(None)() is shipped()
    assert MenuFile(tmp_path / "none.toml")() is shipped()
    assert load() is shipped()


def test_a_file_comes_into_force_as_soon_as_it_is_there_and_whenever_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "menu.toml"
    menus = MenuFile(path, clock=Clock())
    menus()
    for version in ("a", "bb"):
        path.write_text(SMALL.format(version), "utf-8")
        assert menus().version == version
    path.unlink()
    assert menus().version == "bb"


def test_a_file_that_is_wrong_leaves_the_last_good_one_in_force(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "menu.toml"
    path.write_text(SMALL.format("good"), "utf-8")
    menus = MenuFile(path, clock=Clock())
    menus()
    path.write_text("version = ", "utf-8")
    with caplog.at_level(logging.WARNING):
        assert menus().version == menus().version == "good"
    assert len(caplog.records) == 1


def test_the_file_is_looked_at_once_a_second_at_most(tmp_path: Path) -> None:
    path = tmp_path / "menu.toml"
    path.write_text(SMALL.format("a"), "utf-8")
    clock = Clock()
    menus = MenuFile(path, clock=lambda: clock.now)
    menus()
    path.write_text(SMALL.format("bb"), "utf-8")
    assert menus().version == "a"
    clock()
    assert menus().version == "bb"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "menu.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadMenu, match="无法读取"):
        load(path)
    path.unlink()
    with pytest.raises(BadMenu, match="无法读取"):
        load(path)
