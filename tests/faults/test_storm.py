"""Row 35: ten times as many calls as usual, most of them from a machine. Whoever is a person is still answered by one."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Load, loaded, town_with
from tests.faults.load import Crowd, Outcome, call_all
from tests.faults.oracle import each_has_one_closed_record, owed_to, records_of
from tests.sip import eventually
from tests.town import Town

ONE = "13853500000"
SECONDS = 20
RATE = 5.0
"""Calls a second of each kind; the town of a test has three agents and answers one a second."""
MOST_BYTES = 64_000_000
"""More than this a storm of a few hundred calls may not add to our process."""


@pytest.fixture
def town() -> Iterator[Town]:
    with town_with(
        ring_seconds=6,
        line_seconds=10,
        fallback_seconds=30,
        wrap_up_seconds=10,
        number_a_minute=5,
        prefix_a_minute=20,
    ) as town:
        yield town


def _resident(process: int) -> int:
    pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096


async def _storm(load: Load) -> list[Outcome]:
    """One number calls again and again, and a machine rings through its neighbours."""
    many = int(RATE * SECONDS)
    one = Crowd("one", (ONE,) * many, RATE, 20)
    row = Crowd("row", tuple(f"138536{n:05d}" for n in range(many)), RATE, 20)
    return await asyncio.gather(*(call_all(load.town, crowd, load.folder) for crowd in (one, row)))


async def test_in_a_storm_of_ten_times_the_calls_those_who_are_no_machine_are_answered(
    town: Town, tmp_path: Path
) -> None:
    async with loaded(town, tmp_path) as load:
        process, before = town.ours, _resident(town.ours)
        storm = asyncio.create_task(_storm(load))
        await asyncio.sleep(2)
        good = Crowd("good", tuple(f"159{n * 1_111_111:08d}" for n in range(1, 21)), 1.2, 60)
        outcome = await call_all(town, good, tmp_path)
        one, row = await storm
        await load.wall_is_right()
        assert outcome.failed == 0, outcome.log
        answered = [record["answered_at"] for record in await each_has_one_closed_record(town, good.numbers)]
        assert len([at for at in answered if at]) >= 0.95 * len(good.numbers)
        assert (town.ours, _resident(town.ours) - before < MOST_BYTES) == (process, True)
        # Nobody of the storm is lost either: each call has one closed record, each number is owed one call at most.
        numbers = (ONE, *(f"138536{n:05d}" for n in range(row.placed)))

        def complete() -> bool:
            found = records_of(town, numbers)
            rows = [record for each in found.values() for record in each]
            return len(rows) == one.placed + row.placed and all(record["ended_at"] for record in rows)

        await eventually(complete, 30, "a call of the storm has no record, or two, or an open one")
        owed, found = owed_to(town), records_of(town, numbers)
        noted = {number for number, rows in found.items() if any(each["refused"] for each in rows)}
        unanswered = {number for number in noted if not any(each["answered_at"] for each in found[number])}
        assert ONE in noted
        assert len(noted) > 20, "there was no storm"
        assert {number: owed[number] for number in unanswered} == dict.fromkeys(unanswered, 1)
        assert max(owed.values()) == 1
