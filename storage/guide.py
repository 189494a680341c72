"""终端指南: the columns and classes under which kiosks show the knowledge base, arranged by its editors."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from cases.knowledge import EDITORS
from storage import history, knowledge_public
from storage.errors import Conflict, Invalid, Missing
from storage.forms import checked_text, keyable
from storage.kiosk_queue_models import GuideClass, GuideColumn
from storage.knowledge_public import PublicArticle
from storage.people import Actor
from storage.steps import must_be
from storage.types import table_of
from storage.units import CATEGORY

COLUMN = table_of(GuideColumn)
CLASS = table_of(GuideClass)

MOST_COLUMNS: Final = 12
MOST_CLASSES: Final = 35
"""In one column: more nobody finds his way among with a finger."""
KEEPERS: Final = EDITORS


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassForm:
    """A class as it is entered: what a matter has, or what words find in it; without a matter, what they find at all."""

    name: str
    name_en: str = ""
    category: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Class:
    """类: a class of information."""

    id: int
    name: str
    name_en: str
    category: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Column:
    """栏目: a column with its classes."""

    id: int
    name: str
    name_en: str
    classes: tuple[Class, ...]


def columns(conn: Connection) -> list[Column]:
    """Return the whole guide, in its order."""
    of: dict[int, list[Class]] = {}
    for row in conn.execute(select(CLASS).order_by(CLASS.c.position, CLASS.c.id)):
        one = Class(row.id, row.name, row.name_en, row.category, row.words)
        of.setdefault(row.column, []).append(one)
    rows = conn.execute(select(COLUMN).order_by(COLUMN.c.position, COLUMN.c.id))
    return [Column(row.id, row.name, row.name_en, tuple(of.get(row.id, ()))) for row in rows]


def articles(conn: Connection, one: int, *, today: date) -> tuple[Class, list[PublicArticle]] | None:
    """Return a class and what it holds today: only what everybody may read."""
    row = conn.execute(select(CLASS).where(CLASS.c.id == one)).one_or_none()
    if row is None:
        return None
    found = knowledge_public.public_articles(conn, row.words, today=today, category=row.category or "")
    return Class(row.id, row.name, row.name_en, row.category, row.words), found


def add_column(conn: Connection, name: str, name_en: str, *, by: Actor, at: datetime) -> int:
    must_be(by, KEEPERS, "维护终端指南")
    if conn.execute(select(func.count()).select_from(COLUMN)).scalar_one() >= MOST_COLUMNS:
        raise Invalid({"name": f"最多 {MOST_COLUMNS} 个栏目 (at most {MOST_COLUMNS} columns)"})
    title = checked_text("name", name, longest=20)
    position = select(func.coalesce(func.max(COLUMN.c.position), 0) + 1).scalar_subquery()
    row = {"name": title, "name_en": keyable(name_en, 40).strip() or title, "position": position}
    made: int = conn.execute(insert(COLUMN).values(row).returning(COLUMN.c.id)).scalar_one()
    _note(conn, "guide.column_added", {"column": made, "name": title}, by=by, at=at)
    return made


def add_class(conn: Connection, column: int, form: ClassForm, *, by: Actor, at: datetime) -> int:
    must_be(by, KEEPERS, "维护终端指南")
    if conn.execute(select(COLUMN.c.id).where(COLUMN.c.id == column)).first() is None:
        raise Missing(f"没有栏目 {column} (no such column)")
    in_it = select(func.count()).where(CLASS.c.column == column)
    if conn.execute(in_it).scalar_one() >= MOST_CLASSES:
        raise Invalid(
            {"name": f"一个栏目最多 {MOST_CLASSES} 类 (at most {MOST_CLASSES} classes in a column)"}
        )
    title, category = checked_text("name", form.name, longest=20), keyable(form.category, 64)
    known = select(CATEGORY.c.code).where(CATEGORY.c.code == category)
    if category and conn.execute(known).first() is None:
        raise Invalid({"category": "没有这个类别 (no such category)"})
    words = keyable(form.words, 60).strip()
    if not category and not words:
        raise Invalid({"category": "请选择事项或填写检索词 (choose a matter or give words)"})
    position = select(func.coalesce(func.max(CLASS.c.position), 0) + 1).scalar_subquery()
    row = {
        "column": column,
        "name": title,
        "name_en": keyable(form.name_en, 40).strip() or title,
        "category": category or None,
        "words": words,
        "position": position,
    }
    made: int = conn.execute(insert(CLASS).values(row).returning(CLASS.c.id)).scalar_one()
    _note(conn, "guide.class_added", {"class": made, "column": column, "name": title}, by=by, at=at)
    return made


def drop_class(conn: Connection, one: int, *, by: Actor, at: datetime) -> None:
    """Take a class out; its articles stay where they are."""
    must_be(by, KEEPERS, "维护终端指南")
    if conn.execute(delete(CLASS).where(CLASS.c.id == one)).rowcount != 1:
        raise Missing(f"没有这一类 {one} (no such class)")
    _note(conn, "guide.class_dropped", {"class": one}, by=by, at=at)


def drop_column(conn: Connection, column: int, *, by: Actor, at: datetime) -> None:
    """Take an empty column out; one that still has classes is not dropped with all of them by one touch."""
    must_be(by, KEEPERS, "维护终端指南")
    if conn.execute(select(CLASS.c.id).where(CLASS.c.column == column).limit(1)).first() is not None:
        raise Conflict("栏目下还有分类，请先移出 (there are classes in it still)")
    if conn.execute(delete(COLUMN).where(COLUMN.c.id == column)).rowcount != 1:
        raise Missing(f"没有栏目 {column} (no such column)")
    _note(conn, "guide.column_dropped", {"column": column}, by=by, at=at)


def _note(conn: Connection, kind: str, detail: dict[str, object], *, by: Actor, at: datetime) -> None:
    history.append(conn, subject="guide", kind=kind, actor=by.login, detail=detail, at=at)
