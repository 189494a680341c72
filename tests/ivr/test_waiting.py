"""What a caller hears of his wait."""

from math import inf
from typing import Any

import pytest

from ivr.call import HungUp
from ivr.menu import Action
from ivr.route import Route
from ivr.waiting import holds, waiting
from routing.estimate import Wait
from tests.ivr.menus import NOWHERE, Caller

THREE_TO_FIVE = Wait(150, 290, 4)


async def goes(caller: Caller, wait: Wait | None, *, elder: bool = False, **situation: Any) -> Route:
    now: dict[str, Any] = {"speech": False, "waiting": True, "holds": holds(wait)} | situation
    return (await waiting(caller.call, wait, caller.in_menus(**now), elder=elder)).route


async def heard(wait: Wait | None, *, elder: bool = False) -> list[str]:
    caller = Caller()
    assert await goes(caller, wait, elder=elder) is Route.LINE
    return caller.call.heard


async def test_he_hears_who_is_before_him_how_long_it_takes_and_the_way_out() -> None:
    assert await heard(THREE_TO_FIVE) == [
        *("there-are", "digits/3", "wait-calls"),
        *("wait-about", "digits/liang", "wait-to", "digits/5", "wait-minutes"),
        "key-information",
        "wait-or-callback",
    ]


async def test_what_was_said_is_on_record_in_seconds() -> None:
    caller = Caller()
    await goes(caller, THREE_TO_FIVE)
    assert caller.facts("told") == [{"position": 4, "low": 120, "high": 300}]


async def test_it_is_on_record_even_if_a_seat_takes_him_in_mid_sentence() -> None:
    caller = Caller(hang_up_at=1)
    with pytest.raises(HungUp):
        await goes(caller, THREE_TO_FIVE)
    assert caller.facts("told") == [{"position": 4, "low": 120, "high": 300}]
    assert caller.facts("menu_left")[0]["to"] == "hang_up"


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (Wait(40, 61, 1), ["wait-next", "wait-at-most", "digits/liang", "wait-minutes"]),
        (Wait(20, 55, 1), ["wait-next", "wait-at-most", "digits/1", "wait-minutes"]),
        (Wait(120, 120, 1), ["wait-next", "wait-about", "digits/liang", "wait-minutes"]),
        (Wait(650, 1700, 1), ["wait-next", "wait-about", "digits/10", "wait-minutes-over"]),
        (Wait(30, inf, 1), ["wait-next"]),
    ],
)
async def test_nothing_is_said_that_may_not_hold(wait: Wait, words: list[str]) -> None:
    assert await heard(wait) == [*words, "key-information", "wait-or-callback"]


async def test_a_wait_without_end_is_on_record_as_that_and_more() -> None:
    caller = Caller()
    await goes(caller, Wait(650, inf, 12))
    assert caller.facts("told") == [{"position": 12, "low": 600, "high": ""}]


@pytest.mark.parametrize("wait", [None, Wait(4, 4, 1), Wait(5, 30, 2)])
async def test_who_is_served_at_once_or_of_whom_nobody_knows_hears_nothing(wait: Wait | None) -> None:
    caller = Caller(keys=["9"])
    assert await goes(caller, wait) is Route.LINE
    assert (caller.call.heard, caller.call.facts) == ([], [])


@pytest.mark.parametrize(("key", "route"), [("1", Route.STATUS), ("9", Route.CALLBACK), ("0", Route.LINE)])
async def test_a_key_works_at_once(key: str, route: Route) -> None:
    assert await goes(Caller(keys=[key]), THREE_TO_FIVE) is route


async def test_an_elder_hears_the_time_and_no_keys_and_the_keys_work_all_the_same() -> None:
    assert await heard(THREE_TO_FIVE, elder=True) == [
        *("wait-about", "digits/liang", "wait-to", "digits/5", "wait-minutes")
    ]
    assert await goes(Caller(keys=["9"]), THREE_TO_FIVE, elder=True) is Route.CALLBACK
    assert await heard(Wait(30, inf, 3), elder=True) == ["there-are", "digits/liang", "wait-calls"]


async def test_f10_05_who_waits_long_may_say_what_he_wants() -> None:
    caller = Caller(keys=["查进度"])
    assert await goes(caller, THREE_TO_FIVE, speech=True) is Route.STATUS
    assert caller.call.heard[-3:] == ["menu-speak", "key-information", "wait-or-callback"]
    assert caller.call.grammars == ["menu:waiting"]


@pytest.mark.parametrize("said", ["", "人工", "[unk]"])
async def test_who_says_nothing_that_is_understood_waits_on_without_another_word(said: str) -> None:
    caller = Caller(keys=[said, said])
    assert await goes(caller, THREE_TO_FIVE, speech=True) is Route.LINE
    assert caller.call.heard.count("to-person") == 0
    assert caller.call.heard.count("menu-again") == (said == "[unk]")


async def test_seats_that_the_city_has_are_offered_and_others_are_not() -> None:
    caller = Caller(keys=["2"])
    without = NOWHERE - {Action.ENTERPRISE}
    assert await goes(caller, THREE_TO_FIVE, without=without) is Route.ENTERPRISE
    assert caller.call.heard[-3:] == ["key-enterprise", "key-information", "wait-or-callback"]
    assert await goes(Caller(keys=["2"]), THREE_TO_FIVE) is Route.LINE
