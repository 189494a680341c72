"""How well the rules find what is private: recall and precision by kind, and what a text costs.

    python -m bench.redaction [file …]

Recall: what stands in braces and is hidden whole. Precision: what is hidden and stands in braces, if only in part.
"""

import argparse
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from cases import redaction
from tests.cases.redaction_texts import SETS, Sentence, sentences

ROUNDS = 20


@dataclass(slots=True)
class Score:
    """What was private, how much of it was found, what was hidden, and how much of that rightly."""

    private: int = 0
    found: int = 0
    hidden: int = 0
    right: int = 0

    def add(self, sentence: Sentence) -> None:
        self.private += len(sentence.places)
        self.found += len(sentence.places) - len(sentence.missed())
        self.hidden += len(sentence.ours())
        self.right += len(sentence.ours()) - len(sentence.needless())

    @property
    def line(self) -> str:
        recall = self.found / self.private if self.private else 1.0
        precision = self.right / self.hidden if self.hidden else 1.0
        return f"recall {recall:6.1%} of {self.private:4}   precision {precision:6.1%} of {self.hidden:4}"


def measure(path: Path) -> None:
    """Print the figures of one file, and everything that went wrong in it."""
    scores: dict[str, Score] = defaultdict(Score)
    every = sentences(path)
    for one in every:
        scores[one.kind].add(one)
        scores["all"].add(one)
    print(f"{path.name}: {len(every)} sentences")
    for kind, score in scores.items():
        print(f"  {kind or '-':10} {score.line}")
    for one in every:
        for start, end in one.missed():
            print(f"  missed   {one.text[start:end]}  in  {one.text}")
        for start, end in one.needless():
            print(f"  needless {one.text[start:end]}  in  {one.text}")
    began = time.perf_counter()
    for _ in range(ROUNDS):
        for one in every:
            redaction.found(one.text)
    spent = (time.perf_counter() - began) / ROUNDS / len(every)
    print(f"  {spent * 1e6:.0f} µs for a sentence")


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "files", type=Path, nargs="*", default=SETS, help="marked sentences; all sets if none"
    )
    for path in options.parse_args().files:
        measure(path)


if __name__ == "__main__":
    main()
