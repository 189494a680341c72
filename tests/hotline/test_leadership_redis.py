"""The lease in a real Redis: one holder, terms that only rise, and answers in time or none."""

import asyncio
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from hotline.leadership_redis import LEASE, TERM, RedisLeadership
from routing.leadership import NoWord
from tests.redis_server import RedisServer

SECONDS = 0.4


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        pytest.skip("there is no Redis here; `make test` installs it")
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def redis(server: RedisServer) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(server.url)
    yield client
    await client.aclose()


Process = Callable[[str], RedisLeadership]


@pytest.fixture
async def process(server: RedisServer) -> AsyncIterator[Process]:
    """Return what starts a process that wants to lead."""
    started: list[RedisLeadership] = []

    def start(name: str) -> RedisLeadership:
        started.append(RedisLeadership(server.url, who=name, seconds=SECONDS))
        return started[-1]

    yield start
    for each in started:
        await each._let_go()


async def test_only_one_has_the_lease_until_it_expires(process: Process) -> None:
    one, two = process("hotline1"), process("hotline2")
    first = await one.acquire()
    assert first is not None
    assert await two.acquire() is None
    await asyncio.sleep(SECONDS + 0.1)
    second = await two.acquire()
    assert second is not None
    assert second.number > first.number
    assert not await one.renew()
    assert await two.renew()


async def test_a_lease_that_is_renewed_does_not_expire(process: Process) -> None:
    one, two = process("hotline1"), process("hotline2")
    await one.acquire()
    for _ in range(5):
        await asyncio.sleep(SECONDS / 2)
        assert await one.renew()
    assert await two.acquire() is None


async def test_a_process_started_again_does_not_take_its_former_life_for_itself(process: Process) -> None:
    before, after = process("hotline1"), process("hotline1")
    await before.acquire()
    assert await after.acquire() is None
    assert not await after.renew()


async def test_a_lease_given_away_is_free_at_once_and_nobody_gives_away_anothers(process: Process) -> None:
    one, two = process("hotline1"), process("hotline2")
    await one.acquire()
    await two.release()
    assert await two.acquire() is None
    await one.release()
    assert await two.acquire() is not None


async def test_a_term_is_higher_than_what_the_nodes_remember_even_in_an_emptied_redis(
    process: Process, redis: Redis
) -> None:
    one = process("hotline1")
    await redis.set(TERM, 3)
    term = await one.acquire(above=41)
    assert term is not None
    assert term.number == 42
    assert int(await redis.get(TERM) or 0) == 42


async def test_a_lease_that_changes_hands_in_the_middle_of_a_renewal_is_lost(
    process: Process, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = process("hotline1")
    await one.acquire()
    read = one._redis.pipeline

    def slow(*arguments: object, **named: object) -> object:
        pipe = read(*arguments, **named)  # type: ignore[arg-type]
        get = pipe.get

        async def get_late(name: str) -> object:
            found = await get(name)
            await redis.set(LEASE, "another's", px=5000)
            return found

        pipe.get = get_late  # type: ignore[method-assign,assignment]
        return pipe

    monkeypatch.setattr(one._redis, "pipeline", slow)
    assert not await one.renew()
    assert await redis.get(LEASE) == b"another's"
    assert await redis.pttl(LEASE) > 4000


async def test_a_redis_that_is_gone_frozen_or_back_never_keeps_us_waiting(
    process: Process, server: RedisServer
) -> None:
    one = process("hotline1")
    await one.acquire()
    server.signal(signal.SIGSTOP)
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(NoWord):
            await one.renew()
    # The limit of one answer is 0.3 s; redis-py's own habits would make it more than seven.
    assert time.monotonic() - began < 5
    server.signal(signal.SIGCONT)
    server.stop()
    for _ in range(3):
        with pytest.raises(NoWord):
            await one.acquire()
    server.start()
    assert await one.acquire(above=1) is not None
    assert await one.renew()
