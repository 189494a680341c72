"""The cable between our process and Asterisk's AMI: it can be cut, and it can go dead without a word."""

import asyncio
import contextlib
from typing import Self

READ_BYTES = 65536


class Cable:
    """Forwards one TCP port to another."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._writers: set[asyncio.StreamWriter] = set()
        self._carries = asyncio.Event()
        self._carries.set()
        self.plugged = 0
        """How often somebody has connected."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Tear every connection down, as a reset does."""
        for writer in self._writers:
            writer.transport.abort()

    def die(self) -> None:
        """Carry nothing more, and tell nobody."""
        self._carries.clear()

    def live(self) -> None:
        self._carries.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.plugged += 1
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        self._writers -= {writer, back}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(READ_BYTES):
                await self._carries.wait()
                writer.write(data)
                await writer.drain()
        finally:
            writer.transport.abort()
