"""What is proposed for a case: matters and units in order, each with its reasons. Nothing is ever applied by it.

Four sources are heard: the words of the directory, how cases like this one were decided, what is reported right now, and
the model that was trained on the city's cases. A source that is not there leaves its weight to the others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Final

from cases.everyday_words import EVERYDAY
from cases.sounding import as_heard

SHOWN: Final = 3
LEAST: Final = 0.012
"""What is less likely than this is not shown: three poor suggestions are worse than one good one."""
WEIGHTS: Final = {"model": 0.55, "words": 0.3, "past": 0.3}
WORDS_LEARNED: Final = 0.05
"""The weight of words beside a model, which has learned them itself and knows how they go together."""
IN_TITLE: Final = 1.5
BY_LENGTH: Final = (0.0, 0.4, 1.0, 1.6)
BY_SOUND: Final = (0.0, 0.0, 0.5, 0.8)
"""A word that was only heard, by its length: short ones sound like many others."""
DOUBT: Final = 0.8
"""Added to the sum of all words, so that one single word does not make certain."""
ALIKE: Final = 0.3
"""Less than this in common is no earlier decision about the same matter."""
NOW_SECONDS: Final = 24 * 3600
NOW_LEAST: Final = 3
DUTY: Final = (1.0, 0.6, 0.4)
HABIT: Final = 1.2
HABIT_SURE: Final = 5
NAMED: Final = 0.3
LAST_RESORT: Final = 0.05
ALIKE_TEXT: Final = 0.5
SAME_PLACE: Final = 0.8
RECENT_DAYS: Final = 7


class Why(StrEnum):
    """Why something is proposed."""

    WORDS = auto()
    PAST = auto()
    NOW = auto()
    MODEL = auto()
    DUTY = auto()
    HABIT = auto()
    NAMED = auto()
    LAST_RESORT = auto()


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason with what it rests on, to be put into words for the reader."""

    why: Why
    words: str = ""
    count: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Matter:
    """A leaf of the tree of matters with the words that speak for it."""

    code: str
    name: str
    path: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One matter or unit, how likely, and why."""

    code: str
    share: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier case like this one: its matter, how much is in common, and how many seconds ago."""

    category: str
    share: float
    age: int


def words_of(name: str, keywords: Iterable[str]) -> tuple[str, ...]:
    """Return the words that speak for a matter: its name, the city's keywords, and what people say."""
    return tuple(dict.fromkeys((name, *keywords, *EVERYDAY.get(name, ()))))


class Matters:
    """The tree of matters, ready to be searched for in a text."""

    def __init__(self, matters: Sequence[Matter]) -> None:
        self.by_code = {matter.code: matter for matter in matters}
        self._having: dict[str, list[str]] = {}
        for matter in matters:
            for word in matter.words:
                self._having.setdefault(word, []).append(matter.code)
        self._sounding = {word: as_heard(word) for word in self._having}

    def heard(self, title: str, text: str) -> dict[str, tuple[float, list[str]]]:
        """Return for each matter how strongly its words speak for it, and which words they are."""
        found: dict[str, tuple[float, list[str]]] = {}
        sounding = f"{as_heard(title)} {as_heard(text)}"
        for word, codes in self._having.items():
            weight = BY_LENGTH[min(len(word), 3)] / len(codes)
            if word in title:
                weight *= IN_TITLE
            elif word not in text:
                weight *= BY_SOUND[min(len(word), 3)] if self._sounding[word] in sounding else 0.0
            if not weight:
                continue
            for code in codes:
                score, words = found.get(code, (0.0, []))
                found[code] = (score + weight, [*words, word])
        return found


@dataclass(slots=True)
class _Tally:
    share: float = 0.0
    reasons: list[tuple[float, Reason]] = field(default_factory=list)

    def add(self, share: float, reason: Reason) -> None:
        self.share += share
        self.reasons.append((share, reason))


def propose_matters(
    matters: Matters,
    title: str,
    text: str,
    *,
    before: Sequence[Before] = (),
    guessed: Sequence[tuple[str, float]] = (),
) -> list[Proposal]:
    """Return the likeliest matters, at most three."""
    tallies: dict[str, _Tally] = {}
    heard = matters.heard(title, text)
    near = [each for each in before if each.share >= ALIKE and each.category in matters.by_code]
    weights = {
        "words": (WORDS_LEARNED if guessed else WEIGHTS["words"]) if heard else 0.0,
        "past": WEIGHTS["past"] * _trust(near),
        "model": WEIGHTS["model"] if guessed else 0.0,
    }
    whole = sum(weights.values())
    if not whole:
        return []
    _add_words(tallies, heard, weights["words"] / whole)
    _add_past(tallies, near, weights["past"] / whole)
    for code, share in guessed:
        if code in matters.by_code:
            _tally(tallies, code).add(share * weights["model"] / whole, Reason(Why.MODEL))
    return _best(tallies)


def _trust(near: Sequence[Before]) -> float:
    """Cases that have little in common with this one say little."""
    return max((each.share for each in near), default=0.0)


def _tally(tallies: dict[str, _Tally], code: str) -> _Tally:
    return tallies.setdefault(code, _Tally())


def _add_words(
    tallies: dict[str, _Tally], heard: Mapping[str, tuple[float, list[str]]], weight: float
) -> None:
    whole = sum(score for score, _ in heard.values()) + DOUBT
    for code, (score, words) in heard.items():
        _tally(tallies, code).add(weight * score / whole, Reason(Why.WORDS, "、".join(_telling(words))))


def _telling(words: Iterable[str]) -> list[str]:
    """Return the longest words that are not part of another one: 灯不亮 says 不亮, too."""
    kept: list[str] = []
    for word in sorted(words, key=len, reverse=True):
        if not any(word in longer for longer in kept):
            kept.append(word)
    return kept[:3]


def _add_past(tallies: dict[str, _Tally], near: Sequence[Before], weight: float) -> None:
    votes: dict[str, float] = {}
    count = Counter(each.category for each in near)
    lately = Counter(each.category for each in near if each.age < NOW_SECONDS)
    for each in near:
        votes[each.category] = votes.get(each.category, 0.0) + each.share**4
    whole = sum(votes.values())
    for code, vote in votes.items():
        share = weight * vote / whole
        if lately[code] >= NOW_LEAST:
            reason = Reason(Why.NOW, count=lately[code])
        else:
            reason = Reason(Why.PAST, count=count[code], of=len(near))
        _tally(tallies, code).add(share, reason)


def _best(tallies: Mapping[str, _Tally], *, least: float = LEAST) -> list[Proposal]:
    best = sorted(tallies.items(), key=lambda one: (-one[1].share, one[0]))[:SHOWN]
    return [
        Proposal(
            code,
            min(tally.share, 1.0),
            tuple(reason for _, reason in sorted(tally.reasons, key=lambda one: -one[0])[:2]),
        )
        for code, tally in best
        if tally.share >= least
    ]


def propose_units(
    duties: Sequence[tuple[str, str]],
    habits: Mapping[str, int],
    named: Sequence[str],
    *,
    last_resort: str = "",
) -> list[Proposal]:
    """Return the likeliest units, at most three.

    `duties` are unit and basis in the order of the directory, `habits` how many cases of this matter each unit had in
    the end, `named` the units that the text itself names.
    """
    tallies: dict[str, _Tally] = {}
    for place, (unit, basis) in enumerate(duties):
        if unit == last_resort:
            _tally(tallies, unit).add(LAST_RESORT, Reason(Why.LAST_RESORT))
        else:
            _tally(tallies, unit).add(DUTY[min(place, len(DUTY) - 1)], Reason(Why.DUTY, basis))
    # A few cases prove little against the directory.
    whole = sum(habits.values()) + HABIT_SURE
    for unit, count in sorted(habits.items(), key=lambda one: -one[1])[: 2 * SHOWN]:
        _tally(tallies, unit).add(HABIT * count / whole, Reason(Why.HABIT, count=count))
    for unit in named:
        _tally(tallies, unit).add(NAMED, Reason(Why.NAMED))
    return _best(tallies, least=0.0)


class Areas:
    """What stands in an address, and the area it means. A great city has hundreds of thousands of names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Take the names, those of smaller places first."""
        self._named = {name: (place, area) for place, (name, area) in enumerate(names.items())}
        self._longest = max(map(len, names), default=0)

    def of(self, address: str) -> str:
        """Return the area of the smallest place that is named, or nothing."""
        parts = (
            address[begin:end]
            for begin in range(len(address))
            for end in range(begin + 1, min(begin + self._longest, len(address)) + 1)
        )
        return min((self._named[part] for part in parts if part in self._named), default=(0, ""))[1]


@dataclass(frozen=True, slots=True)
class Resemblance:
    """What an earlier case has in common with the one that is being written."""

    text: float
    place: float
    same_matter: bool
    open: bool
    days: float

    @property
    def counts(self) -> bool:
        """Say whether it is worth showing: much the same words, or the same matter at the same place."""
        return self.text >= ALIKE_TEXT or (self.same_matter and self.place >= SAME_PLACE)

    @property
    def worth(self) -> float:
        """What comes first: the same thing at the same place, which is still being worked on, or is of these days."""
        recent = 0.15 if self.days <= RECENT_DAYS else 0.0
        return self.text + 0.6 * self.place + 0.1 * self.same_matter + 0.15 * self.open + recent
