"""What a caller hears of his wait."""

from math import inf

import pytest

from ivr.call import HungUp
from ivr.route import Route
from ivr.waiting import waiting
from routing.estimate import Wait
from tests.fakes import FakeCall

THREE_TO_FIVE = Wait(150, 290, 4)


async def heard(wait: Wait | None, *, elder: bool = False) -> list[str]:
    call = FakeCall()
    assert await waiting(call, wait, elder=elder) is Route.LINE
    return call.heard


async def test_he_hears_who_is_before_him_how_long_it_takes_and_the_way_out() -> None:
    assert await heard(THREE_TO_FIVE) == [
        *("there-are", "digits/3", "wait-calls"),
        *("wait-about", "digits/liang", "wait-to", "digits/5", "wait-minutes"),
        "wait-or-callback",
    ]


async def test_what_was_said_is_on_record_in_seconds() -> None:
    call = FakeCall()
    await waiting(call, THREE_TO_FIVE)
    assert call.facts == [("told", {"position": 4, "low": 120, "high": 300})]


async def test_it_is_on_record_even_if_a_seat_takes_him_in_mid_sentence() -> None:
    call = FakeCall(hang_up_at=1)
    with pytest.raises(HungUp):
        await waiting(call, THREE_TO_FIVE)
    assert call.facts == [("told", {"position": 4, "low": 120, "high": 300})]


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
    assert await heard(wait) == [*words, "wait-or-callback"]


async def test_a_wait_without_end_is_on_record_as_that_and_more() -> None:
    call = FakeCall()
    await waiting(call, Wait(650, inf, 12))
    assert call.facts == [("told", {"position": 12, "low": 600, "high": ""})]


@pytest.mark.parametrize("wait", [None, Wait(4, 4, 1), Wait(5, 30, 2)])
async def test_who_is_served_at_once_or_of_whom_nobody_knows_hears_nothing(wait: Wait | None) -> None:
    call = FakeCall(keys=["9"])
    assert await waiting(call, wait) is Route.LINE
    assert (call.heard, call.facts) == ([], [])


@pytest.mark.parametrize(("key", "route"), [("1", Route.STATUS), ("9", Route.CALLBACK), ("0", Route.LINE)])
async def test_a_key_works_at_once(key: str, route: Route) -> None:
    assert await waiting(FakeCall(keys=[key]), THREE_TO_FIVE) is route


async def test_an_elder_hears_the_time_and_no_keys_and_the_keys_work_all_the_same() -> None:
    assert await heard(THREE_TO_FIVE, elder=True) == [
        *("wait-about", "digits/liang", "wait-to", "digits/5", "wait-minutes")
    ]
    assert await waiting(FakeCall(keys=["9"]), THREE_TO_FIVE, elder=True) is Route.CALLBACK
    assert await heard(Wait(30, inf, 3), elder=True) == ["there-are", "digits/liang", "wait-calls"]
