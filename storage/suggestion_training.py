"""Learns from the city's own cases which words belong to which matter. A process of its own:

    python -m storage.suggestion_training CASES.jsonl MODEL.npz

Each line of the first file is a list of category, words and weight. It is told on one line how well the model does on cases
that it did not learn from. The service starts this at the lowest priority and never loads scikit-learn itself.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import SGDClassifier

from cases.guessing import Model, features, known_rows

HELD_OUT: Final = 10
"""Every tenth case is kept back for the examination."""
MOST_EXAMINED: Final = 5_000
ROUNDS: Final = 6
MOST_RUNS: Final = 1 << 16
"""So many runs of characters and sounds are learned of, those of the known words first, then the most common."""
SEED: Final = 12345
SHARPNESSES: Final = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)

Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One case to learn from; known words of a matter weigh like several."""

    category: str
    words: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Learned:
    """A model and what it is worth."""

    model: Model
    cases: int
    examined: int
    top1: float
    top3: float
    seconds: float


def learn(lessons: Sequence[Lesson]) -> Learned:
    """Learn from nine tenths, examine on the rest, and say how it went."""
    began = time.monotonic()
    seeds = [each for each in lessons if each.weight != 1.0]
    cases = [each for each in lessons if each.weight == 1.0]
    kept_back = cases[::HELD_OUT][-MOST_EXAMINED:]
    taught = [each for place, each in enumerate(cases) if place % HELD_OUT]
    model = _fit([*taught, *seeds])
    asked = [(each.category, dict(model.guess(each.words, len(model.categories)))) for each in kept_back]
    model = replace(model, sharpness=_sharpness(asked))
    ranks = [_rank(category, shares) for category, shares in asked]
    examined = max(1, len(ranks))
    return Learned(
        model,
        cases=len(cases),
        examined=len(ranks),
        top1=sum(rank == 0 for rank in ranks) / examined,
        top3=sum(rank < 3 for rank in ranks) / examined,
        seconds=time.monotonic() - began,
    )


def _rank(category: str, shares: dict[str, float]) -> int:
    return sum(share > shares.get(category, 0.0) for share in shares.values())


def _fit(lessons: Sequence[Lesson]) -> Model:
    texts = [features(each.words) for each in lessons]
    runs = _runs(texts, [text for text, each in zip(texts, lessons, strict=True) if each.weight != 1.0])
    table, rarity = _table(runs, [known_rows(runs, text) for text in texts])
    learner = SGDClassifier(
        loss="log_loss", alpha=1e-5, max_iter=ROUNDS, tol=None, random_state=SEED, average=False
    )
    learner.fit(
        table,
        [each.category for each in lessons],
        sample_weight=np.array([each.weight for each in lessons]),
    )
    weights, bias = learner.coef_, learner.intercept_
    if len(learner.classes_) == 2:
        weights, bias = np.vstack([-weights, weights]), np.array([-bias[0], bias[0]])
    return Model(
        tuple(str(each) for each in learner.classes_), runs, weights.T.astype(np.float16), rarity, bias, 1.0
    )


def _runs(texts: list[Numbers], certain: list[Numbers]) -> Numbers:
    """Return what is learned of, in order: what stands in one single case only says nothing of others."""
    every, having = np.unique(np.concatenate(texts), return_counts=True)
    sure = np.isin(every, np.concatenate(certain)) if certain else np.zeros(len(every), bool)
    worth = np.where(sure, len(texts) + having, having)
    best = np.argsort(-worth, kind="stable")[:MOST_RUNS]
    return np.sort(every[best[worth[best] > 1]])


def _table(runs: Numbers, texts: list[Numbers]) -> tuple[Any, Numbers]:
    """Return a row for each text, rare runs of characters counting for more, each row of length one."""
    columns = np.concatenate(texts)
    starts = np.concatenate([[0], np.cumsum([len(each) for each in texts])])
    having = np.bincount(columns, minlength=len(runs))
    rarity = (np.log((1 + len(texts)) / (1 + having)) + 1).astype(np.float32)
    table = csr_matrix((rarity[columns], columns, starts), shape=(len(texts), len(runs)))
    lengths = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    # A text of which nothing is learned has no length; it teaches nothing, and divides by nothing.
    table.data /= np.repeat(np.where(lengths > 0, lengths, 1), np.diff(starts))
    return table, rarity


def _sharpness(asked: list[tuple[str, dict[str, float]]]) -> float:
    """Return what makes the shares come true, by the likelihood of what the examined cases really are."""

    def likelihood(power: float) -> float:
        total = 0.0
        for category, shares in asked:
            every = np.array(list(shares.values())) ** power
            total += float(np.log(max(shares.get(category, 0.0) ** power / every.sum(), 1e-9)))
        return total

    return max(SHARPNESSES, key=likelihood)


def main() -> None:
    source, target = map(Path, sys.argv[1:])
    with source.open(encoding="utf-8") as lines:
        read = [Lesson(*json.loads(line)) for line in lines]
    lessons = [each for each in read if len(features(each.words))]
    learned = learn(lessons)
    target.write_bytes(learned.model.packed())
    figures = {name: getattr(learned, name) for name in ("cases", "examined", "top1", "top3", "seconds")}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
