"""The database answers late, every time: nobody waits for it but the records."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from storage.engine import migrate
from tests import postgres
from tests.faults.cable import Cable
from tests.faults.conftest import brisk_town, loaded
from tests.faults.oracle import each_has_one_closed_record, in_talks, in_the_line
from tests.faults.test_store import cluster
from tests.sip import eventually
from tests.town import Town

__all__ = ["cluster"]
LATER = 0.2
"""Seconds more for each round trip."""
GREETED_WITHIN = 5.0
"""The greeting, and the one look into the store that a caller waits for at most."""
BEHIND_AT_MOST = 30.0


@pytest.fixture
def asleep(cluster: postgres.Cluster) -> Iterator[Town]:
    url = cluster.url(cluster.create())
    migrate(url)
    with brisk_town(
        ring_seconds=6,
        line_seconds=10,
        fallback_seconds=30,
        wrap_up_seconds=10,
        database_url=url,
        start_ours=False,
    ) as town:
        yield town


def lag(town: Town) -> float:
    told = [row for row in town.metrics().splitlines() if row.startswith("hotline_records_lag_seconds ")]
    return float(told[0].split()[1]) if told else -1.0


async def test_a_slow_database_makes_no_caller_wait_and_its_work_does_not_pile_up(
    asleep: Town, cluster: postgres.Cluster, tmp_path: Path
) -> None:
    near = asleep.environ["HOTLINE_DATABASE_URL"]
    name = near.partition("@/")[2].partition("?")[0]
    async with Cable(cluster.folder / ".s.PGSQL.5432") as cable:
        far = f"postgresql://hotline@127.0.0.1:{cable.port}/{name}?sslmode=disable"
        asleep.environ["HOTLINE_DATABASE_URL"] = far
        await asyncio.to_thread(asleep.start_ours)
        asleep.environ["HOTLINE_DATABASE_URL"] = near  # whoever asks for the records sits beside them
        async with loaded(asleep, tmp_path) as load:
            for robot in load.robots:
                robot.talk_seconds = 4
            cable.delay = LATER / 2
            patient = load.come("patient", "1385801", 8, rate=2)
            await eventually(lambda: len(in_talks(asleep)) == 3 and in_the_line(asleep) >= 3, 15)
            await load.crowds[0][1]
            # The answer to every single question is still late, and what is left to read is read all the same.
            await eventually(lambda: lag(asleep) == 0, BEHIND_AT_MOST, "the records do not catch up")
            await load.none_was_lost()
            await load.patient_were_served(patient)
            cable.delay = 0.0
            await load.wall_is_right()
            records = await each_has_one_closed_record(asleep, patient)
    waits = [
        (
            datetime.fromisoformat(str(row["queued_at"])) - datetime.fromisoformat(str(row["offered_at"]))
        ).total_seconds()
        for row in records
    ]
    print(f"in the line after {max(waits):.1f} s at most")
    assert max(waits) < GREETED_WITHIN
