"""What an agent may do in which state of the seat."""

from dataclasses import replace

import pytest

from routing import shift
from routing.line import Seat, SeatState
from routing.shift import LineSettings, Refused
from tests.routing.exchange import START, at

SEAT = shift.sign_on("s1001", agent="1001", name="林晓", at=START)
READY = shift.ready(SEAT, at(1))
TALKING = replace(READY, state=SeatState.TALKING, call="c1", since=at(5))
WRAPPING = replace(READY, state=SeatState.WRAP_UP, since=at(9), wrap_up_until=at(39))


def test_who_signs_on_is_on_a_break_until_they_say_that_they_are_ready() -> None:
    assert (SEAT.state, SEAT.reason) == (SeatState.BREAK, "已签入")
    assert (READY.state, READY.idle_since, READY.reason) == (SeatState.READY, at(1), "")


def test_being_ready_twice_does_not_cost_the_turn() -> None:
    assert shift.ready(READY, at(99)) == READY


def test_a_break_during_a_call_comes_after_it() -> None:
    asked = shift.take_break(TALKING, "就餐", at(6), promised=False)
    assert (asked.state, asked.next_break) == (SeatState.TALKING, "就餐")
    free = shift.free_again(replace(asked, state=SeatState.WRAP_UP), at(40))
    assert (free.state, free.reason, free.next_break) == (SeatState.BREAK, "就餐", "")


def test_a_break_asked_while_a_caller_is_on_the_way_comes_after_that_call() -> None:
    assert shift.take_break(READY, "就餐", at(6), promised=True).state is SeatState.READY


def test_a_break_that_was_to_follow_can_be_taken_back() -> None:
    asked = shift.take_break(TALKING, "就餐", at(6), promised=False)
    assert shift.ready(asked, at(7)).next_break == ""


def test_a_ready_seat_goes_on_its_break_at_once() -> None:
    resting = shift.take_break(READY, "就餐", at(6), promised=False)
    assert (resting.state, resting.since, resting.reason) == (SeatState.BREAK, at(6), "就餐")


def test_wrap_up_is_extended_once() -> None:
    settings = LineSettings(extend_seconds=60)
    longer = shift.extend_wrap_up(WRAPPING, settings, "补录")
    assert (longer.wrap_up_until, longer.wrap_up_extended, longer.reason) == (at(99), True, "补录")
    with pytest.raises(Refused, match="只能延长一次"):
        shift.extend_wrap_up(longer, settings, "补录")


def test_work_after_a_call_ends_when_the_agent_says_so() -> None:
    assert shift.wrapped(WRAPPING, at(20)).state is SeatState.READY
    with pytest.raises(Refused, match="不在话后整理"):
        shift.wrapped(READY, at(20))


def test_nobody_signs_off_in_a_call() -> None:
    with pytest.raises(Refused, match="通话中"):
        shift.sign_off(TALKING, at(9))
    assert shift.sign_off(WRAPPING, at(20)) == Seat(
        "s1001", "", "", SeatState.OFFLINE, since=at(20), idle_since=at(20)
    )


def test_a_seat_whose_telephone_fails_is_out_of_use_and_ready_again_by_itself() -> None:
    broken = shift.telephone(READY, at(6), registered=False, mic=True)
    assert (broken.state, broken.reason) == (SeatState.DISABLED, "话机未连接")
    with pytest.raises(Refused, match="不能示闲"):
        shift.ready(broken, at(7))
    deaf = shift.telephone(broken, at(8), registered=True, mic=False)
    assert (deaf.state, deaf.reason, deaf.since) == (SeatState.DISABLED, "麦克风不可用", at(6))
    back = shift.telephone(deaf, at(9), registered=True, mic=True)
    assert (back.state, back.idle_since) == (SeatState.READY, at(9))


def test_a_broken_seat_that_asked_for_a_break_stays_on_it() -> None:
    broken = shift.telephone(READY, at(6), registered=False, mic=True)
    asked = shift.take_break(broken, "就餐", at(7), promised=False)
    assert shift.telephone(asked, at(9), registered=True, mic=True).state is SeatState.BREAK


def test_a_telephone_that_fails_in_a_call_counts_after_it() -> None:
    broken = shift.telephone(TALKING, at(6), registered=True, mic=False)
    assert broken.state is SeatState.TALKING
    assert shift.free_again(broken, at(40)).state is SeatState.DISABLED


@pytest.mark.parametrize("action", ["ready", "break"])
def test_nothing_is_possible_at_a_seat_without_agent(action: str) -> None:
    offline = shift.sign_off(SEAT, at(1))
    with pytest.raises(Refused, match="尚未签入"):
        shift.ready(offline, at(2)) if action == "ready" else shift.take_break(
            offline, "就餐", at(2), promised=False
        )
