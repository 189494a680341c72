"""Close the calls whose end Asterisk could not write down: its disk was full, and it does not say so."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from agi_scripts.ami import AMILink, Refused
from agi_scripts.ami_lines import AMIDown
from cases.call_facts import VANISHED
from storage import records
from storage.engine import Store
from storage.errors import StoreDown

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
# The last lines of a call are read within milliseconds of its end; so old it must be at least.
YOUNGEST = timedelta(seconds=10)


@dataclass(slots=True)
class Vanished:
    """Compares the open records of one node with the channels its Asterisk has."""

    store: Store
    link: AMILink
    node: str
    now: Callable[[], datetime]
    behind: Callable[[], float]
    """For how many seconds lines have been waiting to be read: an end may be among them."""
    within: timedelta
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
        """Close what is missing for the second time; a call may end while we look."""
        if not self.link.ready.is_set():
            return
        at = self.now()
        still_open = set(
            await self.store.read(partial(records.open_calls, node=self.node, before=at - YOUNGEST))
        )
        if still_open:
            channels = await self.link.collect({"Action": "CoreShowChannels"})
            still_open -= {row.get("Linkedid", "") for row in channels}
            still_open -= {row.get("Uniqueid", "") for row in channels}
        if self.behind() > 0:
            return
        for call in still_open & self._missed:
            log.error("%s is over and nobody wrote down how: its record is closed", call)
            line = f"{int(at.timestamp())}|{call}|hotline|NONE|{VANISHED}|at={round(at.timestamp() * 1000)}"
            await self.store.write(
                partial(records.note, source="engine", line=line, within=self.within), retryable=True
            )
        self._missed = still_open - self._missed
