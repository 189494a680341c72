"""地名: the city's places in their five levels, as an address is put together from them.

Districts, towns, villages and communities are units; the grids below them are named by their streets and estates.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from storage.units import GRID, UNIT

LEVELS = {"district": 2, "town": 3, "village": 4, "community": 4}
GRID_LEVEL = 5


@dataclass(frozen=True, slots=True)
class Place:
    """One place: what it is called in an address, and what it lies in."""

    id: str
    parent: str | None
    name: str
    initials: str
    level: int
    streets: tuple[str, ...] = ()


def places(conn: Connection) -> list[Place]:
    """Return all of them, the larger before the smaller; a place that lies in none of these lies in the city."""
    rows = conn.execute(
        select(UNIT.c.id, UNIT.c.parent, UNIT.c.short_name, UNIT.c.initials, UNIT.c.kind)
        .where(UNIT.c.kind.in_(LEVELS), UNIT.c.ended_at.is_(None))
        .order_by(UNIT.c.level, UNIT.c.id)
    ).all()
    known = {row.id for row in rows}
    found = [
        Place(
            row.id,
            row.parent if row.parent in known else None,
            row.short_name,
            row.initials,
            LEVELS[row.kind],
        )
        for row in rows
    ]
    return [*found, *_grids(conn, known)]


def _grids(conn: Connection, known: set[str]) -> Iterator[Place]:
    for row in conn.execute(select(GRID).where(GRID.c.ended_at.is_(None)).order_by(GRID.c.code)):
        town = row.town if row.town in known else None
        yield Place(row.code, town, row.name, "", GRID_LEVEL, tuple(row.streets.split()))
