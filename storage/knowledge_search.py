"""Finds live articles by what they share with a text: words somebody typed, or all that a citizen has said so far.

The pairs of characters stand in an ordinary table, so that both databases find and rank the same. A pair that very many
articles have tells next to nothing and is left out while there are better ones: the time does not grow with the base.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select

from cases.knowledge import (
    IN_HEAD,
    IN_TEXT,
    KEYWORD,
    SAYS_NOTHING,
    KnowledgeState,
    Shared,
    phrases,
    ranked,
    worth,
)
from storage.knowledge_models import KnowledgeGram, KnowledgeVersion
from storage.search import pairs, plain
from storage.types import table_of
from storage.units import CATEGORY, UNIT

GRAM = table_of(KnowledgeGram)
VERSION = table_of(KnowledgeVersion)

LONGEST_QUERY = 400
MOST_HAVING = 300
MOST_GRAMS = 80


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that is in force, and why it was found."""

    id: int
    version: int
    title: str
    category: str
    category_name: str
    owner: str
    unit_name: str
    answer: str
    citizen_answer: str
    public: bool
    valid_until: date | None
    review_by: date
    stale: bool
    shared: tuple[str, ...] = ()
    same_category: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for. Without words it is all that is in force, narrowed by category (or its branch) and owner."""

    words: str = ""
    category: str = ""
    owner: str = ""
    public_only: bool = False


def index(conn: Connection, row: Row[Any]) -> None:
    """Make the text of a version findable, instead of what its article said before."""
    forget(conn, row.article)
    weights = dict.fromkeys(_grams(row.answer, row.citizen_answer), IN_TEXT)
    weights |= dict.fromkeys(_grams(row.title, *row.questions.splitlines()), IN_HEAD)
    weights |= dict.fromkeys(_grams(*row.keywords.split()), KEYWORD)
    rows = [{"gram": gram, "article": row.article, "weight": weight} for gram, weight in weights.items()]
    if rows:
        conn.execute(insert(GRAM), rows)


def forget(conn: Connection, article: int) -> None:
    conn.execute(delete(GRAM).where(GRAM.c.article == article))


def in_force(today: date) -> tuple[ColumnElement[bool], ...]:
    """Return what a version is that may be told: live, and not past its last day though nobody has swept yet."""
    valid = or_(VERSION.c.valid_until.is_(None), VERSION.c.valid_until >= today)
    return VERSION.c.state == KnowledgeState.LIVE, valid


def find(conn: Connection, wanted: Wanted, *, today: date, most: int) -> list[Hit]:
    """Return the articles that fit, best first; without words the newest first."""
    letters = plain(wanted.words)[:LONGEST_QUERY]
    where = [*in_force(today), *_narrowed(wanted, by_category=len(letters) < 2)]
    if len(letters) < 2:
        if letters:
            where.append(VERSION.c.title.contains(letters, autoescape=True))
        rows = conn.execute(
            _ROWS.where(*where).order_by(VERSION.c.live_at.desc(), VERSION.c.id.desc()).limit(most)
        )
        return [_hit(row, today, wanted) for row in rows]
    best = _best(conn, letters, wanted)[: most * 4]
    found = {row.article: row for row in conn.execute(_ROWS.where(*where, VERSION.c.article.in_(best)))}
    kept = [found[article] for article in best if article in found][:most]
    return [_hit(row, today, wanted, letters) for row in kept]


_ROWS = (
    select(VERSION, CATEGORY.c.name.label("category_name"), UNIT.c.short_name.label("unit_name"))
    .join(CATEGORY, CATEGORY.c.code == VERSION.c.category)
    .join(UNIT, UNIT.c.id == VERSION.c.owner)
)


def _narrowed(wanted: Wanted, *, by_category: bool) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.category and by_category:
        where.append(VERSION.c.category.startswith(wanted.category, autoescape=True))
    if wanted.owner:
        where.append(VERSION.c.owner == wanted.owner)
    if wanted.public_only:
        where.append(VERSION.c.public)
    return where


def _best(conn: Connection, letters: str, wanted: Wanted) -> list[int]:
    """Return the articles that share the most with the letters, best first."""
    asked = _grams(letters)
    having = select(GRAM.c.gram, func.count().label("n")).where(GRAM.c.gram.in_(asked)).group_by(GRAM.c.gram)
    counts = {row.gram: row.n for row in conn.execute(having)}
    everything = conn.execute(select(func.count()).where(VERSION.c.state == KnowledgeState.LIVE)).scalar_one()
    rarest = sorted(counts, key=lambda gram: (counts[gram], gram))
    telling = [gram for gram in rarest if counts[gram] <= MOST_HAVING][:MOST_GRAMS] or rarest[:3]
    of_article: dict[int, dict[str, int]] = defaultdict(dict)
    looked = select(GRAM.c.article, GRAM.c.gram, GRAM.c.weight).where(GRAM.c.gram.in_(telling))
    for row in conn.execute(looked):
        of_article[row.article][row.gram] = row.weight
    categories = _categories(conn, list(of_article)) if wanted.category else {}
    shared = [Shared(one, weights, categories.get(one, "")) for one, weights in of_article.items()]
    worths = {gram: worth(everything, counts[gram]) for gram in telling}
    return [article for article, _ in ranked(shared, worths, wanted.category, length=len(letters))]


def _categories(conn: Connection, articles: list[int]) -> dict[int, str]:
    rows = select(VERSION.c.article, VERSION.c.category).where(
        VERSION.c.state == KnowledgeState.LIVE, VERSION.c.article.in_(articles)
    )
    return {row.article: row.category for row in conn.execute(rows)}


def _hit(row: Row[Any], today: date, wanted: Wanted, letters: str = "") -> Hit:
    names = (name for name in Hit.__slots__ if name not in {"id", "stale", "shared", "same_category"})
    head = "\n".join(plain(words) for words in _head(row))
    return Hit(
        **{name: getattr(row, name) for name in names},
        id=row.article,
        stale=row.review_by < today,
        shared=tuple(phrases(letters, head)),
        same_category=bool(wanted.category) and row.category == wanted.category,
    )


def _head(row: Row[Any]) -> tuple[str, ...]:
    return row.title, *row.questions.splitlines(), *row.keywords.split()


def _grams(*texts: str) -> set[str]:
    found = {pair for words in texts for pair in pairs(plain(words)) if len(pair) == 2}
    return found - SAYS_NOTHING
