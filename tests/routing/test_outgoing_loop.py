"""Whom we ring by ourselves at this moment, and that a turn of the loop may die anywhere."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.outgoing import Kind, Result
from cases.ring_backs import quiet_hours
from routing.outgoing import MOST_ALARMS, MOST_AT_ONCE, Now, pick
from routing.outgoing_loop import NotBegun, OutgoingLoop
from routing.ring_backs import Room
from routing.switch import SwitchFailed
from storage import outgoing_lists
from storage.engine import Store
from storage.outgoing import UNBEGUN, Ready
from storage.outgoing_lists import Try
from tests.makers import MORNING, later
from tests.routing.exchange import Hall
from tests.storage import walks

QUIET = quiet_hours("21:00", "08:00", ZoneInfo("Asia/Shanghai"))
AT = later(days=1, hours=4)
NUMBER = "13850123456"


def a_call(n: int, kind: Kind = Kind.FEEDBACK) -> Ready:
    return Ready(n, kind, f"1380013{n:04d}")


def chosen(
    ready: list[Ready], *, waiting: int = 0, out: int = 0, quiet: bool = False, phone: str = ""
) -> list[int]:
    room = Room(waiting=waiting, free=0, on_duty=0, on_the_phone=frozenset({phone}))
    return [one.task for one in pick(ready, Now(room, out, quiet))]


def test_no_citizen_is_rung_while_others_wait_for_us_or_sleep() -> None:
    ready = [a_call(1), a_call(2, Kind.DUTY)]
    assert chosen(ready) == [1, 2]
    assert chosen(ready, waiting=1) == [2]
    assert chosen(ready, quiet=True) == [2]


def test_nobody_is_rung_who_is_on_the_telephone_with_us() -> None:
    assert chosen([a_call(1), a_call(2)], phone="13800130001") == [2]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(sorted(Kind))), max_size=20),
    st.integers(0, 12),
    st.booleans(),
)
def test_never_more_at_once_than_there_are_ways_out_and_no_number_twice(
    wanted: list[tuple[int, Kind]], out: int, quiet: bool
) -> None:
    ready = [a_call(n, kind) for n, kind in wanted]
    found = pick(ready, Now(Room(waiting=0, free=0, on_duty=0), out, quiet))
    citizens = [one for one in found if one.kind is not Kind.DUTY]
    assert len({one.number for one in found}) == len(found)
    assert not found or out + len(found) <= MOST_ALARMS
    assert not citizens or out + len(citizens) <= MOST_AT_ONCE


class FakeExchange:
    """Rings nobody; fails as it is told."""

    def __init__(self) -> None:
        self.rung: list[tuple[str, str]] = []
        self.now: frozenset[str] = frozenset()
        self.fails: Exception | None = None

    async def ring(self, call: str, number: str, purpose: str) -> None:
        del call
        self.rung.append((number, purpose))
        if self.fails:
            raise self.fails

    async def calls(self) -> frozenset[str]:
        return self.now


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def exchange() -> FakeExchange:
    return FakeExchange()


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def loop(store: Store, hall: Hall, exchange: FakeExchange) -> OutgoingLoop:
    return OutgoingLoop(store, hall.engine, QUIET, exchange, "hotline1", lambda: AT)


def tries(store: Store) -> list[Try]:
    found = store.read_now(partial(outgoing_lists.search, state="all"))
    return [one for row in found.rows for one in found.tries[row.id]]


def wants(store: Store) -> None:
    walks.in_feedback(store)
    switch = partial(outgoing_lists.switch, kind=Kind.FEEDBACK, on=True, by="2001", at=MORNING)
    store.write_now(switch)


async def test_a_turn_rings_once_and_the_next_one_not_again(
    store: Store, loop: OutgoingLoop, exchange: FakeExchange
) -> None:
    wants(store)
    for _ in range(3):
        await loop.turn(AT)
    assert exchange.rung == [(NUMBER, "notice_feedback")]
    assert len(tries(store)) == 1


async def test_two_processes_that_turn_at_once_ring_one_time(
    store: Store, hall: Hall, loop: OutgoingLoop, exchange: FakeExchange
) -> None:
    wants(store)
    other = OutgoingLoop(store, hall.engine, QUIET, exchange, "hotline2", lambda: AT)
    await asyncio.gather(loop.turn(AT), other.turn(AT))
    assert exchange.rung == [(NUMBER, "notice_feedback")]


async def test_who_stands_by_rings_nobody(
    store: Store, hall: Hall, loop: OutgoingLoop, exchange: FakeExchange
) -> None:
    wants(store)
    hall.engine.stand_by(AT)
    await loop.turn(AT)
    assert exchange.rung == []


async def test_what_was_surely_not_begun_is_no_try_and_is_begun_a_little_later(
    store: Store, loop: OutgoingLoop, exchange: FakeExchange
) -> None:
    wants(store)
    exchange.fails = NotBegun("no link")
    await loop.turn(AT)
    assert [one.result for one in tries(store)] == [Result.NOT_DIALLED]
    exchange.fails = None
    await loop.turn(AT + timedelta(minutes=9))
    assert len(exchange.rung) == 1
    await loop.turn(AT + timedelta(minutes=16))
    assert len(exchange.rung) == 2


async def test_what_may_ring_or_not_is_left_to_its_record_or_to_its_absence(
    store: Store, loop: OutgoingLoop, exchange: FakeExchange
) -> None:
    wants(store)
    exchange.fails = SwitchFailed("no answer")
    await loop.turn(AT)
    assert [one.result for one in tries(store)] == [None]
    exchange.now = frozenset({tries(store)[0].call})
    await loop.turn(AT + UNBEGUN + timedelta(seconds=1))
    assert tries(store)[0].ended_at is None, "it goes on"
    exchange.now = frozenset()
    await loop.turn(AT + UNBEGUN + timedelta(seconds=3))
    assert [one.result for one in tries(store)] == [Result.LOST]


async def test_a_process_that_slept_after_it_took_a_row_rings_nobody_any_more(
    store: Store, hall: Hall, exchange: FakeExchange
) -> None:
    wants(store)
    clock = iter([0.0, 60.0])
    loop = OutgoingLoop(store, hall.engine, QUIET, exchange, "hotline1", lambda: AT, lambda: next(clock))
    await loop.turn(AT)
    assert exchange.rung == []
    assert [one.result for one in tries(store)] == [Result.NOT_DIALLED]
