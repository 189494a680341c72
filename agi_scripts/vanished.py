"""Bring to its end the record of each call whose lines Asterisk could not write: its disk was full, and it says so nowhere.

Two kinds: a call of which our process has seen more than the record tells, and one that Asterisk has no more although its
record is open.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from agi_scripts.ami import AMILink, Refused
from agi_scripts.ami_lines import AMIDown
from agi_scripts.witness import Witness
from storage import records, records_seen
from storage.engine import Store
from storage.errors import StoreDown

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
# The last lines of a call are read within milliseconds of its end; so old it must be at least.
YOUNGEST = timedelta(seconds=10)
# So long Asterisk has time to write the lines of a call that has ended; nobody looks at the record meanwhile.
GRACE = timedelta(seconds=30)


@dataclass(slots=True)
class Vanished:
    """Compares the records of one node with the channels its Asterisk has, and with what was seen of them."""

    store: Store
    link: AMILink
    node: str
    now: Callable[[], datetime]
    behind: Callable[[], float]
    """For how many seconds lines have been waiting to be read: an end may be among them."""
    within: timedelta
    witness: Witness = field(default_factory=Witness)
    _missed: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except (StoreDown, AMIDown, Refused, TimeoutError) as error:
                log.debug("open calls are not compared: %r", error)

    async def look(self) -> None:
        """Tell what is missing for the second time, and what was seen to end; a call may end while we look."""
        if not self.link.ready.is_set():
            return
        at = self.now()
        gone = await self._gone(at)
        if self.behind() > 0:
            return
        over = (gone & self._missed) | self.witness.over(at - GRACE)
        talked = {call: self.witness.talked(call) for call in over}
        for call in sorted(await self.store.read(partial(records_seen.untold, talked=talked))):
            await self._tell(call, at)
        self.witness.forget(over)
        self._missed = gone - over

    async def _gone(self, at: datetime) -> set[str]:
        """Return the calls that should go on and that Asterisk does not have."""
        opened = await self.store.read(partial(records.open_calls, node=self.node, before=at - YOUNGEST))
        gone = set(opened) | self.witness.going_on(at - YOUNGEST)
        if gone:
            channels = await self.link.collect({"Action": "CoreShowChannels"})
            gone -= {row.get("Linkedid", "") for row in channels}
            gone -= {row.get("Uniqueid", "") for row in channels}
        return gone

    async def _tell(self, call: str, at: datetime) -> None:
        how = "as we have seen it" if self.witness.ended(call) else "nobody knows how"
        log.error("%s is over and Asterisk has not written it down: told %s", call, how)
        lines, at_ms = self.witness.lines(call), round(at.timestamp() * 1000)
        unit = partial(records_seen.tell, call=call, lines=lines, at_ms=at_ms, within=self.within)
        await self.store.write(unit, retryable=True)
