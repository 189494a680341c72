"""A disk is full, or the database locked by somebody else: calls go on, it is told, and it heals when there is room."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.harness import write_sounds
from tests.faults.conftest import brisk_town, loaded
from tests.faults.disks import Disk, small_disk
from tests.faults.oracle import each_has_one_closed_record, owed_to, records_of
from tests.plain_rows import clear
from tests.sip import eventually
from tests.town import Town

QUICK = {"ring_seconds": 6, "line_seconds": 10, "fallback_seconds": 30, "wrap_up_seconds": 2}


async def hold_the_write_lock(path: Path, seconds: float) -> None:
    """Do what a backup tool or a forgotten shell does."""

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(seconds)
        other.execute("ROLLBACK")


async def alarm(town: Town, what: str) -> None:
    await eventually(
        lambda: f"the disk of {what} is full" in town.log() or "hotline_disks_low 1" in town.metrics(),
        10,
        "nobody is told of the full disk",
    )


def rows_of(town: Town, callers: tuple[str, ...]) -> list[dict[str, Any]]:
    return [row for rows in records_of(town, callers).values() for row in rows]


def told_by_us(town: Town) -> set[str]:
    """Return whose record holds something that is in no line of Asterisk's."""
    store = town.store()
    try:
        asked = (
            "select c.number from call c join call_segment s on s.call = c.id where s.detail = 'witnessed'"
        )
        return set(store.read_now(lambda conn: conn.execute(clear(asked)).scalars().all()))
    finally:
        store.close()


async def test_a_locked_and_then_a_full_database_keep_no_caller_from_a_person_and_lose_no_record(
    tmp_path: Path,
) -> None:
    with tempfile.TemporaryDirectory(prefix="hl-db-") as folder, small_disk(Path(folder), 32) as disk:
        path = Path(folder) / "hotline.db"
        with brisk_town(**QUICK, database_url=f"sqlite:///{path}") as town:
            async with loaded(town, tmp_path) as load:
                locked = load.come("locked", "1385601", 5, rate=1)
                await asyncio.sleep(1)
                await hold_the_write_lock(path, 10)
                disk.fill()
                blind = load.come("blind", "1385602", 4, rate=2)
                await alarm(town, "database")
                await load.crowds[-1][1]
                disk.empty()
                await load.wall_is_right()
                await load.none_was_lost()
                await load.patient_were_served((*locked, *blind))


@pytest.fixture
def disks() -> Iterator[tuple[Town, Disk, Disk]]:
    """A town whose recordings and whose logs lie on small disks."""
    with tempfile.TemporaryDirectory(prefix="hl-") as folder:
        town = Town(Path(folder), {f"HOTLINE_{name.upper()}": str(value) for name, value in QUICK.items()})
        with (
            small_disk(town.state / "recordings", 32) as recordings,
            small_disk(town.state / "log", 16) as log,
        ):
            town.prepare()
            try:
                town.start()
                write_sounds(town.state / "sounds" / "zh")
                yield town, recordings, log
            finally:
                town.stop()


async def test_full_disks_of_recordings_and_of_logs_keep_no_caller_from_a_person(
    disks: tuple[Town, Disk, Disk], tmp_path: Path
) -> None:
    town, recordings, log = disks
    async with loaded(town, tmp_path) as load:
        recordings.fill()
        unrecorded = load.come("unrecorded", "1385603", 3, rate=2)
        await alarm(town, "recordings")
        await load.none_was_lost()
        await load.patient_were_served(unrecorded)
        recordings.empty()
        log.fill()
        unwritten = load.come("unwritten", "1385604", 3, rate=2)
        unheard = load.come("unheard", "1385606", 1, patience=0.3)
        talked = sum(len(robot.talked) for robot in load.robots)
        await eventually(
            lambda: "hotline_disks_low 1" in town.metrics(), 10, "nobody is told of the full disk"
        )
        await load.wall_is_right()
        for crowd, task in load.crowds[-2:]:
            assert (await task).failed == 0, crowd.name
        assert sum(len(robot.talked) for robot in load.robots) == talked + len(unwritten)
        await load.wall_is_right()
        # Asterisk can write nothing of them, and has not when there is room again: we have seen them.
        log.empty()
        after = load.come("after", "1385605", 2, rate=2)
        assert (await load.crowds[-1][1]).failed == 0
        await load.patient_were_served(after)
        await eventually(
            lambda: {row["recording_state"] for row in rows_of(town, unrecorded)} == {"missing"}, 15
        )
        await each_has_one_closed_record(town, load.callers, 50)
        await load.patient_were_served(unwritten)
        assert told_by_us(town) == {*unwritten, *unheard}
        assert owed_to(town) == dict.fromkeys(unheard, 1)
