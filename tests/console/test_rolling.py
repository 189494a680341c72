"""What is done every so often is done by the process that leads, and goes on after the store was down."""

import asyncio
from functools import partial

from console import quality_roll, rolling
from console.parts import PARTS, Parts
from routing.leadership import Term
from storage import quality
from storage.errors import StoreDown
from tests.console.test_quality_pages import WEEK, town
from tests.console.world import World, settled
from tests.storage.test_quality import AFTER
from tests.storage.test_quality import WEEK as MONDAY

__all__ = ["town"]


async def test_a_round_that_the_store_refused_is_tried_again(world: World) -> None:
    tries = 0

    async def work(_: Parts) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise StoreDown("the disk is full")

    task = asyncio.create_task(rolling.run(world.app, rolling.Round(0.01, work, "nothing was done")))
    await settled(lambda: tries > 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_who_does_not_lead_does_nothing_until_it_leads(world: World) -> None:
    led: list[bool] = []

    async def work(parts: Parts) -> None:
        led.append(parts.engine.leads)

    world.engine.stand_by(world.clock())
    task = asyncio.create_task(rolling.run(world.app, rolling.Round(0.01, work, "nothing was done")))
    await asyncio.sleep(0.1)
    assert led == []
    world.engine.lead(Term(1), world.clock())
    await settled(lambda: len(led) > 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert all(led)


async def test_h_24_the_checks_of_a_week_are_there_on_the_page_without_anybody_asking(town: World) -> None:
    town.clock.at = AFTER
    parts = town.app[PARTS]
    assert await quality_roll.draw_weeks(parts) == 2
    assert await quality_roll.draw_weeks(parts) == 0
    page = await (await town.signed_in("lead")).get(f"/quality?week={WEEK}")
    assert page.text.count("待评分") == 2
    lines = await town.store.read(partial(quality.of_weeks, first=MONDAY, last=MONDAY))
    assert {line.agent for line in lines} == {"1001", "1002"}
