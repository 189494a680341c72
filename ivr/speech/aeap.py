"""Asterisk's speech engine: one WebSocket for each SPEECH CREATE, sound in, one answer for each SPEECH RECOGNIZE.

Words of callers never reach a log. Whoever sends something else than Asterisk does is disconnected.
"""

import asyncio
import json
import logging
import time
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from ivr.speech.decision import Answer
from ivr.speech.ears import Ears, Listener
from ivr.speech.gate import CHUNK, CHUNK_SECONDS, SILENCE
from ivr.speech.grammars import Grammar
from ivr.speech.phrases import UNKNOWN
from ivr.speech.recognition import OPTIONS, Recognition

log = logging.getLogger(__name__)

PROTOCOL = "speech_to_text"
CODEC = "slin"
LARGEST = 64 * 1024  # bytes of one message; a frame of Asterisk has 320
SETUP_SECONDS = 2.0
# Asterisk gives up on an answer to `setup` after one second, and what comes later is written into memory that it has
# freed. Whoever would be late ends the connection instead, while that is safe.
SETUP_LATE = 0.6
PAUSE = 0.3  # seconds without a frame, after which silence is put in: some telephones send nothing when all is still
# Asterisk goes on, or lets go, as soon as it has its answer. Whoever does neither holds a caller in mid-air: Asterisk waits
# without limit for the end of a connection that it has closed, and only a connection that breaks ends that.
FORGOTTEN = 2.0  # seconds after an answer without a word from Asterisk
SILENT = 30.0  # the same at any other time: keys are pressed, or a telephone sends nothing while a prompt is played
AGAIN = 0.5  # seconds without a frame after an answer, after which sound belongs to the next recognition


class NotAsterisk(Exception):
    """The other side does not speak the protocol."""


class TooLate(Exception):
    """We stood still while Asterisk was waiting."""


class Forgotten(Exception):
    """Asterisk has said nothing for so long that it does not listen any more."""


class Session:
    """One connection of Asterisk's."""

    def __init__(self, ears: Ears, socket: web.WebSocketResponse, listener: Listener) -> None:
        self._ears = ears
        self._socket = socket
        self._began = time.monotonic()
        self._listener = listener
        self._is_set_up = False
        self._options: dict[str, int] = {}
        self._recognition: Recognition | None = None
        self._is_unknown = False  # the grammar that was asked for
        self._sound = bytearray()
        self._sent = 0

    async def run(self) -> None:
        """Serve until Asterisk closes. Raises NotAsterisk, TimeoutError if nothing sensible comes, Forgotten if nothing."""
        await self._take(await self._socket.receive(SETUP_SECONDS))
        if not self._is_set_up:
            raise NotAsterisk("no setup")
        while not self._socket.closed:
            try:
                message = await self._socket.receive(self._patience())
            except TimeoutError:
                if not self._is_waiting():
                    raise Forgotten from None
                for _ in range(round(PAUSE / CHUNK_SECONDS)):
                    await self._hear(SILENCE)
                continue
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                return
            await self._take(message)

    def _is_waiting(self) -> bool:
        return self._recognition is not None and self._recognition.is_waiting

    def _patience(self) -> float:
        if self._is_waiting():
            return PAUSE
        return FORGOTTEN if self._recognition is not None and self._recognition.answered else SILENT

    async def _take(self, message: Any) -> None:
        if message.type is WSMsgType.TEXT:
            await self._request(message.data)
        elif message.type is WSMsgType.BINARY and self._is_set_up:
            await self._frame(message.data)
        else:
            raise NotAsterisk("neither a request nor sound")

    # What Asterisk says.

    async def _request(self, text: str) -> None:
        try:
            told = json.loads(text)
        except ValueError:
            raise NotAsterisk("no JSON") from None
        if not isinstance(told, dict) or not isinstance(told.get("id", ""), str):
            raise NotAsterisk("no message of the protocol")
        if "response" in told:
            return
        kind, params = told.get("request"), told.get("params") or {}
        if kind == "setup":
            await self._respond(told, **self._set_up(told))
        elif kind == "set" and isinstance(params, dict):
            await self._respond(told, **self._set(params))
        else:
            await self._respond(told, error_msg="not understood")

    def _set_up(self, told: dict[str, Any]) -> dict[str, Any]:
        codecs = told.get("codecs")
        offered = codecs if isinstance(codecs, list) else []
        chosen = [codec for codec in offered if isinstance(codec, dict) and codec.get("name") == CODEC]
        if not chosen:
            return {"error_msg": "only slin is understood"}
        if not self._is_set_up and time.monotonic() - self._began > SETUP_LATE:
            raise TooLate
        self._is_set_up = True
        return {"codecs": chosen[:1]}

    def _set(self, params: dict[str, Any]) -> dict[str, Any]:
        """Take settings, one or several: `grammar` = `menu:main;spare=600;prompt=2300` is one for all."""
        for name, value in params.items():
            first, *others = str(value).split(";")
            pairs = [(name, first), *(other.partition("=")[::2] for other in others)]
            for key, text in pairs:
                if not self._set_one(key, text):
                    return {"error_msg": f"cannot set {key[:20]}"}
        return {}

    def _set_one(self, name: str, value: str) -> bool:
        if name == "grammar":
            grammar = self._ears.grammars.get(value)
            self._options = {}
            self._begin(grammar)
            self._is_unknown = grammar is None
            return grammar is not None
        if name in OPTIONS:
            if not (value.isascii() and value.isdecimal() and len(value) < 7):
                return False
            self._options[name] = int(value)
            self._begin(self._recognition.grammar if self._recognition else None)
        return True  # the call, a key that was pressed: nothing to do

    def _begin(self, grammar: Grammar | None) -> None:
        self._sound.clear()
        self._recognition = Recognition(self._ears, grammar, self._options) if grammar else None

    async def _respond(self, told: dict[str, Any], **more: Any) -> None:
        await self._send({"response": told.get("request"), "id": told.get("id", ""), **more})

    async def _send(self, message: dict[str, Any]) -> None:
        with suppress(ConnectionError):
            await self._socket.send_str(json.dumps(message, ensure_ascii=False))

    # What the caller says.

    async def _frame(self, pcm: bytes) -> None:
        now = time.monotonic()
        rested, self._listener.last_sound = now - self._listener.last_sound, now
        recognition = self._recognition
        if recognition is None:
            await self._nothing_to_hear()
            return
        if recognition.answered:
            if rested < AGAIN:
                return  # still under way when the answer was sent
            self._begin(recognition.grammar)
        self._sound += pcm
        while len(self._sound) >= CHUNK:
            chunk = bytes(self._sound[:CHUNK])
            del self._sound[:CHUNK]
            await self._hear(chunk)

    async def _nothing_to_hear(self) -> None:
        """Answer at once for no grammar: Asterisk does not tell its scripts that SET failed."""
        if self._is_unknown:
            self._is_unknown = False
            await self._send_result({"text": "", "score": 0, "grammar": ""})

    async def _hear(self, chunk: bytes) -> None:
        recognition = self._recognition
        if recognition is None or recognition.answered:
            return
        answer = await recognition.hear(chunk)
        if answer is not None:
            await self._answer(recognition.grammar, answer)

    async def _answer(self, grammar: Grammar, answer: Answer) -> None:
        kinds = {UNKNOWN: "unknown", "": "silence"}
        self._ears.counts[kinds.get(answer.text, "early" if answer.early else "ended")] += 1
        await self._send_result({"text": answer.text, "score": answer.score, "grammar": grammar.name})

    async def _send_result(self, found: dict[str, str | int]) -> None:
        self._sent += 1
        await self._send({"request": "set", "id": f"result-{self._sent}", "params": {"results": [found]}})


async def serve(request: web.Request, ears: Ears) -> web.StreamResponse:
    """Take Asterisk's connection, or refuse it at once when enough callers are listened to: they use the keys."""
    if ears.is_full():
        ears.counts["refused"] += 1
        return web.Response(status=503, text="enough callers are listened to")
    socket = web.WebSocketResponse(protocols=(PROTOCOL,), max_msg_size=LARGEST, compress=False)
    with ears.listener() as listener:
        await socket.prepare(request)
        try:
            await Session(ears, socket, listener).run()
        except (NotAsterisk, TimeoutError) as error:
            log.debug("a connection that is not Asterisk's: %s", error)
            ears.counts["garbage"] += 1
            with suppress(ConnectionError, asyncio.TimeoutError):
                await socket.close(code=1002)
        except (TooLate, Forgotten) as error:
            ears.counts["late" if isinstance(error, TooLate) else "forgotten"] += 1
            if request.transport is not None:
                request.transport.abort()
    return socket
