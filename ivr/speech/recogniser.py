"""Vosk, and the one thread of a worker in which it decodes. Everything else waits for that thread without blocking."""

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import vosk

from ivr.speech.decision import Words
from ivr.speech.models import NoModel, is_model
from ivr.speech.settings import RATE

vosk.SetLogLevel(-1)

T = TypeVar("T")
LATELY = 1.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words of open dictation: a draft of what somebody said, seconds counted from the beginning of the sound."""

    text: str  # words split by spaces, as the model writes them
    final: bool
    start: float = 0.0
    end: float = 0.0
    score: int = 0  # 0 to 100; of finals only


class Model:
    """A loaded model; streams on it are light."""

    def __init__(self, folder: Path) -> None:
        if not is_model(folder):  # Vosk would end the process
            raise NoModel(f"不是语音模型目录 this is no folder of a Vosk model: {folder}")
        self._model: Any = vosk.Model(str(folder))

    def knows(self, word: str) -> bool:
        return int(self._model.vosk_model_find_word(word)) >= 0

    def stream(self, written: str | None = None) -> "VoskStream":
        """Begin to listen: for a grammar, or for whatever is said."""
        return VoskStream(self._model, written)


class VoskStream:
    """A recogniser at work. A `decision.Stream`."""

    def __init__(self, model: Any, written: str | None) -> None:
        arguments = (model, RATE) if written is None else (model, RATE, written)
        self._vosk: Any = vosk.KaldiRecognizer(*arguments)
        self._vosk.SetWords(True)
        self._ended = False

    def accept(self, pcm: bytes) -> bool:
        self._ended = bool(self._vosk.AcceptWaveform(pcm))
        return self._ended

    def partial(self) -> tuple[str, ...]:
        return tuple(json.loads(self._vosk.PartialResult())["partial"].split())

    def final(self) -> Words:
        found = self.final_words()
        confidence = min((float(word["conf"]) for word in found), default=0.0)
        return Words(tuple(word["word"] for word in found), confidence)

    def final_words(self) -> list[dict[str, Any]]:
        """Return word, conf, start and end of each; begins anew."""
        told = self._vosk.Result() if self._ended else self._vosk.FinalResult()
        self._ended = False
        words: list[dict[str, Any]] = json.loads(told).get("result", [])
        return words


class DecodeThread:
    """Runs jobs one after the other. Tells how long the newest waited, and since when the present one runs."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "decode")
        self._running_since: float | None = None
        self._waited = (0.0, 0.0)  # how long the newest job did, and when that was

    async def run(self, job: Callable[[], T]) -> T:
        asked = time.monotonic()

        def timed() -> T:
            now = self._running_since = time.monotonic()
            self._waited = (now - asked, now)
            try:
                return job()
            finally:
                self._running_since = None

        return await asyncio.get_running_loop().run_in_executor(self._pool, timed)

    def lag(self, at: float) -> float:
        """Return how many seconds jobs have been waiting lately."""
        waited, when = self._waited
        return waited if at - when < LATELY else 0.0

    def stuck_for(self, at: float) -> float:
        """Return for how many seconds one job has been running at this moment of the monotonic clock."""
        since = self._running_since
        return 0.0 if since is None else at - since


class Dictation:
    """Writes down whatever is said. Sound goes in piece by piece; nothing of it blocks the loop."""

    def __init__(self, model: Model, thread: DecodeThread) -> None:
        self._thread = thread
        self._model = model
        self._stream: VoskStream | None = None
        self._partial: tuple[str, ...] = ()

    async def feed(self, pcm: bytes) -> list[Said]:
        """Take some sound (best 0.1 to 0.4 s); return what is new: a partial that changed, or a final."""
        return await self._thread.run(lambda: self._accept(pcm))

    async def end(self) -> list[Said]:
        """Return the final of what is still open."""
        return await self._thread.run(self._close)

    def _accept(self, pcm: bytes) -> list[Said]:
        if self._stream is None:
            self._stream = self._model.stream()
        if self._stream.accept(pcm):
            return self._close()
        partial = self._stream.partial()
        if partial == self._partial:
            return []
        self._partial = partial
        return [Said(text=" ".join(partial), final=False)]

    def _close(self) -> list[Said]:
        self._partial = ()
        words = self._stream.final_words() if self._stream else []
        if not words:
            return []
        return [
            Said(
                text=" ".join(word["word"] for word in words),
                final=True,
                start=float(words[0]["start"]),
                end=float(words[-1]["end"]),
                score=round(100 * sum(float(word["conf"]) for word in words) / len(words)),
            )
        ]
