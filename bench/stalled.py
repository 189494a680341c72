"""One board that never reads: what is kept for it, how it is ended, and what it finds when it is awake again."""

import asyncio
import fcntl
import socket
import struct
import termios
import time
from dataclasses import dataclass, field
from typing import Self

from console.sockets import Listener
from console.wall import WALL
from tests.console.raw_socket import closed_with, read_to_the_end
from tests.console.world import World, connect_and_never_read, hear

PATH = "/live/wall"


@dataclass
class Stalled:
    world: World
    connection: socket.socket
    listener: Listener
    since: float = field(default_factory=time.monotonic)
    lasted: float = 0.0
    kept: int = 0
    code: int = 0
    seats: int = 0
    whole: bool = False
    watching: asyncio.Task[None] | None = None

    @classmethod
    async def begin(cls, world: World) -> Self:
        wall, lead = world.app[WALL], await world.signed_in("lead")
        before = set(wall._listeners)  # noqa: SLF001
        connection = connect_and_never_read(world, lead, PATH)
        async with asyncio.timeout(10):
            while not (new := wall._listeners - before):  # noqa: ASYNC110, SLF001
                await asyncio.sleep(0.02)
        one = cls(world, connection, new.pop())
        one.watching = asyncio.create_task(one._watch())
        return one

    async def _watch(self) -> None:
        """Note what this process and the kernel hold for it, until it is ended."""
        transport = self.listener._transport  # noqa: SLF001
        assert transport is not None
        while not self.listener.gone:
            queued = fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, b"\0" * 4)
            held = transport.get_write_buffer_size() + struct.unpack("i", queued)[0]
            self.kept = max(self.kept, held)
            await asyncio.sleep(0.2)
        self.lasted = time.monotonic() - self.since

    async def end(self) -> None:
        """Wait until it was ended, wake up, read what there is, and connect again as a page does."""
        assert self.watching is not None
        async with asyncio.timeout(40):
            await self.watching
        self.code = closed_with(await asyncio.to_thread(read_to_the_end, self.connection)) or 0
        self.connection.close()
        lead = await self.world.signed_in("lead")
        async with lead.socket(PATH, max_msg_size=0) as again:
            picture = await hear(again, "wall")
        known = self.world.engine.line.seats
        self.seats = len(picture["seats"])
        self.whole = {each["id"] for each in picture["seats"]} == set(known)

    def drop(self) -> None:
        if self.watching is not None:
            self.watching.cancel()
        self.connection.close()

    def __str__(self) -> str:
        return (
            f"the one that never reads: at most {self.kept / 1000:.0f} kB kept for it, ended after {self.lasted:.0f} s "
            f"with {self.code or 'no code'}, back with {self.seats} seats, {'whole' if self.whole else 'NOT WHOLE'}"
        )
