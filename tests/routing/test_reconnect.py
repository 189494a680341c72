"""A desk is lost in mid-talk: whose citizen is held for it, and what becomes of the talk."""

from collections.abc import Callable

import pytest

from routing.engine import Declined, Refused
from routing.line import SeatState
from routing.switch import Connected, Snapshot, Waiting
from tests.routing.exchange import Hall, at

Loss = Callable[[Hall, float], None]
OLD, NEW = "PJSIP/s1001-1", "PJSIP/s1001-2"


@pytest.fixture
def hall() -> Hall:
    """s1001 talks to c1."""
    hall = Hall()
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    return hall


def lose_page(hall: Hall, seconds: float) -> None:
    hall.engine.phone("s1001", registered=False, mic=False, at=at(seconds))


def lose_telephone(hall: Hall, seconds: float) -> None:
    hall.engine.seat_registered("s1001", False, at(seconds))


def lose_desk(hall: Hall, seconds: float) -> None:
    lose_page(hall, seconds)
    lose_telephone(hall, seconds + 0.01)


def answer_again(hall: Hall, seconds: float) -> None:
    """The page has been loaded again and has answered."""
    hall.engine.seat_registered("s1001", True, at(seconds))
    hall.engine.phone("s1001", registered=True, mic=True, at=at(seconds))
    hall.engine.seat_offered("c1", "s1001", at(seconds + 0.1))
    hall.engine.seat_answered("c1", "s1001", NEW, at(seconds + 0.2))


async def held(hall: Hall) -> list[tuple[str, ...]]:
    await hall.settle()
    return hall.switch.verbs("reconnect")


@pytest.mark.parametrize(
    ("first", "second"), [(lose_page, lose_telephone), (lose_telephone, lose_page)], ids=["page", "telephone"]
)
async def test_a_citizen_is_held_when_both_the_page_and_its_telephone_are_gone(
    hall: Hall, first: Loss, second: Loss
) -> None:
    first(hall, 20)
    assert await held(hall) == []
    second(hall, 20.01)
    assert await held(hall) == [("c1", "s1001", "PJSIP/c1")]


async def test_a_page_that_lost_its_telephones_socket_only_keeps_its_sound(hall: Hall) -> None:
    hall.engine.phone("s1001", registered=False, mic=True, at=at(20))
    lose_telephone(hall, 20.01)
    hall.engine.seat_reachable("s1001", False, at(20.02))
    assert await held(hall) == []


async def test_a_page_whose_socket_is_back_before_the_telephone_goes_keeps_its_sound(hall: Hall) -> None:
    lose_page(hall, 20)
    hall.engine.phone("s1001", registered=True, mic=True, at=at(21))
    lose_telephone(hall, 22)
    assert await held(hall) == []


async def test_a_held_talk_is_held_too(hall: Hall) -> None:
    hall.engine.held("c1", at(15))
    lose_desk(hall, 20)
    assert await held(hall) == [("c1", "s1001", "PJSIP/c1")]
    answer_again(hall, 21)
    assert hall.state("s1001") is SeatState.TALKING


async def test_nobody_is_held_for_a_seat_that_rings(hall: Hall) -> None:
    hall.man("s1002")
    hall.engine.caller_joined("c2", "PJSIP/c2", "138", at(20))
    hall.engine.seat_offered("c2", "s1002", at(20.1))
    hall.engine.phone("s1002", registered=False, mic=False, at=at(21))
    hall.engine.seat_registered("s1002", False, at(21))
    assert await held(hall) == []


async def test_the_seat_talks_all_the_time_and_the_talk_is_the_one_it_was(hall: Hall) -> None:
    before = hall.line.talks["c1"]
    await hall.settle()
    hall.log.clear()
    lose_desk(hall, 20)
    hall.engine.talk_ended("c1", at(20.1), OLD)
    answer_again(hall, 21)
    await hall.settle()
    after = hall.line.talks["c1"]
    assert hall.state("s1001") is SeatState.TALKING
    assert hall.log == []
    assert (after.answered_at, after.since, after.seat_channel) == (before.answered_at, before.since, NEW)
    assert [change.offered for change in hall.heard if change.offered] == ["s1001"]
    hall.engine.talk_ended("c1", at(60), NEW)
    assert hall.state("s1001") is SeatState.WRAP_UP


async def test_the_end_of_the_old_telephone_may_be_heard_late(hall: Hall) -> None:
    lose_desk(hall, 20)
    answer_again(hall, 21)
    hall.engine.talk_ended("c1", at(21.5), OLD)
    assert hall.state("s1001") is SeatState.TALKING


async def test_a_citizen_who_hangs_up_while_held_ends_the_talk(hall: Hall) -> None:
    lose_desk(hall, 20)
    hall.engine.talk_ended("c1", at(20.1), OLD)
    hall.engine.talk_ended("c1", at(22))
    assert hall.state("s1001") is SeatState.WRAP_UP
    assert hall.line.talks == {}


async def test_a_citizen_who_has_hung_up_is_not_moved(hall: Hall) -> None:
    lose_desk(hall, 20)
    hall.engine.talk_ended("c1", at(20.1))
    assert await held(hall) == []


async def test_a_desk_that_stays_away_gives_its_citizen_to_the_next_seat_in_the_old_place(hall: Hall) -> None:
    lose_desk(hall, 20)
    hall.engine.talk_ended("c1", at(20.1), OLD)
    hall.engine.caller_joined("c1", "PJSIP/c1", "13800001234", at(31))
    assert hall.state("s1001") is SeatState.WRAP_UP
    assert [caller.since for caller in hall.line.waiting()] == [at(10)]
    hall.man("s1002")
    assert await hall.moved() == [("c1", "s1002")]


async def test_a_desk_that_is_back_and_does_not_answer_gives_its_citizen_to_the_line(hall: Hall) -> None:
    lose_desk(hall, 20)
    hall.engine.seat_registered("s1001", True, at(21))
    hall.engine.seat_offered("c1", "s1001", at(21.1))
    hall.engine.seat_refused("c1", "s1001", Declined.NO_ANSWER, at(33))
    hall.engine.caller_joined("c1", "PJSIP/c1", "13800001234", at(33.1))
    assert hall.state("s1001") is SeatState.WRAP_UP
    assert [caller.call for caller in hall.line.waiting()] == ["c1"]


async def test_a_page_that_is_loaded_twice_is_waited_for_anew(hall: Hall) -> None:
    lose_desk(hall, 20)
    hall.engine.seat_registered("s1001", True, at(21))
    hall.engine.phone("s1001", registered=True, mic=True, at=at(21))
    hall.engine.seat_offered("c1", "s1001", at(21.1))
    lose_desk(hall, 21.2)
    assert len(await held(hall)) == 2
    answer_again(hall, 22)
    assert hall.state("s1001") is SeatState.TALKING


async def test_a_page_can_be_loaded_again_and_again(hall: Hall) -> None:
    lose_desk(hall, 20)
    answer_again(hall, 21)
    lose_desk(hall, 30)
    assert len(await held(hall)) == 2


async def test_one_loss_moves_the_citizen_once(hall: Hall) -> None:
    lose_desk(hall, 20)
    lose_desk(hall, 20.1)
    assert len(await held(hall)) == 1


async def test_an_exchange_that_refuses_leaves_the_talk_to_what_is_heard_of_it(hall: Hall) -> None:
    hall.switch.broken.add("reconnect")
    lose_desk(hall, 20)
    await hall.settle()
    hall.engine.talk_ended("c1", at(50), OLD)
    assert hall.state("s1001") is SeatState.WRAP_UP


async def test_while_the_exchange_is_not_heard_nobody_is_moved(hall: Hall) -> None:
    hall.engine.asterisk_down(at(19))
    lose_desk(hall, 20)
    assert await held(hall) == []
    talk = Connected("c1", "PJSIP/c1", "138", "s1001", OLD, at(10), at(13))
    hall.engine.asterisk_up(Snapshot(at(25), talks=(talk,)), at(25))
    lose_telephone(hall, 25.1)  # what the exchange says of each telephone once it is heard again
    assert await held(hall) == [("c1", "s1001", "PJSIP/c1")]


async def test_a_talk_found_by_a_new_process_is_not_cut_when_its_page_comes_back_with_its_sound() -> None:
    hall = found_talk()
    hall.engine.sign_on("s1001", agent="1001", name="话务员", at=at(32))
    hall.engine.phone("s1001", registered=False, mic=True, at=at(32))
    hall.engine.seat_registered("s1001", True, at(33))
    hall.engine.phone("s1001", registered=True, mic=True, at=at(33))
    assert await held(hall) == []


async def test_a_talk_found_by_a_new_process_is_held_when_its_page_was_loaded_again_meanwhile() -> None:
    hall = found_talk()
    hall.engine.sign_on("s1001", agent="1001", name="话务员", at=at(32))
    lose_page(hall, 32)
    assert await held(hall) == [("c1", "s1001", "PJSIP/c1")]


def found_talk() -> Hall:
    """A process that begins and finds c1 talking to s1001, whose telephone's socket died with the last process."""
    hall = Hall()
    talk = Connected("c1", "PJSIP/c1", "138", "s1001", OLD, at(10), at(13))
    hall.engine.asterisk_up(Snapshot(at(30), talks=(talk,)), at(30))
    hall.engine.seat_registered("s1001", False, at(30))
    return hall


def picture(seconds: float, *talks: Connected, waiting: tuple[Waiting, ...] = ()) -> Snapshot:
    return Snapshot(at(seconds), talks=talks, waiting=waiting)


def test_a_picture_without_the_awaited_desk_repairs_nothing(hall: Hall) -> None:
    lose_desk(hall, 20)
    assert hall.engine.reconcile(picture(22), at(22)) == []
    ringing = Connected("c1", "PJSIP/c1", "138", "s1001", NEW, at(23))
    assert hall.engine.reconcile(picture(24, ringing), at(24)) == []
    assert hall.state("s1001") is SeatState.TALKING


def test_a_picture_of_the_desk_that_is_back_makes_the_new_telephone_the_talks(hall: Hall) -> None:
    lose_desk(hall, 20)
    old = Connected("c1", "PJSIP/c1", "138", "s1001", OLD, at(10), at(13))
    assert hall.engine.reconcile(picture(20.5, old), at(20.5)) == []
    back = Connected("c1", "PJSIP/c1", "138", "s1001", NEW, at(21), at(21))
    assert [repair.what for repair in hall.engine.reconcile(picture(24, back), at(24))] == ["talk"]
    hall.engine.talk_ended("c1", at(60), NEW)
    assert hall.state("s1001") is SeatState.WRAP_UP


def test_a_picture_with_the_citizen_in_the_line_ends_the_waiting_for_the_desk(hall: Hall) -> None:
    lose_desk(hall, 20)
    in_line = Waiting("c1", "PJSIP/c1", "138", at(31))
    hall.engine.reconcile(picture(32, waiting=(in_line,)), at(32))
    assert [caller.call for caller in hall.line.waiting()] == ["c1"]
    assert hall.state("s1001") is SeatState.WRAP_UP


def test_a_desk_is_not_awaited_for_ever(hall: Hall) -> None:
    lose_desk(hall, 20)
    hall.engine.tick(at(46))
    hall.engine.reconcile(picture(46), at(46))
    assert hall.state("s1001") is SeatState.TALKING
    hall.engine.tick(at(48))
    hall.engine.reconcile(picture(48), at(48))
    assert hall.state("s1001") is SeatState.WRAP_UP


def test_an_awaited_desk_cannot_hang_up(hall: Hall) -> None:
    lose_desk(hall, 20)
    with pytest.raises(Refused, match="重新接通"):
        hall.engine.hang_up("s1001", at=at(21))
