"""Which matter a text is about, as a model learned from the city's own cases says. Learning is storage.suggestion_training.

The model is a table of weights for runs of one to three characters and of two to three sounds, and nothing in it can be
executed.
"""

import io
import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cases.likeness import grams, letters
from cases.sounding import sounds

LENGTHS: Final = (1, 2, 3)
SOUND_LENGTHS: Final = (2, 3)
"""One sound alone stands for too many words."""
_BY_SOUND: Final = np.uint32(0x5BD1E995)
_NUMBERS: Final = re.compile(r"[0-9a-zA-Z]+")

Numbers = NDArray[Any]


def saying(title: str, content: str, address: str) -> str:
    """Return what was said without where it was: the place says nothing about the matter."""
    words = f"{title} {content}"
    return _NUMBERS.sub(" ", words.replace(address, " ") if address else words)


def features(text: str) -> Numbers:
    """Return the numbers of the runs of characters and of sounds in it, each once, in order."""
    signs = letters(text)
    runs = [grams(signs, length) for length in LENGTHS]
    heard = sounds(signs)
    runs += [grams(heard, length) ^ _BY_SOUND for length in SOUND_LENGTHS]
    return np.unique(np.concatenate(runs))


def known_rows(known: Numbers, runs: Numbers) -> Numbers:
    """Return where those of the runs stand that are known; both are in order."""
    if not len(known):
        return np.empty(0, np.int64)
    place: Numbers = np.minimum(np.searchsorted(known, runs), len(known) - 1)
    there: Numbers = place[known[place] == runs]
    return there


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned."""

    categories: tuple[str, ...]
    runs: Numbers
    """What was learned of, in order. Another run says nothing, as it would if it shared its place with a known one."""
    weights: Numbers
    """A row for each run, a column for each category."""
    rarity: Numbers
    bias: Numbers
    sharpness: float
    """What the scores are multiplied by so that a share of 0.9 comes true nine times of ten."""

    def guess(self, text: str, most: int = 10) -> list[tuple[str, float]]:
        """Return the likeliest categories with their shares."""
        rows = known_rows(self.runs, features(text))
        if not len(rows):
            return []
        rare = self.rarity[rows]
        length = float(np.sqrt((rare * rare).sum())) or 1.0
        scores = (rare / length) @ self.weights[rows].astype(np.float32) + self.bias
        scores = np.exp((scores - scores.max()) * self.sharpness)
        shares = scores / scores.sum()
        best = np.argsort(-shares)[:most].tolist()
        return [(self.categories[each], float(shares[each])) for each in best]

    def packed(self) -> bytes:
        out = io.BytesIO()
        np.savez_compressed(
            out,
            categories=np.array(self.categories),
            runs=self.runs.astype(np.uint32),
            weights=self.weights.astype(np.float16),
            rarity=self.rarity.astype(np.float32),
            bias=self.bias.astype(np.float32),
            sharpness=np.array(self.sharpness),
        )
        return out.getvalue()

    @classmethod
    def unpacked(cls, data: bytes) -> "Model":
        """Read a model. Raises ValueError or KeyError if it is none; what it contains is never executed."""
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            model = cls(
                tuple(str(each) for each in kept["categories"]),
                kept["runs"],
                kept["weights"],
                kept["rarity"],
                kept["bias"],
                float(kept["sharpness"]),
            )
        if model.weights.shape != (len(model.runs), len(model.categories)):
            raise ValueError("a model of another make")
        return model
