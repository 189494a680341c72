"""The sound of talks, as Asterisk brings it: one WebSocket for each side, whose words go to the hotline's process.

A talk gives way to the callers in the menus: when the decode thread is late, its sound is dropped and theirs is not. What is
said never reaches a log.
"""

import re
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import WSMsgType, web

from cases.transcripts import Party
from ivr.speech.ears import Ears
from ivr.speech.gate import CHUNK, Gate
from ivr.speech.link import Link
from ivr.speech.phrases import UNKNOWN
from ivr.speech.recogniser import Dictation, Said
from ivr.speech.settings import RATE

PROTOCOL = "media"
LARGEST = 64 * 1024  # bytes of one message; a frame of Asterisk has 320
PIECE = 2 * CHUNK  # bytes that are decoded at once
STILL_SECONDS = 0.6  # without a frame: the leg sends nothing while nobody speaks, and what was open has ended
GIVES_WAY = 0.25  # seconds that the decode thread may be late
PARTIAL_SECONDS = 0.3  # nobody reads faster
TALKS = frozenset({Party.CITIZEN, Party.SEAT})

_CALL = re.compile(r"[\w.-]{1,64}", re.ASCII)
_EAR = re.compile(r"[0-9a-f]{0,16}")


async def serve(request: web.Request, ears: Ears, link: Link) -> web.StreamResponse:
    """Listen to one side of a talk until Asterisk ends it, or until nobody may."""
    call, party, ear = (request.query.get(name, "") for name in ("call", "party", "ear"))
    if not _CALL.fullmatch(call) or party not in TALKS or not _EAR.fullmatch(ear):
        raise web.HTTPBadRequest(text="call and party are expected")
    socket = web.WebSocketResponse(protocols=(PROTOCOL,), max_msg_size=LARGEST, compress=False)
    await socket.prepare(request)
    side = Side(ears, link, {"call": call, "party": party, "ear": ear})
    ears.counts["talks"] += 1
    with link.listening(call, ear, socket.close):
        while not socket.closed:
            try:
                message = await socket.receive(timeout=STILL_SECONDS)
            except TimeoutError:
                await side.is_still()
                continue
            if message.type is WSMsgType.BINARY:
                await side.hear(message.data)
            elif message.type is not WSMsgType.TEXT:  # Asterisk's own words about the channel
                break
        await side.is_still()
    return socket


class Side:
    """One side of a talk: sound in, sentences out."""

    def __init__(self, ears: Ears, link: Link, whose: Mapping[str, str]) -> None:
        self._ears = ears
        self._link = link
        self._whose = whose
        self._gate = Gate()
        self._sound = bytearray()
        self._dictation: Dictation = ears.dictation()
        self._decoded = 0.0  # seconds of sound
        self._open = False
        self._told_at = 0.0

    async def hear(self, frame: bytes) -> None:
        """Take sound, whatever its length."""
        self._sound += frame
        while len(self._sound) >= PIECE:
            piece = bytes(self._sound[:PIECE])
            del self._sound[:PIECE]
            await self._decode(self._gate.passed(piece[:CHUNK]) + self._gate.passed(piece[CHUNK:]))

    async def is_still(self) -> None:
        """Nothing comes any more: what is open has ended."""
        if self._open:
            self._open = False
            self._tell(await self._dictation.end())

    async def _decode(self, sound: bytes) -> None:
        if not sound:
            await self.is_still()
        elif self._ears.thread.lag(time.monotonic()) > GIVES_WAY:
            self._ears.counts["talk_gaps"] += 1
        else:
            self._open = True
            self._decoded += len(sound) / 2 / RATE
            self._tell(await self._dictation.feed(sound))

    def _tell(self, said: list[Said]) -> None:
        now = time.time()
        for one in said:
            text = written(one.text)
            if one.final and text:
                began = now - max(0.0, self._decoded - one.start)
                seconds = round(one.end - one.start, 2)
                rest = {"at": round(began, 3), "seconds": seconds, "score": one.score / 100}
                self._link.tell(self._message("final", text) | rest, may_wait=True)
            elif not one.final and now - self._told_at >= PARTIAL_SECONDS:
                self._told_at = now
                self._link.tell(self._message("partial", text), may_wait=False)

    def _message(self, kind: str, text: str) -> dict[str, Any]:
        return {**self._whose, "kind": kind, "text": text}


def written(words: str) -> str:
    """Return words as Chinese is written: without spaces, and without what was not understood."""
    return "".join(word for word in words.split() if word != UNKNOWN)
