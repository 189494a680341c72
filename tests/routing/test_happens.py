"""A pause ends with what it waits for, with its time, and with the loop that makes it."""

import asyncio

import pytest

from routing.happens import happens


@pytest.mark.parametrize("seconds", [0, 0.001, 60])
async def test_what_has_happened_is_not_waited_for(seconds: float) -> None:
    event = asyncio.Event()
    event.set()
    assert await happens(event, seconds)


@pytest.mark.parametrize("seconds", [-1, 0, 0.001])
async def test_what_does_not_happen_is_waited_for_only_so_long(seconds: float) -> None:
    assert not await happens(asyncio.Event(), seconds)


async def test_what_happens_meanwhile_ends_the_pause() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)
    assert await happens(event, 60)


@pytest.mark.parametrize("turns", range(6))
async def test_a_loop_that_is_cancelled_just_as_it_is_woken_ends(turns: int) -> None:
    """However many turns of the event loop lie between the two."""
    woken = asyncio.Event()

    async def go_on() -> None:
        while True:
            await happens(woken, 60)
            woken.clear()

    loop = asyncio.create_task(go_on())
    await asyncio.sleep(0)
    woken.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    loop.cancel()
    await asyncio.wait({loop}, timeout=1)
    ended = loop.cancelled()
    loop.cancel()
    assert ended
