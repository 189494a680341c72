"""What Prometheus reads: the line, each node, the waits of those who were answered, and what is owed."""

import asyncio
import re
from datetime import timedelta

import pytest

from console.figure_roll import roll_next
from console.metrics import SAMPLED, sample
from storage import figures, records
from tests.console.making import NUMBER
from tests.console.test_figure_pages import DAY, NEXT, an_hour
from tests.console.world import ZONE, World, settled
from tests.storage.call_lines import CEL, position

CALL = "hotline1-1795308607.0"


async def scraped(world: World) -> dict[str, float]:
    text = (await world.browser().get("/metrics")).text
    rows = re.findall(r"^(hotline_\w+(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in rows}


async def test_the_oldest_wait_and_each_node_are_told(world: World) -> None:
    world.engine.caller_joined(CALL, "PJSIP/trunk-1", NUMBER, world.clock())
    world.clock.pass_(seconds=42)
    told = await scraped(world)
    assert told["hotline_queue_oldest_wait_seconds"] == 42
    assert told['hotline_ami_connected{node=""}'] == 1
    assert told["hotline_reconcile_fixed_total"] == 0


async def test_a_wait_that_ended_with_a_person_falls_into_its_bucket_once(world: World) -> None:
    world.engine.sign_on("s1001", agent="1001", name="李燕", at=world.clock())
    world.engine.caller_joined(CALL, "PJSIP/trunk-1", NUMBER, world.clock())
    world.clock.pass_(seconds=12)
    world.engine.seat_offered(CALL, "s1001", world.clock())
    world.engine.seat_answered(CALL, "s1001", "PJSIP/s1001-1", world.clock())
    world.engine.held(CALL, world.clock())
    told = await scraped(world)
    assert told['hotline_answer_wait_seconds_bucket{le="10"}'] == 0
    assert told['hotline_answer_wait_seconds_bucket{le="15"}'] == 1
    assert (
        told['hotline_answer_wait_seconds_bucket{le="+Inf"}']
        == told["hotline_answer_wait_seconds_count"]
        == 1
    )
    assert told["hotline_answer_wait_seconds_sum"] == pytest.approx(12, abs=0.1)


async def test_the_store_is_sampled_beside_the_scrape(world: World) -> None:
    sampling = asyncio.create_task(sample(world.app))
    try:
        await settled(lambda: world.app[SAMPLED])
    finally:
        sampling.cancel()
    assert (await scraped(world))["hotline_recordings_missing"] == 0


async def test_a_day_that_is_over_is_rolled_up_once_and_again_when_a_line_comes_late(world: World) -> None:
    city = an_hour(world.store)
    at = NEXT + timedelta(hours=5)

    async def roll() -> object:
        return await world.store.write(lambda conn: roll_next(conn, zone=ZONE, at=at))

    assert [await roll(), await roll()] == [DAY.date(), None]
    city.written("completed", number=NUMBER, gap=60)
    rows, place = position(city.cel[-20:], inode=9)
    await world.store.write(lambda conn: records.ingest(conn, CEL, rows, place))
    assert await world.store.read(figures.spans) == []
    assert await roll() == DAY.date()
