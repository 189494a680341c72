"""How loud it is: what is silent is never decoded, so that callers who only listen cost nothing."""

from array import array

from ivr.speech.settings import RATE
from ivr.speech.tones import Tone, has_key, tone_in

CHUNK = RATE // 10 * 2  # bytes: a tenth of a second is looked at, and decoded, at once
CHUNK_SECONDS = 0.1
SILENCE = bytes(CHUNK)

LOUD = 110.0  # mean size of a sample; a quiet talker on a bad line has 300, the line's own hiss 20
ABOVE_NOISE = 1.8  # voice is so much louder than what goes on all the time behind it
FLOOR_RISES = 1.05  # a chunk; steady noise is known as such after a few seconds
PAUSE = 0.25  # seconds
BEFORE = 3  # chunks that are kept from before it grew loud: the beginning of the first word
OPEN_CHUNKS = 15  # and so many are decoded after it grew silent: the recogniser wants to see an end


def level(pcm: bytes) -> float:
    """Return the mean size of the samples; every fourth is looked at."""
    samples = array("h", pcm)[::4]
    return sum(map(abs, samples)) / len(samples) if samples else 0.0


def is_loud(pcm: bytes) -> bool:
    """Say whether there may be voice in it."""
    return level(pcm) >= LOUD


class Gate:
    """Lets through what somebody may have said, from a little before it to a while after it."""

    def __init__(self) -> None:
        self.quiet = 0.0  # seconds since there was voice, as far as loudness tells
        self.voiced = 0.0  # seconds of voice since the last pause
        self.is_tone = False  # the network's; what was let through of it just before was no voice, either
        self._floor = LOUD / ABOVE_NOISE
        self._open = 0
        self._before: list[bytes] = []
        self._tone: Tone | None = None

    @property
    def is_open(self) -> bool:
        return self._open > 0

    def passed(self, chunk: bytes) -> bytes:
        """Return what is to be decoded now: nothing while it is silent, or while there is only a tone."""
        loudness = level(chunk)
        if self._belongs_to_tone(chunk, loudness):
            self.quiet, self.voiced = self.quiet + CHUNK_SECONDS, 0.0
            self._open, self._before = 0, []
            return b""
        self._floor = min(max(loudness, LOUD / ABOVE_NOISE), self._floor * FLOOR_RISES)
        if loudness > max(LOUD, self._floor * ABOVE_NOISE):
            begun = self.voiced if self.quiet < PAUSE else 0.0
            self.quiet, self.voiced = 0.0, begun + CHUNK_SECONDS
        else:
            self.quiet += CHUNK_SECONDS
        if loudness >= LOUD:
            opened, self._open = not self._open, OPEN_CHUNKS
            before, self._before = self._before, []
            return b"".join([*before, chunk]) if opened else chunk
        if self._open:
            self._open -= 1
            return chunk
        self._before = [*self._before[1 - BEFORE :], chunk]
        return b""

    def _belongs_to_tone(self, chunk: bytes, loudness: float) -> bool:
        """Say whether this is a tone that was there before, or the piece in which one ends."""
        before, self._tone = self._tone, tone_in(chunk) if loudness >= LOUD else None
        if before is not None and before.goes_on_in(self._tone):
            self.is_tone = True
            return True
        if loudness >= LOUD and has_key(chunk):
            self.is_tone, self._tone = True, Tone(0.0, loudness)
            return True
        ends = self.is_tone and before is not None and loudness < before.loudness
        self.is_tone = False
        return ends
