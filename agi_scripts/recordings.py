"""Hash each finished recording into the store, and say which talked call has none."""

import asyncio
import hashlib
import logging
import wave
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from routing.happens import happens
from storage import recordings
from storage.engine import Store
from storage.errors import StoreDown
from storage.recordings import RecordingDue

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
# MixMonitor finishes its file a moment after the hang-up.
SETTLED = timedelta(seconds=3)
MISSING_AFTER = timedelta(seconds=60)
# A file that is there and empty so long after the call stays so: its disk was full.
EMPTY_AFTER = timedelta(seconds=10)
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Finished:
    """A recording as it lies in its folder."""

    path: str
    sha256: str
    seconds: float
    size: int


@dataclass(slots=True)
class Recordings:
    """The folder into which Asterisk records, one folder for each day in it."""

    store: Store
    folder: Path
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.hash_all()
            except (StoreDown, OSError) as error:  # it may pass: no descriptor left, a file server away
                log.debug("recordings wait: %r", error)
            await happens(stop, within=POLL_SECONDS)

    async def hash_all(self) -> int:
        """Look for the files of all calls that have just ended; return how many were hashed."""
        before = self.now() - SETTLED
        due = await self.store.read(partial(recordings.recordings_due, before=before))
        return sum([await self._hash(call) for call in due])

    async def _hash(self, due: RecordingDue) -> bool:
        file = await asyncio.to_thread(_finished, self.folder, due)
        if file is not None:
            unit = partial(
                recordings.add_recording,
                call=due.call,
                path=file.path,
                sha256=file.sha256,
                seconds=file.seconds,
                size=file.size,
                at=self.now(),
            )
            await self.store.write(unit, retryable=True)
        elif self.now() - due.ended_at > (EMPTY_AFTER if _is_empty(self.folder, due) else MISSING_AFTER):
            log.error("%s was talked in and has no recording", due.call)
            await self.store.write(partial(recordings.miss_recording, call=due.call), retryable=True)
        return file is not None


def _finished(folder: Path, due: RecordingDue) -> Finished | None:
    """Find the call's file and hash it; None if there is none, or nothing in it yet."""
    path = next((path for path in _candidates(folder, due) if path.is_file()), None)
    size = path.stat().st_size if path else 0
    if path is None or size == 0:
        return None
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return Finished(path.relative_to(folder).as_posix(), digest.hexdigest(), _seconds(path), size)


def _is_empty(folder: Path, due: RecordingDue) -> bool:
    return any(path.is_file() for path in _candidates(folder, due))


def _candidates(folder: Path, due: RecordingDue) -> list[Path]:
    """The dialplan names its file; without its word it lies under one of the dates the call may have there."""
    days = [due.offered_at + timedelta(days=shift) for shift in (0, 1, -1)]
    guessed = [folder / day.strftime("%Y%m%d") / f"{due.call}.wav" for day in days]
    named = [folder / due.file] if due.file and ".." not in Path(due.file).parts else []
    inside = [path for path in [*named, *guessed] if path.is_relative_to(folder)]
    return list(dict.fromkeys(inside))


def _seconds(path: Path) -> float:
    try:
        with wave.open(str(path), "rb") as sound:
            return round(sound.getnframes() / sound.getframerate(), 3)
    except (wave.Error, EOFError, ZeroDivisionError):
        log.warning("%s is no sound file we understand; its hash is kept", path.name)
        return 0.0
