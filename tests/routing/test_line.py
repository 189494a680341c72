"""The live model, word by word: late, doubled and impossible words do no harm."""

from dataclasses import replace
from datetime import timedelta

import pytest

from routing.line import TOMBSTONE, Line, Seat, SeatState
from routing.shift import ready as made_ready
from routing.shift import sign_on
from tests.routing.exchange import START, at

WRAP_UP = timedelta(seconds=30)


@pytest.fixture
def line() -> Line:
    line = Line()
    for name in ("s1001", "s1002"):
        signed = sign_on(name, agent=name[1:], name="", at=START)
        line.put(made_ready(replace(signed, registered=True, mic=True), START))
    return line


def join(line: Line, call: str, seconds: float) -> None:
    line.join(call, f"PJSIP/{call}", "13800001234", at(seconds))


def seat(line: Line, name: str) -> Seat:
    return line.seats[name]


def calls(line: Line) -> list[str]:
    return [caller.call for caller in line.waiting()]


def test_who_leaves_the_line_and_comes_back_keeps_the_place(line: Line) -> None:
    join(line, "c1", 0)
    join(line, "c2", 5)
    line.leave("c1", at(180))
    assert calls(line) == ["c2"]
    join(line, "c1", 180)
    assert calls(line) == ["c1", "c2"]


def test_a_word_said_twice_is_said_once(line: Line) -> None:
    heard: list[object] = []
    join(line, "c1", 0)
    line.subscribe(heard.append)
    join(line, "c1", 0)
    assert calls(line) == ["c1"]
    line.offer("c1", "s1001", at(1))
    line.offer("c1", "s1001", at(1))
    line.answer("c1", "s1001", "PJSIP/s1001-1", at(2))
    line.answer("c1", "s1001", "PJSIP/s1001-1", at(2.5))
    line.end("c1", at(9), wrap_up=WRAP_UP)
    line.end("c1", at(9), wrap_up=WRAP_UP)
    assert line.gone["c1"].since == at(0)
    assert len(heard) == 3
    assert seat(line, "s1001").wrap_up_until == at(39)


def test_a_late_join_brings_nobody_back_who_has_left(line: Line) -> None:
    line.leave("c1", at(3))
    join(line, "c1", 2)
    assert calls(line) == []


def test_who_left_is_forgotten_after_a_minute(line: Line) -> None:
    join(line, "c1", 0)
    line.leave("c1", at(1))
    line.forget(at(1) + TOMBSTONE)
    assert "c1" in line.gone
    line.forget(at(1.1) + TOMBSTONE)
    assert line.gone == {}


def test_a_caller_whom_the_exchange_rang_a_seat_for_is_back_in_line_when_it_does_not_answer(
    line: Line,
) -> None:
    join(line, "c1", 0)
    join(line, "c2", 5)
    line.offer("c1", "s1001", at(20))
    assert calls(line) == ["c2"]
    assert line.decline("c1", "s1001", at(32))
    assert calls(line) == ["c1", "c2"]
    assert line.callers["c1"].refused_by == {"s1001"}


def test_a_caller_on_the_way_to_a_seat_is_in_line_again_only_when_the_exchange_says_so(line: Line) -> None:
    join(line, "c1", 0)
    line.leave("c1", at(1))
    line.offer("c1", "s1001", at(1.1))
    line.decline("c1", "s1001", at(13))
    assert calls(line) == []
    join(line, "c1", 13.1)
    assert line.callers["c1"].refused_by == {"s1001"}


def test_a_caller_back_in_line_before_the_refusal_is_heard_waits_after_it(line: Line) -> None:
    join(line, "c1", 0)
    line.leave("c1", at(1))
    line.offer("c1", "s1001", at(1.1))
    join(line, "c1", 13.1)
    assert seat(line, "s1001").state is SeatState.RINGING
    line.decline("c1", "s1001", at(13))
    assert calls(line) == ["c1"]
    assert seat(line, "s1001").state is SeatState.READY


def test_an_answer_without_an_offer_is_believed(line: Line) -> None:
    line.answer("c1", "s1001", "PJSIP/s1001-1", at(2))
    talk = line.talk_of("s1001")
    assert talk is not None
    assert (talk.call, talk.state, seat(line, "s1001").call) == ("c1", SeatState.TALKING, "c1")


def test_an_answer_at_another_seat_frees_the_first(line: Line) -> None:
    join(line, "c1", 0)
    line.offer("c1", "s1001", at(1))
    line.answer("c1", "s1002", "PJSIP/s1002-1", at(2))
    assert seat(line, "s1001").state is SeatState.READY
    assert seat(line, "s1002").state is SeatState.TALKING
    assert len(line.talks) == 1


def test_a_seat_that_rings_for_the_next_caller_does_not_ring_for_the_last_one(line: Line) -> None:
    join(line, "c1", 0)
    line.offer("c1", "s1001", at(1))
    line.offer("c2", "s1001", at(2))
    assert [(talk.call, talk.seat) for talk in line.talks.values()] == [("c2", "s1001")]
    assert (seat(line, "s1001").call, calls(line)) == ("c2", ["c1"])


def test_a_seat_in_a_talk_is_not_believed_to_ring_for_somebody_else(line: Line) -> None:
    line.answer("c1", "s1001", "PJSIP/s1001-1", at(2))
    line.offer("c2", "s1001", at(3))
    assert seat(line, "s1001").call == "c1"
    assert list(line.talks) == ["c1"]


def test_a_seat_that_is_taken_by_another_call_is_promised_to_nobody(line: Line) -> None:
    join(line, "c1", 0)
    line.lease("c1", "s1001", at(2))
    line.answer("c2", "s1001", "PJSIP/s1001-1", at(1))
    assert line.leases == {}
    assert calls(line) == ["c1"]


def test_a_promise_taken_back_is_not_repeated_at_once(line: Line) -> None:
    join(line, "c1", 0)
    lease = line.lease("c1", "s1001", at(2))
    assert line.unassigned() == []
    assert [free.id for free in line.free_seats()] == ["s1002"]
    line.unlease(lease)
    assert line.callers["c1"].refused_by == {"s1001"}
    assert len(line.free_seats()) == 2


def test_a_newer_promise_is_not_taken_back_with_the_older_one(line: Line) -> None:
    join(line, "c1", 0)
    old = line.lease("c1", "s1001", at(2))
    new = line.lease("c1", "s1002", at(4))
    line.unlease(old)
    assert line.leases == {"c1": new}


def test_a_refusal_after_the_answer_changes_nothing(line: Line) -> None:
    line.answer("c1", "s1001", "PJSIP/s1001-1", at(2))
    assert not line.decline("c1", "s1001", at(3))
    assert seat(line, "s1001").state is SeatState.TALKING


def test_a_seat_nobody_signed_on_to_can_still_be_in_a_talk(line: Line) -> None:
    line.answer("c1", "s1009", "PJSIP/s1009-1", at(2))
    line.end("c1", at(3), wrap_up=WRAP_UP)
    assert "s1009" not in line.seats
    assert line.talks == {}


def test_many_changes_are_told_as_one(line: Line) -> None:
    heard: list[tuple[frozenset[str], bool]] = []
    line.subscribe(lambda change: heard.append((change.seats, change.line)))
    with line.changing():
        join(line, "c1", 0)
        line.offer("c1", "s1001", at(1))
        line.end("c1", at(2), wrap_up=WRAP_UP)
    assert heard == [(frozenset({"s1001"}), True)]
