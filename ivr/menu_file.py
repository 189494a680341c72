"""The menu file: read once, and again when it has changed. A file that is wrong changes nothing."""

import logging
import time
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path

from ivr.menu import BadMenu, Book, Profile
from ivr.menu_text import parse

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


def load(path: Path | None = None) -> Book:
    """Return the book of a file, or the one that ships; raise BadMenu."""
    if path is None:
        return shipped()
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadMenu(f"{path}: 无法读取 (cannot be read): {error}") from None
    return parse(text, path.parent)


@cache
def shipped(profile: Profile = Profile.DIRECT) -> Book:
    """Return one of the books that ship."""
    return parse(resources.files("ivr.menus").joinpath(f"{profile}.toml").read_text("utf-8"))


class MenuFile:
    """The book in force. Asked at any time, it looks at the file at most once a second.

    A city's file may come, change and go while calls are on the line; each call keeps the book it began with.
    """

    def __init__(self, path: Path | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._looked = -LOOK_SECONDS
        self._seen: tuple[int, int, int] | None = None
        self._book = shipped()

    def __call__(self) -> Book:
        now = self._clock()
        if self._path is not None and now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._look(self._path)
        return self._book

    def _look(self, path: Path) -> None:
        try:
            found = path.stat()
            seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        except OSError:
            # Not there (yet): what was read last holds, and what ships before that.
            seen = None
        if seen is None or seen == self._seen:
            return
        self._seen = seen
        try:
            self._book = load(path)
        except BadMenu as bad:
            log.warning("menus: %s is wrong, version %s stays: %s", path, self._book.version, bad)
        else:
            log.info("menus: version %s of %s", self._book.version, path)
