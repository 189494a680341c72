"""A small disk of one's own over a folder, which can be filled to the last byte and emptied again."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """One tmpfs."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast.fill"

    def fill(self) -> None:
        """Leave room for nothing; a file that is open already cannot grow, either."""
        with self._ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def empty(self) -> None:
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Mount it for as long as the block lasts."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount the small disk that this needs")
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={megabytes}m,mode=755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True, timeout=10)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", folder], check=True, timeout=10)
