"""Erlang's formulas against published tables and against each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from routing import erlang

MINUTES_3 = 180.0


@pytest.mark.parametrize(
    ("load", "seats", "share"),
    [
        # From the usual tables of traffic lost: the load that so many lines carry at that loss.
        (4.46, 10, 0.01),
        (12.0, 20, 0.01),
        (37.9, 50, 0.01),
        (84.1, 100, 0.01),
        (1.66, 5, 0.02),
        (13.2, 20, 0.02),
    ],
)
def test_erlang_b_is_the_published_loss(load: float, seats: int, share: float) -> None:
    assert erlang.blocked(load, seats) == pytest.approx(share, rel=0.03)


@pytest.mark.parametrize(
    ("seats", "waits"),
    [(11, 0.682), (12, 0.449), (13, 0.285), (14, 0.174), (15, 0.102), (16, 0.057)],
)
def test_erlang_c_for_ten_erlang_is_the_published_share_that_waits(seats: int, waits: float) -> None:
    assert erlang.must_wait(10, seats) == pytest.approx(waits, abs=0.0006)


def test_the_classic_example_of_two_hundred_calls_an_hour_of_three_minutes() -> None:
    assert erlang.answered_within(10, 14, MINUTES_3, seconds=20) == pytest.approx(0.888, abs=0.0005)
    assert erlang.mean_wait(10, 14, MINUTES_3) == pytest.approx(7.8, abs=0.05)
    assert erlang.seats_needed(10, MINUTES_3, level=0.8, seconds=20) == 14


@pytest.mark.parametrize(
    ("load", "seats"), [(137, 151), (685, 707), (3_420, 3_452), (6_840, 6_875), (115_000, 115_043)]
)
def test_a_city_a_province_and_a_nation_answer_ninety_of_a_hundred_in_fifteen_seconds(
    load: float, seats: int
) -> None:
    assert erlang.seats_needed(load, 300, level=0.9, seconds=15) == seats


def test_a_line_with_less_seats_than_load_grows_for_ever() -> None:
    assert erlang.must_wait(10, 10) == 1.0
    assert erlang.mean_wait(10, 9, MINUTES_3) == float("inf")
    assert erlang.answered_within(10, 9, MINUTES_3, seconds=3600) == 0.0


def test_no_number_of_seats_answers_everybody_for_certain() -> None:
    with pytest.raises(ValueError, match="no number of seats"):
        erlang.seats_needed(10, MINUTES_3, level=1.0, seconds=20)


def test_erlang_a_is_the_published_example_of_fifty_agents() -> None:
    """48 calls a minute of one minute, patience two minutes (Mandelbaum and Zeltyn, The Palm/Erlang-A queue)."""
    line = erlang.with_patience(48, 50, 60, patience=120)
    assert line.gives_up == pytest.approx(0.031, abs=0.0005)
    assert line.mean_wait == pytest.approx(3.7, abs=0.05)
    assert line.busy == pytest.approx(0.93, abs=0.005)
    assert erlang.mean_wait(48, 50, 60) == pytest.approx(20.8, abs=0.05)


def test_a_busy_hour_with_more_load_than_seats_settles_where_enough_give_up() -> None:
    """2.2 calls a second of 180 s on 300 agents: about two minutes in the line if people stand it for eight."""
    line = erlang.with_patience(396, 300, MINUTES_3, patience=480)
    assert line.gives_up == pytest.approx(1 - 300 / 396, abs=1e-6)
    assert line.mean_wait == pytest.approx(116.4, abs=0.1)


def test_a_great_overload_of_a_whole_province_can_still_be_counted() -> None:
    line = erlang.with_patience(13_800, 6_840, 300, patience=480)
    assert line.gives_up == pytest.approx(1 - 6_840 / 13_800, abs=1e-6)
    answered = erlang.served_within(13_800, 6_840, 300, patience=480, seconds=2_000)
    assert answered == pytest.approx(1 - line.gives_up, abs=1e-6)


loads = some.floats(0.5, 120)


@given(some.integers(1, 60), some.floats(0.2, 4), some.floats(20, 2_000))
def test_who_does_not_give_up_is_served_in_the_end(seats: int, share: float, patience: float) -> None:
    load, end = seats * share, 20 * MINUTES_3 + 6 * patience
    line = erlang.with_patience(load, seats, MINUTES_3, patience=patience)
    served = erlang.served_within(load, seats, MINUTES_3, patience=patience, seconds=end)
    assert served == pytest.approx(1 - line.gives_up, abs=2e-3)


@given(some.integers(1, 80), some.floats(0.1, 0.95))
def test_endless_patience_is_erlang_c(seats: int, share: float) -> None:
    load = seats * share
    patient = erlang.served_within(load, seats, MINUTES_3, patience=1e9, seconds=20)
    assert patient == pytest.approx(erlang.answered_within(load, seats, MINUTES_3, seconds=20), abs=1e-4)


@given(loads, some.floats(0.5, 0.99))
def test_one_seat_less_than_needed_is_too_few(load: float, level: float) -> None:
    seats = erlang.seats_needed(load, MINUTES_3, level=level, seconds=15)
    assert erlang.answered_within(load, seats, MINUTES_3, seconds=15) >= level
    assert erlang.answered_within(load, seats - 1, MINUTES_3, seconds=15) < level


def test_callers_who_give_up_need_fewer_seats_for_the_same_level() -> None:
    patient = erlang.seats_needed(137, 300, level=0.9, seconds=15)
    hasty = erlang.seats_needed_with_patience(137, 300, patience=120, level=0.9, seconds=15)
    assert hasty < patient
    assert erlang.served_within(137, hasty, 300, patience=120, seconds=15) >= 0.9
    assert erlang.served_within(137, hasty - 1, 300, patience=120, seconds=15) < 0.9
