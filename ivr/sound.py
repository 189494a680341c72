"""Makes sound: pinyin into speech by espeak-ng and sox, and samples into the files Asterisk plays.

Everything is 8 kHz, 16 bit, mono, as Asterisk plays it without converting. espeak-ng is only run as a program.
"""

import asyncio
import io
import math
import secrets
import subprocess
import sys
import wave
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

RATE = 8000
LEVEL = -19.0  # dBFS of the voiced part; recorded prompt packs lie at -18 to -20
PEAK = -1.5  # dBFS no sample may exceed, so that nothing is clipped on the way to a telephone
FRAME = RATE // 100  # 10 ms
FULL_SCALE = 32768
VOICED = -34.0  # dB under the loudest frame; what is below is breath and room, not speech

# 3.7 syllables a second: at espeak's usual pace the greeting alone would keep a caller from the line for ten seconds.
PACE = ("-s", "190", "-p", "55", "-g", "1")
# Debian's plain `cmn` voice spells pinyin as English letters; this one reads it as Mandarin.
ESPEAK = ("espeak-ng", "-v", "cmn-latn-pinyin+f2", *PACE, "--stdin", "--stdout")
# Said again more slowly for who asks for it: 2.6 syllables a second, and longer gaps.
ESPEAK_SLOW = (*ESPEAK[:3], "-s", "125", "-p", "55", "-g", "3", "--stdin", "--stdout")
# For the few prompts that are spoken in English on purpose.
ESPEAK_ENGLISH = ("espeak-ng", "-v", "en-us+f2", "-s", "150", "-p", "55", "-g", "1", "--stdin", "--stdout")
# Without the first gain a few samples are clipped by the filters that follow.
SOX = (
    *(
        "sox",
        "-V1",
        "-t",
        "wav",
        "--ignore-length",
        "-",
        "-t",
        "raw",
        "-e",
        "signed",
        "-r",
        str(RATE),
        "-b",
        "16",
    ),
    *("-c", "1", "-", "gain", "-6", "highpass", "120", "lowpass", "3700"),
    *("compand", "0.005,0.15", "6:-70,-60,-30,-20,-12,-10,0,-6"),
)

SAMPLE = "h"  # 16 bit, signed

_PROGRAMS = ThreadPoolExecutor(
    32, "speech"
)  # a program that hangs keeps no other work of the process waiting


class NoSpeech(Exception):
    """The words could not be spoken: a program is missing, failed or took too long."""


async def speak(
    pinyin: str, *, seconds: float, tail: float, english: bool = False, slow: bool = False
) -> "array[int]":
    """Return the pinyin, or `english`, as speech at the common level, with `tail` seconds of silence after it.

    A comma is a short pause. The text goes in on standard input, so that no word can become an option.
    """
    mandarin = ESPEAK_SLOW if slow else ESPEAK
    voiced = await _run(ESPEAK_ENGLISH if english else mandarin, pinyin.encode(), seconds)
    raw = await _run(SOX, voiced, seconds)
    return await asyncio.to_thread(_finish, raw, tail)


async def _run(command: tuple[str, ...], given: bytes, seconds: float) -> bytes:
    """Return what the program makes of `given`; who hangs up meanwhile takes it with him.

    It runs in a thread: asyncio's own subprocesses can wait for ever once whoever started them is cancelled, for pipes
    that were never joined or are never read to their end.
    """
    started: list[subprocess.Popen[bytes]] = []
    work = _PROGRAMS.submit(_made, command, given, seconds, started.append)
    try:
        return await asyncio.wrap_future(work)
    except asyncio.CancelledError:
        while not work.done():
            for process in started:
                process.kill()
            await asyncio.sleep(0.002)
        raise


def _made(
    command: tuple[str, ...], given: bytes, seconds: float, started: Callable[[subprocess.Popen[bytes]], None]
) -> bytes:
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError as error:
        raise NoSpeech(f"{command[0]} cannot be run: {error.strerror}") from error
    with process:
        started(process)
        try:
            made, complaint = process.communicate(given, seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            raise NoSpeech(f"{command[0]} took longer than {seconds} s") from None
    if process.returncode or not made:
        said = complaint.decode(errors="replace").strip()[:200]
        raise NoSpeech(f"{command[0]} failed ({process.returncode}): {said}")
    return made


def _finish(raw: bytes, tail: float) -> "array[int]":
    samples = array(SAMPLE, raw[: len(raw) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return levelled(trimmed(samples, tail=tail))


def trimmed(samples: "array[int]", *, tail: float) -> "array[int]":
    """Cut the silence at both ends to 20 ms before and `tail` seconds after the voice."""
    loud = _voiced_frames(samples)
    if not loud:
        raise NoSpeech("the synthesiser was silent")
    start = max(0, (loud[0] - 2) * FRAME)
    voice = samples[start : (loud[-1] + 3) * FRAME]
    return voice + silence(tail)


def levelled(samples: "array[int]", level: float = LEVEL) -> "array[int]":
    """Bring the voiced part to the common level, as far as the peak allows."""
    peak = max(map(abs, samples))
    factor = min(10 ** ((level - loudness(samples)) / 20), 10 ** (PEAK / 20) * FULL_SCALE / peak)
    return array(SAMPLE, [round(sample * factor) for sample in samples])


def loudness(samples: "array[int]") -> float:
    """Return the level of the voiced part in dBFS; pauses do not count."""
    powers = _frame_powers(samples)
    voiced = [powers[frame] for frame in _voiced_frames(samples)]
    return _decibels(sum(voiced) / len(voiced)) if voiced else -math.inf


def _frame_powers(samples: "array[int]") -> list[float]:
    starts = range(0, len(samples) - FRAME + 1, FRAME)
    return [sum(s * s for s in samples[start : start + FRAME]) / FRAME for start in starts]


def _voiced_frames(samples: "array[int]") -> list[int]:
    powers = _frame_powers(samples)
    least = max(powers, default=0.0) * 10 ** (VOICED / 10)
    return [frame for frame, power in enumerate(powers) if power >= least > 0]


def _decibels(power: float) -> float:
    return 10 * math.log10(power / FULL_SCALE**2) if power else -math.inf


def silence(seconds: float) -> "array[int]":
    return array(SAMPLE, bytes(2 * round(seconds * RATE)))


def seconds_of(samples: "array[int]") -> float:
    return len(samples) / RATE


def write(path: Path, samples: "array[int]") -> None:
    """Write a WAV file whole or not at all: a call may be playing the file of that name now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: callers who ask for the same words at once each write them.
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    data = array(SAMPLE, samples)
    if sys.byteorder == "big":
        data.byteswap()
    with wave.open(str(partial), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(data.tobytes())
    partial.replace(path)


def read(path: Path) -> "array[int]":
    """Return the samples of a WAV file of the one format we use; raise BadSound saying what is wrong."""
    return _samples(str(path))


def parse(data: bytes) -> "array[int]":
    """Return the samples of a WAV file that was sent to us; raise BadSound saying what is wrong."""
    return _samples(io.BytesIO(data))


def _samples(source: "str | io.BytesIO") -> "array[int]":
    try:
        with wave.open(source, "rb") as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            data = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise BadSound(f"is not a readable WAV file ({error})") from error
    if (rate, channels, width) != (RATE, 1, 2):
        raise BadSound(f"is {rate} Hz, {channels} channel(s), {8 * width} bit; wanted {RATE} Hz, 1, 16 bit")
    samples = array(SAMPLE, data[: len(data) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


class BadSound(Exception):
    """A sound file that must not be played to a caller; the message says why."""
