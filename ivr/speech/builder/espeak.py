"""Speaks pinyin by the library of espeak-ng, which tells of each phone when it begins: labels for training, for nothing.

The program could not do that: only the library reports its phones with their times.
"""

import ctypes
from array import array
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

LIBRARY = "libespeak-ng.so.1"
LANGUAGE = "cmn-latn-pinyin"  # plain `cmn` of Debian spells pinyin as English letters
SILENCE = "SIL"
GLIDE = ";"  # an event between two phones; it belongs to the first
BRIEF = 40.0  # ms; a shorter pause is part of the sound before it
SYNCHRONOUS, PHONEME_EVENTS = 2, 1
RATE_PARAMETER, PITCH_PARAMETER, RANGE_PARAMETER = 1, 3, 4
PHONEME, LAST = 7, 0
UTF8 = 1


class NoLibrary(Exception):
    """espeak-ng cannot be used; the message says why."""


class _Name(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Name),
    )


@dataclass(frozen=True, slots=True)
class Segment:
    """One phone of an utterance, from `begin` (ms) to where the next begins."""

    begin: float
    phone: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said: 16 bit samples at the library's own rate, and its phones."""

    samples: "array[int]"
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is said."""

    voice: str = ""  # a variant of espeak-ng, such as f2
    rate: int = 150
    pitch: int = 50
    pitch_range: int = 50


class Synthesiser:
    """The library, of which a process has one. Not for two threads."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(LIBRARY)
        except OSError as error:
            raise NoLibrary(f"{LIBRARY} cannot be loaded: apt-get install espeak-ng ({error})") from error
        self.rate: int = self._library.espeak_Initialize(SYNCHRONOUS, 0, None, PHONEME_EVENTS)
        if self.rate <= 0:
            raise NoLibrary("espeak-ng finds no data of its own: apt-get install espeak-ng-data")
        self._samples: array[int] = array("h")
        self._events: list[Segment] = []
        called = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))
        self._called = called(self._collect)  # kept: the library calls it as long as it lives
        self._library.espeak_SetSynthCallback(self._called)

    def say(self, pinyin: str, manner: Manner) -> Spoken:
        self._samples, self._events = array("h"), []
        voice = f"{LANGUAGE}+{manner.voice}" if manner.voice else LANGUAGE
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise NoLibrary(f"espeak-ng has no voice {voice}")
        for parameter, value in (
            (RATE_PARAMETER, manner.rate),
            (PITCH_PARAMETER, manner.pitch),
            (RANGE_PARAMETER, manner.pitch_range),
        ):
            self._library.espeak_SetParameter(parameter, value, 0)
        text = pinyin.encode()
        self._library.espeak_Synth(text, len(text) + 1, 0, 1, 0, UTF8, None, None)
        return Spoken(self._samples, tuple(self._events))

    def _collect(self, samples: int | None, count: int, events: "ctypes._Pointer[_Event]") -> int:
        if samples is not None and count > 0:
            self._samples.frombytes(ctypes.string_at(samples, 2 * count))
        place = 0
        while (event := events[place]).type != LAST:
            if event.type == PHONEME:
                phone = event.id.string.decode("utf-8", "replace")
                self._events.append(Segment(float(event.audio_position), phone))
            place += 1
        return 0


@cache
def synthesiser() -> Synthesiser:
    return Synthesiser()


def phones(segments: tuple[Segment, ...], end: float) -> list[Segment]:
    """Return the phones with glides and brief pauses merged into what was before them, and pauses as SIL."""
    merged: list[Segment] = []
    for segment, until in pairwise([*segments, Segment(end, "")]):
        pause = segment.phone.startswith("_")
        if segment.phone == GLIDE or (pause and until.begin - segment.begin < BRIEF):
            continue
        phone = SILENCE if pause else segment.phone
        if not (merged and phone == SILENCE == merged[-1].phone):
            merged.append(Segment(segment.begin, phone))
    return merged


def is_foreign(segments: tuple[Segment, ...]) -> bool:
    """Tell whether the library changed to another language on the way, as it does for what it cannot read."""
    return any(segment.phone.startswith("(") for segment in segments)
