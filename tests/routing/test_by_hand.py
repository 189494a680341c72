"""What a supervisor decides about who waits: who comes next, and who goes to which seat."""

import pytest

from routing.engine import Refused
from routing.live import SeatState, Wish
from tests.routing.exchange import Hall, at


@pytest.fixture
def hall() -> Hall:
    return Hall()


def join(hall: Hall, call: str, seconds: float, *, priority: int = 0) -> None:
    hall.engine.caller_joined(call, f"PJSIP/{call}", "13800001234", at(seconds), wish=Wish(priority=priority))


async def test_who_is_raised_comes_next_and_an_emergency_before_him(hall: Hall) -> None:
    for number in (1, 2, 3):
        join(hall, f"c{number}", number)
    join(hall, "c9", 4, priority=9)
    hall.engine.raise_up("c3", at=at(20), by="lead")
    hall.man("s1001", "s1002", "s1003")
    assert await hall.moved() == [("c9", "s1001"), ("c3", "s1002"), ("c1", "s1003")]


async def test_a_later_word_of_the_exchange_does_not_take_the_raise_back(hall: Hall) -> None:
    join(hall, "c1", 1)
    join(hall, "c2", 2)
    hall.engine.raise_up("c2", at=at(20), by="lead")
    join(hall, "c2", 25)
    hall.man("s1001")
    assert await hall.moved() == [("c2", "s1001")]


async def test_a_caller_is_given_to_the_seat_that_was_chosen_and_the_record_says_by_whom(hall: Hall) -> None:
    join(hall, "c1", 1)
    join(hall, "c2", 2)
    hall.engine.stand_by(at(5))
    hall.man("s1001", "s1002")
    hall.engine._assigning.chosen = True  # seats are free and nobody has been given one yet
    hall.engine.give("c2", "s1002", at=at(20), by="lead")
    assert ("c2", "s1002", "PJSIP/c2", "by_hand") in await assigned(hall)
    why = hall.engine.why("c2")
    assert why is not None
    assert why.detail == "by:lead"


async def assigned(hall: Hall) -> list[tuple[str, ...]]:
    await hall.settle()
    return hall.switch.verbs("assign")


async def test_a_seat_that_is_busy_or_on_a_break_is_given_nobody(hall: Hall) -> None:
    hall.man("s1001")
    join(hall, "c1", 1)
    await hall.settle()
    join(hall, "c2", 2)
    with pytest.raises(Refused):
        hall.engine.give("c2", "s1001", at=at(20), by="lead")
    with pytest.raises(Refused):
        hall.engine.give("c2", "s1009", at=at(20), by="lead")


async def test_who_is_gone_or_on_the_way_is_neither_raised_nor_given(hall: Hall) -> None:
    hall.man("s1001")
    join(hall, "c1", 1)
    for call in ("c1", "nobody"):
        with pytest.raises(Refused):
            hall.engine.give(call, "s1001", at=at(2), by="lead")
    with pytest.raises(Refused):
        hall.engine.raise_up("nobody", at=at(2), by="lead")
    assert hall.engine.line.seats["s1001"].state is SeatState.READY
