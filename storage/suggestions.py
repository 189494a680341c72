"""What was suggested and what was taken, day by day; and the models that were learned, for all processes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from sqlalchemy import Connection, case, func, insert, select, update

from cases.limits import local_day
from cases.rules import Rules
from storage import history
from storage.intake import CASE
from storage.keeping import keep_once
from storage.suggestion_models import Suggestion, SuggestionModel
from storage.types import table_of

SUGGESTION = table_of(Suggestion)
MODEL = table_of(SuggestionModel)
_WRITTEN: Final = re.compile(r"1;(\d{1,9});([\w.,-]{0,200});([\w.,-]{0,200})")
SHOWN: Final = 3
LONGEST: Final = 420
KEPT: Final = 30
"""The figures of so many models are kept; their weights only of the newest."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood before the agent. It travels to the page and back, so that asking costs the store nothing."""

    model: int = 0
    categories: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"1;{self.model};{','.join(self.categories)};{','.join(self.units)}"

    @classmethod
    def read(cls, written: str) -> Self | None:
        """Return what was shown, or None if this is none of ours."""
        found = _WRITTEN.fullmatch(written)
        if found is None:
            return None
        categories, units = (tuple(part.split(",")) if part else () for part in found.group(2, 3))
        if max(len(categories), len(units)) > SHOWN:
            return None
        return cls(int(found[1]), categories, units)


def record(
    conn: Connection, no: str, shown: Shown, *, units: Sequence[str], by: str, at: datetime, rules: Rules
) -> None:
    """Keep what the agent made of the suggestions, once for each case."""
    filed = conn.execute(
        select(CASE.c.id, CASE.c.category, CASE.c.wanted_unit).where(CASE.c.no == no)
    ).one_or_none()
    if filed is None or not (shown.categories or shown.units):
        return
    unit = units[0] if units else filed.wanted_unit or ""
    row = {
        "case": filed.id,
        "day": local_day(at, rules.calendar),
        "at": at,
        "by": by,
        "model": shown.model,
        "categories": " ".join(shown.categories),
        "units": " ".join(shown.units),
        "first_category": shown.categories[0] if shown.categories else "",
        "first_unit": shown.units[0] if shown.units else "",
        "category_rank": _rank(shown.categories, filed.category),
        "unit_rank": _rank(shown.units, unit) if unit else None,
    }
    keep_once(conn, SUGGESTION, row)


def _rank(shown: Sequence[str], taken: str) -> int | None:
    if not shown:
        return None
    return shown.index(taken) + 1 if taken in shown else 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the suggestions of one day."""

    day: date
    shown: int
    first: int
    among: int
    held: int
    """The first suggestion is the matter that the case has by now, whoever decided it."""
    units_shown: int
    unit_first: int
    unit_among: int
    unit_given: int
    """Cases that a unit has by now."""
    unit_held: int

    def __add__(self, other: "Taken") -> "Taken":
        names = [name for name in self.__dataclass_fields__ if name != "day"]
        return Taken(self.day, *(getattr(self, name) + getattr(other, name) for name in names))


def taken_by_day(conn: Connection, since: date) -> list[Taken]:
    """Return the days from this one on, the newest first."""

    def count(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    own = SUGGESTION.c
    rows = conn.execute(
        select(
            own.day,
            count(own.category_rank.is_not(None)),
            count(own.category_rank == 1),
            count(own.category_rank > 0),
            count((own.first_category != "") & (own.first_category == CASE.c.category)),
            count(own.unit_rank.is_not(None)),
            count(own.unit_rank == 1),
            count(own.unit_rank > 0),
            count((own.first_unit != "") & CASE.c.unit.is_not(None)),
            count(own.first_unit == CASE.c.unit),
        )
        .join(CASE, CASE.c.id == own.case)
        .where(own.day >= since)
        .group_by(own.day)
        .order_by(own.day.desc())
    )
    return [Taken(row[0], *(int(each) for each in row[1:])) for row in rows]


@dataclass(frozen=True, slots=True)
class Kept:
    """A model that was learned, without its weights."""

    version: int
    trained_at: datetime
    cases: int
    examined: int
    top1: float
    top3: float
    seconds: float


_KEPT: Final = [MODEL.c[name] for name in Kept.__dataclass_fields__]


def models(conn: Connection, most: int = KEPT) -> list[Kept]:
    """Return what was learned, the newest first."""
    return [Kept(*row) for row in conn.execute(select(*_KEPT).order_by(MODEL.c.version.desc()).limit(most))]


def weights_of(conn: Connection, version: int) -> bytes | None:
    return conn.execute(select(MODEL.c.data).where(MODEL.c.version == version)).scalar_one_or_none()


def keep_model(conn: Connection, learned: dict[str, Any], data: bytes, *, at: datetime) -> int:
    """Put a new model into use; return its version."""
    version = int(conn.execute(select(func.coalesce(func.max(MODEL.c.version), 0))).scalar_one()) + 1
    figures = {name: learned[name] for name in ("cases", "examined", "top1", "top3", "seconds")}
    conn.execute(update(MODEL).where(MODEL.c.version < version).values(data=None))
    conn.execute(insert(MODEL).values(version=version, trained_at=at, data=data, **figures))
    conn.execute(MODEL.delete().where(MODEL.c.version <= version - KEPT))
    detail = {"version": version} | {name: round(float(value), 4) for name, value in figures.items()}
    history.append(
        conn, subject="suggestions", kind="suggestion.model_learned", actor="system", detail=detail, at=at
    )
    return version
