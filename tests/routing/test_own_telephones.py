"""A call of ours rings a seat whose telephone takes it by itself: how long that is waited for, and whose fault it is not."""

import pytest

from routing.engine import Declined
from routing.exchange_side import RING_GRACE_SECONDS
from routing.line import SeatState
from routing.live import OwedCall
from routing.shift import LineSettings
from routing.switch import RING_OUT_SECONDS
from tests.routing.exchange import Hall, at

OWED = "hotline1-1795308607.0"


async def ring(hall: Hall) -> str:
    """Have the seat rung for what is owed; return the id of that call."""
    hall.man("s1001")
    hall.engine.ring_back_joins(OwedCall(OWED, "13850123456", at(20)), at(100))
    await hall.settle()
    call: str = hall.switch.verbs("ring_out")[-1][0]
    hall.engine.seat_offered(call, "s1001", at(110))
    return call


async def test_the_engine_does_not_give_up_a_seat_that_the_exchange_still_rings() -> None:
    hall = Hall(LineSettings(ring_seconds=6), node="hotline1")
    call = await ring(hall)
    hall.engine.tick(at(110 + RING_OUT_SECONDS))
    assert (hall.state("s1001"), hall.seat("s1001").call) == (SeatState.RINGING, call)
    hall.engine.tick(at(110 + RING_OUT_SECONDS + RING_GRACE_SECONDS))
    assert call not in hall.line.talks


@pytest.mark.parametrize("cause", [Declined.REJECTED, Declined.NO_ANSWER])
async def test_a_telephone_that_does_not_take_our_own_call_is_no_miss_of_the_agent(cause: Declined) -> None:
    hall = Hall(node="hotline1")
    call = await ring(hall)
    hall.engine.seat_refused(call, "s1001", cause, at(120))
    seat = hall.seat("s1001")
    assert (seat.state, seat.reason, seat.misses) == (SeatState.BREAK, "unreachable", 0)


async def test_an_agent_who_does_not_take_a_citizens_call_has_missed_it() -> None:
    hall = Hall(node="hotline1")
    hall.man("s1001")
    hall.engine.caller_joined("hotline1-9.1", "PJSIP/trunk-1", "13900000001", at(100))
    hall.engine.seat_offered("hotline1-9.1", "s1001", at(101))
    hall.engine.seat_refused("hotline1-9.1", "s1001", Declined.REJECTED, at(110))
    assert (hall.seat("s1001").reason, hall.seat("s1001").misses) == ("rejected", 1)
