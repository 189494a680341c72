"""Indicators counted from the store: one pass of SQL each, split by everything at once, and the cases behind a figure.

Who asks for a unit's subtree gets sums over that subtree only; the line belongs to the whole city and is left out then.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select

from cases.calendar import WorkCalendar
from cases.indicators import (
    BY_CODE,
    NOTHING,
    SPLITS,
    Axis,
    Definition,
    Figure,
    Form,
    Source,
    Spread,
    Tally,
    figure_of,
    spread_of,
)
from cases.limits import local_day
from storage.briefs import BRIEF, CaseBrief
from storage.indicator_catalogue import FACTS
from storage.indicator_facts import COUNTED, DIMENSIONS, Window, handled
from storage.indicator_line import line_figures
from storage.intake import CASE

PAGE = 20
Key = tuple[Axis, str]
Figures = Mapping[Key, Figure]
WHOLE: Key = (Axis.ALL, "")
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose cases are counted: all, or those of some units; and of them, which."""

    units: frozenset[str] | None = None
    only: Mapping[Axis, str] = field(default_factory=dict)

    @property
    def everything(self) -> bool:
        return self.units is None and not self.only


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Behind:
    """A case behind a figure, and what it added to it."""

    brief: CaseBrief
    part: float
    whole: float
    excluded: bool
    pending: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One page of them."""

    rows: list[Behind]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def measure(
    conn: Connection,
    codes: Iterable[str],
    window: Window,
    *,
    scope: Scope = EVERYTHING,
    calendar: WorkCalendar,
) -> dict[str, Figures]:
    """Count these indicators for a period, each as a whole and split by every axis."""
    found: dict[str, Figures] = {}
    line: Mapping[str, Figure] | None = None
    for code in codes:
        definition = BY_CODE[code]
        if definition.source is Source.LINE:
            if scope.everything:
                line = line_figures(conn, window) if line is None else line
                found[code] = {WHOLE: line[code]}
        elif definition.source is Source.ABSENT:
            found[code] = {WHOLE: NOTHING}
        elif definition.spread is not None:
            found[code] = _times(conn, definition, window, scope, calendar)
        else:
            found[code] = _tallies(conn, definition, window, scope)
    return found


def behind(conn: Connection, code: str, window: Window, scope: Scope, page: int = 1) -> Found:
    """Return a page of the cases behind a figure, what does not count for it first: that is what one looks for."""
    facts = _of(_facts(code, window), scope).subquery("wanted")
    sums = [func.sum(facts.c[name]).label(name) for name in COUNTED]
    each = select(facts.c.case, *sums).group_by(facts.c.case).subquery("each")
    total = int(conn.execute(select(func.count()).select_from(each)).scalar_one())
    counted = [each.c[name] for name in COUNTED]
    rows = BRIEF.add_columns(*counted).join(each, each.c.case == CASE.c.id)
    rows = rows.order_by((each.c.whole - each.c.part).desc(), CASE.c.id.desc())
    rows = rows.limit(PAGE).offset((page - 1) * PAGE)
    return Found([_behind(row) for row in conn.execute(rows)], total, page)


def _facts(code: str, window: Window) -> Select[*tuple[Any, ...]]:
    return handled(window) if BY_CODE[code].spread is not None else FACTS[code](window)


def _of(facts: Select[*tuple[Any, ...]], scope: Scope) -> Any:
    """Keep what is of the asked units, intents and so on."""
    found = facts.subquery("facts")
    wanted = [found.c[axis.value] == value for axis, value in scope.only.items()]
    if scope.units is not None:
        wanted.append(found.c.unit.in_(sorted(scope.units)))
    return select(found).where(and_(True, *wanted))


def _tallies(conn: Connection, definition: Definition, window: Window, scope: Scope) -> Figures:
    facts = _of(FACTS[definition.code](window), scope).subquery("wanted")
    keys = [facts.c[name] for name in DIMENSIONS]
    sums = [func.sum(facts.c[name]) for name in COUNTED]
    sums_of: dict[Key, Tally] = defaultdict(Tally)
    for row in conn.execute(select(*keys, *sums).group_by(*keys)):
        part, whole, excluded, pending = row[len(DIMENSIONS) :]
        tally = Tally(float(part), float(whole), int(excluded), int(pending))
        for key in _keys(row):
            sums_of[key] += tally
    return {WHOLE: figure_of(definition.form, Tally())} | {
        key: figure_of(definition.form, tally) for key, tally in sums_of.items()
    }


def _keys(row: Row[Any]) -> list[Key]:
    splits = zip(SPLITS, row[: len(DIMENSIONS)], strict=True)
    return [WHOLE, *((axis, str(value)) for axis, value in splits if value is not None)]


def _times(
    conn: Connection, definition: Definition, window: Window, scope: Scope, calendar: WorkCalendar
) -> Figures:
    """Take every single time: a median cannot be put together from parts."""
    facts = _of(handled(window), scope).subquery("wanted")
    columns = [*(facts.c[name] for name in DIMENSIONS), facts.c.since, facts.c.until]
    lasted = _hours if definition.form is Form.HOURS else _working_days(calendar)
    values: dict[Key, list[float]] = defaultdict(list)
    for row in conn.execute(select(*columns)):
        value = lasted(row.since, row.until)
        for key in _keys(row):
            values[key].append(value)
    how = definition.spread or Spread.MEAN
    return {WHOLE: NOTHING} | {key: spread_of(how, some) for key, some in values.items()}


def _hours(since: datetime, until: datetime) -> float:
    return (until - since).total_seconds() / HOUR


def _working_days(calendar: WorkCalendar) -> Any:
    """Count the working days after the day of receipt up to the day of closing, as limits do."""

    @cache
    def between(first: Any, last: Any) -> float:
        return float(len(calendar.working_days(first, last)))

    return lambda since, until: between(local_day(since, calendar), local_day(until, calendar))


def _behind(row: Row[Any]) -> Behind:
    values = row._asdict()
    part, whole, excluded, pending = (values.pop(name) for name in COUNTED)
    return Behind(CaseBrief(**values), float(part), float(whole), bool(excluded), bool(pending))
