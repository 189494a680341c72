"""语音补充转写: has what citizens said to their cases written down, as a draft beside the recording."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from hotline.writing_down import keep_writing_down
from ivr.speech.transcriber import Heard, NotHeard
from storage import voice_notes
from storage.engine import Store
from storage.voice_notes import Unheard

log = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(
    hours=1
)  # a sound that could not be heard may be heard by a service that was started anew
NOT_LATER_THAN = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWords:
    """One note after the other, beside everything else; without a speech service they wait."""

    store: Store
    folder: Path
    """The recordings."""
    there: Callable[[], bool]
    transcribe: Callable[[Path], Awaitable[list[Heard]]]
    now: Callable[[], datetime]
    failed: dict[int, datetime] = field(default_factory=dict)
    """Notes that could not be heard, and when that was."""

    async def run(self) -> None:
        """Look for notes until cancelled."""
        await keep_writing_down("what citizens said to their cases is", self.there, self.take_all)

    async def take_all(self) -> int:
        """Have all that wait written down; return how many were."""
        at = self.now()
        waiting = await self.store.read(partial(voice_notes.unheard, since=at - NOT_LATER_THAN))
        due = [one for one in waiting if self.failed.get(one.id, at) <= at]
        return sum([await self._take(one) for one in due])

    async def _take(self, note: Unheard) -> bool:
        try:
            heard = await self.transcribe(self.folder / note.path)
        except NotHeard as error:
            log.warning("note %d is not written down: %s", note.id, error)
            self.failed[note.id] = self.now() + AGAIN_AFTER
            return False
        words = "，".join(one.text for one in heard)
        await self.store.write(lambda conn: voice_notes.heard(conn, note.id, words), retryable=True)
        log.info("note %d is written down: %d sentences", note.id, len(heard))
        return True
