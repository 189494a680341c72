"""A seat is ready when the exchange says that it can ring its telephone and the page says that it can be spoken into."""

from itertools import pairwise

import pytest

from routing.engine import Before, Declined
from routing.line import SeatState
from routing.shift import Refused
from routing.switch import Member, Snapshot, Waiting
from routing.telephones import Telephones
from tests.routing.exchange import Hall, at


def tells(
    seconds: float, *reachable: str, members: tuple[str, ...] = (), node: str = "", waits: str = ""
) -> Snapshot:
    """Return what an exchange that tells of telephones shows: these of its members have one."""
    listed = tuple(Member(seat, paused=True) for seat in dict.fromkeys((*reachable, *members)))
    waiting = (Waiting(waits, f"PJSIP/{waits}", "13800001234", at(1)),) if waits else ()
    return Snapshot(at(seconds), waiting, members=listed, telephones=frozenset(reachable), node=node)


@pytest.fixture
def hall() -> Hall:
    """An exchange that has told that nobody is there."""
    hall = Hall()
    hall.engine.asterisk_up(tells(0), at(0))
    return hall


def sits_down(hall: Hall, seconds: float, *, page: bool = True) -> None:
    hall.engine.sign_on("s1001", agent="1001", name="林晓", at=at(seconds))
    hall.engine.phone("s1001", registered=page, mic=page, at=at(seconds))


def joins(hall: Hall, call: str, seconds: float) -> None:
    hall.engine.caller_joined(call, f"PJSIP/{call}", "13800001234", at(seconds), since=at(seconds))


def test_who_signs_on_cannot_be_ready_before_the_page_has_said_anything(hall: Hall) -> None:
    hall.engine.seat_reachable("s1001", True, at(1))
    hall.engine.sign_on("s1001", agent="1001", name="林晓", at=at(2))
    with pytest.raises(Refused, match="话机未连接"):
        hall.engine.ready("s1001", at=at(3))


async def test_who_says_ready_before_the_exchange_can_ring_is_ready_when_it_can(hall: Hall) -> None:
    joins(hall, "c1", 1)
    sits_down(hall, 2)
    hall.engine.ready("s1001", at=at(3))
    assert (hall.state("s1001"), hall.seat("s1001").reason) == (SeatState.DISABLED, "no_telephone")
    assert await hall.moved() == []
    hall.engine.seat_reachable("s1001", True, at(3.1))
    assert await hall.moved() == [("c1", "s1001")]


async def test_a_break_taken_back_while_the_telephone_is_away_is_over_when_it_is_there(hall: Hall) -> None:
    sits_down(hall, 2)
    hall.engine.ready("s1001", at=at(3))
    hall.engine.take_break("s1001", reason="meal", at=at(4))
    hall.engine.ready("s1001", at=at(5))
    hall.engine.seat_reachable("s1001", True, at(6))
    assert (hall.state("s1001"), hall.seat("s1001").next_break) == (SeatState.READY, "")


@pytest.mark.parametrize("before", [SeatState.READY, SeatState.WRAP_UP])
@pytest.mark.parametrize("first", ["page", "exchange"])
async def test_after_a_takeover_a_seat_gets_nobody_before_this_node_itself_can_ring_it(
    hall: Hall, before: SeatState, first: str
) -> None:
    hall.engine.remember([Before("s1001", "1001", before, "", at(0))])
    joins(hall, "c1", 1)
    hall.engine.sign_on("s1001", agent="1001", name="林晓", at=at(2))
    for word in (first, "page" if first == "exchange" else "exchange"):
        hall.engine.tick(at(60))  # the work after the call is long over
        assert await hall.moved() == []
        if word == "page":
            hall.engine.phone("s1001", registered=True, mic=True, at=at(61))
        else:
            hall.engine.seat_reachable("s1001", True, at(61))
    assert await hall.moved() == [("c1", "s1001")]


async def test_when_our_process_is_new_the_telephone_that_asterisk_kept_is_reachable_at_once(
    hall: Hall,
) -> None:
    hall.engine.asterisk_up(tells(5, "s1001"), at(5))
    hall.engine.remember([Before("s1001", "1001", SeatState.READY, "", at(0))])
    joins(hall, "c1", 6)
    sits_down(hall, 7)
    assert await hall.moved() == [("c1", "s1001")]


async def test_when_asterisk_is_new_no_seat_is_ready_before_its_telephone_has_registered_anew(
    hall: Hall,
) -> None:
    hall.engine.asterisk_up(tells(1, "s1001"), at(1))
    hall.man("s1001")
    assert hall.state("s1001") is SeatState.READY
    hall.engine.asterisk_down(at(10))
    hall.engine.asterisk_up(tells(12), at(12))
    hall.engine.reconcile(tells(13, members=("s1001",)), at(13))
    assert hall.state("s1001") is SeatState.DISABLED
    joins(hall, "c1", 13.5)
    hall.engine.phone("s1001", registered=True, mic=True, at=at(14))  # it has not noticed yet
    assert await hall.moved() == []
    hall.engine.seat_reachable("s1001", True, at(15))
    assert await hall.moved() == [("c1", "s1001")]


def test_a_page_loaded_again_after_a_call_is_not_ready_by_the_old_pages_telephone(hall: Hall) -> None:
    hall.engine.asterisk_up(tells(1, "s1001"), at(1))
    hall.man("s1001")
    hall.talk("c1", "s1001", 5)
    hall.engine.talk_ended("c1", at(20))
    hall.engine.phone("s1001", registered=False, mic=False, at=at(21))
    hall.engine.sign_on("s1001", agent="1001", name="林晓", at=at(22))
    hall.engine.wrapped("s1001", at=at(23))
    assert hall.state("s1001") is SeatState.DISABLED
    hall.engine.seat_reachable("s1001", False, at(24))  # the old one is gone
    hall.engine.phone("s1001", registered=True, mic=True, at=at(25))
    assert hall.state("s1001") is SeatState.DISABLED
    hall.engine.seat_reachable("s1001", True, at(25.1))
    assert hall.state("s1001") is SeatState.READY


def test_a_picture_that_shows_the_telephone_gone_is_believed(hall: Hall) -> None:
    hall.engine.asterisk_up(tells(1, "s1001"), at(1))
    hall.man("s1001")
    hall.engine.reconcile(tells(10, members=("s1001",)), at(10))
    assert hall.state("s1001") is SeatState.DISABLED
    hall.engine.reconcile(tells(15, "s1001"), at(15))
    assert hall.state("s1001") is SeatState.READY


async def test_what_another_node_says_of_a_telephone_that_has_moved_here_counts_for_nothing() -> None:
    hall = Hall(node="hotline1")
    hall.engine.asterisk_up(tells(0, node="hotline1"), at(0))
    hall.engine.asterisk_up(tells(0, "s1001", node="hotline2"), at(0))
    sits_down(hall, 2)
    hall.engine.ready("s1001", at=at(3))
    hall.engine.reconcile(tells(4, "s1001", node="hotline2"), at(4))
    joins(hall, "hotline2-1.0", 4.5)
    assert await hall.moved() == []
    hall.engine.seat_reachable("s1001", True, at(5), node="hotline1")
    hall.engine.seat_reachable("s1001", False, at(5), node="hotline2")
    assert await hall.moved() == [("hotline2-1.0", "s1001")]


async def test_a_caller_whose_seat_could_not_be_rung_is_the_first_again_and_the_next_seat_is_his(
    hall: Hall,
) -> None:
    hall.engine.asterisk_up(tells(0, "s1001", "s1002"), at(0))
    hall.man("s1001")
    joins(hall, "c1", 1)
    joins(hall, "c2", 2)
    assert await hall.moved() == [("c1", "s1001")]
    # CHANUNAVAIL: the dialplan says so and puts him back, with the moment of his arrival.
    hall.engine.seat_refused("c1", "s1001", Declined.UNREACHABLE, at(3))
    hall.engine.caller_joined("c1", "PJSIP/c1", "13800001234", at(3.1), since=at(1))
    assert [caller.call for caller in hall.line.waiting()] == ["c1", "c2"]
    hall.man("s1002")
    assert await hall.moved() == [("c1", "s1001"), ("c1", "s1002")]


def fails(hall: Hall, call: str, seat: str, seconds: float) -> None:
    """Let the dialplan say that the seat could not even be rung, and the caller wait again."""
    hall.engine.caller_left(call, at(seconds))
    hall.engine.seat_refused(call, seat, Declined.UNREACHABLE, at(seconds))
    joins(hall, call, seconds)


async def test_a_seat_that_could_not_be_rung_gets_nobody_before_it_registers_anew_whatever_the_agent_says(
    hall: Hall,
) -> None:
    hall.engine.asterisk_up(tells(0, "s1001"), at(0))
    hall.man("s1001")
    joins(hall, "c1", 1)
    assert await hall.moved() == [("c1", "s1001")]
    fails(hall, "c1", "s1001", 1.1)
    hall.engine.ready("s1001", at=at(1.2))
    hall.engine.phone("s1001", registered=True, mic=True, at=at(1.3))  # the page only believes so
    hall.engine.seat_reachable("s1001", True, at(1.4))  # its line is free again: the try is over
    hall.engine.reconcile(tells(1.0, "s1001", waits="c1"), at(1.5))  # a picture of before
    hall.engine.reconcile(tells(4, "s1001", waits="c1"), at(4))  # the node has not noticed yet
    assert hall.state("s1001") is SeatState.DISABLED
    hall.engine.seat_registered("s1001", True, at(4.5))
    assert await hall.moved() == [("c1", "s1001")] * 2


async def test_a_telephone_that_fails_again_and_again_is_believed_later_each_time(hall: Hall) -> None:
    hall.engine.asterisk_up(tells(0, "s1001"), at(0))
    hall.man("s1001")
    joins(hall, "c1", 1)
    tried: list[float] = []
    for second in range(2, 200):
        await hall.settle()
        if len(hall.switch.verbs("assign")) > len(tried):
            tried.append(second)
            fails(hall, "c1", "s1001", second)
        if len(tried) > 4:
            hall.engine.seat_registered("s1001", True, at(second + 0.2))
        hall.engine.reconcile(tells(second + 0.5, "s1001", waits="c1"), at(second + 0.5))
    gaps = [round(later - before) for before, later in pairwise(tried)]
    assert gaps[:4] == [6, 11, 21, 41], "and at the next picture it is tried"
    assert set(gaps[4:]) == {6}, "one that registers all the time is tried, and not more often than this"


async def test_an_answer_makes_good_for_what_failed_before(hall: Hall) -> None:
    hall.engine.asterisk_up(tells(0, "s1001"), at(0))
    hall.man("s1001")
    joins(hall, "c1", 1)
    fails(hall, "c1", "s1001", 1.1)
    hall.engine.seat_registered("s1001", True, at(1.2))
    hall.engine.seat_answered("c1", "s1001", "PJSIP/s1001-1", at(2))
    hall.engine.talk_ended("c1", at(3))
    hall.engine.wrapped("s1001", at=at(3.1))
    joins(hall, "c2", 4)
    await hall.settle()
    fails(hall, "c2", "s1001", 4.1)
    hall.engine.seat_registered("s1001", True, at(4.2))
    assert hall.state("s1001") is SeatState.READY


def test_a_clock_that_is_set_back_keeps_no_telephone_out_of_use() -> None:
    telephones = Telephones()
    telephones.take_in(tells(0, "s1001"))
    telephones.failed("", "s1001", at(3600))
    telephones.take_in(tells(5, "s1001"))
    assert telephones.reachable("", "s1001", at(5))


def test_a_call_that_rings_where_the_microphone_is_lost_goes_on_and_is_not_missed(hall: Hall) -> None:
    hall.man("s1001")
    hall.engine.seat_reachable("s1001", True, at(5))
    hall.engine.caller_joined("c1", "PJSIP/c1", "138", at(10))
    hall.engine.seat_offered("c1", "s1001", at(10.2))
    hall.engine.phone("s1001", registered=True, mic=False, at=at(11))
    hall.engine.seat_refused("c1", "s1001", Declined.REJECTED, at(11.2))
    seat = hall.seat("s1001")
    assert (seat.state, seat.reason, seat.misses) == (SeatState.DISABLED, "no_mic", 0)
    hall.engine.phone("s1001", registered=True, mic=True, at=at(30))
    assert hall.state("s1001") in (SeatState.READY, SeatState.RINGING)
