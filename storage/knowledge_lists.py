"""知识库 as writers see it: the piles of what waits for somebody, and one article with all its versions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from cases.knowledge import EDITORS, REMIND_BEFORE, KnowledgeState
from storage.errors import Missing
from storage.knowledge import OPEN_STATES, VERSION
from storage.people import Actor
from storage.units import CATEGORY, UNIT

PER_PAGE = 30
PILES = ("draft", "checked", "due", "expired", "refused", "withdrawn")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an article with the names of what it points to."""

    article: int
    version: int
    category: str
    category_name: str
    owner: str
    unit_name: str
    title: str
    questions: str
    answer: str
    citizen_answer: str
    sources: str
    keywords: str
    public: bool
    valid_until: date | None
    review_by: date
    state: str
    made_by: str
    made_at: datetime
    checked_by: str | None
    checked_at: datetime | None
    live_by: str | None
    live_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    end_reason: str

    @property
    def is_live(self) -> bool:
        return self.state == KnowledgeState.LIVE

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a pile, and how many lie in each."""

    rows: list[Version]
    counts: dict[str, int]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


_ROWS = (
    select(VERSION, CATEGORY.c.name.label("category_name"), UNIT.c.short_name.label("unit_name"))
    .join(CATEGORY, CATEGORY.c.code == VERSION.c.category)
    .join(UNIT, UNIT.c.id == VERSION.c.owner)
)


def versions(conn: Connection, article: int) -> list[Version]:
    """Return every version, newest first."""
    rows = conn.execute(_ROWS.where(VERSION.c.article == article).order_by(VERSION.c.version.desc()))
    found = [_version(row) for row in rows]
    if not found:
        raise Missing(f"没有知识 {article} (no such article)")
    return found


def kept(conn: Connection, *, by: Actor) -> list[Version]:
    """Return the newest version of each article that is in force or on its way: an editor's all, a unit's own."""
    own = [] if by.role in EDITORS else [VERSION.c.owner == by.unit]
    states = (*OPEN_STATES, KnowledgeState.LIVE)
    rows = conn.execute(_ROWS.where(*own, VERSION.c.state.in_(states), _newest()).order_by(VERSION.c.article))
    return [_version(row) for row in rows]


def pile(conn: Connection, name: str, *, by: Actor, today: date, page: int = 1) -> Listed:
    """Return a page of a pile: all of it for an editor, what one's own unit answers for for its people."""
    counts = {one: _count(conn, one, by, today) for one in PILES}
    total = counts[name]
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    order: tuple[ColumnElement[Any], ...] = (VERSION.c.id.desc(),)
    if name == "due":
        order = (VERSION.c.review_by, VERSION.c.id)
    rows = conn.execute(
        _ROWS.where(*_pile(name, by, today)).order_by(*order).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    )
    return Listed([_version(row) for row in rows], counts, total, page)


def _count(conn: Connection, name: str, by: Actor, today: date) -> int:
    counted: int = conn.execute(
        select(func.count()).select_from(VERSION).where(*_pile(name, by, today))
    ).scalar_one()
    return counted


def _pile(name: str, by: Actor, today: date) -> list[ColumnElement[bool]]:
    own = [] if by.role in EDITORS else [VERSION.c.owner == by.unit]
    if name == "due":
        soon = VERSION.c.review_by <= today + REMIND_BEFORE
        return [*own, VERSION.c.state == KnowledgeState.LIVE, soon]
    return [*own, VERSION.c.state == KnowledgeState(name), _newest()]


def _newest() -> ColumnElement[bool]:
    """What was written anew since then has been taken care of."""
    later = VERSION.alias("later")
    newer = select(later.c.id).where(
        later.c.article == VERSION.c.article, later.c.version > VERSION.c.version
    )
    return ~newer.exists()


def _version(row: Row[Any]) -> Version:
    return Version(**{name: getattr(row, name) for name in Version.__slots__})
