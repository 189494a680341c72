"""Tells the tones of a telephone network from voice: a recogniser that listens for a few words hears them in a ring tone.

A pure tone follows y[n] + y[n-2] = k·y[n-1] with one k for all samples, and keeps its pitch and its loudness exactly; no
voice does for a fifth of a second. Two tones follow y[n] + y[n-4] = b·(y[n-1] + y[n-3]) - c·y[n-2], and no voice has just
the two of a key.
"""

from array import array
from math import acos, pi, sqrt
from operator import mul

from ivr.speech.settings import RATE

EVERY = 4  # samples; what is above 1000 Hz is seen as a lower tone, which is one all the same
REST = 0.02  # share of the sound that may be something else: noise of the line and of its coding
SAME_PITCH = 3.0  # hertz
SAME_LOUDNESS = 0.15
NEAR = 12.0  # hertz by which a key may be beside its tones
LOW = (697, 770, 852, 941)
HIGH = tuple(RATE // EVERY - hertz for hertz in (1209, 1336, 1477, 1633))  # as they are seen


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


def has_key(pcm: bytes) -> bool:
    """Say whether this sound begins with a key of a telephone, heard as sound."""
    samples = array("h", pcm)[::EVERY]
    pair = _two_tones(samples[: len(samples) // 2])
    if pair is None:
        return False
    return any(
        min(abs(low - hertz) for hertz in LOW) < NEAR and min(abs(high - hertz) for hertz in HIGH) < NEAR
        for low, high in (pair, pair[::-1])
    )


def _two_tones(samples: "array[int]") -> tuple[float, float] | None:
    """Return the pitches of the two tones that the sound consists of, None if it does not."""
    middle = samples[2:-2]
    beside = list(map(int.__add__, samples[3:-1], samples[1:-3]))
    around = list(map(int.__add__, samples[4:], samples[:-4]))
    mm, bb, mb = sum(map(mul, middle, middle)), sum(map(mul, beside, beside)), sum(map(mul, middle, beside))
    am, ab, aa = sum(map(mul, around, middle)), sum(map(mul, around, beside)), sum(map(mul, around, around))
    split = bb * mm - mb * mb
    if split <= 0:
        return None
    b, c = (ab * mm - am * mb) / split, (ab * mb - am * bb) / split
    under = b * b / 16 - (c - 2) / 4
    if aa - b * ab + c * am > REST * mm or under < 0:
        return None
    turns = (b / 4 + sqrt(under), b / 4 - sqrt(under))
    if max(map(abs, turns)) >= 1:
        return None
    return _hertz(turns[0]), _hertz(turns[1])


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
    return Tone(_hertz(turn), sqrt(power / len(middle)))


def _hertz(turn: float) -> float:
    return acos(turn) / (2 * pi) * RATE / EVERY
