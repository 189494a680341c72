"""The sounds without words: the beep, the pause between groups of digits, the melodies of the waiting line."""

import math
from array import array

from ivr import sound

NOTE_SECONDS = 0.6
MELODY_LEVEL = -30.0  # well under speech: the caller waits with it, and hears the announcements over it
# Five-tone scale in C: no two notes of it clash, whatever rings on into the next.
SCALE = {"1": 261.6, "2": 293.7, "3": 329.6, "5": 392.0, "6": 440.0, "i": 523.3, ".": 0.0}
MELODIES = {
    "hold/melody-1": "5.3.5.6.i.6.5...3.2.3.5.2.....",
    "hold/melody-2": "1.3.5.3.6.5.3...2.3.5.2.1.....",
}
# Partials of a soft plucked string: frequency factor, loudness, seconds until it has faded to a third.
PARTIALS = ((1.0, 1.0, 0.9), (2.0, 0.3, 0.5), (3.0, 0.08, 0.3))


def tone(name: str) -> "array[int]":
    """Return a sound of words.TONES."""
    return sound.silence(0.3) if name == "digits/pause" else _beep()


def melody(name: str) -> "array[int]":
    """Return one melody of words.MELODIES, about eighteen seconds."""
    notes = MELODIES[name]
    total = [0.0] * round((len(notes) + 2) * NOTE_SECONDS * sound.RATE)
    for place, note in enumerate(notes):
        if SCALE[note]:
            _add(total, _note(SCALE[note]), round(place * NOTE_SECONDS * sound.RATE))
    loudest = max(map(abs, total))
    whole = array(sound.SAMPLE, [round(value / loudest * 16000) for value in total])
    return sound.levelled(whole, MELODY_LEVEL)


def _beep() -> "array[int]":
    length = round(0.25 * sound.RATE)
    ramp = sound.RATE // 100  # without it the ends of the tone are heard as clicks
    samples = array(sound.SAMPLE)
    for n in range(length):
        volume = min(1.0, n / ramp, (length - n) / ramp)
        samples.append(round(6000 * volume * math.sin(2 * math.pi * 1000 * n / sound.RATE)))
    return sound.levelled(samples) + sound.silence(0.1)


def _note(frequency: float) -> list[float]:
    length = round(2 * NOTE_SECONDS * sound.RATE)
    values = [0.0] * length
    for factor, loudness, seconds in PARTIALS:
        step = 2 * math.pi * frequency * factor / sound.RATE
        fade = math.exp(-1 / (seconds * sound.RATE))
        for n in range(length):
            values[n] += loudness * math.sin(step * n)
            loudness *= fade  # noqa: PLW2901  the partial fades while it sounds
    attack, release = sound.RATE // 50, sound.RATE // 5
    return [v * min(1.0, n / attack, (length - n) / release) for n, v in enumerate(values)]


def _add(total: list[float], note: list[float], start: int) -> None:
    for n, value in enumerate(note):
        total[start + n] += value
