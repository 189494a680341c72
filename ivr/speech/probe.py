"""Whether callers can be listened to, known before anybody is on the line: no call waits to find that out."""

import asyncio
import logging
import time
from collections.abc import Callable

import aiohttp

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between two questions
LIMIT = 0.2  # seconds for the answer
LONGEST_LAG_MS = 300  # by which the recognition of a sound may lag behind it
FRESH = 2 * EVERY + LIMIT  # an older answer is none


class Probe:
    """Asks the speech service on this machine how it is, again and again; calling it tells, from memory."""

    def __init__(self, port: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = f"http://127.0.0.1:{port}/healthz"
        self._clock = clock
        self._well_at: float | None = None

    def __call__(self) -> bool:
        return self._well_at is not None and self._clock() - self._well_at <= FRESH

    async def run(self) -> None:
        """Ask until cancelled."""
        limit = aiohttp.ClientTimeout(total=LIMIT)
        # A connection for each question: one that is kept open would be answered by a process that takes no others.
        async with aiohttp.ClientSession(
            timeout=limit, connector=aiohttp.TCPConnector(force_close=True)
        ) as session:
            while True:
                await self.ask(session)
                await asyncio.sleep(EVERY)

    async def ask(self, session: aiohttp.ClientSession) -> None:
        was, why = self(), await self._why_not(session)
        self._well_at = None if why else self._clock()
        if was and why:
            log.warning("the speech service cannot be used, callers have their keys: %s", why)
        elif not was and not why:
            log.info("callers can speak to the menus")

    async def _why_not(self, session: aiohttp.ClientSession) -> str:
        """Return why the service cannot be used, '' if it can."""
        try:
            async with session.get(self._url) as answer:
                if answer.status != 200:
                    return f"it answers {answer.status}"
                told = await answer.json()
                lag = told.get("lag_ms", 0) if isinstance(told, dict) else None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return type(error).__name__
        if not isinstance(lag, int | float):
            return "it tells no lag"
        return f"it lags {lag} ms behind" if lag > LONGEST_LAG_MS else ""
