"""Sounds played as one: whoever listens while he speaks, as Asterisk does with a speech service, plays a single file.

What was joined once is kept; the folder is bounded, and everything in it can be made again.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ivr import kept, sound

if TYPE_CHECKING:
    from array import array

log = logging.getLogger(__name__)

CACHE_BYTES = 64 * 2**20
NOTHING = 0.02  # seconds of silence where there is nothing to say


@dataclass(frozen=True, slots=True)
class Prompt:
    """One file to play, without its extension, and when in it each of its sounds begins."""

    path: str
    seconds: float
    begins: tuple[tuple[float, str], ...] = ()

    def begun(self, after: float) -> list[str]:
        """Return the sounds that have begun so many seconds after the first."""
        return [name for at, name in self.begins if at <= after]


class Joined:
    """Finds sounds as Asterisk does, in one folder for each language, and keeps the joined ones in `folder`."""

    def __init__(self, sounds: Path, folder: Path, *, cache_bytes: int = CACHE_BYTES) -> None:
        self._sounds = sounds.absolute()
        self._folder = folder.absolute()
        self._cache_bytes = cache_bytes

    async def prompt(self, sounds: Sequence[str], language: str = "zh") -> Prompt | None:
        """Return the sounds as one, without those that do not exist; None if one is not of the format we can join."""
        try:
            return await asyncio.to_thread(self._prompt, sounds, language)
        except (OSError, sound.BadSound) as error:
            log.warning("%d sounds cannot be joined: %s", len(sounds), error)
            return None

    def _prompt(self, sounds: Sequence[str], language: str) -> Prompt:
        found = [(name, path) for name in sounds if (path := self._find(name, language))]
        if len(found) == 1:
            name, path = found[0]
            return Prompt(str(path.with_suffix("")), sound.seconds_of(sound.read(path)), ((0.0, name),))
        marks = "\n".join(map(_mark, (path for _, path in found)))
        target = self._folder / f"{hashlib.sha256(marks.encode()).hexdigest()[:40]}.wav"
        parts = [sound.read(path) for _, path in found] or [sound.silence(NOTHING)]
        if target.exists():
            os.utime(target)  # the least lately heard go first
        else:
            kept.keep(target, _one_after_the_other(parts), self._cache_bytes)
        lengths = [sound.seconds_of(part) for part in parts]
        begins = tuple((sum(lengths[:number]), name) for number, (name, _) in enumerate(found))
        return Prompt(str(target.with_suffix("")), sum(lengths), begins)

    def _find(self, name: str, language: str) -> Path | None:
        path = name if "/" in name else f"hotline/{name}"
        places = [Path(name)] if name.startswith("/") else [one / path for one in self._folders(language)]
        for place in places:
            file = place.with_name(f"{place.name}.wav")
            if file.exists():
                return file
        log.error("there is no sound %s, skipped", name)
        return None

    def _folders(self, language: str) -> Iterator[Path]:
        """Look for `zh_CN_fuzhou` in the folders zh_CN_fuzhou, zh_CN, zh, and then in the one of no language."""
        while language:
            yield self._sounds / language
            language = language.rpartition("_")[0]
        yield self._sounds


def _one_after_the_other(parts: Sequence["array[int]"]) -> "array[int]":
    whole = sound.silence(0)
    for part in parts:
        whole.extend(part)
    return whole


def _mark(path: Path) -> str:
    """Return what changes with the file: a city may record a prompt anew."""
    told = path.stat()
    return f"{path}|{told.st_size}|{told.st_mtime_ns}"
