"""What suggestions are made from: the directory, and the newest cases that are not confidential."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path

from sqlalchemy import Connection, Row, Select, and_, func, select

from cases.everyday_words import ABOUT_ANYTHING
from cases.guessing import saying
from cases.suggesting import Matter, words_of
from cases.workflow import OPEN, Secrecy, State
from storage.intake import CASE, TEXT
from storage.models import TextKind
from storage.units import AREAS, DIRECTORY, GRID, UNIT, Category, categories

SEED_WEIGHT = 1.5
"""A known word of a matter counts for more than a case, so that a matter without any is learned, too."""
LIGHT_WEIGHT = 0.3
"""Words that are said of every matter: there must be more that speaks for it."""
_NO_DECISION = (State.DRAFT, State.INVALID, State.REFUSED, State.WITHDRAWN)
SAID_WEIGHT = 3.0
"""What a citizen said teaches how words go together; there is little of it, and cases of a machine's making are many."""


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier case, as far as it helps."""

    id: int
    no: str
    category: str
    unit: str | None
    title: str
    content: str
    address: str
    state: State
    at: datetime
    call: str | None = None

    @property
    def open(self) -> bool:
        return self.state in OPEN


def _past() -> Select[*tuple[object, ...]]:
    """Only what everybody at a desk may see: a confidential case is never shown, counted or learned from."""
    own = (CASE.c.id, CASE.c.no, CASE.c.category, CASE.c.unit, CASE.c.title, TEXT.c.text, CASE.c.address)
    return (
        select(*own, CASE.c.state, CASE.c.received_at, CASE.c.call)
        .join(TEXT, and_(TEXT.c.case == CASE.c.id, TEXT.c.version == 1, TEXT.c.kind == TextKind.ORIGINAL))
        .where(CASE.c.confidential == Secrecy.NONE, CASE.c.state.not_in(_NO_DECISION))
    )


def _of(rows: Iterable[Row[*tuple[object, ...]]]) -> list[Past]:
    return [Past(*row) for row in rows]  # type: ignore[arg-type] # the columns stand in this order


def newest_from(conn: Connection, most: int) -> int:
    """Return the id before the newest so many."""
    last = conn.execute(select(func.max(CASE.c.id))).scalar_one() or 0
    return max(0, int(last) - most)


def after(conn: Connection, last: int, most: int) -> tuple[list[Past], int]:
    """Return the next cases, the oldest first, and how far this reaches. Ids may have gaps, and some are left out."""
    until = conn.execute(
        select(func.max(CASE.c.id)).where(CASE.c.id > last, CASE.c.id <= last + most)
    ).scalar_one()
    if until is None:
        later = conn.execute(select(func.min(CASE.c.id)).where(CASE.c.id > last)).scalar_one()
        return [], int(later) - 1 if later else last
    rows = _past().where(CASE.c.id > last, CASE.c.id <= until).order_by(CASE.c.id)
    return _of(conn.execute(rows)), int(until)


def these(conn: Connection, ids: Collection[int]) -> list[Past]:
    """Return those of the cases that may be shown now; of one that was merged the other one is worth seeing."""
    shown = _past().where(CASE.c.id.in_(ids), CASE.c.state != State.MERGED)
    return _of(conn.execute(shown)) if ids else []


def matters(conn: Connection) -> list[Matter]:
    """Return the leaves of the tree with all words that speak for them."""
    tree = {each.code: each for each in categories(conn)}
    branches = {each.parent for each in tree.values()}
    more: dict[str, list[str]] = {}
    rows = conn.execute(
        select(DIRECTORY.c.category, DIRECTORY.c.keywords)
        .where(DIRECTORY.c.ended_at.is_(None), DIRECTORY.c.keywords != "")
        .distinct()
    )
    for row in rows:
        more.setdefault(row.category, []).extend(row.keywords.split())
    return [
        Matter(
            each.code,
            each.name,
            _path(tree, each),
            words_of(each.name, (*each.keywords, *more.get(each.code, ()))),
        )
        for each in tree.values()
        if each.code not in branches
    ]


def _path(tree: dict[str, Category], leaf: Category) -> str:
    names, at = [leaf.name], leaf.parent
    while at in tree and len(names) < len(tree):
        names.append(tree[at].name)
        at = tree[at].parent
    return " › ".join(reversed(names))


def area_names(conn: Connection) -> dict[str, str]:
    """Return what stands in an address, and the town or district it means; the smaller place comes first."""
    names: dict[str, str] = {}
    rows = conn.execute(
        select(UNIT.c.id, UNIT.c.short_name)
        .where(UNIT.c.kind.in_(AREAS), UNIT.c.ended_at.is_(None))
        .order_by(UNIT.c.level.desc(), UNIT.c.id)
    )
    for row in rows:
        names.setdefault(row.short_name, row.id)
    for row in conn.execute(select(GRID.c.town, GRID.c.streets).where(GRID.c.ended_at.is_(None))):
        for street in row.streets.split():
            names.setdefault(street, row.town)
    return names


def lessons(conn: Connection, last: int, most: int) -> tuple[list[tuple[str, str, float]], int]:
    """Return what can be learned from the next cases, and how far this reaches."""
    found, until = after(conn, last, most)
    return [(each.category, saying(each.title, each.content, each.address), 1.0) for each in found], until


def first_lessons(known: Iterable[Matter]) -> Iterator[tuple[str, str, float]]:
    """Give what is said of each matter, and its words: without them nothing is learned of one that has no case yet."""
    said = sayings()
    for matter in known:
        weight = LIGHT_WEIGHT if matter.name in ABOUT_ANYTHING else SEED_WEIGHT
        for word in matter.words:
            yield matter.code, word, weight
        for words in said.get(matter.name, ()):
            yield matter.code, words, SAID_WEIGHT


@cache
def sayings() -> Mapping[str, Sequence[str]]:
    """Return what citizens say of a matter, by its name as most cities have it."""
    text = resources.files(__package__).joinpath("demo", "sayings.tsv").read_text("utf-8")
    found = dict[str, list[str]]()
    for name, words in (line.split("\t") for line in text.splitlines() if not line.startswith("#")):
        found.setdefault(name, []).append(words)
    return found


def append_lines(path: Path, some: Iterable[tuple[str, str, float]]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(each, ensure_ascii=False) + "\n" for each in some)
