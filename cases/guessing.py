"""Which matter a text is about, as a model learned from the city's own cases says. Learning is storage.suggestion_training.

The model is a table of weights for runs of one to three characters, and nothing in it can be executed.
"""

import io
import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cases.likeness import grams, letters

BUCKETS: Final = 1 << 16
LENGTHS: Final = (1, 2, 3)
_NUMBERS: Final = re.compile(r"[0-9a-zA-Z]+")

Numbers = NDArray[Any]


def saying(title: str, content: str, address: str) -> str:
    """Return what was said without where it was: the place says nothing about the matter."""
    words = f"{title} {content}"
    return _NUMBERS.sub(" ", words.replace(address, " ") if address else words)


def features(text: str) -> Numbers:
    """Return the numbers of the runs of characters in it, each once."""
    signs = letters(text)
    runs = [grams(signs, length) for length in LENGTHS]
    return np.unique(np.concatenate(runs) % np.uint32(BUCKETS))


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned."""

    categories: tuple[str, ...]
    weights: Numbers
    """A row for each bucket, a column for each category."""
    rarity: Numbers
    bias: Numbers
    sharpness: float
    """What the scores are multiplied by so that a share of 0.9 comes true nine times of ten."""

    def guess(self, text: str, most: int = 10) -> list[tuple[str, float]]:
        """Return the likeliest categories with their shares."""
        buckets = features(text)
        if not len(buckets):
            return []
        rare = self.rarity[buckets]
        length = float(np.sqrt((rare * rare).sum())) or 1.0
        scores = (rare / length) @ self.weights[buckets].astype(np.float32) + self.bias
        scores = np.exp((scores - scores.max()) * self.sharpness)
        shares = scores / scores.sum()
        best = np.argsort(-shares)[:most].tolist()
        return [(self.categories[each], float(shares[each])) for each in best]

    def packed(self) -> bytes:
        out = io.BytesIO()
        np.savez_compressed(
            out,
            categories=np.array(self.categories),
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
                kept["weights"],
                kept["rarity"],
                kept["bias"],
                float(kept["sharpness"]),
            )
        if model.weights.shape != (BUCKETS, len(model.categories)):
            raise ValueError("a model of another make")
        return model
