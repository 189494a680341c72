"""A caller in the voice menus: what leads where, and that nothing keeps anybody from a person."""

from pathlib import Path

import pytest

from ivr.call import HungUp
from ivr.menu import MAIN, Action, Book, Choice, Menu, Profile
from ivr.menu_file import shipped
from ivr.menu_run import SPARE_SECONDS, Way
from ivr.route import Route
from ivr.wanted import Want
from tests.ivr.menus import MONDAY, NOWHERE, SUNDAY, Caller, a_book

FIRST = shipped(Profile.MENU_FIRST)
DEEP = a_book(
    """
[everywhere.person]
action = "person"
key = "0"
phrases = ["人工"]
offer = "person-key"
[menus.main]
opening = "menu-main"
hint = "menu-speak"
[menus.main.choices.more]
action = "menu"
to = "more"
key = "1"
phrases = ["信息"]
offer = "key-information"
[menus.main.choices.wages]
action = "person"
key = "2"
phrases = ["欠薪"]
title = "反映欠薪"
skill = "劳动"
priority = 1
confirm = true
[menus.main.choices.lost]
action = "menu"
to = "nowhere"
key = "5"
[menus.main.choices.end]
action = "end"
key = "6"
[menus.more]
opening = "menu-what"
[menus.more.choices.fund]
action = "say"
key = "3"
phrases = ["公积金"]
title = "公积金"
say = "请咨询12329。"
[menus.more.choices.back]
action = "menu"
to = "main"
key = "4"
phrases = ["返回"]
"""
)


async def went(caller: Caller, book: Book = FIRST, menu: str = MAIN, **situation: object) -> Way:
    return await caller.in_menus(book, **situation).run(menu)


def every_choice() -> list[tuple[Book, Menu, Choice]]:
    books = [shipped(profile) for profile in Profile]
    return [(book, menu, choice) for book in books for menu in book.menus.values() for choice in menu.choices]


ROUTES = {
    Action.STATUS: Route.STATUS,
    Action.CALLBACK: Route.CALLBACK,
    Action.MESSAGE: Route.MESSAGE,
    Action.ENTERPRISE: Route.ENTERPRISE,
    Action.DIALECT: Route.DIALECT,
}


@pytest.mark.parametrize(
    ("book", "menu", "choice"),
    every_choice(),
    ids=lambda each: getattr(each, "name", getattr(each, "id", "")),
)
async def test_f10_05_every_choice_that_ships_is_reached_by_its_key_and_by_each_of_its_phrases(
    book: Book, menu: Menu, choice: Choice
) -> None:
    now: dict[str, object] = {"without": frozenset(), "holds": frozenset({"event", "long-wait"})}
    now["at"] = SUNDAY if choice.unless else MONDAY
    for given in (*choice.phrases, *choice.key):
        caller = Caller(keys=[given])
        way = await went(caller, book, menu.id, **now)
        assert caller.facts("menu_step")[0]["choice"] == choice.name, given
        assert way.route is ROUTES.get(choice.action, Route.LINE)


@pytest.mark.parametrize("keys", [[""], ["[unk]", "[unk]"], ["[unk]", ""], ["0"], ["人工"], ["你好", "天气"]])
async def test_star_16_silence_and_two_things_not_understood_lead_to_a_person(keys: list[str]) -> None:
    caller = Caller(keys=keys)
    assert (await went(caller)).route is Route.LINE
    assert caller.call.heard[-1] == "to-person"
    assert caller.call.heard.count("menu-again") == ("[unk]" in keys or "你好" in keys)


async def test_zero_leads_to_a_person_even_where_the_file_forgot_it() -> None:
    caller = Caller(keys=["0"])
    book = a_book("[menus.main]\n[menus.main.choices.a]\naction='status'\nkey='1'")
    assert (await went(caller, book)).route is Route.LINE
    assert caller.call.heard == ["to-person"]


async def test_what_is_heard_unsurely_is_asked_about_and_done_on_yes() -> None:
    caller = Caller(keys=["查进度~50", "对的"])
    assert (await went(caller)).route is Route.STATUS
    assert caller.call.steps[1] == ["menu-you-want", "live/查询进度", "menu-right"]
    assert caller.call.grammars == ["menu:main", "yes_no"]
    assert [fact["outcome"] for fact in caller.facts("menu_step")] == ["confirmed"]


async def test_who_says_no_is_asked_again_and_after_a_second_no_a_person_comes() -> None:
    caller = Caller(keys=["查进度~50", "2", "留言"])
    assert (await went(caller)).route is Route.MESSAGE
    twice = Caller(keys=["查进度~50", "不是", "留言~50", "2"])
    assert (await went(twice)).route is Route.LINE
    assert [fact["outcome"] for fact in twice.facts("menu_step")] == ["denied", "denied"]


@pytest.mark.parametrize("answer", ["", "[unk]", "0", "人工"])
async def test_a_question_is_never_asked_twice(answer: str) -> None:
    caller = Caller(keys=["查进度~50", answer])
    assert (await went(caller)).route is Route.LINE
    assert caller.call.heard.count("menu-right") == 1


async def test_what_is_hardly_heard_counts_as_not_understood() -> None:
    caller = Caller(keys=["查进度~30", "查进度~44"])
    assert (await went(caller)).route is Route.LINE
    assert [fact["outcome"] for fact in caller.facts("menu_step")] == ["unknown", "unknown"]


async def test_nobody_is_asked_whether_he_wants_a_person() -> None:
    caller = Caller(keys=["投诉~50"])
    assert (await went(caller)).route is Route.LINE
    assert caller.call.grammars == ["menu:main"]


async def test_a_question_that_cannot_be_spoken_is_not_asked() -> None:
    caller = Caller(keys=["查进度~50", "查进度~50"], mute=True)
    assert (await went(caller)).route is Route.LINE
    assert "menu-right" not in caller.call.heard


async def test_a_choice_may_be_asked_about_however_sure_it_is_and_a_key_never_is() -> None:
    said, keyed = Caller(keys=["欠薪", "1"]), Caller(keys=["2"])
    assert (await went(said, DEEP)).choice == (await went(keyed, DEEP)).choice == "wages"
    assert (said.call.grammars, keyed.call.grammars) == (["menu:main", "yes_no"], ["menu:main"])
    assert said.wants == keyed.wants == [Want(skill="劳动", priority=1)]


async def test_an_emergency_is_told_whom_to_ring_and_goes_before_everybody() -> None:
    caller = Caller(keys=["紧急"])
    assert (await went(caller)).route is Route.LINE
    assert caller.wants == [Want(priority=9)]
    assert caller.call.heard[-2:] == ["emergency", "to-person"]


async def test_a_waiting_caller_in_danger_is_before_the_others_while_he_still_listens() -> None:
    caller = Caller(keys=["救命"], hang_up_at=2)  # a seat takes him in the middle of the numbers
    with pytest.raises(HungUp):
        await went(caller, shipped(), "waiting", waiting=True)
    assert caller.wants == [Want(priority=9)]


async def test_english_is_answered_in_english_and_asks_for_a_seat_that_speaks_it() -> None:
    caller = Caller(keys=["8"])
    assert (await went(caller, without=NOWHERE - {Action.ENGLISH})).route is Route.LINE
    assert caller.wants == [Want(language="en")]
    assert caller.call.heard[-1] == "welcome-english"


async def test_information_is_told_and_repeated_and_silence_after_it_leads_to_a_person() -> None:
    caller = Caller(keys=["信息", "公积金", "1", ""])
    assert (await went(caller, DEEP)).route is Route.LINE
    assert caller.call.heard.count("live/请咨询12329。") == 2
    assert caller.facts("self_service") == [{"result": "heard", "menu": "more", "choice": "fund"}]


async def test_after_information_another_choice_may_be_said_at_once() -> None:
    caller = Caller(keys=["1", "3", "返回", "0"])
    assert (await went(caller, DEEP)).route is Route.LINE
    assert [fact["menu"] for fact in caller.facts("menu_step")] == ["main", "more", "more", "main"]


async def test_what_cannot_be_spoken_is_told_by_a_person() -> None:
    caller = Caller(keys=["1", "3"], mute=True)
    assert (await went(caller, DEEP)).route is Route.LINE
    assert caller.facts("self_service") == []


async def test_information_depends_on_the_hour_and_its_key_does_not() -> None:
    for at, words in ((MONDAY, "现在正在办公"), (SUNDAY, "现在不在办公")):
        caller = Caller(keys=["1", ""])
        await went(caller, shipped(), "information", at=at)
        assert words in caller.call.steps[1][0]


async def test_a_menu_that_leads_to_none_leads_to_a_person() -> None:
    assert (await went(Caller(keys=["5"]), DEEP)).route is Route.LINE
    assert (await went(Caller(), DEEP, "none")).route is Route.LINE


async def test_nobody_walks_in_circles_for_ever() -> None:
    caller = Caller(keys=["1", "4"] * 20)
    assert (await went(caller, DEEP)).route is Route.LINE
    assert len(caller.call.steps) == 9  # eight menus, and the word that a person comes


async def test_who_wants_to_end_may() -> None:
    caller = Caller(keys=["6"])
    assert (await went(caller, DEEP)).route is Route.END
    assert caller.call.heard[-1] == "goodbye"


async def test_that_one_may_speak_is_said_only_while_somebody_listens() -> None:
    deaf, listening = Caller(), Caller()
    await went(deaf, speech=False)
    await went(listening)
    assert "menu-speak" not in deaf.call.heard
    assert "menu-speak" in listening.call.heard


async def test_a_phrase_of_what_is_not_offered_now_leads_to_a_person() -> None:
    caller = Caller(keys=["企业服务"])
    assert (await went(caller)).route is Route.LINE
    assert caller.wants == []


async def test_a_recording_is_played_and_its_words_are_spoken_if_it_is_gone(tmp_path: Path) -> None:
    book = a_book("[menus.main]\nopening = {recording = 'x.wav', text = '欢迎'}", folder=tmp_path)
    there, gone = Caller(), Caller()
    await went(there, book)
    (tmp_path / "x.wav").unlink()
    await went(gone, book)
    digest = book.menus["main"].opening[0].digest
    assert (there.call.heard[0], gone.call.heard[0]) == (f"live/{digest}", "live/欢迎")


async def test_words_do_not_cut_a_legal_notice_in_its_first_moments() -> None:
    caller = Caller(keys=["查进度"])
    found = await caller.in_menus(FIRST).notice(["welcome"], MAIN)
    assert found is not None
    assert found.name == "status"
    assert caller.call.spared == [SPARE_SECONDS]
    assert SPARE_SECONDS >= 0.6


@pytest.mark.parametrize("step", range(1, 6))
async def test_hanging_up_anywhere_ends_it_and_is_on_record(step: int) -> None:
    caller = Caller(keys=["1", "公积金~50", "1", "1", ""], hang_up_at=step)
    with pytest.raises(HungUp):
        await went(caller, DEEP)
    assert [fact["to"] for fact in caller.facts("menu_left")] == ["hang_up"]


async def test_what_is_on_record_says_which_menu_and_version_and_no_words() -> None:
    caller = Caller(keys=["信息", "[unk]", "0"])
    await went(caller, DEEP)
    steps = [{**fact, "ms": 0} for fact in caller.facts("menu_step")]
    common = {"version": "t1", "ms": 0}
    assert steps == [
        {"menu": "main", "step": 1, "choice": "more", "mode": "speech", "outcome": "accepted", "score": 90}
        | common,
        {"menu": "more", "step": 2, "choice": "", "mode": "speech", "outcome": "unknown", "score": 0}
        | common,
        {"menu": "more", "step": 3, "choice": "person", "mode": "key", "outcome": "accepted", "score": 0}
        | common,
    ]
    left = {"menu": "more", "to": "line", "choice": "person", "steps": 3, "failures": 1}
    assert [{**fact, "ms": 0} for fact in caller.facts("menu_left")] == [
        left | common | {"profile": "direct", "where": "main"}
    ]


@pytest.mark.parametrize(
    ("words", "asked"), [("英语", True), ("企业", True), ("紧急", False), ("人工", False)]
)
async def test_before_another_seat_is_wanted_an_unsure_word_is_asked_about_but_not_in_an_emergency(
    words: str, *, asked: bool
) -> None:
    caller = Caller(keys=[f"{words}~50", "2"])
    await went(caller, without=frozenset())
    assert ("menu-right" in caller.call.heard) is asked
    assert caller.wants == ([Want(priority=9)] if words == "紧急" else [])


async def test_who_cuts_the_greeting_short_hears_the_notice_of_recording_also_if_his_word_was_none() -> None:
    for keys in (["1"], ["查进度"], ["查进度~50", "2"], ["[unk]"]):
        caller = Caller(keys=keys)
        await caller.in_menus(FIRST).notice(["welcome"], MAIN, again=["recording-notice"])
        assert caller.call.steps[:2] == [["welcome"], ["recording-notice"]]
    patient = Caller()
    await patient.in_menus(FIRST).notice(["welcome"], MAIN, again=["recording-notice"])
    assert (patient.call.steps, patient.call.facts) == ([["welcome"]], [])
