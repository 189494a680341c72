"""Nobody on the line waits to find out whether the speech service can be used."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from ivr.speech import probe
from ivr.speech.probe import Probe
from tests.sip import eventually
from tests.town import free_port

Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(answers: Answers) -> AsyncIterator[int]:
    app, port = web.Application(), free_port()
    app.router.add_get("/healthz", answers)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield port
    finally:
        await runner.cleanup()


async def asked(one: Probe) -> bool:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=probe.LIMIT)) as session:
        await one.ask(session)
    return one()


def tells(body: str, status: int = 200) -> Answers:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=status, content_type="application/json")

    return answer


@pytest.mark.parametrize(
    ("answers", "there"),
    [
        (tells('{"ready": true, "lag_ms": 0}'), True),
        (tells('{"ready": true, "lag_ms": 300}'), True),
        (tells('{"ready": true, "lag_ms": 301}'), False),
        (tells('{"ready": false, "lag_ms": 0}', 503), False),
        (tells("[]"), False),
        (tells("no json"), False),
        (tells('{"lag_ms": "much"}'), False),
    ],
)
async def test_only_a_service_that_is_well_and_keeps_up_is_there(answers: Answers, there: bool) -> None:
    async with serving(answers) as port:
        assert await asked(Probe(port)) is there


async def test_a_service_that_does_not_answer_in_time_or_at_all_is_not_there() -> None:
    async def slow(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(probe.LIMIT * 3)
        return web.json_response({"lag_ms": 0})

    async with serving(slow) as port:
        assert not await asked(Probe(port))
    assert not await asked(Probe(free_port()))


async def test_an_old_answer_is_none() -> None:
    clock = [100.0]
    async with serving(tells('{"lag_ms": 0}')) as port:
        one = Probe(port, clock=lambda: clock[0])
        assert not one()
        assert await asked(one)
    clock[0] += probe.FRESH - 0.1
    assert one()
    clock[0] += 0.2
    assert not one()


async def test_it_notices_by_itself_that_the_service_comes_and_goes() -> None:
    async with serving(tells('{"lag_ms": 0}')) as port:
        one = Probe(port)
        running = asyncio.create_task(one.run())
        await eventually(one)
    await eventually(lambda: not one())
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
