"""Row 31: a way out is gone, comes back, and is gone again. Calls of ours take the other one, and nothing is stuck."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from hotline.phone import Hook, Line, Phone, phone
from storage.ring_backs import ask_ring_back
from tests.endtoend.records import attempts
from tests.faults.conftest import loaded, town_with
from tests.faults.oracle import LEADER, wall_is_right
from tests.faults.robots import sign_in
from tests.sip import eventually
from tests.town import Town, free_port

NUMBER = "13853100001"
"""Every citizen of this town whom we ring; each way out leads to his telephone."""
TOLD_WITHIN = 12


@pytest.fixture
def ports() -> tuple[int, int]:
    return free_port(), free_port()


@pytest.fixture
def town(ports: tuple[int, int]) -> Iterator[Town]:
    ways = ",".join(f"127.0.0.1:{port}" for port in ports)
    with town_with(
        ring_seconds=6, wrap_up_seconds=5, carrier=ways, quiet_from="00:00", quiet_until="00:00"
    ) as town:
        yield town


@asynccontextmanager
async def way_out(town: Town, port: int, folder: Path) -> AsyncIterator[Phone]:
    """One carrier: it rings the citizen, who answers, and hangs up after a while."""

    async def answer(one: Phone) -> None:
        while True:
            await one.until(Hook.RINGING, seconds=600)
            await one.answer()
            await one.until(Hook.UP)
            await asyncio.sleep(6)
            await one.hang_up()
            await one.until(Hook.CLOSED)

    async with phone(Line(user=NUMBER, server=town.sip, port=port), folder / str(port)) as one:
        answering = asyncio.create_task(answer(one))
        try:
            yield one
        finally:
            answering.cancel()


@asynccontextmanager
async def the_wall(town: Town) -> AsyncIterator[list[str]]:
    """What the wall is told while the block lasts."""
    told: list[str] = []

    async def listen(socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            read = json.loads(message.data)
            if read.get("t") == "notice":
                told.append(read["text"])

    async with aiohttp.ClientSession() as http:
        headers = await sign_in(http, town, LEADER)
        async with http.ws_connect(f"{town.url}/live/wall", headers=headers) as wall:
            listening = asyncio.create_task(listen(wall))
            try:
                yield told
            finally:
                listening.cancel()


async def owe(town: Town, call: str) -> None:
    store = town.store()
    try:
        now = datetime.now(UTC)
        await store.write(partial(ask_ring_back, call=call, number=NUMBER, at=now, key=call))
    finally:
        store.close()


def results(town: Town) -> list[str]:
    """Return how our attempts ended, the first first."""
    return [attempt["result"] for attempt in attempts(town, NUMBER) if attempt["ended_at"]]


async def test_a_way_out_that_is_gone_is_told_on_the_wall_and_the_other_one_is_taken(
    town: Town, ports: tuple[int, int], tmp_path: Path
) -> None:
    async with loaded(town, tmp_path, logins=()) as load, the_wall(town) as told:
        async with way_out(town, ports[1], tmp_path):
            async with way_out(town, ports[0], tmp_path) as first:
                await asyncio.sleep(6)
                first.kill()
            await eventually(
                lambda: any(f":{ports[0]}" in each for each in told), TOLD_WITHIN, f"no alarm: {told}"
            )
            load.sit("1001", talk_seconds=30)
            await load.ready()
            await owe(town, "hotline1-1.1")
            await eventually(lambda: results(town), 40, "nobody was rung")
            # By whichever way is left; the citizen hung up while he was told who rings.
            assert results(town) == ["brief"]
        await eventually(lambda: len(told) == 2, TOLD_WITHIN, "the second way out is gone and nobody is told")
        await load.ready()
        await owe(town, "hotline1-1.2")
        # None is left: the agent is told at once instead of listening to nothing, and the seat is free for the next.
        await eventually(lambda: results(town) == ["brief", "unreachable"], 15, "it is still being tried")
        await load.ready()
        async with way_out(town, ports[0], tmp_path / "again"):
            await eventually(lambda: len(told) == 3, TOLD_WITHIN, "nobody is told that it is back")
        await eventually(
            lambda: "0 active channels" in town.cli("core show channels"), 30, "a channel is stuck"
        )
        await wall_is_right(town)
    assert [str(port) in line for port, line in zip((*ports, ports[0]), told, strict=True)] == [True] * 3
