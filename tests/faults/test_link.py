"""The link to Asterisk breaks, goes dead, or carries a clock that jumps: callers are served all the same."""

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cable import Cable
from tests.faults.conftest import Load, brisk_town, loaded
from tests.faults.oracle import each_has_one_closed_record, in_talks, in_the_line, owed_to, wall_is_right
from tests.sip import eventually
from tests.town import Town

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
JUMPS = ("+1h", "-1h", "+1y")


@pytest.fixture
def asleep() -> Iterator[Town]:
    """Asterisk runs; our process is started by the test."""
    with brisk_town(
        ring_seconds=6, line_seconds=10, fallback_seconds=30, wrap_up_seconds=10, start_ours=False
    ) as town:
        yield town


async def test_a_link_that_is_cut_again_and_again_costs_nobody_a_call(asleep: Town, tmp_path: Path) -> None:
    async with Cable(asleep.config.ami_port) as cable:
        asleep.environ["HOTLINE_AMI_PORT"] = str(cable.port)
        await asyncio.to_thread(asleep.start_ours)
        async with loaded(asleep, tmp_path) as load:
            patient = load.come("patient", "1385201", 8, rate=1)
            for _ in range(4):
                await asyncio.sleep(2.5)
                cable.cut()
            await load.wall_is_right()
            await load.none_was_lost()
            await load.patient_were_served(patient)
            assert cable.plugged > 4


async def test_a_link_that_is_dead_without_a_word_is_noticed_and_replaced(
    asleep: Town, tmp_path: Path
) -> None:
    async with Cable(asleep.config.ami_port) as cable:
        asleep.environ["HOTLINE_AMI_PORT"] = str(cable.port)
        await asyncio.to_thread(asleep.start_ours)
        async with loaded(asleep, tmp_path) as load:
            patient = load.come("patient", "1385202", 8, rate=0.5)
            await asyncio.sleep(3)
            cable.die()
            await eventually(lambda: "AMI link cut" in asleep.log(), 30, "nobody noticed")
            cable.live()
            await load.wall_is_right()
            await load.none_was_lost()
            await load.patient_were_served(patient)


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_clock_that_jumps_loses_nobody_and_stretches_no_record(
    asleep: Town, tmp_path: Path, jump: str
) -> None:
    """It jumps while some talk, some wait and some are yet to call; and it is told to whoever watches."""
    if FAKETIME is None:
        pytest.skip("faketime is not installed; `make test` installs it")
    clock = tmp_path / "clock"
    clock.write_text("+0\n", encoding="ascii")
    asleep.environ |= {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    await asyncio.to_thread(asleep.start_ours)
    async with loaded(asleep, tmp_path) as load:
        for robot in load.robots:
            robot.talk_seconds = 4
        patient = load.come("patient", f"13852{JUMPS.index(jump)}", 7, rate=2)
        await eventually(lambda: in_talks(asleep) and in_the_line(asleep), 30, "nobody talks and waits")
        clock.write_text(f"{jump}\n", encoding="ascii")
        await eventually(lambda: "the clock has jumped" in asleep.log(), 10, "nobody is told")
        await load.none_was_lost()
        await load.patient_were_served(patient)
        await wall_is_right(
            asleep, 15
        )  # our process is slow: it reads the false clock from a file at every look
        for record in await each_has_one_closed_record(asleep, patient):
            assert record["end_reason"] in {"completed", "seat_hung_up"}
            assert 3 < record["talk_seconds"] < 10, "the clock's jump is in the talk"
            assert record["wait_seconds"] < 60
        assert owed_to(asleep) == Counter()


async def test_a_full_disk_for_messages_closes_the_record_all_the_same(asleep: Town, tmp_path: Path) -> None:
    """Our process is dead and the caller cannot even leave a message: he is told, and owed a call."""
    spool = asleep.state / "spool" / "messages"
    spool.mkdir(parents=True, exist_ok=True)
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root may mount the small disk that this needs")
    made = await asyncio.create_subprocess_exec(mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", spool)
    assert await made.wait() == 0
    try:
        (spool / "full").write_bytes(bytes(1 << 16))
        load_folder = tmp_path / "load"
        load_folder.mkdir()
        load = Load(asleep, load_folder)
        load.come("unheard", "1385205", 3, rate=1, patience=80)
        for _, task in load.crowds:
            assert (await task).failed == 0
        await asyncio.to_thread(asleep.start_ours)
        await load.none_was_lost()
        owed = owed_to(asleep)
        assert [number for number in load.callers if owed[number] != 1] == []
        await load.wall_is_right()
    finally:
        await (await asyncio.create_subprocess_exec("umount", spool)).wait()
