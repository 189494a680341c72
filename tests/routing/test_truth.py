"""What cannot be right for long is listed, and a click looks at it again; each figure says how old it is."""

import asyncio
from dataclasses import replace

import pytest

from routing.engine import Refused
from routing.line import SeatState
from routing.live import Caller, Profile, Wish
from routing.rules import LineRules, Skill
from routing.seats import Why
from routing.switch import Connected, Snapshot
from routing.truth import Stuck, StuckKind
from tests.routing.exchange import Hall, at

RINGS_TOO_LONG, SEAT_HUNG = StuckKind.SEAT_RINGS, StuckKind.SEAT_WITHOUT_CALL


@pytest.fixture
def hall() -> Hall:
    return Hall()


def kinds(hall: Hall, seconds: float) -> list[tuple[StuckKind, str]]:
    return [(each.kind, each.id) for each in hall.engine.stuck(at(seconds))]


def fresh(hall: Hall, seconds: float, *talks: Connected) -> None:
    hall.engine.reconcile(Snapshot(at(seconds), talks=talks), at(seconds))


def test_on_an_ordinary_day_nothing_is_stuck(hall: Hall) -> None:
    hall.man("s1001", "s1002")
    hall.talk("c1", "s1001", 10)
    hall.engine.caller_joined("c2", "PJSIP/c2", "", at(11))
    talk = Connected("c1", "PJSIP/c1", "", "s1001", "PJSIP/s1001-1", at(10), at(13))
    hall.engine.seat_offered("c2", "s1002", at(11.1))
    ringing = Connected("c2", "PJSIP/c2", "", "s1002", "PJSIP/s1002-1", at(11))
    fresh(hall, 15, talk, ringing)
    assert hall.engine.stuck(at(16)) == []


def test_a_seat_on_a_call_that_is_not_there_is_stuck(hall: Hall) -> None:
    hall.man("s1001")
    hall.line.put(replace(hall.seat("s1001"), state=SeatState.TALKING, since=at(5), call="c9"))
    fresh(hall, 10)
    assert hall.engine.stuck(at(11)) == [Stuck(SEAT_HUNG, "s1001", at(5), seat="s1001", call="c9")]


def test_a_talk_that_no_picture_has_confirmed_for_a_minute_is_stuck(hall: Hall) -> None:
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    assert (SEAT_HUNG, "s1001") not in kinds(hall, 60)
    assert (SEAT_HUNG, "s1001") in kinds(hall, 80)


def test_work_after_a_call_that_does_not_end_is_stuck(hall: Hall) -> None:
    hall.man("s1001")
    hall.talk("c1", "s1001", 10)
    hall.engine.talk_ended("c1", at(20))
    fresh(hall, 50)
    assert kinds(hall, 52) == []
    assert kinds(hall, 53) == [(StuckKind.WRAP_UP_OVERDUE, "s1001")]


def test_a_caller_who_waits_beside_a_free_seat_is_stuck(hall: Hall) -> None:
    hall.man("s1001")
    hall.engine._assigning.chosen = False  # it has died in the middle of its work
    for call in ("c1", "c2"):
        hall.engine.caller_joined(call, f"PJSIP/{call}", "", at(10))
    unserved = StuckKind.CALLER_UNSERVED
    assert unserved not in dict(kinds(hall, 20))
    found = [each for each in hall.engine.stuck(at(21)) if each.kind is unserved]
    assert [(each.call, each.seat, each.since) for each in found] == [("c1", "s1001", at(10))]


def test_a_caller_for_whom_no_seat_fits_is_not_stuck(hall: Hall) -> None:
    hall.man("s1001")
    hall.engine.caller_joined("c1", "PJSIP/c1", "", at(10))
    hall.engine.caller_aside("c1", "PJSIP/c1", "", at(10.1))
    fresh_at = Snapshot(at(10.05))
    hall.engine.reconcile(fresh_at, at(30))
    assert kinds(hall, 31) == []


def test_an_old_promise_and_a_seat_that_rings_for_ever_are_stuck(hall: Hall) -> None:
    hall.man("s1001", "s1002")
    hall.engine.seat_offered("c2", "s1002", at(10))
    hall.line.owe(Caller("c1", "", "", since=at(10), heard_at=at(10)))
    hall.line.lease("c1", "s1001", at(12))
    ringing = Connected("c2", "PJSIP/c2", "", "s1002", "PJSIP/s1002-1", at(10))
    fresh(hall, 35, ringing)
    assert (StuckKind.LEASE_OLD, "c1") in kinds(hall, 36)
    assert (RINGS_TOO_LONG, "s1002") in kinds(hall, 36)


def test_a_node_that_is_not_heard_is_late(hall: Hall) -> None:
    assert kinds(hall, 10) == []
    assert kinds(hall, 11) == [(StuckKind.LINK_LATE, "")]


async def test_a_click_looks_at_the_seat_again_and_frees_it_if_the_exchange_agrees(hall: Hall) -> None:
    hall.man("s1001")
    hall.line.put(replace(hall.seat("s1001"), state=SeatState.TALKING, since=at(-80), call="c9"))
    hall.engine.repair(SEAT_HUNG, "s1001", by="班长", at=at(0))
    await hall.settle()
    assert hall.state("s1001") is SeatState.READY
    mended = hall.engine.repairs[-1]
    assert (mended.what, mended.id, mended.cause) == (SEAT_HUNG.value, "s1001", "set right by 班长")


async def test_a_click_never_ends_a_talk_that_the_exchange_has(hall: Hall) -> None:
    hall.man("s1001")
    hall.talk("c1", "s1001", -90)
    talk = Connected("c1", "PJSIP/c1", "", "s1001", "PJSIP/s1001-1", at(-90), at(-87))
    hall.switch.picture = Snapshot(at(0), talks=(talk,))
    hall.engine.repair(SEAT_HUNG, "s1001", by="班长", at=at(0))
    await hall.settle()
    assert hall.state("s1001") is SeatState.TALKING
    assert SEAT_HUNG.value not in {each.what for each in hall.engine.repairs}


async def test_a_supervisor_puts_a_seat_where_it_is_wanted(hall: Hall) -> None:
    hall.man("s1001")
    hall.engine.repair("pause_seat", "s1001", by="9001", at=at(5))
    seat = hall.seat("s1001")
    assert (seat.state, seat.reason, seat.by) == (SeatState.BREAK, "supervisor", "9001")
    hall.engine.repair("ready_seat", "s1001", by="9001", at=at(6))
    assert hall.state("s1001") is SeatState.READY
    hall.engine.repair("sign_off_seat", "s1001", by="9001", at=at(7))
    assert hall.state("s1001") is SeatState.OFFLINE
    with pytest.raises(Refused):
        hall.engine.repair("burn_seat", "s1001", by="9001", at=at(8))


def test_the_last_repairs_are_kept_with_cause_and_time(hall: Hall) -> None:
    hall.man("s1001")
    for number in range(300):
        hall.engine.caller_joined(f"c{number}", "PJSIP/x", "", at(number))
    fresh(hall, 400)
    assert len(hall.engine.repairs) == 200
    assert hall.engine.repaired == 300
    last = hall.engine.repairs[-1]
    assert (last.what, last.cause, last.at) == ("caller", "left the line unheard", at(400))


class Slow:
    """Knows whom a caller talked to, when it is let."""

    def __init__(self, seats: tuple[str, ...]) -> None:
        self.seats = seats
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()

    async def __call__(self, caller: Caller) -> tuple[str, ...]:
        self.asked.append(caller.call)
        await self.may_answer.wait()
        return self.seats


async def test_who_knows_a_caller_is_asked_once_and_nobody_overtakes_him_meanwhile() -> None:
    knows = Slow(("s1002",))
    hall = Hall(prefer=knows)
    hall.man("s1001", "s1002")
    for call in ("c1", "c2"):
        hall.engine.caller_joined(call, f"PJSIP/{call}", "", at(10))
        hall.engine.caller_joined(call, f"PJSIP/{call}", "", at(10))
    await asyncio.sleep(0)
    assert hall.line.leases == {}
    knows.may_answer.set()
    assert sorted(await hall.moved()) == [("c1", "s1002"), ("c2", "s1001")]
    assert knows.asked == ["c1", "c2"]
    why = hall.engine.why("c1")
    assert why is not None
    assert (why.seat, why.reason) == ("s1002", Why.LAST_SEAT)


async def test_an_emergency_does_not_wait_for_the_look_at_who_came_before_and_nobody_else_passes() -> None:
    may_answer = asyncio.Event()

    async def knows(caller: Caller) -> tuple[str, ...]:
        if caller.call == "first":
            await may_answer.wait()
        return ()

    hall = Hall(prefer=knows)
    hall.engine.use_rules(LineRules(priority_at_most=3))
    hall.man("s1001", "s1002", "s1003")
    hall.engine.caller_joined("first", "PJSIP/first", "", at(10))
    for call, priority in (("same", 0), ("higher", 2), ("gas", 9), ("lower", -1)):
        wish = Wish(priority=priority)
        hall.engine.caller_joined(call, f"PJSIP/{call}", "", at(11), wish=wish)
    for _ in range(20):  # what is known at once needs a few turns of the loop
        await asyncio.sleep(0)
    assert set(hall.line.leases) == {"higher", "gas"}
    may_answer.set()
    await hall.moved()
    assert hall.line.leases["first"].seat == "s1003"


async def test_a_waiting_caller_who_asks_for_other_seats_gets_one_of_them_in_his_old_place(
    hall: Hall,
) -> None:
    hall.engine.use_rules(LineRules(skills=(Skill("enterprise"),)))
    hall.man("s1001", "s1002")
    hall.engine.use_profile("s1001", Profile(skills=(("enterprise", 1),)))
    for seat in ("s1001", "s1002"):
        hall.engine.take_break(seat, reason="rest", at=at(5))
    for second, call in enumerate(("first", "second", "third"), start=10):
        hall.engine.caller_joined(call, f"PJSIP/{call}", "", at(second))
    for call in ("third", "second"):
        hall.engine.caller_joined(call, f"PJSIP/{call}", "", at(20), since=at(20), wish=Wish("enterprise"))
    assert [caller.call for caller in hall.line.waiting()] == ["first", "second", "third"]
    hall.engine.caller_gone("first", at(21))
    hall.engine.caller_joined("plain", "PJSIP/plain", "", at(22))
    for seat in ("s1002", "s1001"):
        hall.engine.ready(seat, at=at(23))
    leases = {lease.call: lease.seat for lease in hall.line.leases.values()}
    assert leases == {"plain": "s1002", "second": "s1001"}


async def test_who_is_not_known_in_time_is_treated_like_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.assigning.ASK_SECONDS", 0.01)
    hall = Hall(prefer=Slow(("s1002",)))
    hall.man("s1001", "s1002")
    hall.engine.caller_joined("c1", "PJSIP/c1", "", at(10))
    assert await hall.moved() == [("c1", "s1001")]


def test_seats_that_work_the_most_are_known_where_the_rules_ask_for_it(hall: Hall) -> None:
    hall.man("s1001")
    hall.line.put(replace(hall.seat("s1001"), profile=replace(hall.seat("s1001").profile, busy_at_most=0.5)))
    hall.talk("c1", "s1001", 0)
    hall.engine.talk_ended("c1", at(1800))
    hall.engine.tick(at(3600))
    assert hall.seat("s1001").busy_share == 0.5
    hall.engine.tick(at(4500))
    assert hall.seat("s1001").busy_share == 0.25
