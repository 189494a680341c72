"""Synthetic speech for tests: what a citizen says, as the sound a telephone carries (8 kHz, 16 bit, mono WAV).

`speech("我要 投诉")`, `speech("tou2 su4", voice="m3", snr=10)`, `talk((2.0, "投诉"), (9.0, "二六 一一"))` for one call of
several turns. Arabic figures are said one by one with 幺. The model of the tests mishears one figure said twice in a row:
keep doubled 二 out of numbers, or put a comma between them.
"""

import hashlib
import io
import subprocess
import wave
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr import pinyin, sound
from ivr.spoken import PAUSE

RATE = sound.RATE
PEAK = 9000
FIGURES = str.maketrans("0123456789", "零幺二三四五六七八九")
SEEN, HELD_OUT = ("f2", "f4", "m3"), ("m7", "f5", "linda")  # voices the model was, and was not, trained on

Samples = NDArray[np.float64]


def speech(
    text: str,
    voice: str = "f2",
    *,
    snr: float | None = None,
    rate: int = 150,
    lead: float = 0.3,
    tail: float = 1.0,
) -> bytes:
    """Return a WAV of the words, hanzi or pinyin with tone digits, between silences; `snr` adds pink noise in dB."""
    words = _said(text, voice, rate)
    padded = np.concatenate([np.zeros(round(lead * RATE)), words, np.zeros(round(tail * RATE))])
    return wav(padded if snr is None else padded + _noise_under(words, len(padded), snr))


def speech_file(folder: Path, text: str, voice: str = "f2", *, snr: float | None = None) -> Path:
    """Write the words as a file of its own below the folder, and return its path."""
    path = folder / f"said-{hashlib.sha256(repr((text, voice, snr)).encode()).hexdigest()[:16]}.wav"
    path.write_bytes(speech(text, voice, snr=snr))
    return path


def talk(*turns: tuple[float, str], voice: str = "f2", seconds: float = 0.0, rate: int = 150) -> bytes:
    """Return one WAV of several turns, each at its second from the beginning, silent between them."""
    said = [(round(at * RATE), _said(text, voice, rate)) for at, text in turns]
    length = max([round(seconds * RATE), *(at + len(words) + RATE for at, words in said)])
    whole = np.zeros(length)
    for at, words in said:
        whole[at : at + len(words)] += words
    return wav(whole)


def noise(seconds: float, peak: float = 3000) -> bytes:
    """Return pink noise alone, the same every time."""
    return wav(_pink(round(seconds * RATE)) * peak / 4)


def tone(seconds: float, *hertz: float, on: float = 1.0, off: float = 0.0) -> bytes:
    """Return tones sounding together, on and off: `tone(8, 450, on=1, off=4)` is China's ring tone."""
    at = np.arange(round(seconds * RATE)) / RATE
    together = np.mean([np.sin(2 * np.pi * one * at) for one in hertz], axis=0)
    return wav(together * PEAK * ((at % (on + off)) < on))


def silence(seconds: float) -> bytes:
    return wav(np.zeros(round(seconds * RATE)))


def wav(samples: Samples) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.clip(samples, -32768, 32767).astype("<i2").tobytes())
    return made.getvalue()


def pcm(wav_file: bytes) -> bytes:
    """Return the bare samples of a WAV, as a telephone line carries them."""
    with wave.open(io.BytesIO(wav_file), "rb") as file:
        return file.readframes(file.getnframes())


@cache
def _said(text: str, voice: str, rate: int) -> Samples:
    """Return the words alone at the common peak, without silence at either end."""
    speaking = ("espeak-ng", "-v", f"cmn-latn-pinyin+{voice}", "-s", str(rate), "--stdin", "--stdout")
    form = ("-t", "raw", "-e", "signed", "-r", str(RATE), "-b", "16", "-c", "1", "-", "gain", "-6")
    spoken = text if pinyin.SYLLABLE.search(text) else _pinyin(text)
    eight = _through(
        ("sox", "-V1", "-t", "wav", "--ignore-length", "-", *form), _through(speaking, spoken.encode())
    )
    samples = np.frombuffer(eight, "<i2").astype(float)
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() / 50)
    words = samples[max(0, loud[0] - 160) : loud[-1] + 160]
    return np.asarray(words * PEAK / np.abs(words).max())


def _pinyin(text: str) -> str:
    words = text.translate(FIGURES).replace("，", PAUSE).split()
    return " ".join(map(pinyin.of, words))


def _through(command: tuple[str, ...], given: bytes) -> bytes:
    return subprocess.run(command, input=given, capture_output=True, check=True, timeout=30).stdout


def _noise_under(words: Samples, length: int, snr: float) -> Samples:
    power = np.mean(words[np.abs(words) > PEAK / 90] ** 2)
    return np.asarray(_pink(length) * np.sqrt(power / 10 ** (snr / 10)))


def _pink(length: int) -> Samples:
    """Return noise of power 1, weaker by 3 dB an octave, the same every time."""
    spectrum = np.fft.rfft(np.random.default_rng(5).standard_normal(length))
    hertz = np.fft.rfftfreq(length, 1 / RATE)
    hertz[0] = hertz[1]
    made = np.fft.irfft(spectrum / np.sqrt(hertz), length)
    return np.asarray(made / made.std())
