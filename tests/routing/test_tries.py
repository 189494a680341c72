"""However many telephones are dead, no caller is sent about more often than he can bear, and he keeps his place."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.engine import Declined
from routing.line import SeatState
from routing.switch import Member, Snapshot, Waiting
from routing.tries import MOST_IN_A_MINUTE, Tries
from tests.routing.exchange import Hall, at

MINUTE = 60.0


class Bouncing:
    """An exchange that cannot ring some of its seats though it shows them, and agents who press ready at once."""

    def __init__(self, seats: int, dead: set[str]) -> None:
        self.hall = Hall()
        self.seats = tuple(f"s{1001 + number}" for number in range(seats))
        self.dead = dead
        self.offers: list[tuple[float, str, str]] = []
        self.hall.engine.asterisk_up(self.picture(0), at(0))
        self.hall.man(*self.seats)
        self._taken = 0

    def picture(self, second: float) -> Snapshot:
        members = tuple(Member(seat, paused=False) for seat in self.seats)
        waiting = tuple(
            Waiting(each.call, each.channel, each.number, each.since) for each in self.hall.line.waiting()
        )
        return Snapshot(at(second), waiting, members=members, telephones=frozenset(self.seats))

    def joins(self, call: str, second: float) -> None:
        self.hall.engine.caller_joined(call, f"PJSIP/{call}", "13800001234", at(second), since=at(second))

    async def pass_by(self, second: float) -> None:
        """A quarter of a second: whoever was moved to a dead telephone is back in the line within it."""
        engine = self.hall.engine
        engine.tick(at(second))
        for call, seat in (await self.hall.moved())[self._taken :]:
            self._taken += 1
            self.offers.append((second, call, seat))
            engine.caller_left(call, at(second + 0.01))
            if seat in self.dead:
                engine.seat_refused(call, seat, Declined.UNREACHABLE, at(second + 0.02))
                engine.caller_joined(call, f"PJSIP/{call}", "13800001234", at(second + 0.03))
            else:
                engine.seat_answered(call, seat, f"PJSIP/{seat}-1", at(second + 0.02))
        for seat in self.seats:
            if self.hall.state(seat) in (SeatState.BREAK, SeatState.DISABLED):
                engine.ready(seat, at=at(second + 0.04))
                engine.phone(seat, registered=True, mic=True, at=at(second + 0.04))

    async def last(self, seconds: float, *, since: float = 10.0) -> None:
        for step in range(int(seconds * 4)):
            second = since + step / 4
            if step % 20 == 0:
                self.hall.engine.reconcile(self.picture(second), at(second))
            await self.pass_by(second)

    def most_in_a_minute(self, call: str) -> int:
        times = [second for second, each, _ in self.offers if each == call]
        return max((sum(begin <= other < begin + MINUTE for other in times) for begin in times), default=0)


@pytest.mark.parametrize("seats", [1, 2, 12])
async def test_no_caller_is_offered_more_often_than_so_many_times_a_minute(seats: int) -> None:
    dead = {f"s{1001 + number}" for number in range(seats)}
    hotline = Bouncing(seats, dead)
    for number in range(3):
        hotline.joins(f"c{number}", 5 + number)
    await hotline.last(150)
    assert [each.call for each in hotline.hall.line.waiting()] == ["c0", "c1", "c2"]
    assert max(hotline.most_in_a_minute(f"c{number}") for number in range(3)) <= MOST_IN_A_MINUTE
    for seat in dead:
        times = [second for second, _, each in hotline.offers if each == seat]
        assert all(later - before >= 5 for before, later in pairwise(times)), seat
    assert hotline.offers, "a telephone that is shown is tried"


async def test_one_dead_telephone_costs_a_caller_nothing_and_he_is_the_first_at_the_next_seat() -> None:
    hotline = Bouncing(3, {"s1001"})
    hotline.joins("c0", 9.8)
    hotline.joins("c1", 9.9)
    await hotline.last(1)
    assert hotline.offers[0][1:] == ("c0", "s1001")
    assert {(call, seat) for _, call, seat in hotline.offers[1:]} == {("c0", "s1003"), ("c1", "s1002")}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 8_000), min_size=1, max_size=60))
def test_whatever_the_seats_do_a_caller_has_so_many_quick_refusals_in_a_minute(waits: list[int]) -> None:
    """After each pause the next seat refuses him some time later; slow refusals are bounded by their own ringing."""
    tries, now, refused = Tries(), at(0), []
    for wait in waits:
        while tries.rests("c1", now):
            now += timedelta(milliseconds=250)
        now += timedelta(milliseconds=wait)
        tries.refused("c1", now)
        refused.append(now)
    for begin in refused:
        within = [each for each in refused if begin <= each < begin + timedelta(minutes=1)]
        assert len(within) <= MOST_IN_A_MINUTE


def test_a_seat_that_rang_before_it_did_not_answer_costs_no_pause() -> None:
    tries = Tries()
    for seconds in (0, 12, 24, 36):
        tries.refused("c1", at(seconds))
        assert not tries.rests("c1", at(seconds))


def test_what_is_over_is_forgotten() -> None:
    tries = Tries()
    tries.refused("c1", at(0))
    tries.refused("c1", at(0.1))
    assert tries.rests("c1", at(0.5))
    tries.forget(at(10))
    assert tries.rests("c1", at(0.5))
    tries.forget(at(70))
    assert tries._last == {}
