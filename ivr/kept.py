"""A bounded folder of sounds that can be made again."""

from pathlib import Path
from typing import TYPE_CHECKING

from ivr import sound

if TYPE_CHECKING:
    from array import array


def keep(path: Path, samples: "array[int]", most_bytes: int) -> None:
    """Write a sound, and let go of those least lately heard when the folder holds more than it may."""
    sound.write(path, samples)
    kept = sorted((file.stat().st_mtime, file.stat().st_size, file) for file in path.parent.glob("*.wav"))
    excess = sum(size for _, size, _ in kept) - most_bytes
    for _, size, file in kept:
        if excess <= 0 or file == path:
            break
        file.unlink(missing_ok=True)
        excess -= size
