"""服务指南: what everybody may read of the knowledge base, as a list and as the tree of a kiosk."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from storage.knowledge import VERSION
from storage.knowledge_search import Wanted, find, in_force
from storage.units import CATEGORY, UNIT


@dataclass(frozen=True, slots=True)
class PublicArticle:
    """One question and its answer for citizens. What is meant for agents is not in it."""

    id: int
    title: str
    answer: str
    category: str
    category_name: str
    unit_name: str
    sources: tuple[str, ...]
    valid_until: date | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PublicLeaf:
    """类: one kind of information, with how many articles there are."""

    code: str
    name: str
    articles: int


@dataclass(frozen=True, slots=True)
class PublicBranch:
    """栏目: a column of the guide."""

    code: str
    name: str
    leaves: tuple[PublicLeaf, ...]


_ROWS = (
    select(VERSION, CATEGORY.c.name.label("category_name"), UNIT.c.name.label("unit_name"))
    .join(CATEGORY, CATEGORY.c.code == VERSION.c.category)
    .join(UNIT, UNIT.c.id == VERSION.c.owner)
)


def public_articles(
    conn: Connection, q: str = "", *, today: date, category: str = "", limit: int = 50
) -> list[PublicArticle]:
    """Return the articles that fit, best first; without words all of a category or of one of its branches."""
    wanted = Wanted(words=q, category=category, public_only=True)
    found = [hit.id for hit in find(conn, wanted, today=today, most=limit)]
    rows = conn.execute(_ROWS.where(*in_force(today), VERSION.c.public, VERSION.c.article.in_(found)))
    by_id = {row.article: _article(row) for row in rows}
    return [by_id[article] for article in found if article in by_id]


def public_article(conn: Connection, article: int, *, today: date) -> PublicArticle | None:
    """Return one article, or None for what is not public: there is no other way to it."""
    row = conn.execute(
        _ROWS.where(*in_force(today), VERSION.c.public, VERSION.c.article == article)
    ).one_or_none()
    return _article(row) if row else None


def public_tree(conn: Connection, *, today: date) -> list[PublicBranch]:
    """Return the columns and kinds in which there is anything to read, in the city's order."""
    branch = CATEGORY.alias("branch")
    rows = conn.execute(
        select(
            branch.c.code.label("of"),
            branch.c.name.label("of_name"),
            CATEGORY.c.code,
            CATEGORY.c.name,
            func.count().label("n"),
        )
        .join(CATEGORY, CATEGORY.c.code == VERSION.c.category)
        .join(branch, branch.c.code == CATEGORY.c.parent)
        .where(*in_force(today), VERSION.c.public)
        .group_by(
            branch.c.code,
            branch.c.name,
            branch.c.position,
            CATEGORY.c.code,
            CATEGORY.c.name,
            CATEGORY.c.position,
        )
        .order_by(branch.c.position, CATEGORY.c.position)
    )
    leaves: dict[tuple[str, str], list[PublicLeaf]] = {}
    for row in rows:
        leaves.setdefault((row.of, row.of_name), []).append(PublicLeaf(row.code, row.name, row.n))
    return [PublicBranch(code, name, tuple(some)) for (code, name), some in leaves.items()]


def _article(row: Row[Any]) -> PublicArticle:
    return PublicArticle(
        id=row.article,
        title=row.title,
        answer=row.citizen_answer,
        category=row.category,
        category_name=row.category_name,
        unit_name=row.unit_name,
        sources=tuple(row.sources.splitlines()),
        valid_until=row.valid_until,
        updated_at=row.live_at,
    )
