"""The database dies or freezes in the middle of the day: calls go on, and every record is there afterwards."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.engine import migrate
from tests import postgres
from tests.faults.conftest import loaded, town_with
from tests.town import Town


@pytest.fixture
def cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL of its own, because it is going to be killed."""
    binaries = postgres.binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed; `make test` installs it")
    cluster = postgres.Cluster(binaries)
    cluster.start()
    yield cluster
    cluster.remove()


@pytest.fixture
def town(cluster: postgres.Cluster) -> Iterator[Town]:
    url = cluster.url(cluster.create())
    migrate(url)
    with town_with(
        ring_seconds=6, line_seconds=10, fallback_seconds=30, wrap_up_seconds=10, database_url=url
    ) as town:
        yield town


async def test_postgresql_killed_under_load_loses_no_call_and_no_record(
    town: Town, cluster: postgres.Cluster, tmp_path: Path
) -> None:
    async with loaded(town, tmp_path) as load:
        patient = load.come("patient", "1385301", 10, rate=1)
        load.come("hasty", "1385302", 6, rate=1, patience=4)
        await asyncio.sleep(4)
        cluster.kill()
        await asyncio.sleep(4)
        await asyncio.to_thread(cluster.start_again)
        await load.none_was_lost()
        await load.patient_were_served(patient)
        await load.wall_is_right()


async def test_a_frozen_postgresql_keeps_no_caller_from_a_person(
    town: Town, cluster: postgres.Cluster, tmp_path: Path
) -> None:
    async with loaded(town, tmp_path) as load:
        patient = load.come("patient", "1385303", 8, rate=1)
        await asyncio.sleep(3)
        frozen = cluster.processes()
        for process in frozen:
            os.kill(process, signal.SIGSTOP)
        await asyncio.sleep(8)
        for process in frozen:
            os.kill(process, signal.SIGCONT)
        await load.none_was_lost()
        await load.patient_were_served(patient)
        await load.wall_is_right()
