"""Fixtures of the console's tests."""

from collections.abc import AsyncIterator, Iterator

import pytest

from storage.engine import Store
from tests.console.world import World, world_of


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    opened = Store.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
async def world(sqlite_store: Store) -> AsyncIterator[World]:
    async with world_of(sqlite_store) as opened:
        yield opened
