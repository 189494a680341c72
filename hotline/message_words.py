"""留言转写: has messages written down as they come in, so that whoever rings back knows what it is about."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from cases.transcripts import Party, Said
from hotline.writing_down import keep_writing_down
from ivr.speech.transcriber import Heard, NotHeard
from storage import transcripts
from storage.engine import Store
from storage.transcripts import Unheard

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWords:
    """One message after the other, beside everything else; without a speech service they wait."""

    store: Store
    folder: Path
    """The spool, which puts messages away in done/."""
    there: Callable[[], bool]
    transcribe: Callable[[Path], Awaitable[list[Heard]]]
    now: Callable[[], datetime]

    async def run(self) -> None:
        """Look for messages until cancelled."""
        await keep_writing_down("messages are", self.there, self.take_all)

    async def take_all(self) -> int:
        """Have all that wait written down; return how many were."""
        at = self.now()
        waiting = await self.store.read(partial(transcripts.unheard, at=at))
        return sum([await self._take(one) for one in waiting])

    async def _take(self, message: Unheard) -> bool:
        try:
            heard = await self.transcribe(self._sound(message))
        except NotHeard as error:
            log.warning("message %s is not written down: %s", message.call, error)
            at = self.now()
            await self.store.write(lambda conn: transcripts.message_not_heard(conn, message.call, at))
            return False
        said = [_said(message.at, number, one) for number, one in enumerate(heard)]
        await self.store.write(lambda conn: transcripts.message_heard(conn, message.call, said))
        log.info("message %s is written down: %d sentences", message.call, len(said))
        return True

    def _sound(self, message: Unheard) -> Path:
        name = Path(message.sound).name
        put_away = self.folder / "done" / name
        return put_away if put_away.is_file() else self.folder / name


def _said(began: datetime, number: int, one: Heard) -> Said:
    # The number keeps apart what begins at the same moment, and the order.
    at = began + timedelta(seconds=one.start, microseconds=number)
    return Said(Party.MESSAGE, at, one.seconds, one.text, one.score)
