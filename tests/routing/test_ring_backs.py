"""Which of the calls we owe come into the line: never more than seats, never before a citizen who waits, each one once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from agi_scripts.picture import wish
from cases.call_parts import RingBackReason
from cases.ring_backs import due, next_try, quiet_hours
from routing.live import Caller, OwedCall, Wish
from routing.ring_back_loop import AFTER_ALL, AGAIN_AFTER, CLAIMED_FOR, RingBackLoop
from routing.ring_backs import Room, pick, room_in, too_many
from storage import ring_backs
from storage.engine import Store
from storage.ring_backs import RING_BACK, Owed
from tests.routing.exchange import START, Hall, at

NIGHT = quiet_hours("21:00", "08:00", ZoneInfo("Asia/Shanghai"))


def a_debt(n: int, *, asked: bool = False) -> Owed:
    reason = RingBackReason.ASKED if asked else RingBackReason.ABANDONED
    return Owed(
        call=f"hotline1-1.{n}", number=f"1380013{n:04d}", dial=f"1380013{n:04d}", reason=reason, asked_at=START,
        due_at=at(3600), ring_by=at(3600), next_at=START, moved="", since=START, wish=None, chosen_at=None,
        owner=None, attempts=0, last_attempt_at=None, escalated_at=None, closed_at=None, closed_by=None,
        closing_reason=None, closing_note=None, merged_into=None,
    )  # fmt: skip


def picked(owed: list[Owed], **room: object) -> list[str]:
    return [each.call for each in pick(owed, Room(**room))]  # type: ignore[arg-type]


def test_debts_fill_idle_seats_and_no_more() -> None:
    owed = [a_debt(n) for n in range(5)]
    assert len(picked(owed, waiting=0, free=2, on_duty=9)) == 2
    assert picked(owed, waiting=2, free=2, on_duty=9) == []
    assert picked(owed, waiting=0, free=0, on_duty=9) == []


def test_who_asked_for_it_waits_in_the_line_though_no_seat_is_free() -> None:
    owed = [a_debt(n, asked=True) for n in range(5)]
    assert len(picked(owed, waiting=30, free=0, on_duty=3)) == 3
    assert len(picked(owed, waiting=30, free=0, on_duty=3, standing=("x",), ringing=1)) == 1
    assert picked(owed, waiting=0, free=0, on_duty=0) == []


def test_nobody_is_rung_who_is_on_the_telephone_with_us() -> None:
    owed = [a_debt(1), a_debt(2)]
    assert picked(owed, waiting=0, free=5, on_duty=5, on_the_phone=frozenset({"13800130001"})) == [
        "hotline1-1.2"
    ]


def test_a_number_that_may_not_be_dialled_is_left_to_people() -> None:
    assert picked([replace(a_debt(1), dial="")], waiting=0, free=5, on_duty=5) == []


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=12),
    st.integers(0, 8),
    st.integers(0, 8),
    st.integers(0, 8),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_never_more_are_rung_than_there_are_seats_and_no_number_twice(
    wanted: list[tuple[int, bool]], waiting: int, free: int, busy: int, standing: int, ringing: int
) -> None:
    owed = [a_debt(n, asked=asked) for n, asked in wanted]
    names = tuple(f"standing-{n}" for n in range(standing))
    room = Room(waiting=waiting, free=free, on_duty=free + busy, standing=names, ringing=ringing)
    found = pick(owed, room)
    asked = [each for each in found if each.reason is RingBackReason.ASKED]
    rest = [each for each in found if each.reason is not RingBackReason.ASKED]
    assert len({each.dial for each in found}) == len(found)
    assert not asked or standing + ringing + len(asked) <= room.on_duty
    assert not rest or len(rest) + standing + waiting <= free


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.booleans(), max_size=8),
    st.integers(0, 8),
    st.integers(0, 8),
    st.integers(0, 8),
    st.integers(0, 3),
)
def test_what_stays_in_the_line_has_seats_and_delays_nobody(
    asked: list[bool], waiting: int, free: int, busy: int, ringing: int
) -> None:
    line = [
        Caller(f"c{n}", "", f"1380013{n:04d}", at(n), at(n), ring_back=f"d{n}") for n in range(len(asked))
    ]
    theirs = frozenset(f"d{n}" for n, one in enumerate(asked) if one)
    room = Room(waiting=waiting, free=free, on_duty=free + busy, ringing=ringing)
    leaving = set(too_many(line, theirs, room))
    stays = [each for each in line if each.ring_back not in leaving]
    assert len(stays) + ringing <= max(room.on_duty, ringing)
    for place, each in enumerate(stays, 1):
        assert each.ring_back in theirs or free - waiting >= place


@pytest.mark.parametrize(
    ("hour", "next_hour", "moved"),
    [(10, 10, ""), (20, 20, "night"), (22, 8, "night"), (3, 8, "night"), (8, 8, "")],
)
def test_the_night_moves_what_is_due_to_the_morning(hour: int, next_hour: int, moved: str) -> None:
    asked = datetime(2026, 11, 22, hour, 30, tzinfo=NIGHT.zone)
    found = due(asked, asked + timedelta(hours=1), asked=True, chosen_at=None, quiet=NIGHT)
    assert (found.next_at.astimezone(NIGHT.zone).hour, found.moved) == (next_hour, moved)
    assert not NIGHT.holds(found.next_at)
    assert not NIGHT.holds(found.ring_by)


def test_attempts_are_spread_and_then_a_person_decides() -> None:
    pauses = [next_try(counted, START) for counted in range(6)]
    minutes = [each and (each - START) / timedelta(minutes=1) for each in pauses]
    assert minutes == [1, 10, 30, 120, 1200, None]


# The loop, with the real engine and a real store


@pytest.fixture
def kept(sqlite_url: str) -> Iterator[Store]:
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


def a_loop(kept: Store, hall: Hall, node: str = "hotline1") -> RingBackLoop:
    return RingBackLoop(kept, hall.engine, NIGHT, node=node, now=lambda: START, read_wish=wish)


def promise(kept: Store, call: str, number: str, seconds: float) -> None:
    ask = partial(
        ring_backs.ask_ring_back, call=call, number=number, at=at(seconds), key=call, since=at(seconds)
    )
    kept.write_now(ask)


def miss(kept: Store, call: str, number: str) -> None:
    """Let somebody have given up waiting."""
    row = {"call": call, "number": number, "reason": RingBackReason.ABANDONED, "asked_at": START}
    owed = insert(RING_BACK).values(**row, due_at=at(3600), asked_by="", attempts=0)
    kept.write_now(lambda conn: conn.execute(owed))


def rung(hall: Hall) -> list[tuple[str, str]]:
    """Return whom which seat rings for which debt, in order."""
    return [(owed, seat) for _call, seat, _number, _purpose, owed, _by in hall.switch.verbs("ring_out")]


async def test_who_is_rung_back_keeps_his_place_against_those_who_came_later(kept: Store) -> None:
    hall = Hall()
    hall.man("s1001")
    hall.talk("hotline1-9.1", "s1001", 1)
    promise(kept, "hotline1-1.1", "13800130001", 10)
    hall.engine.caller_joined("hotline1-9.2", "PJSIP/trunk-2", "13900000002", at(20))
    await a_loop(kept, hall).turn(at(30))
    hall.engine.talk_ended("hotline1-9.1", at(40))
    hall.engine.wrapped("s1001", at=at(41))
    await hall.settle()
    assert rung(hall) == [("hotline1-1.1", "s1001")]
    assert hall.switch.verbs("assign") == [], "the later one waits for the next seat"


async def test_a_missed_call_is_rung_by_a_seat_that_is_idle_and_goes_when_citizens_come(kept: Store) -> None:
    hall = Hall()
    hall.man("s1001", "s1002")
    for n in (1, 2):
        miss(kept, f"hotline1-1.{n}", f"1380013000{n}")
    hall.engine.caller_joined("hotline1-9.1", "PJSIP/trunk-1", "13900000001", at(200))
    hall.engine.take_break("s1002", reason="午餐", at=at(201))
    loop = a_loop(kept, hall)
    await loop.turn(at(210))
    await hall.settle()
    assert rung(hall) == [], "the only idle seat was promised to the citizen who waits"
    hall.engine.ready("s1002", at=at(220))
    await loop.turn(at(221))
    await hall.settle()
    assert rung(hall) == [("hotline1-1.1", "s1002")]


async def test_a_missed_call_never_delays_a_citizen_who_waits(kept: Store) -> None:
    hall = Hall()
    hall.man("s1001", "s1002")
    loop = a_loop(kept, hall)
    miss(kept, "hotline1-1.1", "13800130001")
    hall.engine.line.link(linked=True, at=at(190))
    hall.engine.take_break("s1001", reason="午餐", at=at(191))
    hall.engine.take_break("s1002", reason="午餐", at=at(192))
    last = Wish(priority=AFTER_ALL)
    hall.engine.ring_back_joins(OwedCall("hotline1-1.1", "13800130001", at(195), last), at(195))
    hall.engine.caller_joined("hotline1-9.1", "PJSIP/trunk-1", "13900000001", at(200))
    assert room_in(hall.line).standing == ("hotline1-1.1",)
    hall.engine.ready("s1001", at=at(201))
    await hall.settle()
    assert [call for call, *_ in hall.switch.verbs("assign")] == ["hotline1-9.1"]
    assert rung(hall) == []
    await loop.turn(at(202))
    assert room_in(hall.line).standing == (), "no seat is idle for it any more"


async def test_a_call_the_exchange_will_not_make_is_not_tried_at_every_turn(kept: Store) -> None:
    hall = Hall()
    hall.man("s1001")
    miss(kept, "hotline1-1.1", "13800130001")
    hall.switch.broken.add("ring_out")
    loop = a_loop(kept, hall)
    for second in range(200, 212, 2):
        await loop.turn(at(second))
        await hall.settle()
    hall.switch.broken.clear()
    await loop.turn(at(214))
    await hall.settle()
    assert rung(hall) == []
    await loop.turn(at(201) + AGAIN_AFTER)
    await hall.settle()
    assert rung(hall) == [("hotline1-1.1", "s1001")]


async def test_more_debts_than_seats_are_never_rung_at_once(kept: Store) -> None:
    hall = Hall()
    hall.man("s1001", "s1002")
    for n in range(7):
        promise(kept, f"hotline1-1.{n}", f"1380013000{n}", n)
    loop = a_loop(kept, hall)
    for second in range(30, 40):
        await loop.turn(at(second))
        await hall.settle()
    assert len(rung(hall)) == 2
    assert len({owed for owed, _ in rung(hall)}) == 2


async def test_after_a_restart_the_debts_come_from_the_store_and_none_is_rung_twice(kept: Store) -> None:
    promise(kept, "hotline1-1.1", "13800130001", 0)
    dead, other, heir = Hall(), Hall(), Hall()
    for hall in (dead, other, heir):
        hall.man("s1001")
    await a_loop(kept, dead, "hotline1").turn(at(10))
    await dead.settle()
    await a_loop(kept, other, "hotline2").turn(at(11))
    await other.settle()
    assert (len(rung(dead)), len(rung(other))) == (1, 0)
    later = at(11) + CLAIMED_FOR
    await a_loop(kept, heir, "hotline2").turn(later)
    await heir.settle()
    assert rung(heir) == [("hotline1-1.1", "s1001")]


async def test_what_is_closed_while_it_waits_leaves_the_line(kept: Store) -> None:
    hall = Hall()
    hall.man("s1001")
    hall.talk("hotline1-9.1", "s1001", 1)
    promise(kept, "hotline1-1.1", "13800130001", 10)
    loop = a_loop(kept, hall)
    await loop.turn(at(30))
    assert room_in(hall.line).standing == ("hotline1-1.1",)
    withdraw = partial(
        ring_backs.close, call="hotline1-1.1", reason="withdrawn", by="lead", at=at(31), note="重复"
    )
    kept.write_now(withdraw)
    await loop.turn(at(32))
    assert room_in(hall.line).standing == ()


async def test_a_stand_by_rings_nobody(kept: Store) -> None:
    hall = Hall()
    hall.man("s1001")
    promise(kept, "hotline1-1.1", "13800130001", 0)
    hall.engine.stand_by(at(5))
    await a_loop(kept, hall).turn(at(10))
    await hall.settle()
    assert rung(hall) == []
