"""Our process is killed, frozen, or blind while citizens call: Asterisk holds them, and nothing is lost or doubled."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import loaded, town_with
from tests.faults.oracle import each_has_one_closed_record, owed_to, wall_is_right
from tests.town import Town


@pytest.fixture
def town() -> Iterator[Town]:
    with town_with(ring_seconds=6, line_seconds=10, fallback_seconds=30, wrap_up_seconds=10) as town:
        yield town


async def test_our_process_killed_again_and_again_loses_no_caller_and_no_record(
    town: Town, tmp_path: Path
) -> None:
    async with loaded(town, tmp_path) as load:
        patient = load.come("patient", "1385101", 12, rate=1)
        load.come("hasty", "1385102", 8, rate=1, patience=4)
        for _ in range(2):
            await asyncio.sleep(4)
            town.kill_ours()
            await asyncio.sleep(1.5)
            await asyncio.to_thread(town.start_ours)
            await load.wall_is_right()
        await load.none_was_lost()
        await load.patient_were_served(patient)


async def test_while_our_process_is_dead_the_seats_are_rung_by_asterisk_and_rotated_files_are_read_afterwards(
    town: Town, tmp_path: Path
) -> None:
    """The log is rotated while nobody reads it, with calls before, between and after."""
    async with loaded(town, tmp_path) as load:
        patient = load.come("patient", "1385104", 10, rate=0.5)
        await asyncio.sleep(4)
        town.kill_ours()
        for number in (1, 2):
            await asyncio.sleep(5)
            for name in ("queue_log", "cel-custom/cel.json"):
                path = town.state / "log" / name
                if path.exists():
                    path.rename(path.with_name(f"{path.name}.{number}"))
            town.cli("logger reload")
        await asyncio.sleep(2)
        await asyncio.to_thread(town.start_ours)
        await load.none_was_lost()
        await load.patient_were_served(patient)
        await load.wall_is_right()


async def test_asterisk_killed_under_load_closes_each_call_once_and_owes_it_a_call(
    town: Town, tmp_path: Path
) -> None:
    async with loaded(town, tmp_path) as load:
        broken = load.come("broken", "1385105", 6, rate=2)
        await asyncio.sleep(5)
        town.kill_asterisk()
        await asyncio.sleep(1)
        town.start_asterisk()
        await wall_is_right(town)
        await load.ready()
        after = load.come("after", "1385106", 4, rate=1)
        records = await each_has_one_closed_record(town, broken, 60)
        lost = [record["number"] for record in records if record["end_reason"] == "lost_restart"]
        assert lost, "nobody was on the line when Asterisk died"
        owed = owed_to(town)
        assert [number for number in lost if owed[number] != 1] == []
        await load.crowds[1][1]
        await load.patient_were_served(after)


async def test_everything_killed_at_once_comes_back_in_any_order(town: Town, tmp_path: Path) -> None:
    async with loaded(town, tmp_path) as load:
        before = load.come("before", "1385107", 4, rate=2)
        await asyncio.sleep(4)
        town.kill_ours()
        town.kill_asterisk()
        starting = asyncio.create_task(asyncio.to_thread(town.start_ours))
        await asyncio.sleep(3)  # our process comes up first, with nobody to talk to
        town.start_asterisk()
        await starting
        await load.ready()
        await load.wall_is_right()
        after = load.come("after", "1385108", 3, rate=1)
        await load.crowds[1][1]
        await load.patient_were_served(after)
        await each_has_one_closed_record(town, before, 60)
