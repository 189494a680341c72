"""Asterisk's stream of events is dirty, floods us, or is not read for a while: the calls come out as from a clean one."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cable import Cable, Dirt
from tests.faults.conftest import Load, brisk_town, loaded
from tests.faults.oracle import each_has_one_closed_record
from tests.sip import eventually
from tests.town import Town

EVENT = "Event: VarSet\r\nPrivilege: dialplan,all\r\nTimestamp: 1795339696.5\r\nVariable: HOTLINE_PLENTY\r\nValue: 洪水"
FLOOD = 50_000
MEGABYTES = 40
"""So much our process may grow; it holds some thousands of events at most, and then looks at the whole instead."""


@pytest.fixture(scope="module")
def asterisk() -> Iterator[Town]:
    with brisk_town(
        ring_seconds=6, line_seconds=10, fallback_seconds=30, wrap_up_seconds=10, start_ours=False
    ) as town:
        yield town


@pytest.fixture(scope="module")
def port(asterisk: Town) -> int:
    """Where AMI really is; our process is told of a cable."""
    return asterisk.config.ami_port


@pytest.fixture
def asleep(asterisk: Town, port: int) -> Iterator[Town]:
    """Asterisk runs; our process is started by the test."""
    asterisk.environ["HOTLINE_AMI_PORT"] = str(port)
    yield asterisk
    asterisk.kill_ours()


async def start_on(town: Town, cable: Cable) -> None:
    town.environ["HOTLINE_AMI_PORT"] = str(cable.port)
    await asyncio.to_thread(town.start_ours)


async def all_is_right(load: Load, patient: tuple[str, ...]) -> None:
    await load.wall_is_right()
    await load.none_was_lost()
    await load.patient_were_served(patient)
    records = await each_has_one_closed_record(load.town, patient)
    assert {record["end_reason"] for record in records} <= {"completed", "seat_hung_up"}


async def test_a_dirty_stream_leads_to_the_same_records_as_a_clean_one(asleep: Town, tmp_path: Path) -> None:
    """Rubbish, letters cut in two, every event twice, neighbours swapped."""
    async with Cable(asleep.config.ami_port) as cable:
        await start_on(asleep, cable)
        async with loaded(asleep, tmp_path) as load:
            cable.dirt = Dirt(12345)
            patient = load.come("patient", "1385701", 8, rate=2)
            await asyncio.sleep(3)
            await all_is_right(load, patient)
            assert cable.plugged == 1, "the link was given up"
            assert "unreadable AMI message" in asleep.log() or "could not be taken in" in asleep.log()


async def test_fifty_thousand_events_at_once_cost_no_call_and_little_memory(
    asleep: Town, tmp_path: Path
) -> None:
    async with Cable(asleep.config.ami_port) as cable:
        await start_on(asleep, cable)
        async with loaded(asleep, tmp_path) as load:
            patient = load.come("patient", "1385702", 8, rate=2)
            await asyncio.sleep(1.5)
            before = asleep.memory_of_ours()
            await cable.flood(EVENT.encode(), FLOOD)
            grown = asleep.memory_of_ours() - before
            print(f"{FLOOD} events: {grown / 2**20:.0f} MB")
            assert grown < MEGABYTES << 20
            await all_is_right(load, patient)


def flood_asterisk(town: Town, times: int) -> None:
    """Have Asterisk itself say much to everybody who listens."""
    secret, value = town.config.ami_secret, "洪" * 150
    words = f"Action: Setvar\r\nVariable: HOTLINE_PLENTY\r\nValue: {value}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", town.config.ami_port), timeout=30) as link:
        link.sendall(
            f"Action: Login\r\nUsername: hotline\r\nSecret: {secret}\r\nEvents: off\r\n\r\n".encode()
        )
        for _ in range(times // 50):
            link.sendall(words * 50)
            answered = 0
            while answered < 50:
                answered += link.recv(65536).count(b"Response: ")


async def test_a_process_that_reads_nothing_for_long_is_dropped_by_asterisk_and_finds_everything_again(
    asleep: Town, tmp_path: Path
) -> None:
    """Asterisk cannot get rid of its words for ten seconds; callers are led past us meanwhile."""
    await asyncio.to_thread(asleep.start_ours)
    async with loaded(asleep, tmp_path) as load:
        patient = load.come("patient", "1385703", 10, rate=0.7)
        await asyncio.sleep(3)
        asleep.freeze_ours()
        links = asleep.log().count("AMI link up")
        await asyncio.to_thread(flood_asterisk, asleep, 15_000)
        await asyncio.sleep(18)
        asleep.thaw_ours()
        await eventually(lambda: asleep.log().count("AMI link up") > links, 10, "Asterisk kept the link")
        await all_is_right(load, patient)
