"""Files of recordings on this machine: where they may lie, and whether one is still what it was."""

import asyncio
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

# Only a name that says nothing, should a browser keep the file.
HEADERS: Final = {
    "Content-Type": "audio/wav",
    "Cache-Control": "no-store",
    "Content-Disposition": 'inline; filename="recording.wav"',
}


def inside(folder: Path | None, path: str) -> Path | None:
    """Return the file if it is there, and nowhere but below the folder of recordings."""
    if folder is None or "\0" in path:
        return None
    file = (folder / path).resolve()
    return file if file.is_relative_to(folder.resolve()) and file.is_file() else None


async def digest(file: Path) -> str:
    """Return the hash of the file as it is now; a player asks for one file in many pieces."""
    return await asyncio.to_thread(_digest, file)


def _digest(file: Path) -> str:
    seen = file.stat()
    return _digest_of(file, seen.st_size, seen.st_ctime_ns)


@lru_cache(maxsize=1_000)
def _digest_of(file: Path, _size: int, _changed: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
