"""What is changed in the store, by this process or another, is what the engine chooses by."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from typing import TypeVar

import pytest
from sqlalchemy import Connection, insert

from cases.china_days import Year
from cases.workflow import Role
from routing import rule_watch, rulebook
from routing.engine import Engine
from routing.line import Line
from routing.live import Caller, Profile, Seat
from routing.opening import closed_groups
from routing.rule_watch import put_into_force, watch_rules, who_knows
from routing.rules import Days, Group, Hours, LineRules
from storage import people, work_calendars
from storage.calls import CALL
from storage.engine import Store
from storage.errors import StoreDown
from storage.people import Account
from tests.makers import MORNING
from tests.routing.exchange import SETTINGS, FakeSwitch
from tests.storage.test_line_rules import NUMBER, a_call

T = TypeVar("T")

RULES = LineRules(last_seat_days=7)
PROFILE = Profile((("tax", 4),))


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    opened = Store.open(sqlite_url)
    account = Account("1001", "李燕", Role.AGENT, "rxzx", "s1001")
    opened.write_now(lambda conn: people.add_account(conn, account, password_hash="x", by="test", at=MORNING))
    yield opened
    opened.close()


async def note_nothing(_: Seat) -> None:
    """The states of seats do not matter here."""


def an_engine() -> Engine:
    return Engine(Line(), FakeSwitch(), SETTINGS, now=lambda: MORNING, record=note_nothing)


def change(store: Store, rules: LineRules, follows: int = 0) -> int:
    return store.write_now(
        lambda conn: rulebook.save_rules(
            conn, rules, follows=follows, why="x", by="lead", valid_from=MORNING, at=MORNING
        )
    )


async def test_what_another_process_has_changed_holds_here(store: Store) -> None:
    engine = an_engine()
    engine.sign_on("s1001", agent="1001", name="李燕", at=MORNING)
    mark = await put_into_force(store, engine, MORNING)
    assert (engine.rules, engine.line.seats["s1001"].profile) == (LineRules(), Profile())
    change(store, RULES)
    store.write_now(lambda conn: rulebook.save_profile(conn, "1001", PROFILE, why="x", by="lead", at=MORNING))
    changed = await put_into_force(store, engine, MORNING, mark)
    assert changed != mark
    assert (engine.rules, engine.line.seats["s1001"].profile) == (RULES, PROFILE)


async def test_a_year_the_city_imports_closes_and_opens_its_groups_at_once(store: Store) -> None:
    office = Group("office", (Hours(time(9), time(17), Days.WORK),))
    change(store, LineRules(groups=(office, Group("others"))))
    engine = an_engine()
    wednesday, saturday = (datetime(2027, 3, day, 2, tzinfo=UTC) for day in (3, 6))
    mark = await put_into_force(store, engine, MORNING)
    assert closed_groups(engine.rules, wednesday) == frozenset()
    assert closed_groups(engine.rules, saturday) == {"office"}
    year = {2027: Year("01-01 03-03", "03-06")}
    store.write_now(
        lambda conn: work_calendars.keep_years(conn, year, follows=0, source="国办发", by="admin", at=MORNING)
    )
    await put_into_force(store, engine, MORNING, mark)
    assert closed_groups(engine.rules, wednesday) == {"office"}
    assert closed_groups(engine.rules, saturday) == frozenset()


async def test_what_has_not_changed_is_not_read_again(store: Store) -> None:
    engine = an_engine()
    mark = await put_into_force(store, engine, MORNING)
    engine.use_rules(RULES)
    assert await put_into_force(store, engine, MORNING, mark) == mark
    assert engine.rules == RULES


class Away:
    """A store that can be away for a while."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False
        self.missed = asyncio.Event()

    async def read(self, work: Callable[[Connection], T]) -> T:
        if self.away:
            self.missed.set()
            raise StoreDown("away")
        return await self._store.read(work)


async def until(engine: Engine, rules: LineRules) -> None:
    async with asyncio.timeout(10):
        while engine.rules != rules:  # noqa: ASYNC110 - the engine tells nobody by which rules it chooses
            await asyncio.sleep(0.01)


async def test_a_store_that_is_away_for_a_while_leaves_the_rules_as_they_are(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_watch, "LOOK_SECONDS", 0.01)
    engine, reads = an_engine(), Away(store)
    change(store, RULES)
    watching = asyncio.create_task(watch_rules(reads, engine, lambda: MORNING))
    try:
        await until(engine, RULES)
        reads.away = True
        change(store, LineRules(last_seat_days=9), follows=1)
        await asyncio.wait_for(reads.missed.wait(), 10)
        assert engine.rules == RULES
        reads.away = False
        await until(engine, LineRules(last_seat_days=9))
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_the_store_is_asked_who_knows_a_caller_only_if_the_city_wants_it(store: Store) -> None:
    engine = an_engine()
    store.write_now(lambda conn: conn.execute(insert(CALL), [a_call("before", days_ago=2, seat="s1002")]))
    ask = who_knows(store, engine, lambda: MORNING)
    one = Caller("one", "one", NUMBER, since=MORNING, heard_at=MORNING)
    assert await ask(one) == ()
    engine.use_rules(RULES)
    assert await ask(one) == ("s1002",)
