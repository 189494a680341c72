"""Waiting for something to happen, but not for ever: the one way in which our loops pause."""

import asyncio


async def happens(event: asyncio.Event, within: float) -> bool:
    """Wait until the event is set, at most so many seconds; return whether it is.

    Not asyncio.wait_for, which swallows a cancellation that comes together with the event (Python 3.11): a loop that is
    told to end just as it is woken would go on.
    """
    try:
        async with asyncio.timeout(within):
            await event.wait()
    except TimeoutError:
        return False
    return True
