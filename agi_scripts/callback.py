"""A caller pressed 9: call me back instead."""

import asyncio
import logging
from datetime import UTC, datetime

from agi_scripts.agi import AGISession
from agi_scripts.parts import LOOK_UP_SECONDS, Parts
from dialplan import variables
from ivr.callback import book
from storage.errors import StoreDown
from storage.ring_backs import ask_ring_back

log = logging.getLogger(__name__)


async def run(call: AGISession, parts: Parts) -> None:
    since, wish = await call.get(variables.SINCE), await call.get(variables.WISH)

    async def promise(number: str, chosen_at: datetime | None) -> None:
        """Write the promise down; it stands in the record of the call already, which is read when the store is back."""
        at, key = parts.now(), f"{call.id}:callback"
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                await parts.store.write(
                    lambda conn: ask_ring_back(
                        conn,
                        call=call.id,
                        number=number,
                        at=at,
                        key=key,
                        within=parts.ring_back_within,
                        since=_moment(since),
                        wish=wish,
                        chosen_at=chosen_at,
                    ),
                    retryable=True,
                )
        except (StoreDown, TimeoutError) as down:
            log.warning("%s: the call back stands in the record only, for now: %r", call.id, down)

    place = {name: value for name, value in {"since": since, "wish": wish}.items() if value}
    await call.route(await book(call, promise, now=parts.now(), zone=parts.zone, place=place))


def _moment(epoch: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        return None
