"""Refuses prompts a caller must not hear: missing, silent, clipped, cut off or in the wrong format.

Asterisk answers a missing file by falling to English or by ending the dialogue, so this is asked before a caller is
let in: by `hotline check`, by the build and by the tests.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ivr import sound
from ivr.prompts import words

if TYPE_CHECKING:
    from array import array

LIVE = "live"  # what is spoken for one caller; not in the list
TOLERANCE = 3.0  # dB around the common level
CLIPPED = 32700
SECONDS_PER_SYLLABLE = (0.1, 0.9)
SPARE_SECONDS = 1.5  # breath before and after, in recordings made by people


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one sound, in words for whoever has to put it right."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


def check(folder: Path, *, partial: bool = False) -> list[Fault]:
    """Return every fault of a language folder; a `partial` one (a city's overlay) need not have all prompts."""
    faults = [Fault("prompts.tsv", mistake) for mistake in words.mistakes(words.prompts())]
    present = names_in(folder)
    faults += [Fault(name, "is not in prompts.tsv") for name in sorted(present - words.names())]
    if not partial:
        faults += [Fault(name, "is missing") for name in sorted(words.names() - present)]
    for name in sorted(present & words.names()):
        faults += [Fault(name, reason) for reason in _reasons(folder, name)]
    return faults


def names_in(folder: Path) -> frozenset[str]:
    """Return the sounds in a language folder, without those spoken live."""
    found = (path.relative_to(folder).with_suffix("") for path in folder.rglob("*.wav"))
    return frozenset(name.as_posix() for name in found if name.parts[0] != LIVE and name.name[0] != ".")


def recording_faults(samples: "array[int]", *, shortest: float = 1.0, longest: float = 60.0) -> list[str]:
    """Return what is wrong with a recording that is in no list: an announcement of the city's own."""
    if not samples:
        return ["is empty"]
    seconds = sound.seconds_of(samples)
    if not shortest <= seconds <= longest:
        return [f"is {seconds:.1f} s long; wanted {shortest:.0f} to {longest:.0f} s"]
    return _level_faults("", samples)


def _reasons(folder: Path, name: str) -> list[str]:
    try:
        samples = sound.read(folder / f"{name}.wav")
    except sound.BadSound as error:
        return [str(error)]
    if not samples:
        return ["is empty"]
    if name == "digits/pause":
        return [] if max(map(abs, samples)) == 0 else ["is not silent"]
    return [*_level_faults(name, samples), *_length_faults(name, sound.seconds_of(samples))]


def _level_faults(name: str, samples: "array[int]") -> list[str]:
    wanted = sound.LEVEL
    loudness = sound.loudness(samples)
    if loudness < -50:
        return ["is silent"]
    faults = []
    if sum(abs(sample) >= CLIPPED for sample in samples) > 2:
        faults.append("is clipped")
    # A melody holds a spoken sentence at its end, which is louder on purpose.
    if name not in words.MELODIES and abs(loudness - wanted) > TOLERANCE:
        faults.append(f"has a level of {loudness:.0f} dB; wanted {wanted:.0f} ± {TOLERANCE:.0f}")
    return faults


def _length_faults(name: str, seconds: float) -> list[str]:
    prompt = next((p for p in words.prompts() if p.name == name), None)
    if prompt is None:
        shortest, longest = (5.0, 600.0) if name in words.MELODIES else (0.1, 2.0)
    else:
        syllables = len(prompt.syllables)
        shortest, longest = (syllables * each for each in SECONDS_PER_SYLLABLE)
        longest += SPARE_SECONDS
    if seconds < shortest:
        return [f"is too short ({seconds:.1f} s)"]
    return [f"is too long ({seconds:.1f} s)"] if seconds > longest else []
