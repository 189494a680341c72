"""An operator restarts Asterisk, politely or at once, while citizens talk and wait: who loses what, and who is rung back."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline import asterisk
from hotline.settings import asterisk_settings
from tests.faults.conftest import Load, brisk_town, loaded
from tests.faults.oracle import each_has_one_closed_record, in_talks, in_the_line, owed_to, wall_is_right
from tests.sip import RawCaller, eventually
from tests.town import Town


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with brisk_town(ring_seconds=6, line_seconds=5, fallback_seconds=1, wrap_up_seconds=10) as town:
        yield town


async def restart(town: Town, how: str) -> None:
    """Give the order; a polite one does not return before the last call has ended."""
    settings = asterisk_settings(town.config)
    await asyncio.to_thread(asterisk.command, settings, f"core restart {how}", 60)


async def some_talk_and_some_wait(load: Load, waiting: int) -> None:
    await eventually(
        lambda: len(in_talks(load.town)) == len(load.robots) and in_the_line(load.town) == waiting,
        20,
        "the line did not fill",
    )


def times_up(town: Town) -> int:
    return town.log().count("AMI link up")


async def test_a_polite_restart_ends_no_talk_and_takes_a_message_of_who_waits(
    town: Town, tmp_path: Path
) -> None:
    """Until its last call has ended, Asterisk makes no new channel: neither for a caller nor to ring a seat."""
    async with loaded(town, tmp_path) as load:
        for robot in load.robots:
            robot.talk_seconds = 9
        came = load.come("came", "1385501", 5, rate=3, patience=40)
        await some_talk_and_some_wait(load, 2)
        before, talking = times_up(town), set(in_talks(town))
        order = asyncio.create_task(restart(town, "gracefully"))
        await asyncio.sleep(0.5)
        sip = town.config.sip_host, town.config.sip_port
        with RawCaller(sip) as late:
            assert await asyncio.to_thread(late.calls, b"<sip:13855020000@127.0.0.1>") == 503
        await eventually(lambda: not town.ready(), 10, "nobody is told that the exchange takes no orders")
        await load.none_was_lost()
        await order
        await eventually(lambda: times_up(town) > before, 15, "Asterisk did not come back")
        await wall_is_right(town)
        records = await each_has_one_closed_record(town, came)
        talked = [record for record in records if record["answered_at"] is not None]
        assert {record["seat"] for record in talked} == talking
        assert {record["end_reason"] for record in talked} <= {"completed", "seat_hung_up"}
        owed = owed_to(town)
        assert [owed[record["number"]] for record in records] == [int(each not in talked) for each in records]
        assert town.log().count("could not be moved") <= len(load.robots), "it hammers at a closed door"


async def test_a_restart_at_once_closes_each_call_once_and_owes_it_a_call(town: Town, tmp_path: Path) -> None:
    async with loaded(town, tmp_path) as load:
        for robot in load.robots:
            robot.talk_seconds = 9
        broken = load.come("broken", "1385504", 5, rate=3)
        await some_talk_and_some_wait(load, 2)
        before = times_up(town)
        await restart(town, "now")
        await eventually(lambda: times_up(town) > before, 15, "Asterisk did not come back")
        await wall_is_right(town)
        records = await each_has_one_closed_record(town, broken, 10)
        assert {record["end_reason"] for record in records} == {"lost_restart"}
        assert owed_to(town) >= Counter(broken)
        for robot in load.robots:
            robot.talk_seconds = 1
        await load.ready()
        after = load.come("after", "1385505", 3, rate=3)
        assert (await load.crowds[-1][1]).failed == 0
        await load.patient_were_served(after)
