"""企业服务请按2,方言座席请按3: which callers are offered it, and what it makes of their wish."""

from urllib.parse import parse_qs, urlencode

import pytest

from agi_scripts.picture import wish as as_read
from ivr.route import Route
from ivr.waiting import waiting
from ivr.wanted import changed, offered
from ivr.welcome import receive
from routing.estimate import Wait
from routing.live import Wish
from routing.rules import LineRules
from tests.fakes import FakeCall
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


async def test_who_waits_is_told_of_the_other_seats_before_the_way_out() -> None:
    call = FakeCall()
    assert await waiting(call, LONG, offers=BOTH) is Route.LINE
    assert call.heard[-4:] == ["wait-minutes", "key-enterprise", "key-dialect", "wait-or-callback"]


@pytest.mark.parametrize("wait", [None, SHORT])
async def test_he_is_told_of_them_even_when_nothing_is_said_of_the_wait(wait: Wait | None) -> None:
    call = FakeCall()
    assert await waiting(call, wait, offers={"3": Route.DIALECT}) is Route.LINE
    assert (call.heard, call.facts) == (["key-dialect"], [])


async def test_whom_a_seat_takes_at_once_and_who_is_old_is_offered_nothing() -> None:
    for wait, elder in ((AT_ONCE, False), (SHORT, True), (None, True)):
        call = FakeCall(keys=["2"])
        assert await waiting(call, wait, elder=elder, offers=BOTH) is Route.LINE
        assert call.heard == []


@pytest.mark.parametrize(("key", "route"), BOTH.items())
async def test_a_key_works_in_the_words_about_the_wait(key: str, route: Route) -> None:
    assert await waiting(FakeCall(keys=[key]), LONG, offers=BOTH) is route
    assert await waiting(FakeCall(keys=[key]), LONG) is Route.LINE


async def test_who_has_chosen_hears_what_he_waits_for_first() -> None:
    call = FakeCall()
    await waiting(call, SHORT, chosen="enterprise-chosen", offers={"3": Route.DIALECT})
    assert call.heard == ["enterprise-chosen", "key-dialect"]
    elder = FakeCall()
    await waiting(elder, AT_ONCE, elder=True, chosen="dialect-chosen")
    assert elder.heard == ["dialect-chosen"]
