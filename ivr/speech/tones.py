"""Tells the tones of a telephone network from voice: a recogniser that listens for a few words hears them in a ring tone.

A pure tone follows y[n] + y[n-2] = k·y[n-1] with one k for all samples, and keeps its pitch and its loudness exactly; no
voice does for a fifth of a second.
"""

from array import array
from math import acos, pi, sqrt
from operator import mul

from ivr.speech.settings import RATE

EVERY = 4  # samples; what is above 1000 Hz is seen as a lower tone, which is one all the same
REST = 0.02  # share of the sound that may be something else: noise of the line and of its coding
SAME_PITCH = 3.0  # hertz
SAME_LOUDNESS = 0.15


class Tone:
    """A pure tone as it was in one piece of sound."""

    __slots__ = ("hertz", "loudness")

    def __init__(self, hertz: float, loudness: float) -> None:
        self.hertz = hertz
        self.loudness = loudness

    def goes_on_in(self, other: "Tone | None") -> bool:
        """Say whether the other piece has the same tone."""
        return (
            other is not None
            and abs(self.hertz - other.hertz) < SAME_PITCH
            and abs(self.loudness - other.loudness) < SAME_LOUDNESS * self.loudness
        )


def tone_in(pcm: bytes) -> Tone | None:
    """Return the pure tone that fills the whole of this sound, None if there is none."""
    samples = array("h", pcm)[::EVERY]
    half = len(samples) // 2
    first, second = _pure(samples[:half]), _pure(samples[half:])
    return second if first and first.goes_on_in(second) else None


def _pure(samples: "array[int]") -> Tone | None:
    middle = samples[1:-1]
    around = list(map(int.__add__, samples[2:], samples[:-2]))
    power = sum(map(mul, middle, middle))
    if not power:
        return None
    together = sum(map(mul, around, middle))
    rest = sum(map(mul, around, around)) - together * together / power
    turn = together / power / 2
    if rest > REST * power or abs(turn) >= 1:
        return None
    return Tone(acos(turn) / (2 * pi) * RATE / EVERY, sqrt(power / len(middle)))
