"""Makes clean synthetic speech sound as it comes over a telephone: rooms, bands, noise, codecs, lost frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]

RATE = 8000
FULL = 32768.0
LOST = 160  # samples of a lost packet
WHITE, PINK, BROWN, BABBLE, HUM = range(5)
MU, A = 255.0, 87.6
DTMF = ((697, 770, 852, 941), (1209, 1336, 1477, 1633))


@dataclass(frozen=True, slots=True)
class Telephone:
    """Draws for each utterance what happens to it on the way; `crowd` is who talks in the background."""

    random: np.random.Generator
    crowd: Sequence[NDArray[np.int16]]

    def carry(self, speech: Sound) -> Sound:
        """Return the speech as it arrives, at any level a telephone has."""
        draw = self.random
        power = _power(speech, 200)
        heard = self._room(speech) if draw.random() < 0.25 else speech
        if draw.random() < 0.8:
            heard = self._band(heard)
        if draw.random() < 0.4:
            heard = heard + draw.uniform(-0.5, 0.5) * np.concatenate([[0.0], heard[:-1]])
        heard = heard * np.sqrt(power / _power(heard, 100))
        if draw.random() < 0.85:
            heard = heard + self._noise(len(heard)) * np.sqrt(power / 10 ** (draw.uniform(3, 35) / 10))
        return self._line(heard)

    def _room(self, speech: Sound) -> Sound:
        length = int(self.random.uniform(0.1, 0.45) * RATE)
        echo = self.random.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
        echo *= self.random.uniform(0.05, 0.35)
        echo[0] = 1.0
        whole = len(speech) + length
        return np.asarray(
            np.fft.irfft(np.fft.rfft(speech, whole) * np.fft.rfft(echo, whole), whole)[: len(speech)]
        )

    def _band(self, speech: Sound) -> Sound:
        low, high = self.random.uniform(80, 350), self.random.uniform(2900, 3900)
        return band(speech, low, high, order=int(self.random.integers(1, 4)))

    def _noise(self, length: int) -> Sound:
        kind = int(self.random.integers(0, 5))
        if kind == BABBLE:
            return self._babble(length)
        if kind == HUM:
            return _unit(self._hum(length) + 0.3 * coloured(self.random, length, WHITE))
        return coloured(self.random, length, kind)

    def _babble(self, length: int) -> Sound:
        together = np.zeros(length)
        for _ in range(int(self.random.integers(3, 7))):
            other = self.crowd[int(self.random.integers(len(self.crowd)))].astype(float)
            looped = np.tile(other, 1 + length // len(other))[:length]
            together += np.roll(looped, int(self.random.integers(length)))
        # Whoever talks behind the caller is never as loud as the caller.
        return _unit(together) * self.random.uniform(0.3, 0.7)

    def _hum(self, length: int) -> Sound:
        base = float(self.random.choice([50, 60, 100]))
        at = np.arange(length) / RATE
        parts = [
            self.random.uniform(0.1, 1) / k * np.sin(2 * np.pi * base * k * at + self.random.uniform(0, 6))
            for k in range(1, 8)
        ]
        return _unit(np.sum(parts, axis=0))

    def _line(self, heard: Sound) -> Sound:
        """Apply level, codec and lost packets."""
        draw = self.random
        heard = heard * (10 ** (draw.uniform(-26, -2) / 20) * FULL / max(1.0, float(np.abs(heard).max())))
        codec = draw.random()
        if codec < 0.45:
            heard = mu_law(heard)
        elif codec < 0.85:
            heard = a_law(heard)
        if draw.random() < 0.07:
            for _ in range(int(draw.integers(1, 4))):
                at = int(draw.integers(0, max(1, len(heard) - LOST)))
                heard[at : at + LOST] = 0
        return np.clip(heard, -FULL, FULL - 1)

    def signal(self, length: int) -> Sound:
        """Return what is no speech: a ring, busy or DTMF tone, a hum, or nothing but the room."""
        at, kind = np.arange(length) / RATE, self.random.random()
        if kind < 0.15:
            return coloured(self.random, length, int(self.random.integers(0, 3))) * 500
        if kind < 0.3:
            return self._hum(length) * self.random.uniform(200, 3000)
        if kind < 0.65:
            pitch = self.random.choice([425, 440, 450, self.random.uniform(350, 2000)])
            hertz, (on, off) = [float(pitch)], self._cadence()
        else:
            hertz = [float(self.random.choice(row)) for row in DTMF]
            on, off = self.random.uniform(0.06, 0.4), self.random.uniform(0.06, 0.5)
        tones = np.mean([np.sin(2 * np.pi * one * at) for one in hertz], axis=0)
        return np.asarray(8000 * tones * ((at + self.random.uniform(0, on + off)) % (on + off) < on))

    def _cadence(self) -> tuple[float, float]:
        return ((1.0, 4.0), (0.35, 0.35), (1e6, 0.0))[int(self.random.integers(3))]


def band(sound: Sound, low: float, high: float, *, order: int) -> Sound:
    """Let through what lies between two pitches, as a Butterworth filter does, but without its delay."""
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    hertz[0] = hertz[1]
    beside = (hertz**2 - low * high) / (hertz * (high - low))
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) / np.sqrt(1 + beside ** (2 * order)), len(sound)))


def coloured(random: np.random.Generator, length: int, kind: int) -> Sound:
    """Return white, pink or brown noise of power 1."""
    hertz = np.fft.rfftfreq(length, 1 / RATE)
    hertz[0] = hertz[1]
    spectrum = np.fft.rfft(random.standard_normal(length)) / hertz ** (kind / 2)
    return _unit(np.fft.irfft(spectrum, length))


def mu_law(sound: Sound) -> Sound:
    """Return the sound as G.711 µ-law carries it: 127 steps on each side."""
    scaled = np.clip(sound / FULL, -1, 1)
    coded = np.round(np.log1p(MU * np.abs(scaled)) / np.log1p(MU) * 127) / 127
    return np.asarray(np.sign(scaled) * np.expm1(coded * np.log1p(MU)) / MU * FULL)


def a_law(sound: Sound) -> Sound:
    """Return the sound as G.711 A-law carries it."""
    scaled = np.clip(sound / FULL, -1, 1)
    size, whole = np.abs(scaled), 1 + np.log(A)
    coded = np.where(size < 1 / A, A * size / whole, (1 + np.log(np.maximum(size, 1e-9) * A)) / whole)
    coded = np.round(coded * 127) / 127
    decoded = np.where(coded < 1 / whole, coded * whole / A, np.exp(coded * whole - 1) / A)
    return np.asarray(np.sign(scaled) * decoded * FULL)


def _power(sound: Sound, least: float) -> float:
    voiced = sound[np.abs(sound) > least]
    return float((voiced**2).mean()) + 1 if len(voiced) else 1.0


def _unit(sound: Sound) -> Sound:
    return np.asarray(sound / np.sqrt((sound**2).mean() + 1e-12))
