"""Both sides of each talk are written down, from the answer to the end of the talk, and whatever fails costs only that."""

import asyncio

import pytest

from cases.transcripts import Party
from routing.dictation import Dictation
from routing.switch import SwitchFailed
from tests.routing.exchange import Hall, at

CITIZEN, SEAT = Party.CITIZEN, Party.SEAT
Leg = tuple[str, Party, str]


class Exchange:
    """Notes which legs are heard now."""

    def __init__(self) -> None:
        self.heard: list[Leg] = []
        self.orders = self.other_ends = 0
        self.broken = False

    async def listen(self, call: str, party: Party, channel: str, *, other_end: bool = False) -> None:
        self.orders += 1
        if self.broken:
            raise SwitchFailed("no speech service")
        self.heard.append((call, party, channel))
        self.other_ends += other_end

    async def unlisten(self, call: str, party: Party, channel: str) -> None:
        self.orders += 1
        self.heard.remove((call, party, channel))


class Writing:
    """A hall whose talks are written down."""

    def __init__(self, *, wanted: bool = True) -> None:
        self.hall = Hall()
        self.hall.man("s1001", "s1002")
        self.exchange = Exchange()
        self.wanted = wanted
        self.dictation = Dictation(self.hall.engine, self.exchange, lambda: self.wanted)

    async def heard(self) -> list[Leg]:
        task = asyncio.create_task(self.dictation.run())
        for _ in range(20):
            await asyncio.sleep(0)
        task.cancel()
        return self.exchange.heard

    def rings(self, call: str = "c1", seat: str = "s1001", seconds: float = 10) -> None:
        self.hall.engine.caller_joined(call, f"PJSIP/{call}", "13800001234", at(seconds))
        self.hall.engine.seat_offered(call, seat, at(seconds + 1))

    def talks(self, call: str = "c1", seat: str = "s1001", seconds: float = 10) -> None:
        self.rings(call, seat, seconds)
        self.hall.engine.seat_answered(call, seat, f"PJSIP/{seat}-1", at(seconds + 2))


@pytest.fixture
def writing() -> Writing:
    return Writing()


BOTH = [("c1", CITIZEN, "PJSIP/c1"), ("c1", SEAT, "PJSIP/s1001-1")]


async def test_both_sides_are_heard_from_the_answer_on(writing: Writing) -> None:
    writing.rings()
    assert await writing.heard() == []
    writing.hall.engine.seat_answered("c1", "s1001", "PJSIP/s1001-1", at(12))
    assert await writing.heard() == BOTH


async def test_holding_and_going_on_begins_nothing_anew(writing: Writing) -> None:
    writing.talks()
    writing.hall.engine.held("c1", at(20))
    writing.hall.engine.resumed("c1", at(25))
    assert await writing.heard() == BOTH
    assert writing.exchange.orders == 2


async def test_of_a_call_of_ours_the_citizen_is_heard_from_the_answer_on_at_the_other_end_of_the_seats_leg(
    writing: Writing,
) -> None:
    writing.hall.engine.ring_out("s1001", number="13800001234", purpose="ring_back", by="1001", at=at(5))
    (call,) = writing.hall.line.callers
    writing.hall.engine.seat_offered(call, "s1001", at(6))
    writing.hall.engine.seat_answered(call, "s1001", "PJSIP/s1001-1", at(7))
    assert await writing.heard() == [(call, SEAT, "PJSIP/s1001-1")]
    writing.hall.engine.citizen_reached(call, at(9))
    assert await writing.heard() == [(call, SEAT, "PJSIP/s1001-1"), (call, CITIZEN, "PJSIP/s1001-1")]
    assert writing.exchange.other_ends == 1
    writing.hall.engine.talk_ended(call, at(30))
    assert await writing.heard() == []


async def test_with_the_talk_the_listening_ends(writing: Writing) -> None:
    writing.talks()
    assert await writing.heard() == BOTH
    writing.hall.engine.talk_ended("c1", at(30))
    assert await writing.heard() == []


async def test_a_talk_that_was_over_and_comes_to_another_seat_is_heard_anew(writing: Writing) -> None:
    writing.talks()
    writing.hall.engine.talk_ended("c1", at(30))
    writing.talks(seat="s1002", seconds=40)
    assert await writing.heard() == [("c1", CITIZEN, "PJSIP/c1"), ("c1", SEAT, "PJSIP/s1002-1")]


async def test_a_desk_that_is_back_on_another_telephone_is_heard_there(writing: Writing) -> None:
    writing.talks()
    writing.hall.line.await_desk("c1", at(40))
    writing.hall.engine.seat_answered("c1", "s1001", "PJSIP/s1001-2", at(31))
    assert await writing.heard() == [*BOTH, ("c1", SEAT, "PJSIP/s1001-2")]


async def test_nothing_is_heard_where_the_city_does_not_want_it() -> None:
    writing = Writing(wanted=False)
    writing.talks()
    assert await writing.heard() == []
    assert writing.exchange.orders == 0


async def test_an_engine_that_stands_by_orders_nothing(writing: Writing) -> None:
    writing.hall.engine.stand_by(at(5))
    writing.hall.engine.seat_answered("c1", "s1001", "PJSIP/s1001-1", at(12))
    assert await writing.heard() == []


async def test_a_speech_service_that_is_away_costs_the_draft_and_nothing_else(writing: Writing) -> None:
    writing.exchange.broken = True
    writing.talks()
    assert await writing.heard() == []
    assert writing.exchange.orders == 2
    assert writing.hall.line.talks["c1"].answered_at is not None
    writing.exchange.broken = False
    writing.talks("c2", "s1002", 20)
    assert await writing.heard() == [("c2", CITIZEN, "PJSIP/c2"), ("c2", SEAT, "PJSIP/s1002-1")]
