"""What the calls of a number suggest, and which numbers are never restricted."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.nuisance import CallTrait, Grade, Reason, may_be_restricted, suggestion
from tests.makers import MORNING


def silent(hours_ago: float) -> CallTrait:
    return CallTrait(MORNING - timedelta(hours=hours_ago), answered=True, talk_seconds=4)


def test_f07_11_short_silent_calls_add_up() -> None:
    assert suggestion([silent(1), silent(2)], MORNING).grade is None
    assert suggestion([silent(n) for n in range(1, 4)], MORNING).grade is Grade.NOTE
    assert suggestion([silent(n) for n in range(1, 6)], MORNING).grade is Grade.SLOW
    assert suggestion([silent(n) for n in range(1, 11)], MORNING).grade is Grade.BLOCK


def test_f07_11_what_agents_call_abuse_weighs_more() -> None:
    calls = [CallTrait(MORNING, answered=True, talk_seconds=90, outcome="nuisance")] * 4
    weighed = suggestion(calls, MORNING)
    assert (weighed.grade, weighed.reason, weighed.abusive) == (Grade.BLOCK, Reason.ABUSE, 4)


def test_f07_11_many_calls_within_minutes_are_a_flood() -> None:
    calls = [CallTrait(MORNING - timedelta(seconds=20 * n), answered=False) for n in range(20)]
    weighed = suggestion(calls, MORNING)
    assert (weighed.busiest, weighed.grade, weighed.reason) == (20, Grade.SLOW, Reason.FLOOD)


def test_f07_11_who_waits_in_vain_again_and_again_is_no_nuisance() -> None:
    calls = [CallTrait(MORNING - timedelta(hours=n), answered=False) for n in range(40)]
    assert suggestion(calls, MORNING).points == 0


def test_f07_11_a_citizen_in_need_may_call_often() -> None:
    helped = CallTrait(MORNING, answered=True, talk_seconds=200, outcome="case", case="RH261123-00001-1")
    assert suggestion([silent(1), silent(2), silent(3), helped, helped], MORNING).points == 0


def test_f07_11_what_is_older_than_a_week_is_forgotten() -> None:
    assert suggestion([silent(24 * 8)] * 20, MORNING).points == 0


@given(st.lists(st.floats(0, 200), max_size=30))
def test_one_more_silent_call_never_weighs_less(hours: list[float]) -> None:
    calls = [silent(one) for one in hours]
    assert suggestion([*calls, silent(1)], MORNING).points >= suggestion(calls, MORNING).points


@pytest.mark.parametrize(
    ("number", "may"),
    [
        ("13850123456", True),
        ("059187551234", True),
        ("+14155550100", True),
        ("110", False),
        ("120", False),
        ("", False),
        ("12345", False),
        ("anonymous", False),
    ],
)
def test_f07_11_only_a_single_callers_number_can_be_restricted(number: str, may: bool) -> None:
    assert may_be_restricted(number) is may
