"""企业服务请按2,方言座席请按3: which callers are offered it, and what it makes of their wish."""

from urllib.parse import parse_qs, urlencode

import pytest

from agi_scripts.picture import wish as as_read
from ivr.menu import Action
from ivr.route import Route
from ivr.waiting import holds, waiting
from ivr.wanted import Want, changed, merged, offered, speaks
from ivr.welcome import receive
from routing.estimate import Wait
from routing.live import Wish
from routing.rules import Language, LineRules
from tests.fakes import FakeCall
from tests.ivr.menus import NOWHERE, Caller
from tests.ivr.reception_desk import MORNING, FakeTools, a_reception
from tests.ivr.test_welcome import ZONE

CITY = LineRules(enterprise_skill="企业", dialect_language="福州话")
BOTH = {"2": Route.ENTERPRISE, "3": Route.DIALECT}
PLAIN = urlencode({"skill": "", "language": "", "priority": 0, "line": "12345"})
LONG, SHORT, AT_ONCE = Wait(150, 290, 4), Wait(10, 25, 2), Wait(2, 5, 1)


@pytest.mark.parametrize(
    ("rules", "keys"),
    [
        (LineRules(), []),
        (LineRules(enterprise_skill="企业"), ["2"]),
        (LineRules(dialect_language="福州话"), ["3"]),
        (CITY, ["2", "3"]),
    ],
)
def test_a_key_is_offered_only_where_the_city_has_such_seats(rules: LineRules, keys: list[str]) -> None:
    assert list(offered(PLAIN, rules)) == keys
    assert [key for key in "0123456789" if changed(PLAIN, key, rules)] == keys


def test_a_key_changes_what_it_stands_for_and_nothing_else_of_the_wish() -> None:
    before = urlencode({"skill": "", "language": "", "priority": -1, "line": "66665666", "elder": 1})
    enterprise = changed(before, "2", CITY)
    assert as_read(enterprise) == Wish(skill="企业", priority=-1, line="66665666", elder=True)
    both = changed(enterprise, "3", CITY)
    assert as_read(both) == Wish("企业", "福州话", priority=-1, line="66665666", elder=True)
    assert offered(both, CITY) == {}


def test_who_waits_for_such_a_seat_already_is_not_offered_it() -> None:
    assert list(offered(changed(PLAIN, "2", CITY), CITY)) == ["3"]


@pytest.mark.parametrize("wish", ["", "line=12345", "&&=;%%", "&".join(f"a{n}=1" for n in range(50))])
def test_a_wish_that_cannot_be_read_keeps_nobody_from_other_seats(wish: str) -> None:
    assert parse_qs(changed(wish, "2", CITY))["skill"] == ["企业"]


@pytest.mark.parametrize(("key", "route"), [("2", Route.ENTERPRISE), ("3", Route.DIALECT)])
async def test_the_keys_work_in_the_greeting_and_nobody_is_told_of_them_there(key: str, route: Route) -> None:
    call = FakeCall(keys=[key])
    decided = a_reception()
    assert await receive(call, FakeTools(), decided, now=MORNING, zone=ZONE, offers=BOTH) is route
    assert call.heard == ["welcome", "recording-notice"]
    without = FakeCall(keys=[key])
    assert await receive(without, FakeTools(), decided, now=MORNING, zone=ZONE) is Route.LINE
    assert without.heard == ["welcome"]


async def goes(caller: Caller, wait: Wait | None, *keys: str, elder: bool = False, chosen: str = "") -> Route:
    """Let him wait in a city that has the seats of these keys."""
    without = NOWHERE - {{"2": Action.ENTERPRISE, "3": Action.DIALECT}[key] for key in keys}
    menu = caller.in_menus(speech=False, waiting=True, holds=holds(wait), without=without)
    return (await waiting(caller.call, wait, menu, elder=elder, chosen=chosen)).route


async def test_who_waits_is_told_of_the_other_seats_before_the_way_out() -> None:
    caller = Caller()
    assert await goes(caller, LONG, "2", "3") is Route.LINE
    assert caller.call.heard[-5:] == [
        *("wait-minutes", "key-enterprise", "key-dialect"),
        *("key-information", "wait-or-callback"),
    ]


@pytest.mark.parametrize("wait", [None, SHORT])
async def test_he_is_told_of_them_even_when_nothing_is_said_of_the_wait(wait: Wait | None) -> None:
    caller = Caller()
    assert await goes(caller, wait, "3") is Route.LINE
    assert (caller.call.heard, caller.facts("told")) == (["key-dialect"], [])


async def test_whom_a_seat_takes_at_once_and_who_is_old_is_offered_nothing() -> None:
    for wait, elder in ((AT_ONCE, False), (SHORT, True), (None, True)):
        caller = Caller(keys=["2"])
        assert await goes(caller, wait, "2", "3", elder=elder) is Route.LINE
        assert caller.call.heard == []


@pytest.mark.parametrize(("key", "route"), BOTH.items())
async def test_a_key_works_in_the_words_about_the_wait(key: str, route: Route) -> None:
    assert await goes(Caller(keys=[key]), LONG, "2", "3") is route
    assert await goes(Caller(keys=[key]), LONG) is Route.LINE


async def test_who_has_chosen_hears_what_he_waits_for_first() -> None:
    caller = Caller()
    await goes(caller, SHORT, "3", chosen="enterprise-chosen")
    assert caller.call.heard == ["enterprise-chosen", "key-dialect"]
    elder = Caller()
    await goes(elder, AT_ONCE, elder=True, chosen="dialect-chosen")
    assert elder.call.heard == ["dialect-chosen"]


def test_what_a_menu_asks_of_a_seat_is_added_to_the_wish_and_keeps_the_rest() -> None:
    before = urlencode({"skill": "", "language": "闽南语", "priority": 1, "line": "66665666", "elder": 1})
    assert as_read(merged(before, Want(skill="劳动"))) == Wish("劳动", "闽南语", 1, "66665666", elder=True)
    assert as_read(merged(before, Want(language="en", priority=9))) == Wish(
        "", "en", 9, "66665666", elder=True
    )
    assert as_read(merged("&&=;%%", Want(language="en"))) == Wish(language="en")


def test_a_word_does_not_hurry_a_caller_who_is_slowed_for_nuisance() -> None:
    slowed = urlencode({"priority": -1, "line": "12345"})
    assert as_read(merged(slowed, Want(priority=9))) == Wish(priority=-1)


def test_a_language_is_offered_where_the_line_has_a_rule_for_it_and_to_who_has_not_asked() -> None:
    city = LineRules(languages=(Language("en"),))
    assert speaks(PLAIN, "en", city)
    assert not speaks(PLAIN, "en", LineRules())
    assert not speaks(merged(PLAIN, Want(language="en")), "en", city)
