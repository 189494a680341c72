"""Ends a process that gets no memory any more: it cannot mend that itself, and a new one begins with little.

What such a process leaves behind is whole: calls are Asterisk's, their records stay in its files until they are kept, and
the store knows only what was committed. Whoever keeps processes alive starts it again within a second.
"""

import asyncio
import logging
import os
from collections.abc import Callable

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
ENOUGH = 64 << 20
"""What signing in takes: who cannot have so much serves nobody new."""
LATE_SECONDS = 10.0
"""Records that wait for so long, and no memory: they would wait for ever."""
WITHOUT_SECONDS = 30.0
"""Without memory for so long it is no moment's want: records may still be kept, but nobody can sign in any more."""


async def watch(late: Callable[[], float], end: Callable[[], None] | None = None) -> None:
    """Look until cancelled, or until the end. `late` tells for how many seconds records of calls have waited."""
    clock = asyncio.get_running_loop().time
    there_at = clock()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if is_there():
            there_at = clock()
        elif late() >= LATE_SECONDS or clock() - there_at >= WITHOUT_SECONDS:
            (end or _end)()


def is_there(size: int = ENOUGH) -> bool:
    """Tell whether the machine gives us so much; it is given back at once, untouched."""
    try:
        bytearray(size)
    except MemoryError:
        return False
    return True


def _end() -> None:
    """Leave without tidying up: that would need memory, and might wait for ever for a thread that has none."""
    try:
        log.critical(
            "没有可用内存，进程退出并重新启动 no memory is left: this process ends and is started again"
        )
    finally:
        os._exit(os.EX_OSERR)
