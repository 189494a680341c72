"""Units 单位, categories 类别, and the directory 派单目录 that leads from one to the other."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from storage.models import Category as CategoryRow
from storage.models import Directory, OrgUnit
from storage.types import table_of

UNIT = table_of(OrgUnit)
CATEGORY = table_of(CategoryRow)
DIRECTORY = table_of(Directory)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is offered for dispatch."""

    id: str
    name: str
    short_name: str
    level: int
    kind: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Category:
    """One branch or leaf of the tree of matters."""

    code: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Duty:
    """A unit that has the duty for a category, and why."""

    unit: Unit
    basis: str


_UNIT_FIELDS = select(
    UNIT.c.id, UNIT.c.name, UNIT.c.short_name, UNIT.c.level, UNIT.c.kind, UNIT.c.parent
).where(UNIT.c.ended_at.is_(None))


def units(conn: Connection) -> list[Unit]:
    return [_unit(row) for row in conn.execute(_UNIT_FIELDS.order_by(UNIT.c.level, UNIT.c.id))]


def unit(conn: Connection, unit_id: str) -> Unit | None:
    row = conn.execute(_UNIT_FIELDS.where(UNIT.c.id == unit_id)).one_or_none()
    return _unit(row) if row else None


def search_units(conn: Connection, q: str, limit: int) -> list[Unit]:
    """Find by any part of a name, by pinyin initials, or by code."""
    wanted = "".join(sign for sign in q.strip().lower() if sign.isprintable())
    found = _UNIT_FIELDS.where(
        or_(
            UNIT.c.name.contains(wanted, autoescape=True),
            UNIT.c.short_name.contains(wanted, autoescape=True),
            UNIT.c.initials.startswith(wanted, autoescape=True),
            UNIT.c.id == wanted,
        )
    )
    return [_unit(row) for row in conn.execute(found.order_by(UNIT.c.level, UNIT.c.id).limit(limit))]


def categories(conn: Connection) -> list[Category]:
    """Return the tree, branches before their leaves, in the city's order."""
    rows = conn.execute(
        select(CATEGORY.c.code, CATEGORY.c.name, CATEGORY.c.parent).order_by(
            CATEGORY.c.position, CATEGORY.c.code
        )
    )
    return [Category(row.code, row.name, row.parent) for row in rows]


def duties(conn: Connection, category: str) -> list[Duty]:
    """Return who has the duty for a category, first the one that is asked first."""
    rows = conn.execute(
        _UNIT_FIELDS.add_columns(DIRECTORY.c.basis)
        .join(DIRECTORY, DIRECTORY.c.unit == UNIT.c.id)
        .where(DIRECTORY.c.category == category)
        .order_by(DIRECTORY.c.priority, DIRECTORY.c.id)
    )
    return [Duty(_unit(row), row.basis) for row in rows]


def unit_for(conn: Connection, category: str) -> list[Unit]:
    return [duty.unit for duty in duties(conn, category)]


def _unit(row: Row[*tuple[Any, ...]]) -> Unit:
    return Unit(row.id, row.name, row.short_name, row.level, row.kind, row.parent)
