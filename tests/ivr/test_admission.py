"""Who is let in, who is noted, who hears a notice: overload, call floods, restrictions."""

from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from cases.nuisance import Grade
from ivr.admission import Lane, Limits, Load, Why, receive
from storage.numbers import OldHotline
from storage.reception import NOTHING, Known
from tests.ivr.reception_desk import a_restriction, arriving

LIMITS = Limits(most_calls=100, most_waiting=20, number_a_minute=5, prefix_a_minute=60)
BLOCKED = Known(restriction=a_restriction(Grade.BLOCK))


def test_an_ordinary_caller_is_let_in_without_any_limit() -> None:
    decided = receive(NOTHING, arriving(calls=10_000, waiting=5_000), Limits())
    assert (decided.lane, decided.why) == (Lane.ORDINARY, Why.NONE)


@pytest.mark.parametrize(
    ("calls", "waiting", "why"),
    [(100, 19, Why.NONE), (101, 0, Why.CALLS), (1, 20, Why.WAITING), (101, 20, Why.CALLS)],
)
def test_above_the_limits_the_number_is_noted(calls: int, waiting: int, why: Why) -> None:
    decided = receive(NOTHING, arriving(calls=calls, waiting=waiting), LIMITS)
    assert decided.why is why
    assert decided.lane is (Lane.NOTED if why else Lane.ORDINARY)


def test_who_insists_may_wait_until_the_exchange_itself_is_nearly_full() -> None:
    assert LIMITS.may_hold(Load(calls=110))
    assert not LIMITS.may_hold(Load(calls=111))
    assert Limits().may_hold(Load(calls=10_000))


@pytest.mark.parametrize("known", [Known(elder=True), Known(urgent=True)])
def test_elders_and_whoever_waits_for_something_urgent_are_let_in_whatever_the_load(known: Known) -> None:
    decided = receive(known, arriving(calls=500, waiting=500, number=50, prefix=500), LIMITS)
    assert decided.lane in {Lane.ELDER, Lane.ORDINARY}
    assert decided.why is Why.NONE


@pytest.mark.parametrize(("number", "prefix"), [(6, 6), (1, 61)])
def test_a_number_or_its_neighbours_that_flood_the_line_are_noted_not_silenced(
    number: int, prefix: int
) -> None:
    decided = receive(NOTHING, arriving(number=number, prefix=prefix), LIMITS)
    assert (decided.lane, decided.why) == (Lane.NOTED, Why.RATE)


def test_f07_11_a_note_changes_nothing_for_the_caller() -> None:
    known = Known(restriction=a_restriction(Grade.NOTE))
    assert receive(known, arriving(), LIMITS).lane is Lane.ORDINARY


def test_f07_11_a_warned_caller_waits_behind_all_others() -> None:
    decided = receive(Known(restriction=a_restriction(Grade.SLOW)), arriving(), LIMITS)
    assert decided.lane is Lane.WARNED
    assert parse_qs(decided.wish)["priority"] == ["-1"]


def test_f07_11_a_blocked_caller_hears_a_notice_even_when_nobody_else_calls() -> None:
    decided = receive(BLOCKED, arriving(), LIMITS)
    assert (decided.lane, decided.why) == (Lane.BLOCKED, Why.NUISANCE)


@pytest.mark.parametrize("known", [replace(BLOCKED, elder=True), replace(BLOCKED, urgent=True)])
def test_f07_11_nobody_is_blocked_who_is_old_or_waits_for_something_urgent(known: Known) -> None:
    assert receive(known, arriving(), LIMITS).lane is not Lane.BLOCKED


def test_h_08_an_old_number_brings_its_skill_and_language_along() -> None:
    line = OldHotline(dialled="66665666", name="交通热线", skill="traffic", language="min")
    decided = receive(Known(line=line), arriving(), LIMITS)
    assert parse_qs(decided.wish, keep_blank_values=True) == {
        "skill": ["traffic"],
        "language": ["min"],
        "priority": ["0"],
        "line": ["12345"],
    }


def test_an_elder_goes_on_to_a_person_and_the_seat_is_told() -> None:
    decided = receive(Known(elder=True, urgent=True), arriving(), LIMITS)
    assert decided.lane is Lane.ELDER
    assert parse_qs(decided.wish)["elder"] == ["1"]
    assert parse_qs(decided.wish)["priority"] == ["1"]
