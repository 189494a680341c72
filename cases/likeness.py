"""Which of the newest cases are like a text: an index in memory by pairs of characters, bounded, and quick to add to.

Cases are kept in piles. Only the newest pile is ever sorted anew, so a case costs the same however many there are, and
the oldest pile is dropped whole when there are too many.
"""

import threading
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

PILE: Final = 2_048
MOST: Final = 100_000
LEAST_LETTERS: Final = 4
COMMON: Final = 0.12
"""A pair that stands in more cases than this share says nothing, and would cost the most."""
FIRST: Final = 48
"""So many are compared in full."""

Numbers = NDArray[Any]
_MIX: Final = (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35)


def letters(text: str) -> Numbers:
    """Return the letters and digits as numbers: what else stands between words does not matter."""
    plain = "".join(sign for sign in text.lower() if sign.isalnum())
    return np.frombuffer(plain.encode("utf-32-le"), np.uint32)


def grams(signs: Numbers, length: int) -> Numbers:
    """Return a number for each run of so many letters."""
    if len(signs) < length:
        return np.empty(0, np.uint32)
    runs = len(signs) - length + 1
    mixed = np.full(runs, length, np.uint32)
    for place in range(length):
        mixed = (mixed ^ signs[place : place + runs]) * np.uint32(_MIX[place])
        mixed ^= mixed >> np.uint32(15)
    return mixed


def pairs(text: str) -> Numbers:
    """Return the different pairs of a text, in order."""
    return np.unique(grams(letters(text), 2))


@dataclass(frozen=True, slots=True)
class Known:
    """A case as it is put in."""

    id: int
    category: str
    at: int
    """Seconds since 1970."""
    pairs: Numbers


@dataclass(frozen=True, slots=True)
class Like:
    """A case that is like the text: so much of what the text says stands in it, from 0 to 1."""

    id: int
    category: str
    at: int
    share: float


class _Pile:
    """Some cases, from the pair to those that have it."""

    __slots__ = ("at", "categories", "grams", "ids", "rows", "starts")

    def __init__(self, cases: list[Known]) -> None:
        every = np.concatenate([case.pairs for case in cases])
        rows = np.repeat(np.arange(len(cases), dtype=np.uint16), [len(case.pairs) for case in cases])
        order = np.argsort(every, kind="stable")
        self.rows = rows[order]
        self.grams, first = np.unique(every[order], return_index=True)
        self.starts = np.append(first, len(every)).astype(np.int32)
        self.ids = np.array([case.id for case in cases], np.int64)
        self.at = np.array([case.at for case in cases], np.int64)
        self.categories = [case.category for case in cases]

    def spans(self, wanted: Numbers) -> tuple[Numbers, Numbers]:
        """Return where the cases of each pair begin and end."""
        place = np.minimum(np.searchsorted(self.grams, wanted), len(self.grams) - 1)
        there = self.grams[place] == wanted
        return np.where(there, self.starts[place], 0), np.where(there, self.starts[place + 1], 0)

    def scores(self, begins: Numbers, ends: Numbers, weights: Numbers) -> Numbers:
        found = [self.rows[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        each = np.repeat(weights, ends - begins)
        return np.bincount(np.concatenate(found), each, len(self.ids))


class Likeness:
    """The newest cases. Any thread may ask while another one adds."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._piles: list[_Pile] = []
        self._newest: list[Known] = []
        self._top: _Pile | None = None
        self._lock = threading.Lock()
        self.count = 0

    def add(self, cases: list[Known]) -> None:
        """Put cases in, the oldest first."""
        with self._lock:
            for case in cases:
                if len(case.pairs) < LEAST_LETTERS - 1:
                    continue
                self._newest.append(case)
                self.count += 1
                self._top = None
                if len(self._newest) == PILE:
                    self._piles.append(_Pile(self._newest))
                    self._newest = []
            while self.count - PILE >= self._most and self._piles:
                self.count -= len(self._piles.pop(0).ids)

    def find(self, text: str, limit: int = FIRST) -> list[Like]:
        """Return the cases in which the most of the text stands, what is rare counting for more."""
        wanted = pairs(text)
        if len(wanted) < LEAST_LETTERS - 1:
            return []
        piles, count = self._all()
        if not piles:
            return []
        spans = [pile.spans(wanted) for pile in piles]
        having = np.sum([ends - begins for begins, ends in spans], axis=0)
        weights = np.log((count + 1) / (having + 0.5))
        weights[having > max(PILE / 8, count * COMMON)] = 0.0
        keep = (weights > 0) & (having > 0)
        total = float(weights.clip(0.0).sum())
        if not keep.any():
            return []
        found: list[Like] = []
        for pile, (begins, ends) in zip(piles, spans, strict=True):
            scores = pile.scores(begins[keep], ends[keep], weights[keep]) / total
            found.extend(_best(pile, scores, limit))
        found.sort(key=lambda like: (-like.share, -like.id))
        return found[:limit]

    def _all(self) -> tuple[list[_Pile], int]:
        with self._lock:
            if self._newest and self._top is None:
                self._top = _Pile(self._newest)
            return [*self._piles, *([self._top] if self._top else [])], self.count


def _best(pile: _Pile, scores: Numbers, limit: int) -> list[Like]:
    some = np.argpartition(-scores, limit)[:limit] if len(scores) > limit else np.arange(len(scores))
    return [
        Like(int(pile.ids[row]), pile.categories[row], int(pile.at[row]), float(scores[row]))
        for row in some.tolist()
        if scores[row] > 0
    ]


def alike(one: Numbers, other: Numbers) -> float:
    """Return how much of the shorter text stands in the other, from 0 to 1: more detail harms little."""
    shorter = min(len(one), len(other))
    return len(np.intersect1d(one, other, assume_unique=True)) / shorter if shorter else 0.0
