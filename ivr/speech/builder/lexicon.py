"""The words of the synthetic model and how each is said: `lexicon.tsv`, and phones as the synthesiser names them."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib import resources

from ivr import pinyin
from ivr.speech.builder import espeak

Words = Mapping[str, tuple[str, ...]]  # to their syllables
Pronunciations = Mapping[str, tuple[str, ...]]  # to their phones


class BadLexicon(Exception):
    """The list of words cannot be used; the message says which line and why."""


@cache
def words() -> Words:
    """Return the syllables of every word we ship."""
    return parse(resources.files(__package__).joinpath("lexicon.tsv").read_text("utf-8"))


def parse(table: str) -> dict[str, tuple[str, ...]]:
    """Read lines of `word<TAB>pinyin`; raise BadLexicon for a word given twice or a syllable there is none of."""
    found: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(table.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        word, _, spoken = line.partition("\t")
        syllables = tuple(spoken.split())
        if fault := _fault(word, syllables, found):
            raise BadLexicon(f"line {number}: {word}: {fault}")
        found[word] = syllables
    return found


def _fault(word: str, syllables: tuple[str, ...], found: Words) -> str:
    if word in found:
        return "stands twice"
    if len(word) != len(syllables) or not word or any(character.isspace() for character in word):
        return f"{len(word)} characters but {len(syllables)} syllables"
    wrong = [one for one in syllables if not _is_syllable(one)]
    return f"{wrong[0]!r} is no syllable" if wrong else ""


def _is_syllable(text: str) -> bool:
    return bool(pinyin.SYLLABLE.fullmatch(text)) and text[:-1] in pinyin.syllables()


def pronounced(listed: Words) -> dict[str, tuple[str, ...]]:
    """Return each word's phones, as the synthesiser says it alone and plainly."""
    spoken = {word: _phones("".join(syllables)) for word, syllables in listed.items()}
    if silent := [word for word, found in spoken.items() if not found]:
        raise BadLexicon(f"espeak-ng cannot say {', '.join(silent)}")
    return spoken


def _phones(text: str) -> tuple[str, ...]:
    said = espeak.synthesiser().say(text, espeak.Manner())
    if espeak.is_foreign(said.segments):
        return ()
    return tuple(s.phone for s in said.segments if s.phone != espeak.GLIDE and not s.phone.startswith("_"))


def homophones(spoken: Pronunciations) -> list[tuple[str, ...]]:
    """Return the words that the model, which hears no tones, can tell apart by the grammar alone."""
    alike: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for word, heard in spoken.items():
        alike[heard].append(word)
    return [tuple(group) for group in alike.values() if len(group) > 1]
