"""The cable between our process and what it speaks to: it can be cut, go dead without a word, be slow, or carry dirt."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

READ_BYTES = 65536
END = b"\r\n\r\n"
RUBBISH = (
    b"\xff\xfe\x00\xe7\xa6",
    b"Event",
    b"Event: Hangup",
    b"Event: Hangup\r\nChannel: PJSIP/s1001-00000001\r\nTimestamp: yesterday",
    b"Event: DialEnd\r\nDialStatus: ANSWER\r\nTimestamp: 1",
    b"Event: QueueCallerJoin\r\nQueue: hotline\r\nPosition: -1",
    b"Event: VarSet\r\nVariable: HOTLINE_PLACE\r\nValue: gone",
    "Response: Error\r\nActionID: 没有人问过\r\nMessage: 无此请求".encode(),
)


class Dirt:
    """What becomes of Asterisk's words: events come twice, neighbours change places, rubbish stands between them."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def __call__(self, messages: list[bytes]) -> Iterator[bytes]:
        said: list[bytes] = []
        for message in messages:
            said.append(message)
            if message.startswith(b"Event: ") and b"ActionID" not in message:
                said.append(message)
                if len(said) > 3 and self._dice.random() < 0.3 and said[-3].startswith(b"Event: "):
                    said[-2], said[-3] = said[-3], said[-2]
            if self._dice.random() < 0.2:
                said.append(self._dice.choice(RUBBISH))
        line = b"".join(message + END for message in said)
        while line:
            size = self._dice.randint(1, 60)
            yield line[:size]
            line = line[size:]


class Cable:
    """Forwards a TCP port to another one, or to a socket in the file system."""

    def __init__(self, to: int | Path, *, delay: float = 0.0) -> None:
        self._to = to
        self.delay = delay
        """So many seconds each word takes, in each direction."""
        self.dirt: Callable[[list[bytes]], Iterator[bytes]] | None = None
        """What is made of the messages of AMI that come from there."""
        self._ours: set[asyncio.StreamWriter] = set()
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

    async def flood(self, message: bytes, times: int) -> None:
        """Let Asterisk say this so often, as fast as it is read. Between two lists of events only: nothing is torn apart."""
        for writer in self._ours:
            for _ in range(times // 100):
                writer.write((message + END) * 100)
                await writer.drain()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.plugged += 1
        try:
            there, back = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        self._ours.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer, self._told))
        self._writers -= {writer, back}
        self._ours.discard(writer)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._to, Path):
            return await asyncio.open_unix_connection(self._to)
        return await asyncio.open_connection("127.0.0.1", self._to)

    def _told(self, data: bytes, rest: bytes) -> tuple[list[bytes], bytes]:
        """Make dirt of whole messages; what follows them waits for its end."""
        if self.dirt is None:
            return [rest + data], b""
        *whole, rest = (rest + data).split(END)
        return list(self.dirt(whole)), rest

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        made: Callable[[bytes, bytes], tuple[list[bytes], bytes]] = lambda data, _: ([data], b""),
    ) -> None:
        rest = b""
        try:
            while data := await reader.read(READ_BYTES):
                await self._carries.wait()
                await asyncio.sleep(self.delay)
                pieces, rest = made(data, rest)
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
        finally:
            writer.transport.abort()
