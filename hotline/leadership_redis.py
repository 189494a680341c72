"""The lease of the engine that leads, in Redis. Nothing of a call or a case ever waits for it.

redis-py's defaults would hang for seconds on a Redis that is gone and for ever on one that is frozen: here one connection,
no second try, and 0.3 s for each answer. No script runs inside Redis; a renewal that raced with another holder is
noticed by WATCH.
"""

import asyncio
import secrets
from contextlib import suppress

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, WatchError

from routing.leadership import NoWord, Term

ANSWER_SECONDS = 0.3
LEASE = "hotline:leader"
TERM = "hotline:term"


class RedisLeadership:
    """`routing.leadership.Leadership` for one process. The key holds whose it is, and expires by itself."""

    def __init__(self, url: str, *, who: str, seconds: float) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            max_connections=1,
        )
        self._milliseconds = int(seconds * 1000)
        # A process that is started again must not take the lease of its former life for its own.
        self._token = f"{who}:{secrets.token_hex(8)}".encode()

    async def acquire(self, above: int = 0) -> Term | None:
        try:
            if not await self._redis.set(LEASE, self._token, nx=True, px=self._milliseconds):
                return None
            number = int(await self._redis.incr(TERM))
            if number <= above:
                # Redis has been emptied, or a leader was made without it.
                number = int(await self._redis.incrby(TERM, above + 1 - number))
        except (RedisError, OSError, TimeoutError) as error:
            raise await self._no_word(error) from error
        return Term(number)

    async def renew(self) -> bool:
        try:
            async with self._redis.pipeline(transaction=True) as ask:
                await ask.watch(LEASE)
                if await ask.get(LEASE) != self._token:
                    return False
                ask.multi()  # type: ignore[no-untyped-call]  # redis-py leaves this one untyped
                ask.pexpire(LEASE, self._milliseconds)
                return bool((await ask.execute())[0])
        except WatchError:
            return False
        except (RedisError, OSError, TimeoutError) as error:
            raise await self._no_word(error) from error

    async def release(self) -> None:
        try:
            async with self._redis.pipeline(transaction=True) as ask:
                await ask.watch(LEASE)
                if await ask.get(LEASE) == self._token:
                    ask.multi()  # type: ignore[no-untyped-call]  # redis-py leaves this one untyped
                    ask.delete(LEASE)
                    await ask.execute()
        except WatchError:
            return
        except (RedisError, OSError, TimeoutError) as error:
            raise await self._no_word(error) from error
        finally:
            await self._let_go()

    async def _no_word(self, error: Exception) -> NoWord:
        """Let go of a connection whose next answer could be the one we did not wait for."""
        await self._let_go()
        return NoWord(f"Redis: {error!r}")

    async def _let_go(self) -> None:
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._redis.aclose()
