"""What one worker hears with: the model, its decode thread, the grammars, and a count of who is being listened to."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from ivr.menu_file import MenuFile
from ivr.speech.grammars import Grammars
from ivr.speech.recogniser import DecodeThread, Dictation, Model
from ivr.speech.settings import ServiceSettings

LISTENED_TO = 2.0  # seconds since the last sound in which a connection still counts as a recognition
LAGS = 0.5  # seconds of waiting for the decode thread with which no more callers are taken on


class Listener:
    """One connection that may bring sound."""

    __slots__ = ("last_sound",)

    def __init__(self) -> None:
        self.last_sound = time.monotonic()


class Ears:
    """Shared by all connections of a worker; lives in its event loop."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._model = Model(settings.model)
        self._most = settings.most
        self._listeners: set[Listener] = set()
        self.model = self._model
        self.thread = DecodeThread()
        self.grammars = Grammars(MenuFile(settings.menu), self._model.knows)
        self.counts: Counter[str] = Counter()

    @property
    def active(self) -> int:
        """Return how many are being listened to: they speak, or may at any moment."""
        since = time.monotonic() - LISTENED_TO
        return sum(one.last_sound > since for one in self._listeners)

    def is_full(self) -> bool:
        return self.active >= self._most or self.thread.lag(time.monotonic()) > LAGS

    @contextmanager
    def listener(self) -> Iterator[Listener]:
        one = Listener()
        self._listeners.add(one)
        try:
            yield one
        finally:
            self._listeners.discard(one)

    def dictation(self) -> Dictation:
        """Begin to write down whatever is said."""
        return Dictation(self._model, self.thread)


EARS = web.AppKey("ears", Ears)
