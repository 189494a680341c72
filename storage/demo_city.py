"""Loads the invented city 榕海市, so that a fresh hotline can dispatch its first case."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, delete, insert

from storage import history
from storage.demo_data import CATEGORIES, UNITS
from storage.keeping import keep
from storage.units import CATEGORY, DIRECTORY, UNIT

BASIS = "榕海市派单目录(演示)"


def load_city(conn: Connection, at: datetime) -> int:
    """Load units, categories and directory; return the number of units. Loading again changes nothing."""
    units = list(_units())
    for unit_id, values in units:
        keep(conn, UNIT, {"id": unit_id}, values)
    for code, values in _categories():
        keep(conn, CATEGORY, {"code": code}, values)
    rows = list(_directory())
    conn.execute(delete(DIRECTORY))
    conn.execute(insert(DIRECTORY), rows)
    detail = {"units": len(units), "directory": len(rows)}
    history.append(conn, subject="city", kind="city.loaded", actor="system", detail=detail, at=at)
    return len(units)


def _units() -> Iterator[tuple[str, dict[str, object]]]:
    for line in UNITS.strip().splitlines():
        unit_id, name, short_name, kind, level, parent = (part.strip() for part in line.split("|"))
        yield (
            unit_id,
            {
                "name": name,
                "short_name": short_name,
                "initials": unit_id,
                "kind": kind,
                "level": int(level),
                "parent": parent or None,
                "ended_at": None,
            },
        )


def _leaves() -> Iterator[tuple[str, str, str, list[str]]]:
    """Give every line of the tree as (code, name, code of the branch, units); branches have no units."""
    branch, count = "", 0
    for line in CATEGORIES.strip().splitlines():
        if line[:2].isdigit():
            branch, count = line[:2], 0
            yield branch, line[3:], "", []
            continue
        for leaf in line.split("|"):
            count += 1
            name, *units = leaf.split()
            yield f"{branch}{count:02}", name, branch, units


def _categories() -> Iterator[tuple[str, dict[str, object]]]:
    for position, (code, name, parent, _) in enumerate(_leaves()):
        yield code, {"name": name, "parent": parent or None, "position": position}


def _directory() -> Iterator[dict[str, object]]:
    for code, _, _, units in _leaves():
        for priority, unit in enumerate(units, start=1):
            yield {"category": code, "unit": unit, "basis": BASIS, "priority": priority}
