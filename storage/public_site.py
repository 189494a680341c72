"""What everybody may read: published cases by word and matter, one of them with its way, and how often it was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from cases.numbers import normalise
from cases.workflow import State
from storage import public_search
from storage.intake import CASE
from storage.keeping import insert_into
from storage.public_search import COPY, SHOWN
from storage.public_trail import Trail, trail
from storage.site_models import PublicView
from storage.types import table_of
from storage.units import CATEGORY, UNIT

VIEW = table_of(PublicView)

PAGE: Final = 20
MOST_COUNTED: Final = 1_000
HOT_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Shown:
    """A published case in the list."""

    no: str
    title: str
    category: str
    unit_name: str | None
    state: State
    published_at: datetime
    views: int


@dataclass(frozen=True, slots=True)
class Found:
    """One page of them; the total is not counted beyond a thousand."""

    rows: list[Shown]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Published:
    """A published case, as officers have released it, and its way through the units."""

    no: str
    title: str
    content: str
    reply: str
    category: str
    state: State
    published_at: datetime
    views: int
    trail: Trail


_VIEWS = select(func.coalesce(func.sum(VIEW.c.views), 0)).where(VIEW.c.case == CASE.c.id).scalar_subquery()
_IN_FORCE = (COPY.c.state == "in_force", COPY.c.decision.in_(SHOWN))
_FROM = COPY.join(CASE, CASE.c.id == COPY.c.case).join(CATEGORY, CATEGORY.c.code == CASE.c.category)


def find(conn: Connection, words: str = "", *, matter: str = "", page: int = 1) -> Found:
    """Return a page of what is published, newest first: by words, or by the number of a case; in one class of matters."""
    where: list[Any] = list(_IN_FORCE)
    if matter:
        where.append(CASE.c.category.startswith(matter, autoescape=True))
    if (number := normalise(words)) and number[-12:].isdigit() and len(number) >= 12:
        where.append(CASE.c.digits == number[-12:])
    elif (condition := public_search.condition(conn, words)) is not None:
        where.append(condition)
    some = select(COPY.c.id).select_from(_FROM).where(*where).limit(MOST_COUNTED).subquery()
    total: int = conn.execute(select(func.count()).select_from(some)).scalar_one()
    rows = (
        select(
            CASE.c.no,
            COPY.c.title,
            CATEGORY.c.name.label("category"),
            UNIT.c.short_name.label("unit_name"),
            CASE.c.state,
            COPY.c.decided_at.label("published_at"),
            _VIEWS.label("views"),
        )
        .select_from(_FROM.outerjoin(UNIT, UNIT.c.id == CASE.c.unit))
        .where(*where)
        .order_by(COPY.c.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return Found([Shown(**row._asdict()) for row in conn.execute(rows)], total, page)


def published(conn: Connection, no: str) -> Published | None:
    """Return one published case, or None for what is not public: whether it exists is not told."""
    row = conn.execute(
        select(COPY, CASE.c.no, CASE.c.state.label("case_state"), CATEGORY.c.name, _VIEWS.label("views"))
        .select_from(_FROM)
        .where(CASE.c.no == no[:64], *_IN_FORCE)
    ).one_or_none()
    if row is None:
        return None
    return Published(
        row.no,
        row.title,
        row.content,
        row.reply,
        row.name,
        row.case_state,
        row.decided_at,
        int(row.views),
        trail(conn, no),
    )


def add_views(conn: Connection, seen: Mapping[str, int], *, at: datetime, zone: ZoneInfo) -> None:
    """Add up how often cases were read; whoever has taken one down meanwhile loses nothing by it."""
    day = f"{at.astimezone(zone):%y%m%d}"
    numbers = conn.execute(select(CASE.c.no, CASE.c.id).where(CASE.c.no.in_(sorted(seen))))
    rows = [{"case": row.id, "day": day, "views": seen[row.no]} for row in numbers]
    if not rows:
        return
    statement = insert_into(conn.dialect.name, VIEW)
    more = {"views": VIEW.c.views + statement.excluded["views"]}
    conn.execute(statement.on_conflict_do_update(index_elements=["case", "day"], set_=more), rows)


def hot_matters(conn: Connection, *, at: datetime, most: int = 5) -> list[tuple[str, str, int]]:
    """Return what most people asked about in the last days: code, name, how many. Counts only, nobody's words."""
    count = func.count()
    rows = conn.execute(
        select(CATEGORY.c.code, CATEGORY.c.name, count)
        .join(CASE, CASE.c.category == CATEGORY.c.code)
        .where(CASE.c.received_at >= at - timedelta(days=HOT_DAYS), CASE.c.confidential == "none")
        .group_by(CATEGORY.c.code, CATEGORY.c.name)
        .order_by(count.desc(), CATEGORY.c.code)
        .limit(most)
    )
    return [(row[0], row[1], int(row[2])) for row in rows]
