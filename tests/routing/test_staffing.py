"""排班测算: the table of half hours against published figures of Erlang C, and what the rota lacks."""

import pytest

from cases.figures import Counts
from routing.staffing import HALF_HOURS, USUAL_HANDLING, Target, needs

NOBODY = [0] * HALF_HOURS


def a_half_hour(calls: int, handling: float = 180.0) -> Counts:
    return Counts(asked=calls, answered=calls, talk_seconds=calls * handling)


def test_100_calls_of_3_minutes_in_half_an_hour_need_14_seats_for_80_percent_in_20_seconds() -> None:
    """The textbook case: 10 Erlang, 14 seats, 88.8 % answered in 20 s, 7.8 s mean wait, 71.4 % busy."""
    target = Target(level=0.80, seconds=20, shrinkage=0.30)
    need = needs([{20: a_half_hour(100)}], NOBODY, target)[20]
    assert (need.calls, need.handling, need.seats, need.agents) == (100.0, 180.0, 14, 20)
    assert need.level == pytest.approx(0.888, abs=0.001)
    assert need.mean_wait == pytest.approx(7.8, abs=0.1)
    assert need.occupancy == pytest.approx(0.714, abs=0.001)


def test_several_weeks_are_averaged_and_growth_is_added() -> None:
    weeks = [{20: a_half_hour(80)}, {20: a_half_hour(120)}, {}]
    assert needs(weeks, NOBODY, Target())[20].calls == pytest.approx(66.7, abs=0.05)
    assert needs(weeks[:2], NOBODY, Target(growth=0.1))[20].calls == 110.0


def test_more_is_wanted_more_is_needed_and_less_time_asks_for_more_people() -> None:
    day = [{20: a_half_hour(100)}]
    usual = needs(day, NOBODY, Target())[20]
    assert needs(day, NOBODY, Target(level=0.99))[20].seats > usual.seats
    assert needs(day, NOBODY, Target(seconds=60))[20].seats < usual.seats
    assert needs(day, NOBODY, Target(shrinkage=0.4))[20].agents > usual.agents
    assert usual.level >= 0.95


def test_a_quiet_night_keeps_one_seat_and_a_half_hour_with_few_calls_takes_the_days_handling_time() -> None:
    found = needs([{4: a_half_hour(2, 900), 20: a_half_hour(100)}], NOBODY, Target())
    assert (found[0].seats, found[0].agents, found[0].calls) == (1, 2, 0.0)
    assert found[4].handling == pytest.approx((2 * 900 + 100 * 180) / 102, abs=0.05)
    assert needs([], NOBODY, Target())[0].handling == USUAL_HANDLING


def test_what_the_rota_lacks_is_never_less_than_nothing() -> None:
    planned = [0, 9] + [0] * (HALF_HOURS - 2)
    found = needs([{}], planned, Target())
    assert [need.missing for need in found[:3]] == [2, 0, 2]
