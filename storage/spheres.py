"""Who supervises whom: an efficiency office oversees the unit it belongs to and all below that."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from cases.workflow import Refusal
from storage.units import UNIT, subtree

EFFICIENCY, BUREAU, CENTRE = "efficiency", "bureau", "centre"
ADVISORY = frozenset({"external"})
"""Units outside the city's command: their clocks are shown, and nothing is held against them."""

_DEEPEST = 8


class OutsideSphere(Refusal):
    """The unit is not below this office."""

    def __init__(self) -> None:
        super().__init__("该单位不在本机关监督范围内 (not a unit you supervise)")


def sphere_of(conn: Connection, unit: str) -> frozenset[str] | None:
    """Return the units that this office oversees; None for an office of the city, which oversees all."""
    top = conn.execute(select(UNIT.c.parent).where(UNIT.c.id == unit)).scalar()
    if top is None or not conn.execute(select(UNIT.c.parent).where(UNIT.c.id == top)).scalar():
        return None
    return frozenset(subtree(conn, top))


def check_sphere(conn: Connection, office: str, unit: str) -> None:
    """Raise OutsideSphere unless this office oversees the unit."""
    sphere = sphere_of(conn, office)
    if sphere is not None and unit not in sphere:
        raise OutsideSphere


def office_over(conn: Connection, unit: str | None) -> str | None:
    """Return the efficiency office nearest above a unit."""
    offices: dict[str | None, str] = {
        row.parent: row.id
        for row in conn.execute(
            select(UNIT.c.parent, UNIT.c.id)
            .where(UNIT.c.kind == EFFICIENCY, UNIT.c.ended_at.is_(None))
            .order_by(UNIT.c.id.desc())
        )
    }
    return next((offices[above] for above in _line_up(conn, unit) if above in offices), None)


def institution(conn: Connection, *kinds: str) -> str | None:
    """Return the first unit of the city that is of one of these kinds, in their order."""
    for kind in kinds:
        rows = select(UNIT.c.id).where(UNIT.c.kind == kind, UNIT.c.ended_at.is_(None))
        if found := conn.execute(rows.order_by(UNIT.c.level, UNIT.c.id).limit(1)).scalar():
            return str(found)
    return None


def _line_up(conn: Connection, unit: str | None) -> Iterator[str]:
    for _ in range(_DEEPEST):
        if unit is None:
            return
        yield unit
        unit = conn.execute(select(UNIT.c.parent).where(UNIT.c.id == unit)).scalar()
