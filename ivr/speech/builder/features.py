"""What Kaldi computes from sound before its network hears it: 40 cepstra of 40 mel bands each 10 ms, at 8 kHz.

Equal to Kaldi's own with dither 0 and no energy (`conf/mfcc.conf` of the model says the same to Vosk).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE = 8000
WINDOW, STEP, TRANSFORM = 200, 80, 256
BANDS = CEPSTRA = 40
LOW, HIGH = 40.0, 3800.0
LIFTER = 22.0
EMPHASIS = 0.97
LEAST = 1.1920928955078125e-07  # Kaldi's floor before the logarithm

CONF = """\
--use-energy=false
--sample-frequency=8000
--num-mel-bins=40
--num-ceps=40
--low-freq=40
--high-freq=-200
--dither=0.0
--allow-upsample=true
--allow-downsample=true
"""


def cepstra(samples: NDArray[np.floating]) -> Floats:
    """Return one row for each 10 ms of which a whole window is there."""
    sound = np.asarray(samples, np.float32)
    count = 1 + (len(sound) - WINDOW) // STEP
    places = np.arange(WINDOW)[None] + STEP * np.arange(count)[:, None]
    frames = sound[places]
    frames = frames - frames.mean(axis=1, keepdims=True)
    sharp = np.empty_like(frames)
    sharp[:, 1:] = frames[:, 1:] - EMPHASIS * frames[:, :-1]
    sharp[:, 0] = frames[:, 0] * (1 - EMPHASIS)
    spectrum = np.fft.rfft(sharp * _window(), TRANSFORM)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    bands = np.log(np.maximum(power @ _bank(), LEAST))
    return np.asarray((bands @ _cosines().T) * _lifter(), np.float32)


@cache
def _window() -> Floats:
    """Povey's window: like Hamming's, but it goes to zero."""
    phase = 2 * np.pi * np.arange(WINDOW) / (WINDOW - 1)
    return np.asarray((0.5 - 0.5 * np.cos(phase)) ** 0.85, np.float32)


@cache
def _bank() -> Floats:
    low, high = _mel(LOW), _mel(HIGH)
    width = (high - low) / (BANDS + 1)
    mel = _mel(np.arange(TRANSFORM // 2) * RATE / TRANSFORM)
    weights = np.zeros((TRANSFORM // 2 + 1, BANDS), np.float32)
    for band in range(BANDS):
        left = low + band * width
        rise, fall = (mel - left) / width, (left + 2 * width - mel) / width
        weights[: TRANSFORM // 2, band] = np.maximum(0.0, np.minimum(rise, fall))
    return weights


def _mel(hertz: "float | NDArray[np.floating]") -> NDArray[np.floating]:
    return np.asarray(1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0))


@cache
def _cosines() -> Floats:
    number = np.arange(BANDS)
    table = np.sqrt(2 / BANDS) * np.cos(np.pi / BANDS * (number[None] + 0.5) * np.arange(CEPSTRA)[:, None])
    table[0] = np.sqrt(1 / BANDS)
    return np.asarray(table, np.float32)


@cache
def _lifter() -> Floats:
    return np.asarray(1 + 0.5 * LIFTER * np.sin(np.pi * np.arange(CEPSTRA) / LIFTER), np.float32)
