"""Units 单位, categories 类别, and the directory 派单目录 that leads from one to the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, or_, select

from storage.city_models import Grid
from storage.models import Category as CategoryRow
from storage.models import Directory, OrgUnit
from storage.types import table_of

UNIT = table_of(OrgUnit)
CATEGORY = table_of(CategoryRow)
DIRECTORY = table_of(Directory)
GRID = table_of(Grid)

AREAS = ("district", "town")
CATCH_ALL = "兜底"
"""The basis on which a unit is proposed that takes what nobody in its area has the duty for."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is offered for dispatch."""

    id: str
    name: str
    short_name: str
    level: int
    kind: str
    parent: str | None
    in_ranking: bool = True
    catch_all: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """One branch or leaf of the tree of matters, with what it proposes for a case."""

    code: str
    name: str
    parent: str | None
    intents: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    urgency: str = "一般"
    confidential: bool = False
    public: bool = True
    list_item: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """A unit that has the duty for a category, where, and why."""

    unit: Unit
    basis: str
    area: str | None = None


_UNIT_FIELDS = select(
    UNIT.c.id,
    UNIT.c.name,
    UNIT.c.short_name,
    UNIT.c.level,
    UNIT.c.kind,
    UNIT.c.parent,
    UNIT.c.in_ranking,
    UNIT.c.catch_all,
).where(UNIT.c.ended_at.is_(None))
_PARENTS = select(UNIT.c.id, UNIT.c.parent)
_DUTIES = (
    _UNIT_FIELDS.add_columns(DIRECTORY.c.basis, DIRECTORY.c.area)
    .join(DIRECTORY, DIRECTORY.c.unit == UNIT.c.id)
    .where(DIRECTORY.c.category == bindparam("matter"), DIRECTORY.c.ended_at.is_(None))
    .order_by(DIRECTORY.c.priority, DIRECTORY.c.id)
)
_OF_CITY = _DUTIES.where(DIRECTORY.c.area.is_(None))


def units(conn: Connection) -> list[Unit]:
    return [_unit(row) for row in conn.execute(_UNIT_FIELDS.order_by(UNIT.c.level, UNIT.c.id))]


def unit(conn: Connection, unit_id: str) -> Unit | None:
    row = conn.execute(_UNIT_FIELDS.where(UNIT.c.id == unit_id)).one_or_none()
    return _unit(row) if row else None


def search_units(conn: Connection, q: str, limit: int, below: str = "") -> list[Unit]:
    """Find by any part of a name, by pinyin initials, by abbreviation, by code, or by what it has the duty for.

    Best first: three keys are enough for any of 1,380 units to be on a list of ten. With `below` only units under
    that one are found.
    """
    wanted = "".join(sign for sign in q.strip().lower() if sign.isprintable())
    if not wanted:
        return []
    exact = or_(UNIT.c.id == wanted, UNIT.c.initials == wanted, UNIT.c.short_name == wanted)
    begins = or_(
        UNIT.c.initials.startswith(wanted, autoescape=True),
        UNIT.c.short_name.startswith(wanted, autoescape=True),
    )
    named = or_(
        UNIT.c.name.contains(wanted, autoescape=True),
        UNIT.c.short_name.contains(wanted, autoescape=True),
    )
    rank = case((exact, 0), (begins, 1), (named, 2), else_=3)
    found = _UNIT_FIELDS.where(or_(exact, begins, named, _by_duty(wanted)))
    if below:
        found = found.where(UNIT.c.id.in_(subtree(conn, below) - {below}))
    best_first = found.order_by(rank, UNIT.c.level, UNIT.c.id).limit(limit)
    return [_unit(row) for row in conn.execute(best_first)]


def _by_duty(wanted: str) -> ColumnElement[bool]:
    """Look through the words of the unit, and through the matters that the directory gives to it."""
    matters = (
        select(DIRECTORY.c.unit)
        .join(CATEGORY, CATEGORY.c.code == DIRECTORY.c.category)
        .where(
            DIRECTORY.c.ended_at.is_(None),
            or_(
                CATEGORY.c.name.contains(wanted, autoescape=True),
                CATEGORY.c.keywords.contains(wanted, autoescape=True),
                DIRECTORY.c.keywords.contains(wanted, autoescape=True),
            ),
        )
    )
    return or_(UNIT.c.keywords.contains(wanted, autoescape=True), UNIT.c.id.in_(matters))


def categories(conn: Connection) -> list[Category]:
    """Return the tree, branches before their leaves, in the city's order."""
    rows = conn.execute(
        select(CATEGORY).where(CATEGORY.c.ended_at.is_(None)).order_by(CATEGORY.c.position, CATEGORY.c.code)
    )
    return [_category(row) for row in rows]


def category(conn: Connection, code: str) -> Category | None:
    row = conn.execute(select(CATEGORY).where(CATEGORY.c.code == code)).one_or_none()
    return _category(row) if row else None


def duties(conn: Connection, category: str, area: str | None = None) -> list[Duty]:
    """Return who has the duty for a category, first the one that is asked first.

    In an area those whose duty is for just that area come first, then those of the area around it, then the city's.
    """
    if not area:
        return [Duty(_unit(row), row.basis, row.area) for row in conn.execute(_OF_CITY, {"matter": category})]
    around = list(line_up(parents(conn), area))
    here = _DUTIES.where(or_(DIRECTORY.c.area.is_(None), DIRECTORY.c.area.in_(around)))
    found = [Duty(_unit(row), row.basis, row.area) for row in conn.execute(here, {"matter": category})]
    found.sort(key=lambda duty: around.index(duty.area) if duty.area else len(around))
    return found


def suggestions(conn: Connection, category: str, address: str) -> list[Duty]:
    """Return whom the directory proposes for a matter at an address, each unit once, the catch-all of the area last."""
    area = area_of(conn, address)
    found = duties(conn, category, area)
    last = catch_all(conn, area) if area else None
    if last:
        found.append(Duty(last, CATCH_ALL, area))
    once: dict[str, Duty] = {}
    for duty in found:
        once.setdefault(duty.unit.id, duty)
    return list(once.values())


def unit_for(conn: Connection, category: str, area: str | None = None) -> list[Unit]:
    return [duty.unit for duty in duties(conn, category, area)]


def area_of(conn: Connection, address: str) -> str | None:
    """Return the town, or else the district, in which an address lies, by the names in it; None if it says none."""
    rows = conn.execute(
        select(UNIT.c.id, UNIT.c.short_name)
        .where(UNIT.c.kind.in_(AREAS), UNIT.c.ended_at.is_(None))
        .order_by(UNIT.c.level.desc(), UNIT.c.id)
    )
    if not address:
        return None
    return next((row.id for row in rows if row.short_name in address), None) or _town_of_street(conn, address)


def _town_of_street(conn: Connection, address: str) -> str | None:
    """Return the town of the first grid one of whose streets stands in the address.

    All streets come in one value: a row for each grid is what takes long when a city has 100,000 of them.
    """
    held = GRID.c.ended_at.is_(None)
    every = conn.execute(select(func.aggregate_strings(GRID.c.streets, " ")).where(held)).scalar_one() or ""
    streets = set(every.split())
    long = {len(street) for street in streets}
    named = streets.intersection(
        address[start : start + each] for each in long for start in range(len(address) - each + 1)
    )
    if not named:
        return None
    have = or_(*(GRID.c.streets.contains(street, autoescape=True) for street in sorted(named)))
    rows = conn.execute(select(GRID.c.town, GRID.c.streets).where(held, have).order_by(GRID.c.code))
    return next((row.town for row in rows if not named.isdisjoint(row.streets.split())), None)


def catch_all(conn: Connection, area: str) -> Unit | None:
    """兜底: return the unit that takes what nobody in the area has the duty for."""
    for place in line_up(parents(conn), area):
        found = unit(conn, place)
        if found and found.catch_all:
            return found
    return None


def parents(conn: Connection) -> dict[str, str | None]:
    """Return which unit stands above which, dissolved ones too."""
    return {row.id: row.parent for row in conn.execute(_PARENTS)}


def line_up(above: dict[str, str | None], start: str) -> Iterator[str]:
    """Give the unit and those above it, nearest first."""
    seen: set[str] = set()
    place: str | None = start
    while place and place not in seen:
        yield place
        seen.add(place)
        place = above.get(place)


def subtree(conn: Connection, top: str) -> set[str]:
    """Return the unit and everything below it, at whatever depth."""
    above = parents(conn)
    return {one for one in above if top in line_up(above, one)}


def _category(row: Row[*tuple[Any, ...]]) -> Category:
    return Category(
        row.code,
        row.name,
        row.parent,
        tuple(row.intents.split()),
        tuple(row.keywords.split()),
        row.urgency,
        row.confidential,
        row.public,
        row.list_item,
    )


def _unit(row: Row[*tuple[Any, ...]]) -> Unit:
    return Unit(
        row.id, row.name, row.short_name, row.level, row.kind, row.parent, row.in_ranking, row.catch_all
    )
