"""Take in the messages that callers left while our process was dead, each exactly once."""

import asyncio
import errno
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from cases.call_facts import readable
from cases.call_record import RING_BACK_WITHIN
from routing.happens import happens
from storage import spool
from storage.engine import Store
from storage.errors import StoreDown
from storage.spool import SpooledMessage

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
# A script that was killed leaves its .part; no message takes longer than this.
ABANDONED_SECONDS = 600
# The message is well; it is we who cannot read now.
OUR_WANT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO})


@dataclass(slots=True)
class Spool:
    """The folder in which Asterisk's own scripts leave messages."""

    store: Store
    folder: Path
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    within: timedelta = RING_BACK_WITHIN
    """So soon the city rings back."""
    _away: bool = False

    async def run(self, stop: asyncio.Event) -> None:
        """Look into the folder until told to stop; the messages wait there while the store is away."""
        while not stop.is_set():
            try:
                await self.take_all()
                self._away = False
            except (StoreDown, OSError) as error:  # it may pass: a disk that is full, no descriptor left
                if not self._away:
                    log.warning("messages wait in the spool: %r", error)
                self._away = True
            await happens(stop, within=POLL_SECONDS)

    async def take_all(self) -> int:
        """Take in every finished message and return how many were new."""
        taken = 0
        for path in await asyncio.to_thread(_finished, self.folder):
            taken += await self._take(path)
        return taken

    async def _take(self, path: Path) -> bool:
        """Keep a message, then put its files away. A crash in between only puts them away again."""
        try:
            message = await asyncio.to_thread(_read, path)
        except (OSError, ValueError, TypeError, KeyError) as error:
            if isinstance(error, OSError) and error.errno in OUR_WANT:
                raise
            why = type(error).__name__
            log.warning("a message in the spool cannot be read (%s); it is set aside in bad/", why)
            await asyncio.to_thread(_put_away, path, "bad")
            return False
        unit = partial(spool.take_message, message=message, at=self.now(), within=self.within)
        new = await self.store.write(unit, retryable=True)
        await asyncio.to_thread(_put_away, path, "done")
        if new:
            log.info("a message of %.1f s became a call and a draft: %s", message.seconds, message.call)
        return new


def _finished(folder: Path) -> list[Path]:
    """Return what no script is writing any more, oldest first."""
    if not folder.is_dir():
        return []
    old = time.time() - ABANDONED_SECONDS
    found = [path for path in folder.iterdir() if path.suffix in {".json", ".part"} and path.is_file()]
    return sorted(path for path in found if path.suffix == ".json" or path.stat().st_mtime < old)


def _read(path: Path) -> SpooledMessage:
    said = json.loads(path.read_text(encoding="utf-8"))
    call = str(said["call"])
    # A script that was killed could not say whether there is a sound.
    beside = path.with_suffix(".wav") if said["sound"] or path.suffix == ".part" else None
    return SpooledMessage(
        # The script's two names for one message are one.
        file=f"{path.stem}.json",
        call=call if call.isascii() and call.isprintable() and 0 < len(call) <= 64 else path.stem[:64],
        number=readable(str(said["number"])),
        dialled=readable(str(said["dialled"])),
        sound=beside.name if beside and beside.is_file() else None,
        seconds=float(said["seconds"]),
        at=datetime.fromtimestamp(float(said["at"]), UTC),
    )


def _put_away(path: Path, where: str) -> None:
    """Move the sound first: as long as the message itself lies here, both are found again."""
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    sound = path.with_suffix(".wav")
    if sound.is_file():
        sound.replace(folder / sound.name)
    path.replace(folder / f"{path.stem}.json")
