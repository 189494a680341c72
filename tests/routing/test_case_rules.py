"""What is changed in the store, by this process or another, is what the next case is judged by."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from cases.policies import POLICIES
from routing import case_rules
from routing.case_rules import CaseRules
from storage import rulebooks
from storage.engine import Store
from storage.errors import StoreDown
from storage.rulebooks import NewPolicy
from tests.makers import MORNING, RULES, later

T = TypeVar("T")


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


class Torn:
    """A store that cannot be reached at the first look, and counts how often it is written to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.looks = self.writes = 0

    async def read(self, work: Callable[[Connection], T]) -> T:
        self.looks += 1
        if self.looks == 1:
            raise StoreDown("no answer")
        return await self._store.read(work)

    async def write(self, work: Callable[[Connection], T], *, retryable: bool = False) -> T:
        self.writes += 1
        return await self._store.write(work, retryable=retryable)


async def change(store: Store) -> None:
    profile = POLICIES["shishi-2016"]
    new = NewPolicy(profile.version, profile.title, profile.rows, later(hours=1))
    await store.write(
        lambda conn: rulebooks.keep_policy(conn, new, follows=0, why="x", by="admin", at=MORNING)
    )


async def test_a_policy_that_another_process_has_kept_holds_here_from_its_hour_on(store: Store) -> None:
    rules = CaseRules(RULES)
    await rules.look(store, MORNING)
    assert rules().policy == RULES.policy
    await change(store)
    await rules.look(store, later(minutes=59))
    assert rules().policy == RULES.policy
    await rules.look(store, later(hours=1))
    assert rules().policy.version == "shishi-2016+1"
    assert (rules().city_code, rules().node_block) == (RULES.city_code, RULES.node_block)


async def test_while_the_store_is_away_the_rules_in_use_stay_and_nothing_is_written_without_need(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(case_rules, "LOOK_SECONDS", 0.01)
    torn, rules = Torn(store), CaseRules(RULES)
    await change(store)
    watching = asyncio.create_task(rules.watch(torn, lambda: later(hours=2)))
    async with asyncio.timeout(10):
        while torn.looks < 5:  # noqa: ASYNC110 - what is waited for is the other task's, without an event
            await asyncio.sleep(0.01)
    watching.cancel()
    assert "those in use stay" in caplog.text
    assert rules().policy.version == "shishi-2016+1"
    assert torn.writes == 1


async def test_from_december_on_the_log_says_once_a_day_that_the_next_year_is_missing(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    rules = CaseRules(RULES)
    for hours in (0, 24 * 7, 24 * 8, 24 * 8 + 1, 24 * 9):
        await rules.look(store, later(hours=hours))
    said = [record.getMessage() for record in caplog.records if "not imported" in record.getMessage()]
    assert len(said) == 2
    assert "2027" in said[0]
