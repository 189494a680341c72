"""Calls that we owe wait in the line like everybody, in their old place, and a seat that has one rings the citizen."""

import pytest

from routing.engine import Declined, Refused
from routing.leadership import Term
from routing.line import SeatState
from routing.live import OwedCall, node_of
from routing.switch import Connected, Snapshot
from tests.routing.exchange import Hall, at

OWED = "hotline1-1795308607.0"


@pytest.fixture
def hall() -> Hall:
    return Hall(node="hotline1")


def join(hall: Hall, call: str, seconds: float) -> None:
    hall.engine.caller_joined(call, f"PJSIP/{call}", "13800001234", at(seconds))


def owe(hall: Hall, since: float, call: str = OWED, number: str = "13850123456") -> None:
    hall.engine.ring_back_joins(OwedCall(call, number, at(since)), at(100))


async def rung(hall: Hall) -> list[tuple[str, ...]]:
    await hall.settle()
    return hall.switch.verbs("ring_out")


async def ring(hall: Hall, seat: str = "s1001") -> str:
    """Let the owed call reach the seat, which rings; return the id of the new call."""
    calls = [each for each in await rung(hall) if each[1] == seat]
    hall.engine.seat_offered(calls[-1][0], seat, at(110))
    return calls[-1][0]


async def test_a_ring_back_keeps_its_place_against_later_callers_and_goes_before_none_that_came_first(
    hall: Hall,
) -> None:
    join(hall, "hotline1-1.0", 10)
    join(hall, "hotline1-2.0", 30)
    owe(hall, since=20)
    hall.man("s1001")
    assert await hall.moved() == [("hotline1-1.0", "s1001")]
    hall.man("s1002", "s1003")
    ((call, seat, number, purpose, owed, _),) = await rung(hall)
    assert (seat, number, purpose, owed) == ("s1002", "13850123456", "ring_back", OWED)
    assert await hall.moved() == [("hotline1-1.0", "s1001"), ("hotline1-2.0", "s1003")]
    assert node_of(call) == "hotline1"
    assert call != OWED


async def test_a_ring_back_names_the_term_of_the_engine_that_decided_it(hall: Hall) -> None:
    hall.engine.lead(Term(7), at(1))
    hall.man("s1001")
    owe(hall, since=20)
    await ring(hall)
    assert hall.switch.terms == [7]


async def test_a_ring_back_makes_the_seat_ring_talk_and_wrap_up_like_any_call(hall: Hall) -> None:
    hall.man("s1001")
    owe(hall, since=20)
    call = await ring(hall)
    assert hall.state("s1001") is SeatState.RINGING
    hall.engine.seat_answered(call, "s1001", "PJSIP/s1001-1", at(112))
    talk = hall.line.talk_of("s1001")
    assert talk is not None
    assert (talk.number, talk.caller.ring_back, talk.reached_at) == ("13850123456", OWED, None)
    hall.engine.citizen_reached(call, at(120))
    assert hall.line.talks[call].reached_at == at(120)
    hall.engine.talk_ended(call, at(180), "PJSIP/s1001-1")
    assert hall.state("s1001") is SeatState.WRAP_UP
    assert hall.line.callers == {}


async def test_a_ring_back_whose_seat_does_not_answer_waits_in_its_place_for_the_next(hall: Hall) -> None:
    hall.man("s1001")
    owe(hall, since=20)
    first = await ring(hall)
    hall.engine.seat_refused(first, "s1001", Declined.NO_ANSWER, at(125))
    assert [caller.since for caller in hall.line.waiting()] == [at(20)]
    join(hall, "hotline1-2.0", 126)
    hall.man("s1002")
    second = (await rung(hall))[-1]
    assert second[1] == "s1002"
    assert second[0] != first
    assert hall.state("s1001") is SeatState.BREAK


async def test_a_call_that_is_owed_once_waits_once(hall: Hall) -> None:
    owe(hall, since=20)
    owe(hall, since=20)
    assert len(hall.line.callers) == 1
    hall.man("s1001")
    await ring(hall)
    owe(hall, since=20)
    assert hall.line.callers == {}


async def test_what_is_not_owed_any_more_is_not_rung(hall: Hall) -> None:
    owe(hall, since=20)
    hall.man("s1001")
    hall.engine.ring_back_leaves(OWED, at(101))
    assert await rung(hall) == []
    assert hall.line.free_seats() == [hall.seat("s1001")]


async def test_a_picture_of_the_exchange_removes_no_caller_whom_it_cannot_know(hall: Hall) -> None:
    owe(hall, since=20)
    assert hall.engine.reconcile(Snapshot(at(200), node="hotline1"), at(200)) == []
    assert [caller.ring_back for caller in hall.line.waiting()] == [OWED]


async def test_a_ring_back_that_rings_nowhere_any_more_is_owed_again(hall: Hall) -> None:
    hall.man("s1001")
    owe(hall, since=20)
    await ring(hall)
    hall.engine.reconcile(Snapshot(at(200), node="hotline1"), at(200))
    assert hall.line.talks == {}
    assert [caller.ring_back for caller in hall.line.waiting()] == [OWED]


async def test_a_new_process_finds_a_ring_back_that_is_talking() -> None:
    hall = Hall(node="hotline1")
    ours = "hotline1-1795308999.12345678"
    talk = Connected(
        ours, "", "13850123456", "s1001", "PJSIP/s1001-1", at(10), at(12), ring_back=OWED, reached_at=at(15)
    )
    hall.engine.asterisk_up(Snapshot(at(50), talks=(talk,), node="hotline1"), at(50))
    hall.engine.sign_on("s1001", agent="1001", name="", at=at(52))
    assert (hall.state("s1001"), hall.seat("s1001").call) == (SeatState.TALKING, ours)
    owe(hall, since=5)
    assert hall.line.callers == {}


async def test_a_ring_back_that_the_exchange_refuses_leaves_the_line_and_no_seat_is_kept_busy_with_it(
    hall: Hall,
) -> None:
    hall.switch.broken.add("ring_out")
    hall.man("s1001")
    owe(hall, since=20)
    await hall.settle()
    hall.engine.tick(at(101))
    assert (hall.line.leases, hall.line.callers) == ({}, {})
    assert hall.line.free_seats() == [hall.seat("s1001")]


async def test_a_ring_back_that_is_not_heard_of_is_tried_at_the_next_seat(hall: Hall) -> None:
    hall.man("s1001", "s1002")
    owe(hall, since=20)
    await hall.settle()
    hall.engine.tick(at(103))
    assert [seat for _, seat, *_ in await rung(hall)] == ["s1001", "s1002"]


async def test_an_agent_rings_somebody_and_is_on_a_call_like_any_other(hall: Hall) -> None:
    hall.man("s1001")
    call = hall.engine.ring_out("s1001", number="13850123456", at=at(10), by="1001")
    assert await rung(hall) == [(call, "s1001", "13850123456", "call", "", "1001")]
    hall.engine.seat_offered(call, "s1001", at(10.1))
    hall.engine.seat_answered(call, "s1001", "PJSIP/s1001-1", at(11))
    assert (hall.state("s1001"), hall.seat("s1001").call) == (SeatState.TALKING, call)
    hall.engine.talk_ended(call, at(30), "PJSIP/s1001-1")
    assert hall.state("s1001") is SeatState.WRAP_UP


async def test_an_agent_who_does_not_pick_up_his_own_call_leaves_nothing_behind(hall: Hall) -> None:
    hall.man("s1001")
    call = hall.engine.ring_out("s1001", number="13850123456", at=at(10))
    await hall.settle()
    hall.engine.seat_offered(call, "s1001", at(10.1))
    hall.engine.seat_refused(call, "s1001", Declined.NO_ANSWER, at(25))
    assert hall.line.callers == {}
    hall.man("s1002")
    assert len(await rung(hall)) == 1


async def test_a_call_of_an_agent_that_could_not_be_begun_is_given_to_nobody_else(hall: Hall) -> None:
    hall.switch.broken.add("ring_out")
    hall.man("s1001", "s1002")
    hall.engine.ring_out("s1001", number="13850123456", at=at(10))
    await hall.settle()
    hall.switch.broken.clear()
    hall.engine.tick(at(13))
    assert await rung(hall) == []
    assert hall.line.callers == {}


async def test_an_agent_rings_back_by_hand_what_waits_in_the_line(hall: Hall) -> None:
    hall.man("s1001", "s1002")
    hall.engine.take_break("s1002", reason="rest", at=at(1))
    hall.engine.take_break("s1001", reason="rest", at=at(1))
    owe(hall, since=20)
    call = hall.engine.ring_out(
        "s1002", number="13850123456", at=at(101), purpose="ring_back", owed=OWED, by="1002"
    )
    assert await rung(hall) == [(call, "s1002", "13850123456", "ring_back", OWED, "1002")]
    with pytest.raises(Refused, match="正在接入"):
        hall.engine.ring_out("s1002", number="13850123456", at=at(101))
    hall.engine.seat_offered(call, "s1002", at(101.1))
    with pytest.raises(Refused, match="正在回拨"):
        hall.engine.ring_out("s1001", number="13850123456", at=at(102), owed=OWED)
    hall.engine.seat_answered(call, "s1002", "PJSIP/s1002-1", at(103))
    hall.engine.talk_ended(call, at(130), "PJSIP/s1002-1")
    hall.engine.wrapped("s1002", at=at(140))
    assert (hall.state("s1002"), hall.seat("s1002").reason) == (SeatState.BREAK, "rest")


@pytest.mark.parametrize("busy", ["ringing", "signed off", "no telephone"])
def test_a_seat_that_cannot_ring_out_says_so(hall: Hall, busy: str) -> None:
    hall.man("s1001")
    if busy == "ringing":
        hall.engine.seat_offered("hotline1-1.0", "s1001", at(5))
    elif busy == "signed off":
        hall.engine.sign_off("s1001", at=at(5))
    else:
        hall.engine.seat_reachable("s1001", False, at(5), node="hotline1")
    with pytest.raises(Refused):
        hall.engine.ring_out("s1001", number="13850123456", at=at(6))


async def test_nobody_is_rung_out_while_the_exchange_is_not_heard(hall: Hall) -> None:
    hall.engine.asterisk_down(at(1), node="hotline1")
    hall.man("s1001")
    owe(hall, since=20)
    assert await rung(hall) == []
    with pytest.raises(Refused, match="未连接"):
        hall.engine.ring_out("s1001", number="13850123456", at=at(6))
