"""The list of prompts: every word a caller can hear, with its pinyin, and the sounds that are made without words."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ivr import pinyin

DEFAULT_FOLDER = "hotline"
# Not in the list, because nobody says them: made by tones.py.
TONES = ("beep", "hotline/beep", "digits/pause")
MELODIES = ("hold/melody-1", "hold/melody-2")
ENGLISH = "(en)"
"""Stands in the place of the pinyin where a prompt is spoken in English on purpose."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One line of prompts.tsv."""

    name: str  # the sound's name below the language folder, e.g. `hotline/welcome`
    text: str
    pinyin: str

    @property
    def is_english(self) -> bool:
        return self.pinyin == ENGLISH

    @property
    def syllables(self) -> list[str]:
        """One for each beat of speech; of English its words, which is near enough."""
        if self.is_english:
            return re.findall(r"[A-Za-z0-9]+", self.text)
        return re.findall(r"[^\s,.]+", self.pinyin)

    @property
    def characters(self) -> str:
        """What is spoken of the text: characters and digits, without marks."""
        return "".join(re.findall(r"[\u3400-\u9fff0-9]", self.text))


@cache
def prompts() -> tuple[Prompt, ...]:
    return parse(resources.files("ivr.prompts").joinpath("prompts.tsv").read_text("utf-8"))


def parse(table: str) -> tuple[Prompt, ...]:
    lines = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return tuple(Prompt(full_name(name), text, spoken) for name, text, spoken in lines)


def full_name(name: str) -> str:
    """Return the sound of a prompt's id: `welcome` → `hotline/welcome`, `digits/3` as it is."""
    return name if "/" in name else f"{DEFAULT_FOLDER}/{name}"


def names() -> frozenset[str]:
    """Return every sound that has to be there before a caller may be let in."""
    return frozenset(prompt.name for prompt in prompts()) | {*TONES, *MELODIES}


def mistakes(listed: tuple[Prompt, ...]) -> list[str]:
    """Return what is wrong with a list: ids given twice, syllables there are none of, words and pinyin out of step."""
    found = []
    seen: set[str] = set()
    for prompt in listed:
        if prompt.name in seen:
            found.append(f"{prompt.name} stands twice")
        seen.add(prompt.name)
        if prompt.is_english:
            if not prompt.text.isascii():
                found.append(f"{prompt.name} is not English")
            continue
        found += [f"{prompt.name}: {s!r} is no syllable" for s in prompt.syllables if not _is_syllable(s)]
        if len(prompt.syllables) != len(prompt.characters):
            counts = f"{len(prompt.characters)} characters but {len(prompt.syllables)} syllables"
            found.append(f"{prompt.name}: {counts}")
    return found


def _is_syllable(syllable: str) -> bool:
    return bool(pinyin.SYLLABLE.fullmatch(syllable)) and syllable[:-1] in pinyin.syllables()
