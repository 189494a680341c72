"""Which seat takes which caller."""

from datetime import datetime
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from routing.line import Caller, Seat, SeatState
from routing.rules import LineRules
from routing.seats import Assignment, Why
from routing.seats import choose as choose_by
from tests.routing.exchange import START, at


def choose(callers: list[Caller], seats: list[Seat]) -> list[Assignment]:
    """Choose by the rules of a city that has made none."""
    return choose_by(callers, seats, LineRules(), at(30))


def seat(name: str, idle_since: datetime = START) -> Seat:
    return Seat(name, name[1:], name, SeatState.READY, since=idle_since, idle_since=idle_since)


def caller(call: str, since: datetime = START, *refused_by: str) -> Caller:
    return Caller(call, call, "", since=since, heard_at=since, refused_by=frozenset(refused_by))


def test_the_seat_that_has_been_idle_longest_takes_the_first_caller() -> None:
    callers = [caller("late", at(2)), caller("early", at(1))]
    seats = [seat("s1001", at(9)), seat("s1002", at(3)), seat("s1003", at(6))]
    assert choose(callers, seats) == [
        Assignment("early", "s1002", Why.LONGEST_IDLE),
        Assignment("late", "s1003", Why.LONGEST_IDLE),
    ]


def test_a_caller_is_not_sent_back_to_the_seat_that_did_not_answer() -> None:
    callers = [caller("one", START, "s1001")]
    assert choose(callers, [seat("s1001", at(0)), seat("s1002", at(5))])[0].seat == "s1002"


def test_unless_nobody_else_is_ready() -> None:
    callers = [caller("one", START, "s1001")]
    assert choose(callers, [seat("s1001")]) == [Assignment("one", "s1001", Why.ONLY_ONE_READY)]


def test_nobody_is_assigned_without_callers_or_seats() -> None:
    assert choose([], [seat("s1001")]) == []
    assert choose([caller("one")], []) == []


SEATS = st.lists(st.integers(0, 20), max_size=8).map(
    lambda idle: [seat(f"s{1000 + n}", at(second)) for n, second in enumerate(idle)],
)
CALLERS = st.lists(
    st.tuples(st.integers(0, 20), st.sets(st.integers(1000, 1007), max_size=3)), max_size=8
).map(
    lambda rows: [caller(f"c{n}", at(s), *(f"s{x}" for x in refused)) for n, (s, refused) in enumerate(rows)],
)


@given(CALLERS, SEATS)
def test_nobody_is_chosen_twice_and_nobody_waits_beside_a_free_seat(
    callers: list[Caller], seats: list[Seat]
) -> None:
    chosen = choose(callers, seats)
    assert len({each.call for each in chosen}) == len({each.seat for each in chosen}) == len(chosen)
    assert len(chosen) == min(len(callers), len(seats))


@given(CALLERS, SEATS)
def test_callers_are_served_strictly_in_order_of_arrival(callers: list[Caller], seats: list[Seat]) -> None:
    in_order = sorted(callers, key=lambda each: (each.since, each.call))
    chosen = [each.call for each in choose(callers, seats)]
    assert chosen == [each.call for each in in_order[: len(chosen)]]


@given(CALLERS, SEATS, st.randoms())
def test_the_order_in_which_they_are_listed_does_not_matter(
    callers: list[Caller], seats: list[Seat], dice: Random
) -> None:
    expected = choose(callers, seats)
    dice.shuffle(callers)
    dice.shuffle(seats)
    assert choose(callers, seats) == expected
