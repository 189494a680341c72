"""Read the files Asterisk writes about calls, and never lose or repeat a line.

What is kept moves with the place in the file in one transaction, so this reader may die anywhere. Files are known
by inode and first line: a rotated file is read to its end under its new name, whether it was moved or copied.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from cases.call_record import RING_BACK_WITHIN
from routing.happens import happens
from storage import records
from storage.engine import Store
from storage.errors import StoreDown
from storage.records import Form, Ingested, Position, Row, Source

log = logging.getLogger(__name__)

POLL_SECONDS = 0.05
# One unit of work takes at most this much of a file, so that others may write in between.
BATCH_BYTES = 1 << 20
HEAD_BYTES = 4_096
LONGEST_PAUSE = 5.0
COMPRESSED = {".gz", ".xz", ".bz2", ".zst"}


@dataclass(frozen=True, slots=True)
class Followed:
    """One file to follow, with the name of its lines in the store."""

    path: Path
    source: Source


def files_of(node: str, log_dir: Path) -> list[Followed]:
    """Return the two files in which an Asterisk tells of its calls."""
    return [
        Followed(log_dir / "queue_log", Source(f"{node}:queue_log", node, Form.QUEUE_LOG)),
        Followed(log_dir / "cel-custom" / "cel.json", Source(f"{node}:cel", node, Form.CEL)),
    ]


@dataclass(frozen=True, slots=True)
class Batch:
    """Whole lines of one file, and where they lie."""

    rows: tuple[Row, ...]
    position: Position


@dataclass(slots=True)
class Tail:
    """How far one file, and those it was rotated to, are read. Knows nothing of the store but places."""

    followed: Followed
    places: dict[tuple[int, str], int] = field(default_factory=dict)
    _done: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def next_batch(self) -> Batch | None:
        """Return lines that nobody has read, the oldest file first; None if there are none."""
        for path, is_live in self._paths():
            try:
                batch = self._read(path, is_live=is_live)
            except FileNotFoundError:
                continue  # it was rotated between our look and our reading
            if batch is not None:
                return batch
        return None

    def took(self, position: Position, result: Ingested) -> None:
        self.places[position.inode, position.head] = result.offset

    def _paths(self) -> Iterator[tuple[Path, bool]]:
        live = self.followed.path
        with contextlib.suppress(FileNotFoundError), os.scandir(live.parent) as entries:
            rotated = [
                (entry.stat().st_mtime_ns, entry.path)
                for entry in entries
                if entry.name.startswith(live.name + ".") and Path(entry.name).suffix not in COMPRESSED
            ]
            yield from ((Path(path), False) for _, path in sorted(rotated))
        yield live, True

    def _read(self, path: Path, *, is_live: bool) -> Batch | None:
        status = path.stat()
        mark = (status.st_ino, status.st_size, status.st_mtime_ns)
        if self._done.get(str(path)) == mark:
            return None
        with path.open("rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            head = _head(file.read(HEAD_BYTES))
            if head and is_live:
                head = self._generation(inode, head, status.st_size)
            start = self._place(path, inode, head, is_live=is_live) if head else None
            if start is not None:
                file.seek(start)
                if batch := _batch(file.read(BATCH_BYTES), Position(inode, head, start, start)):
                    return batch
        if start is not None or status.st_size == 0:
            self._done[str(path)] = mark
        return None

    def _generation(self, inode: int, head: str, size: int) -> str:
        """Tell a file that was emptied and began with the very same line from what it was before."""
        name, number = head, 1
        while self.places.get((inode, name), 0) > size:
            number += 1
            name = f"{head}#{number}"
        return name

    def _place(self, path: Path, inode: int, head: str, *, is_live: bool) -> int | None:
        """Return where to go on; None for a copy whose original is still there to be read."""
        place = self.places.get((inode, head))
        if place is not None:
            return place
        copied = [(other, offset) for (other, first), offset in self.places.items() if first == head]
        if is_live or not copied:
            return None if not is_live and _begins_with(self.followed.path, path) else 0
        original, offset = copied[-1]
        return None if self._still_there(original, head) else offset

    def _still_there(self, inode: int, head: str) -> bool:
        for path, _ in self._paths():
            try:
                with path.open("rb") as file:
                    same = os.fstat(file.fileno()).st_ino == inode and _head(file.read(HEAD_BYTES)) == head
            except FileNotFoundError:
                continue
            if same:
                return True
        return False


def _begins_with(live: Path, copy: Path) -> bool:
    """Tell whether the live file begins with all that is in the copy: then nothing is in the copy alone."""
    try:
        with live.open("rb") as original, copy.open("rb") as other:
            while piece := other.read(BATCH_BYTES):
                if original.read(len(piece)) != piece:
                    return False
    except FileNotFoundError:
        return False
    return True


def _head(begin: bytes) -> str:
    """Return what a file is known by: the hash of its first line; '' while that is not finished."""
    line, newline, _ = begin.partition(b"\n")
    if not newline and len(begin) < HEAD_BYTES:
        return ""
    return hashlib.sha256(line).hexdigest()[:32]


def _batch(data: bytes, position: Position) -> Batch | None:
    """Cut whole lines from what was read; a line longer than a batch is cut, and then is bad."""
    end = data.rfind(b"\n") + 1
    if not end and len(data) == BATCH_BYTES:
        end = len(data)
    rows, offset = [], position.start
    for line in data[:end].split(b"\n"):
        if line.strip(b"\r"):
            rows.append(Row(offset, line.strip(b"\r").decode("utf-8", "replace")))
        offset += len(line) + 1
    return Batch(tuple(rows), replace(position, end=position.start + end)) if end else None


@dataclass(slots=True)
class Follower:
    """Brings the lines of all files into the store, and says how far behind it is."""

    store: Store
    tails: Sequence[Tail]
    within: timedelta = RING_BACK_WITHIN
    commit_seconds: float = 0.0
    """How long the store took for the last batch, from asking to its being durable."""
    _places_known: bool = False
    _failing: bool = False
    _behind_since: float | None = None

    def lag_seconds(self) -> float:
        """Return for how long there have been lines that are not in the store yet."""
        return time.monotonic() - self._behind_since if self._behind_since is not None else 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Read until told to stop. The files keep everything while the store is away."""
        pause = POLL_SECONDS
        while not stop.is_set():
            try:
                pause = await self._step()
            except Exception as error:  # noqa: BLE001 - one batch; it stays in its file and is tried again
                pause = self._wait_longer(pause, error)
            await happens(stop, within=pause)

    async def drain(self) -> int:
        """Read all there is now and return how many lines that was."""
        await self._load_places()
        total = 0
        while (taken := await self._take_each()) is not None:
            total += taken
        return total

    async def _step(self) -> float:
        """Take what there is and return how long to wait for more."""
        if not self._places_known:
            await self._load_places()
        taken = await self._take_each()
        self._failing = False
        if taken is None:
            self._behind_since = None
            return POLL_SECONDS
        return 0.0

    async def _take_each(self) -> int | None:
        """Take one batch of each file; None if there was nothing anywhere."""
        total: int | None = None
        for tail in self.tails:
            batch = await asyncio.to_thread(tail.next_batch)
            if batch is not None:
                self._behind_since = self._behind_since or time.monotonic()
                total = (total or 0) + await self._take(tail, batch)
        return total

    async def _take(self, tail: Tail, batch: Batch) -> int:
        source = tail.followed.source
        began = time.monotonic()
        result = await self.store.write(
            lambda conn: records.ingest(conn, source, batch.rows, batch.position, within=self.within),
            retryable=True,
        )
        self.commit_seconds = time.monotonic() - began
        tail.took(batch.position, result)
        for offset in result.bad:
            log.warning("%s: the line at byte %d cannot be understood; it is kept", source.name, offset)
        return len(batch.rows)

    async def _load_places(self) -> None:
        for tail in self.tails:
            tail.places = await self.store.read(partial(records.places, source=tail.followed.source.name))
        self._places_known = True

    def _wait_longer(self, pause: float, error: Exception) -> float:
        # Whether the last unit was kept is not known, so the store is asked where it stands.
        self._places_known = False
        self._behind_since = self._behind_since or time.monotonic()
        if not isinstance(error, StoreDown):
            log.error("lines could not be taken in; trying again", exc_info=error)
        elif not self._failing:
            log.warning("the store is away (%s); calls wait in Asterisk's files", error)
        self._failing = True
        return min(max(pause, POLL_SECONDS) * 2, LONGEST_PAUSE)
