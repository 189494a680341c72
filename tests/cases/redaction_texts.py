"""The sentences on which redaction is measured: {braces} stand around what is private."""

import re
from dataclasses import dataclass
from pathlib import Path

from cases.redaction import found

DATA = Path(__file__).parent / "data"
SET = DATA / "redaction.txt"
UNSEEN = DATA / "redaction_unseen.txt"
FRESH = DATA / "redaction_fresh.txt"
NAMES = DATA / "redaction_names.txt"
NAMES_AGAIN = DATA / "redaction_names_again.txt"
NAMES_LAST = DATA / "redaction_names_last.txt"
BY_KIND = Path(__file__).parent / "redaction_set.tsv"
SETS = (SET, BY_KIND, UNSEEN, FRESH, NAMES, NAMES_AGAIN, NAMES_LAST)
_MARK = re.compile(r"\{([^}]*)\}")

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text without its braces, and where they stood."""

    kind: str
    text: str
    places: frozenset[Place]

    def ours(self) -> set[Place]:
        return {(one.start, one.end) for one in found(self.text)}

    def missed(self) -> list[Place]:
        """Return what is private and not hidden whole."""
        covered = {n for start, end in self.ours() for n in range(start, end)}
        return sorted(place for place in self.places if not set(range(*place)) <= covered)

    def needless(self) -> list[Place]:
        """Return what is hidden and nobody's secret."""
        meant = {n for start, end in self.places for n in range(start, end)}
        return sorted(place for place in self.ours() if not set(range(*place)) & meant)


def sentences(path: Path) -> list[Sentence]:
    read = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        kind, _, marked = line.rpartition("\t")
        places, taken = set(), 0
        for match in _MARK.finditer(marked):
            start = match.start() - taken
            places.add((start, start + len(match[1])))
            taken += 2
        read.append(Sentence(kind, _MARK.sub(r"\1", marked), frozenset(places)))
    return read
