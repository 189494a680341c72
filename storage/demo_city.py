"""Loads the invented city 榕海市 in one of four sizes, so that a fresh hotline can dispatch its first case."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from importlib import resources
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from storage import history
from storage.city_models import Grid
from storage.keeping import keep
from storage.matters import CATEGORY_VERSION, attributes_of
from storage.organisation import UNIT_VERSION
from storage.types import table_of
from storage.units import CATEGORY, DIRECTORY, UNIT

GRID = table_of(Grid)
BY = "system"


class Size(StrEnum):
    """How many units: 53, 91, 450 or 1,380. Each larger city contains the smaller ones."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    XL = "xl"


def load_city(conn: Connection, at: datetime, size: Size = Size.SMALL) -> int:
    """Load units, categories, directory and grids; return the number of units. Loading again changes nothing."""
    units, categories = list(_units(size)), list(_categories())
    known = {unit["id"] for unit in units}
    # What stands in the versions as the first day stays, when a city is loaded again or made larger.
    _first_versions(conn, units, categories, at)
    duties = list(_directory(known))
    conn.execute(delete(DIRECTORY))
    conn.execute(insert(DIRECTORY), duties)
    for code, name, town, streets in _lines("grids.tsv"):
        if town in known:
            keep(
                conn, GRID, {"code": code}, {"name": name, "town": town, "streets": streets, "ended_at": None}
            )
    detail = {"units": len(units), "directory": len(duties), "size": size}
    history.append(conn, subject="city", kind="city.loaded", actor=BY, detail=detail, at=at)
    return len(units)


def is_invented(conn: Connection) -> bool:
    """Tell whether every unit is one of the invented city's: a real city gets no invented past."""
    known = set(conn.execute(select(UNIT.c.id)).scalars())
    return known <= {unit["id"] for unit in _units(Size.XL)}


def _first_versions(
    conn: Connection, units: list[dict[str, Any]], categories: list[dict[str, Any]], at: datetime
) -> None:
    before = set(conn.execute(select(UNIT_VERSION.c.unit)).scalars())
    for unit in units:
        keep(conn, UNIT, {"id": unit["id"]}, {name: unit[name] for name in unit if name != "id"})
    same = ("name", "short_name", "parent", "level", "kind")
    new = [
        {"unit": unit["id"], "valid_from": at, "why": "entered", "by": BY}
        | {name: unit[name] for name in same}
        for unit in units
        if unit["id"] not in before
    ]
    if new:
        conn.execute(insert(UNIT_VERSION), new)
    known = set(conn.execute(select(CATEGORY_VERSION.c.category)).scalars())
    for category in categories:
        keep(conn, CATEGORY, {"code": category["code"]}, {k: v for k, v in category.items() if k != "code"})
        if category["code"] not in known:
            first = {"category": category["code"], "version": 1, "valid_from": at, "by": BY}
            tree = {"parent": category["parent"], "name": category["name"]}
            conn.execute(insert(CATEGORY_VERSION), first | tree | {"attributes": attributes_of(category)})


def _lines(name: str) -> Iterator[list[str]]:
    text = resources.files("storage").joinpath("demo", name).read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def _units(size: Size) -> Iterator[dict[str, Any]]:
    sizes = list(Size)
    for wanted, code, *rest in _lines("units.tsv"):
        if sizes.index(Size(wanted)) > sizes.index(size):
            continue
        name, short_name, initials, kind, level, parent, catch_all, ranked, keywords, duty, night = rest
        yield {
            "id": code,
            "name": name,
            "short_name": short_name,
            "initials": initials,
            "kind": kind,
            "level": int(level),
            "parent": parent or None,
            "ended_at": None,
            "catch_all": catch_all == "1",
            "in_ranking": ranked == "1",
            "keywords": keywords,
            "duty_phone": duty,
            "night_phone": night,
        }


def _categories() -> Iterator[dict[str, Any]]:
    for position, line in enumerate(_lines("categories.tsv")):
        code, name, parent, intents, keywords, urgency, confidential, public, *codes = line
        list_item, gbt39666, petition, provincial = codes
        yield {
            "code": code,
            "name": name,
            "parent": parent or None,
            "position": position,
            "version": 1,
            "intents": intents,
            "keywords": keywords,
            "urgency": urgency,
            "confidential": confidential == "1",
            "public": public == "1",
            "list_item": list_item,
            "gbt39666": gbt39666,
            "petition": petition,
            "provincial": provincial,
            "ended_at": None,
        }


def _directory(known: set[str]) -> Iterator[dict[str, Any]]:
    """Give the duties; in a small city the district itself has those of the offices it has not got."""
    for category, area, unit, instead, basis, priority, keywords in _lines("directory.tsv"):
        if area and area not in known:
            continue
        yield {
            "category": category,
            "area": area or None,
            "unit": unit if unit in known else instead,
            "basis": basis,
            "priority": int(priority),
            "keywords": keywords,
        }
