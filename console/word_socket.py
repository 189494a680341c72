"""Where the workers of the speech service tell what is said in talks: a socket file that only this account may open."""

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from console.transcripts import Transcripts, Word, read_word

log = logging.getLogger(__name__)

LONGEST_LINE: Final = 64 * 1024
CLOSE_SECONDS: Final = 1.0


def _ours(path: Path) -> socket.socket:
    """Bind the file, which nobody else may open from its first moment on."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    os.fchmod(listening.fileno(), 0o600)
    listening.bind(str(path))
    return listening


class WordSocket:
    """Takes words, and tells every worker which call is not to be listened to."""

    def __init__(self, path: Path, transcripts: Transcripts, seat_of: Callable[[str], str]) -> None:
        self._path = path
        self._transcripts = transcripts
        self._seat_of = seat_of
        self._workers: set[asyncio.StreamWriter] = set()
        self._readers: set[asyncio.Task[None]] = set()
        transcripts.tell_stop = self.stop

    async def run(self) -> None:
        """Listen until cancelled. Without the file there are no drafts, and everything else is as ever."""
        try:
            server = await asyncio.start_unix_server(self._take, sock=_ours(self._path), limit=LONGEST_LINE)
        except OSError as error:
            log.error("talks are not written down: %s: %s", self._path, error)  # noqa: TRY400 - no traceback needed
            return
        async with server:
            try:
                await server.serve_forever()
            finally:
                self._path.unlink(missing_ok=True)
                await self._close()

    async def _close(self) -> None:
        """End the connections, and wait for who reads there: one that is cancelled instead is an error in the log."""
        for worker in self._workers:
            worker.close()
        if self._readers:
            await asyncio.wait(self._readers, timeout=CLOSE_SECONDS)

    async def stop(self, call: str, ear: str = "") -> None:
        """Have the call listened to no more, or not by this ear."""
        line = json.dumps({"stop": call, "ear": ear} if ear else {"stop": call}).encode() + b"\n"
        for worker in tuple(self._workers):
            with contextlib.suppress(ConnectionError):
                worker.write(line)
                await worker.drain()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._workers.add(writer)
        if (reading := asyncio.current_task()) is not None:
            self._readers.add(reading)
            reading.add_done_callback(self._readers.discard)
        try:
            while line := await reader.readline():
                await self._hear(line)
        except (ValueError, ConnectionError):
            log.warning("a worker of the speech service was not understood and is disconnected")
        finally:
            self._workers.discard(writer)
            writer.close()

    async def _hear(self, line: bytes) -> None:
        try:
            word: Word = read_word(json.loads(line))
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError("not a word") from error
        if not self._transcripts.hear(word, self._seat_of(word.call)):
            await self.stop(word.call, word.ear)
