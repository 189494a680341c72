"""Has a whole recording written down by the speech service of this machine."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from ivr.speech.media import written

LIMIT = 120.0  # seconds; three minutes of sound need some, beside the callers in the menus
CONNECTS = 1.0


class NotHeard(Exception):
    """The speech service is away, or does not take this sound."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One sentence. Seconds count from the beginning of the recording, `score` goes from 0 to 1."""

    text: str
    start: float
    seconds: float
    score: float


class Transcriber:
    """Asks at the port of the speech service."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/transcribe"

    async def __call__(self, sound: Path) -> list[Heard]:
        """Return what is said in a wav file. Raises NotHeard."""
        limits = aiohttp.ClientTimeout(total=LIMIT, connect=CONNECTS)
        try:
            content = await asyncio.to_thread(sound.read_bytes)
            session = aiohttp.ClientSession(timeout=limits)
            async with session, session.post(self._url, data=content) as answer:
                if answer.status != 200:
                    raise NotHeard(f"refused with {answer.status}")
                said = (await answer.json())["finals"]
            return [
                Heard(text, one["begins"], round(one["ends"] - one["begins"], 2), one["score"])
                for one in said
                if (text := written(one["text"]))
            ]
        except (OSError, aiohttp.ClientError, TimeoutError, KeyError, TypeError, ValueError) as error:
            raise NotHeard(type(error).__name__) from error
