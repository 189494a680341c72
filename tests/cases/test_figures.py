"""The definitions of the figures: what is divided by what, what is left out, to which quarter of an hour it belongs."""

from datetime import UTC, datetime, timedelta

import pytest

from cases.figures import (
    DEFINITIONS,
    Counts,
    Promise,
    SeatCounts,
    adherence,
    begin_of,
    honesty,
    slot_of,
    split,
    total,
    worst_day,
)

NINE = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
VALUE = {definition.code: definition.value for definition in DEFINITIONS}


def test_h_01_the_answer_rate_of_the_fixture_is_93_percent_and_who_waits_is_not_judged() -> None:
    counts = Counts(offered=1_200, asked=1_010, waiting=10, answered=930, abandoned=70)
    assert VALUE["answer_rate"](counts) == 0.93
    assert VALUE["abandon_rate"](counts) == 0.07


def test_i_4a_short_abandons_are_shown_both_ways() -> None:
    counts = Counts(asked=100, answered=80, abandoned=20, abandoned_short=10)
    assert (VALUE["answer_rate"](counts), VALUE["abandon_rate"](counts)) == (0.8, 0.2)
    assert VALUE["answer_rate_adjusted"](counts) == pytest.approx(80 / 90)
    assert VALUE["abandon_rate_adjusted"](counts) == pytest.approx(10 / 90)


def test_i_4b_the_level_is_told_from_the_end_of_prompts_and_from_the_ring() -> None:
    counts = Counts(asked=50, answered=45, answered_15s=40, answered_15s_of_ring=30)
    assert (VALUE["level"](counts), VALUE["level_of_ring"](counts)) == (0.8, 0.6)


@pytest.mark.parametrize("code", [each.code for each in DEFINITIONS if each.unit != "count"])
def test_where_there_is_nothing_to_divide_by_there_is_no_figure(code: str) -> None:
    assert VALUE[code](Counts(offered=3)) is None


def test_means_are_over_the_answered_and_the_longest_wait_is_no_sum() -> None:
    one = Counts(
        asked=2, answered=2, wait_seconds=30.0, wait_longest=20.0, talk_seconds=100.0, hold_seconds=10.0
    )
    other = Counts(asked=1, answered=0, wait_longest=90.0)
    both = total([one, other], Counts)
    assert (VALUE["wait_mean"](both), VALUE["wait_longest"](both)) == (15.0, 90.0)
    assert VALUE["handling_mean"](both) == 55.0


def test_a_quarter_of_an_hour_is_the_same_in_every_zone_of_whole_quarters() -> None:
    kathmandu = datetime(2026, 11, 22, 6, 45, tzinfo=UTC) - timedelta(hours=5, minutes=45)
    assert begin_of(slot_of(kathmandu)) == kathmandu
    assert slot_of(NINE + timedelta(minutes=14, seconds=59.999)) == slot_of(NINE)


def test_the_time_of_a_seat_is_split_over_the_quarters_it_falls_into_and_nothing_is_lost() -> None:
    began = NINE + timedelta(minutes=10)
    parts = list(split(began, began + timedelta(minutes=25)))
    assert parts == [(slot_of(NINE), 300.0), (slot_of(NINE) + 1, 900.0), (slot_of(NINE) + 2, 300.0)]
    assert list(split(NINE, NINE)) == []


def test_i_14_occupancy_leaves_out_breaks_and_failed_telephones() -> None:
    seat = SeatCounts(
        answered=4, talk=1_200.0, hold=60.0, wrap_up=540.0, break_=600.0, disabled=100.0, signed_on=3_700.0
    )
    assert seat.occupancy == pytest.approx(1_800 / 3_000)
    assert seat.handling_mean == 450.0
    assert SeatCounts().occupancy is None


def test_adherence_is_planned_time_that_was_kept() -> None:
    end = NINE + timedelta(hours=8)
    there = {
        "1001": [(NINE - timedelta(minutes=5), NINE + timedelta(hours=4)), (NINE + timedelta(hours=5), end)]
    }
    assert adherence([("1001", NINE, end)], there).rate == pytest.approx(7 / 8)
    assert adherence([("1002", NINE, end)], there).rate == 0
    assert adherence([], there).rate is None


def test_i_4c_the_worst_24_hours_may_lie_across_midnight() -> None:
    first = slot_of(NINE)
    good, bad = Counts(asked=10, answered=10), Counts(asked=10, answered=5)
    by_slot = {first - 90: good, first - 60: bad, first + 2: bad, first + 40: good}
    worst = worst_day(by_slot, first=first, last=first + 95)
    assert worst is not None
    # Without the good hour before, both bad ones in one window.
    assert worst.rate == 0.5
    assert begin_of(first - 90) < worst.began_at <= begin_of(first - 60)


def test_a_day_without_calls_has_no_worst_24_hours() -> None:
    assert worst_day({}, first=0, last=95) is None


def test_what_was_told_is_judged_by_those_who_stayed_until_a_person_came() -> None:
    def told(low: float, high: float | None, waited: float | None, *, answered: bool = True) -> Promise:
        return Promise(NINE, low, high, waited, answered)

    found = honesty(
        [
            told(60, 120, 90),
            told(60, 120, 30),
            told(60, 120, 200),
            told(300, None, 900),
            told(60, 120, 10, answered=False),
            told(60, 120, None, answered=False),
        ]
    )
    assert (found.told, found.answered, found.within, found.sooner, found.later, found.left) == (
        6,
        4,
        2,
        1,
        1,
        1,
    )
    assert found.coverage == 0.5
    assert found.bias_seconds == pytest.approx((0 - 60 + 110) / 3, abs=0.05)
