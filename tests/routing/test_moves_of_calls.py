"""Who is beside a talk: the orders of agents, what the dialplan says of it, and which state every seat is in."""

import pytest

from routing.engine import Refused
from routing.live import SeatState
from routing.moves import LegSaid, LegSeen, Step, Whom, Word
from routing.switch import Connected, Snapshot
from tests.routing.exchange import Hall, at

ONE, TWO = "PJSIP/s1001-1", "PJSIP/s1002-7"
DEPARTMENT = "059187551234"


@pytest.fixture
def hall() -> Hall:
    """s1001 talks to c1, and s1002 is free."""
    hall = Hall()
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    hall.man("s1002")
    return hall


def says(hall: Hall, word: Word, seconds: float, *, channel: str = TWO, whom: str = "s1002") -> None:
    hall.engine.leg_said(LegSaid(word, "c1", channel, whom, at(seconds)))


def asks(hall: Hall, seconds: float, whom: str = "s1002") -> None:
    """The seat has asked, and the other one has answered."""
    hall.engine.moves.ask("s1001", Whom(whom), at(seconds), by="1001")
    says(hall, Word.ASKS, seconds + 0.1, channel=ONE, whom=whom)
    says(hall, Word.ASKED, seconds + 0.2, whom=whom)
    says(hall, Word.ANSWERS, seconds + 3, whom=whom)


async def orders(hall: Hall) -> list[tuple[str, ...]]:
    await hall.settle()
    return hall.switch.verbs("move")


async def test_a_seat_that_is_asked_counts_as_on_a_call_and_gets_no_other(hall: Hall) -> None:
    hall.engine.moves.ask("s1001", Whom("s1002"), at(20), by="1001")
    hall.engine.caller_joined("c2", "PJSIP/c2", "138", at(20.1))
    assert await hall.moved() == []
    says(hall, Word.ASKED, 20.2)
    assert hall.state("s1002") is SeatState.RINGING
    says(hall, Word.ANSWERS, 22)
    assert (hall.state("s1001"), hall.state("s1002")) == (SeatState.TALKING, SeatState.TALKING)
    assert hall.seat("s1002").call == "c1"
    assert await orders(hall) == [("ask", "c1", "s1001", "s1002", "")]
    assert hall.switch.verbs("fact") == [("c1", "MOVE", "s1001")]


async def test_when_the_question_is_over_the_other_seat_is_ready_without_wrap_up(hall: Hall) -> None:
    asks(hall, 20)
    says(hall, Word.RETURNS, 40, channel=ONE, whom="")
    assert (hall.state("s1001"), hall.state("s1002")) == (SeatState.TALKING, SeatState.READY)
    assert hall.engine.moves.of("s1001") is None


async def test_a_break_that_was_asked_for_in_a_question_begins_after_it(hall: Hall) -> None:
    asks(hall, 20)
    hall.engine.take_break("s1002", reason="meal", at=at(30))
    hall.engine.leg_gone(TWO, at(40))
    assert (hall.state("s1002"), hall.seat("s1002").reason) == (SeatState.BREAK, "meal")


async def test_who_takes_over_has_the_talk_and_who_asked_has_work_to_finish(hall: Hall) -> None:
    asks(hall, 20)
    hall.engine.moves.hand_over("s1001", at(30), by="1001")
    says(hall, Word.TAKES, 30.2)
    hall.engine.talk_ended("c1", at(30.3), ONE)  # the leg of the seat that is out of it
    assert (hall.state("s1001"), hall.state("s1002")) == (SeatState.WRAP_UP, SeatState.TALKING)
    assert hall.seat("s1001").wrap_up_until == at(60.2)
    assert (hall.line.talks["c1"].seat, hall.line.talks["c1"].seat_channel) == ("s1002", TWO)
    assert (await orders(hall))[-1] == ("hand_over", "c1", "s1001", "s1002", TWO)
    hall.engine.talk_ended("c1", at(90), TWO)
    assert hall.state("s1002") is SeatState.WRAP_UP


async def test_the_leg_of_who_has_handed_over_has_time_to_end_by_itself(hall: Hall) -> None:
    """Where the seat had rung the citizen, its leg takes him with it as long as he is in its bridge."""
    asks(hall, 20)
    hall.engine.moves.hand_over("s1001", at(30), by="1001")
    says(hall, Word.TAKES, 30.2)
    hall.engine.tick(at(31))
    await hall.settle()
    assert hall.switch.verbs("hang_up") == []
    hall.engine.tick(at(33))
    await hall.settle()
    assert hall.switch.verbs("hang_up") == [(ONE,)]


async def test_who_hangs_up_the_moment_he_has_handed_over_does_not_end_the_leg_that_takes_over(
    hall: Hall,
) -> None:
    asks(hall, 20)
    hall.engine.moves.hand_over("s1001", at(30), by="1001")
    hall.engine.talk_ended("c1", at(30.1), ONE)
    await hall.settle()
    assert (TWO,) not in hall.switch.verbs("hang_up")


async def test_a_hand_over_that_fails_leaves_nobody_beside_a_talk_that_ends(hall: Hall) -> None:
    asks(hall, 20)
    await hall.settle()
    hall.switch.broken.add("move")
    hall.engine.moves.hand_over("s1001", at(30), by="1001")
    await hall.settle()
    hall.engine.talk_ended("c1", at(40), ONE)
    await hall.settle()
    assert (TWO,) in hall.switch.verbs("hang_up")


async def test_a_department_that_takes_over_leaves_no_seat_with_the_call(hall: Hall) -> None:
    asks(hall, 20, DEPARTMENT)
    says(hall, Word.TAKES, 30, whom=DEPARTMENT)
    assert hall.state("s1001") is SeatState.WRAP_UP
    assert hall.line.talks == {}


async def test_nobody_is_handed_to_who_has_not_answered(hall: Hall) -> None:
    hall.engine.moves.ask("s1001", Whom("s1002"), at(20), by="1001")
    says(hall, Word.ASKED, 20.2)
    with pytest.raises(Refused):
        hall.engine.moves.hand_over("s1001", at(21), by="1001")


@pytest.mark.parametrize("number", ["4008001234", "0014155550100", "16812345", "12345", "95588", "9"])
def test_premium_and_foreign_numbers_are_not_asked(hall: Hall, number: str) -> None:
    for order in (hall.engine.moves.ask, hall.engine.moves.join, hall.engine.moves.hand_on):
        with pytest.raises(Refused):
            order("s1001", Whom(number), at(20), by="1001")


def test_a_seat_that_is_not_free_is_not_asked(hall: Hall) -> None:
    hall.engine.take_break("s1002", reason="meal", at=at(19))
    for whom in ("s1002", "s1001", "s1999"):
        with pytest.raises(Refused):
            hall.engine.moves.ask("s1001", Whom(whom), at(20), by="1001")


async def test_an_order_that_is_not_carried_out_gives_the_other_seat_back(hall: Hall) -> None:
    hall.switch.broken.add("move")
    hall.engine.moves.ask("s1001", Whom("s1002"), at(20), by="1001")
    await hall.settle()
    assert hall.engine.moves.of("s1001") is None
    assert not hall.line.leased_to("s1002")
    assert [each.notice.text for each in hall.heard if each.notice] == ["notice.move_failed"]


def test_an_order_of_which_nothing_is_heard_is_given_up(hall: Hall) -> None:
    hall.engine.moves.ask("s1001", Whom("s1002"), at(20), by="1001")
    hall.engine.tick(at(26))
    assert hall.engine.moves.of("s1001") is None


async def test_a_citizen_who_hangs_up_in_music_frees_both_and_ends_their_legs(hall: Hall) -> None:
    asks(hall, 20)
    hall.engine.talk_ended("c1", at(30))
    assert (hall.state("s1001"), hall.state("s1002")) == (SeatState.WRAP_UP, SeatState.READY)
    await hall.settle()
    assert hall.switch.verbs("hang_up") == [(ONE,), (TWO,)]


async def test_a_desk_that_is_lost_in_a_question_has_its_citizen_held_for_it_and_nobody_beside_it(
    hall: Hall,
) -> None:
    asks(hall, 20)
    hall.engine.phone("s1001", registered=False, mic=False, at=at(30))
    hall.engine.seat_registered("s1001", False, at(30.1))
    assert hall.state("s1002") is SeatState.READY
    await hall.settle()
    assert hall.switch.verbs("reconnect") == [("c1", "s1001", "PJSIP/c1")]
    assert hall.switch.verbs("hang_up") == [(ONE,), (TWO,)]


async def test_a_citizen_who_is_handed_on_leaves_his_seat_its_whole_wrap_up(hall: Hall) -> None:
    hall.engine.moves.hand_on("s1001", Whom("s1002"), at(20), by="1001")
    hall.engine.seat_offered("c1", "s1002", at(20.2))
    hall.engine.talk_ended("c1", at(20.3), ONE)  # heard after it: it ends nothing of the new ringing
    assert (hall.state("s1001"), hall.state("s1002")) == (SeatState.WRAP_UP, SeatState.RINGING)
    assert hall.seat("s1001").wrap_up_until == at(50.2)
    assert hall.line.talks["c1"].seat == "s1002"


def test_a_picture_ends_what_is_not_there_and_finds_what_was_not_heard(hall: Hall) -> None:
    connected = Connected("c1", "PJSIP/c1", "138", "s1001", ONE, since=at(10), answered_at=at(13))
    seen = LegSeen("c1", TWO, "s1002", answered=True, third=True)
    hall.engine.reconcile(Snapshot(at(40), talks=(connected,), asides=(seen,)), at(40))
    aside = hall.engine.moves.of("s1001")
    assert aside is not None
    assert (aside.step, aside.third, aside.channel) == (Step.TALKING, True, TWO)
    assert hall.state("s1002") is SeatState.TALKING
    assert hall.engine.stuck(at(41)) == []
    hall.engine.reconcile(Snapshot(at(60), talks=(connected,)), at(60))
    assert hall.engine.moves.of("s1001") is None
    assert hall.state("s1002") is SeatState.READY
