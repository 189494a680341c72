"""What an agent may do in which state of the seat."""

from dataclasses import replace
from datetime import datetime

import pytest

from routing import shift
from routing.engine import Declined
from routing.line import Seat, SeatState
from routing.shift import By, LineSettings, Reason, Refused
from tests.routing.exchange import START, Hall, at

NEW = shift.sign_on("s1001", agent="1001", name="林晓", at=START)
SEAT = shift.telephone(NEW, START, registered=True, mic=True)
READY = shift.ready(SEAT, at(1))
TALKING = replace(READY, state=SeatState.TALKING, call="c1", since=at(5))
WRAPPING = replace(READY, state=SeatState.WRAP_UP, since=at(9), wrap_up_until=at(39))


def test_who_signs_on_is_on_a_break_until_they_say_that_they_are_ready() -> None:
    assert (SEAT.state, SEAT.reason) == (SeatState.BREAK, "signed_on")
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
        "s1001", "", "", SeatState.OFFLINE, since=at(20), idle_since=at(20), by="1001"
    )


def test_a_seat_whose_telephone_fails_is_out_of_use_and_ready_again_by_itself() -> None:
    broken = shift.telephone(READY, at(6), registered=False, mic=True)
    assert (broken.state, broken.reason) == (SeatState.DISABLED, "no_telephone")
    with pytest.raises(Refused, match="不能示闲"):
        shift.ready(broken, at(7))
    deaf = shift.telephone(broken, at(8), registered=True, mic=False)
    assert (deaf.state, deaf.reason, deaf.since) == (SeatState.DISABLED, "no_mic", at(6))
    back = shift.telephone(deaf, at(9), registered=True, mic=True)
    assert (back.state, back.by) == (SeatState.READY, By.TELEPHONE)


@pytest.mark.parametrize(("away", "turn"), [(3, at(1)), (40, at(46))])
def test_a_telephone_that_blinks_does_not_cost_the_turn_but_one_that_stays_away_does(
    away: float, turn: datetime
) -> None:
    broken = shift.telephone(READY, at(6), registered=False, mic=True)
    assert shift.telephone(broken, at(6 + away), registered=True, mic=True).idle_since == turn


def test_a_broken_seat_that_asked_for_a_break_stays_on_it() -> None:
    broken = shift.telephone(READY, at(6), registered=False, mic=True)
    asked = shift.take_break(broken, "就餐", at(7), promised=False)
    resting = shift.telephone(asked, at(9), registered=True, mic=True)
    assert (resting.state, resting.reason, resting.next_break) == (SeatState.BREAK, "就餐", "")


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


# A pause asked for while a call is under way comes after it, whatever becomes of that call (F10-20; a race in peers)


@pytest.mark.parametrize("state", [SeatState.RINGING, SeatState.TALKING, SeatState.HOLD, SeatState.WRAP_UP])
def test_a_break_asked_in_any_state_of_a_call_changes_nothing_now_and_comes_after_it(
    state: SeatState,
) -> None:
    seat = replace(TALKING, state=state)
    asked = shift.take_break(seat, "meal", at(6), promised=False)
    assert replace(asked, next_break="", next_by="") == seat
    after = shift.free_again(asked, at(40))
    assert (after.state, after.reason, after.by) == (SeatState.BREAK, "meal", "1001")


def test_a_break_asked_while_it_rings_is_taken_when_the_caller_gives_up() -> None:
    hall = ringing()
    hall.engine.take_break("s1001", reason="meal", at=at(3))
    hall.engine.talk_ended("c1", at(4))
    assert (hall.state("s1001"), hall.seat("s1001").reason) == (SeatState.BREAK, "meal")


def test_a_break_asked_while_it_rings_is_not_turned_into_a_missed_call_of_endless_offers() -> None:
    hall = ringing()
    hall.engine.take_break("s1001", reason="meal", at=at(3))
    hall.engine.seat_refused("c1", "s1001", Declined.CALLER_GONE, at(4))
    assert (hall.state("s1001"), hall.seat("s1001").reason) == (SeatState.BREAK, "meal")


def test_a_break_asked_in_a_talk_comes_after_the_work_that_follows_it() -> None:
    hall = ringing()
    hall.engine.seat_answered("c1", "s1001", "PJSIP/s1001-1", at(4))
    hall.engine.held("c1", at(5))
    hall.engine.take_break("s1001", reason="meal", at=at(6))
    assert hall.state("s1001") is SeatState.HOLD
    hall.engine.talk_ended("c1", at(7))
    assert hall.state("s1001") is SeatState.WRAP_UP
    hall.engine.tick(at(38))
    assert (hall.state("s1001"), hall.seat("s1001").reason) == (SeatState.BREAK, "meal")


def test_a_break_asked_between_promise_and_ringing_comes_after_that_call() -> None:
    hall = Hall()
    hall.man("s1001")
    hall.engine.caller_joined("c1", "PJSIP/c1", "13800001234", at(1))
    hall.engine.take_break("s1001", reason="meal", at=at(1.01))
    assert (hall.state("s1001"), hall.seat("s1001").next_break) == (SeatState.READY, "meal")
    hall.engine.caller_left("c1", at(1.1))
    hall.engine.talk_ended("c1", at(1.2))
    hall.engine.tick(at(4))
    assert hall.state("s1001") is SeatState.BREAK


# Calls that were not taken


def test_who_does_not_answer_is_paused_longer_each_time_and_back_by_itself() -> None:
    settings = LineSettings(no_answer_break_seconds=30)
    seat, pauses = READY, []
    for _ in range(6):
        seat, _notices = shift.refused(seat, Reason.NO_ANSWER, settings, at(10))
        assert seat.break_until is not None
        pauses.append((seat.break_until - at(10)).total_seconds())
    assert pauses == [30, 60, 120, 240, 240, 240]
    assert shift.free_again(seat, at(500)).state is SeatState.READY


def test_supervisors_hear_of_the_third_call_that_was_not_taken() -> None:
    seat, told = READY, []
    for _ in range(3):
        seat, notices = shift.refused(seat, Reason.NO_ANSWER, LineSettings(), at(10))
        told.append([notice.seat for notice in notices])
    assert told == [["s1001"], ["s1001"], ["s1001", shift.WALLS]]


def test_a_telephone_that_cannot_be_reached_is_not_counted_against_the_agent() -> None:
    seat, _ = shift.refused(READY, Reason.UNREACHABLE, LineSettings(), at(10))
    assert (seat.state, seat.reason, seat.misses) == (SeatState.BREAK, Reason.UNREACHABLE, 0)


def test_an_answered_call_wipes_out_the_ones_that_were_not() -> None:
    hall = ringing()
    hall.line.put(replace(hall.seat("s1001"), misses=2))
    hall.engine.seat_answered("c1", "s1001", "PJSIP/s1001-1", at(4))
    assert hall.seat("s1001").misses == 0


# A page that is lost


def test_a_desk_that_stays_away_is_signed_off_and_comes_back_to_the_state_it_had() -> None:
    hall = Hall()
    hall.man("s1001")
    hall.engine.phone("s1001", registered=False, mic=False, at=at(10))
    hall.engine.lost_desk("s1001", at=at(30))
    lost = hall.seat("s1001")
    assert (lost.state, lost.reason, lost.by) == (SeatState.OFFLINE, Reason.DESK_LOST, By.DESK)
    hall.engine.sign_on("s1001", agent="1001", name="林晓", at=at(50))
    assert hall.state("s1001") is SeatState.DISABLED
    hall.engine.phone("s1001", registered=True, mic=True, at=at(51))
    assert hall.state("s1001") is SeatState.READY


def test_a_desk_lost_on_a_break_comes_back_to_that_break() -> None:
    hall = Hall()
    hall.man("s1001")
    hall.engine.take_break("s1001", reason="meal", at=at(5))
    hall.engine.lost_desk("s1001", at=at(30))
    hall.engine.sign_on("s1001", agent="1001", name="林晓", at=at(50))
    assert (hall.state("s1001"), hall.seat("s1001").reason) == (SeatState.BREAK, "meal")


def test_after_the_grace_or_by_somebody_else_a_lost_desk_begins_anew() -> None:
    hall = Hall()
    hall.man("s1001")
    hall.engine.lost_desk("s1001", at=at(30))
    hall.engine.sign_on("s1001", agent="2002", name="陈静", at=at(50))
    assert (hall.state("s1001"), hall.seat("s1001").reason) == (SeatState.BREAK, Reason.SIGNED_ON)


def test_a_desk_lost_in_a_talk_changes_nothing() -> None:
    hall = Hall()
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    with pytest.raises(Refused, match="通话中"):
        hall.engine.lost_desk("s1001", at=at(40))
    assert hall.state("s1001") is SeatState.TALKING


# Who did it


def test_each_state_says_who_or_what_made_it() -> None:
    hall = Hall()
    hall.man("s1001")
    assert hall.seat("s1001").by == "1001"
    hall.engine.take_break("s1001", reason="meeting", at=at(5), by="lead")
    assert (hall.seat("s1001").by, hall.seat("s1001").reason) == ("lead", "meeting")
    hall.engine.ready("s1001", at=at(6), by="lead")
    hall.talk("c1", "s1001", 10)
    assert hall.seat("s1001").by == By.CALL
    hall.engine.take_break("s1001", reason="meeting", at=at(15), by="lead")
    hall.engine.talk_ended("c1", at(20))
    hall.engine.wrapped("s1001", at=at(25))
    assert (hall.state("s1001"), hall.seat("s1001").by) == (SeatState.BREAK, "lead")


def ringing() -> Hall:
    """A hall in which c1 rings at s1001."""
    hall = Hall()
    hall.man("s1001")
    hall.engine.caller_joined("c1", "PJSIP/c1", "13800001234", at(1))
    hall.engine.caller_left("c1", at(1.1))
    hall.engine.seat_offered("c1", "s1001", at(1.2))
    return hall
