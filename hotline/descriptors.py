"""File descriptors: as many as the machine allows, and some in reserve for the moment when there are none left.

The kernel shakes hands with whoever connects, whether we can take him in or not. A citizen whose script is asked for in
that moment would wait in silence; one whose connection is closed at once is led to a person by the dialplan.
"""

import asyncio
import errno
import logging
import os
import resource
import socket
from contextlib import suppress
from typing import Any

log = logging.getLogger(__name__)

# More than this we never need, and a kernel may offer a thousand million.
MOST = 65_536
# Other threads want some, too, in the moment in which the reserve is given up.
SPARE = 8


def allowed() -> int:
    """Return how many descriptors a process here may have at most."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)


def take_all() -> None:
    """Raise our own limit as far as we may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < allowed():
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed(), hard))


class Reserve:
    """Answers for a loop that has no descriptor left to accept with: who has connected is refused, not kept waiting."""

    def __init__(self) -> None:
        self._spare: list[int] = []
        self._lay_in()

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.set_exception_handler(self._handle)

    def _lay_in(self) -> None:
        with suppress(OSError):  # there are none now
            while len(self._spare) < SPARE:
                self._spare.append(os.open(os.devnull, os.O_RDONLY))

    def _handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error, door = context.get("exception"), context.get("socket")
        if door is None or not isinstance(error, OSError) or error.errno not in {errno.EMFILE, errno.ENFILE}:
            loop.default_exception_handler(context)
            return
        refused = self._refuse(door.fileno())
        log.error("没有空闲的文件描述符 no file descriptor is left: %d connections refused", refused)

    def _refuse(self, door: int) -> int:
        """Close every connection that waits at this door; return how many there were."""
        refused = 0
        while self._spare:
            os.close(self._spare.pop())
        listening = socket.socket(fileno=door)
        try:
            with suppress(OSError):  # nobody waits there any more, or other threads were quicker
                while True:
                    listening.accept()[0].close()
                    refused += 1
        finally:
            listening.detach()
            self._lay_in()
        return refused
