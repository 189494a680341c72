"""Whatever a city writes into its menu file, and whatever a caller does: no call is lost in it."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.menu import Action, BadMenu, Book, Choice, Menu, Piece, Profile
from ivr.menu_check import check
from ivr.menu_run import MOST_STEPS
from ivr.menu_text import of_table, parse
from ivr.route import Route
from tests.ivr.menus import Caller

NAMES = st.sampled_from(["main", "more", "waiting", "none"])
KEYS = st.sampled_from(["", *"0123456789*"])
PHRASES = st.sampled_from(["进度", "人工", "公积金", "返回"])
CONDITIONS = st.lists(st.sampled_from(["event", "long-wait", "nowhen"]), max_size=1).map(tuple)

PLAIN = st.one_of(st.none(), st.booleans(), st.integers(-9, 999), st.text("ab1进.", max_size=4))
WORDS = st.sampled_from(
    [
        *("version", "profile", "menus", "times", "everywhere", "choices", "main", "a", "action", "key"),
        *("phrases", "offer", "say", "recording", "text", "hours", "office", "closed", "when", "seconds"),
    ]
)
VALUES = st.one_of(PLAIN, st.sampled_from(["menu-first", "direct", "say", "menu", "09:00-17:00", "person"]))
TABLES = st.recursive(
    VALUES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=25,
)


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    return Choice(
        name=draw(st.sampled_from("abcdef")),
        action=draw(st.sampled_from(list(Action))),
        key=draw(KEYS),
        phrases=tuple(draw(st.lists(PHRASES, max_size=2))),
        title=draw(st.sampled_from(["", "查询"])),
        say=tuple(draw(st.lists(st.just(Piece(text="在办理。")), max_size=1))),
        confirm=draw(st.booleans()),
        to=draw(NAMES),
        when=draw(CONDITIONS),
        unless=draw(CONDITIONS),
    )


@st.composite
def books(draw: st.DrawFn) -> Book:
    names = ("main", "more", "waiting")
    menus = {name: Menu(id=name, choices=tuple(draw(st.lists(choices(), max_size=5)))) for name in names}
    return Book(version="f", profile=draw(st.sampled_from(list(Profile))), menus=menus)


ANSWERS = st.one_of(KEYS, PHRASES, PHRASES.map("{}~50".format), st.just("[unk]"), st.just("是的"))


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(WORDS, TABLES, max_size=6))
@example({"profile": "menu-first", "menus": 3})
@example({"menus": {"main": {"choices": {"a": {"phrases": {}, "key": [], "say": {"recording": 3}}}}}})
@example({"times": {"a": {"hours": 9, "closed": ["2026-13-01~"]}}, "languages": {}})
def test_any_file_is_read_or_refused_in_words(table: dict[str, Any]) -> None:
    with suppress(BadMenu):
        check(of_table(table))


@settings(max_examples=30, deadline=None)
@given(st.text("[].=\"'\n ab进", max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with suppress(BadMenu):
        parse(text)


@pytest.mark.parametrize("waiting", [False, True])
@settings(max_examples=50, deadline=None)
@given(book=books(), answers=st.lists(ANSWERS, max_size=30), name=NAMES)
async def test_any_menu_ends_soon_whatever_a_caller_does(
    book: Book, answers: list[str], name: str, *, waiting: bool
) -> None:
    caller = Caller(keys=answers)
    way = await caller.in_menus(book, waiting=waiting).run(name)
    assert way.route in Route
    # Each step is one listening, asked about at most once, or one piece of information heard three times.
    assert len(caller.call.steps) <= 3 * MOST_STEPS + 1
    check(book)


@settings(max_examples=30, deadline=None)
@given(book=books(), name=NAMES)
async def test_in_any_menu_silence_and_zero_lead_to_a_person(book: Book, name: str) -> None:
    person = {
        choice.name for choice in book.menus.get(name, Menu(id="", choices=())).choices if choice.key == "0"
    }
    for key in ("", *(() if person else ("0",))):
        way = await Caller(keys=[key]).in_menus(book).run(name)
        assert way.route is Route.LINE
