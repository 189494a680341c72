"""Grammars by name: what callers may say at one point, written in the words of the loaded model."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ivr.menu import Book, Menu, grammar
from ivr.speech import phrases
from ivr.speech.phrases import DIGITS, UNKNOWN
from ivr.speech.segment import Knows, segment, unknown

SURE, UNSURE = 1.0, 0.65  # a phrase among other sounds is asked back, not acted upon


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """One set of phrases, ready for the recogniser."""

    name: str
    phrases: frozenset[str]  # without spaces, as dialogues know them
    begun: frozenset[
        str
    ]  # those with which a longer one of another meaning begins: there may be more to come
    figures: bool  # figures may follow one another
    written: str  # for Vosk
    unknown: tuple[str, ...] = ()  # parts of phrases that the model has no words for

    def match(self, words: Iterable[str]) -> tuple[str, float]:
        """Return the phrase that was said, or figures, and how much it is to be trusted; else `[unk]`."""
        said = list(words)
        known = [word for word in said if word != UNKNOWN]
        joined, sure = "".join(known), SURE if len(known) == len(said) else UNSURE
        if joined in self.phrases:
            return joined, sure
        if self.figures and known and all(word in phrases.SPOKEN_FIGURES for word in known):
            return "".join(phrases.SPOKEN_FIGURES[word] for word in known), sure
        repeated = [one for one in self.phrases if joined and joined == one * (len(joined) // len(one))]
        return (repeated[0], UNSURE) if repeated else (UNKNOWN, SURE)


def build(name: str, wanted: Mapping[str, str], knows: Knows) -> Grammar:
    """Write phrases, given with their meanings, in words of the model; what it has no words for can only be keyed."""
    given = tuple(wanted)
    figures = tuple(phrases.SPOKEN_FIGURES) if name == DIGITS else ()
    split = [words for words in (segment(phrase, knows) for phrase in (*figures, *given)) if words]
    means = {"".join(phrase.split()): meaning for phrase, meaning in wanted.items() if segment(phrase, knows)}
    return Grammar(
        name=name,
        phrases=frozenset(means),
        begun=frozenset(
            one for one in means for two in means if two.startswith(one) and means[one] != means[two]
        ),
        figures=bool(figures),
        written=json.dumps([*(" ".join(words) for words in split), UNKNOWN], ensure_ascii=False),
        unknown=unknown(given, knows),
    )


class Grammars:
    """All there are. Those of the menus follow the city's file while the service runs."""

    def __init__(self, menus: Callable[[], Book], knows: Knows) -> None:
        self._menus = menus
        self._knows = knows
        self._book: Book | None = None
        self._fixed = {name: build(name, table, knows) for name, table in phrases.FIXED.items()}
        self._all: Mapping[str, Grammar] = self._fixed
        self.refresh()

    def get(self, name: str) -> Grammar | None:
        return self._all.get(name)

    def names(self) -> list[str]:
        return sorted(self._all)

    def unknown(self) -> dict[str, tuple[str, ...]]:
        """Return by grammar what the model has no words for."""
        return {name: one.unknown for name, one in sorted(self._all.items()) if one.unknown}

    def refresh(self) -> None:
        """Build the grammars of the menus anew if there is another book of them."""
        book = self._menus()
        if book is self._book:
            return
        self._book = book
        menus = {grammar(one.id): _meanings(one) for one in book.menus.values()}
        self._all = self._fixed | {name: build(name, table, self._knows) for name, table in menus.items()}


def _meanings(menu: Menu) -> dict[str, str]:
    return {phrase: choice.name for choice in reversed(menu.choices) for phrase in choice.phrases}
