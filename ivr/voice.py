"""Speaks words that no prompt was made for, such as the name of a department or a reply, while the caller waits.

What was spoken once is kept; the folder is bounded. A failure never reaches the call: it is then told in other words,
or by a person. The words themselves are never logged, and none of them reaches a command line.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ivr import kept, pinyin, sound, spoken

if TYPE_CHECKING:
    from array import array

log = logging.getLogger(__name__)

LONGEST_TEXT = 1000  # characters; three minutes are more than anybody listens to
LONGEST_PART = 60  # spoken characters in one file, so that the first is ready soon
SECONDS = (
    2.0  # for all of a text: the caller hears nothing meanwhile, and longer silence sounds like a dead line
)
AT_ONCE = 2  # syntheses; more would only take processor time from each other
CACHE_BYTES = 256 * 2**20
BREATH = 0.25  # seconds after a sentence


class SpokenText:
    """An `ivr.call.Voice` that keeps what it has spoken in a folder, by the digest of what was said and how."""

    def __init__(self, folder: Path, *, cache_bytes: int = CACHE_BYTES, seconds: float = SECONDS) -> None:
        self._folder = folder.absolute()
        self._cache_bytes = cache_bytes
        self._seconds = seconds
        self._free = asyncio.Semaphore(AT_ONCE)

    async def say(self, text: str, *, slow: bool = False) -> list[str]:
        try:
            async with asyncio.timeout(self._seconds):
                parts = await asyncio.to_thread(_pinyin_of, text)
                paths = [await self._part(part, slow=slow) for part in parts]
        except (sound.NoSpeech, OSError, TimeoutError, ValueError, ArithmeticError) as error:
            # The kind of error only: its message could quote the words.
            reason = str(error) if isinstance(error, sound.NoSpeech) else type(error).__name__
            log.warning("%d characters could not be spoken: %s", len(text), reason)
            return []
        return [str(path.with_suffix("")) for path in paths]

    async def recorded(self, digest: str, load: Callable[[], Awaitable[bytes]]) -> list[str]:
        """Play what the city recorded itself. It lies beside what was spoken, and may be fetched again like it."""
        path = self._folder / f"{digest}.wav"
        if path.exists():
            os.utime(path)
        else:
            data = await load()
            await asyncio.to_thread(self._keep, path, await asyncio.to_thread(sound.parse, data))
        return [str(path.with_suffix(""))]

    async def _part(self, part: str, *, slow: bool) -> Path:
        voice = sound.ESPEAK_SLOW if slow else sound.ESPEAK
        digest = hashlib.sha256(f"{part}|{voice}|{sound.SOX}|{sound.LEVEL}".encode()).hexdigest()
        path = self._folder / f"{digest[:40]}.wav"
        if path.exists():
            os.utime(path)  # the least lately heard go first
            return path
        async with self._free:
            samples = await sound.speak(part, seconds=self._seconds, tail=BREATH, slow=slow)
        await asyncio.to_thread(self._keep, path, samples)
        return path

    def _keep(self, path: Path, samples: "array[int]") -> None:
        kept.keep(path, samples, self._cache_bytes)


def _pinyin_of(text: str) -> list[str]:
    words = spoken.as_spoken(text[:LONGEST_TEXT])
    parts = (pinyin.of(part) for part in spoken.sentences(words, LONGEST_PART))
    return [part for part in parts if pinyin.SYLLABLE.search(part)]
