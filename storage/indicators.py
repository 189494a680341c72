"""Indicators counted from the store: one pass of SQL each, split by everything at once, and the cases behind a figure.

Who asks for a unit's subtree gets sums over that subtree only; what belongs to the whole city, as the line and the
knowledge base do, is left out then.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
from cases.workflow import Secrecy
from storage import knowledge_figures
from storage.briefs import BRIEF, CaseBrief
from storage.indicator_catalogue import FACTS
from storage.indicator_facts import COUNTED, Window, handled
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
    split: bool = True,
) -> dict[str, Figures]:
    """Count these indicators for a period, each as a whole and, unless it is not wanted, split by every axis."""
    wanted = [BY_CODE[code] for code in codes]
    axes = SPLITS if split else ()
    found: dict[str, Figures] = {}
    if scope.everything and any(each.source is Source.LINE for each in wanted):
        line = line_figures(conn, window)
        found |= {each.code: {WHOLE: line[each.code]} for each in wanted if each.source is Source.LINE}
    if scope.everything and any(each.source is Source.KNOWLEDGE for each in wanted):
        last_day = local_day(min(window.ends - timedelta(seconds=1), window.at), calendar)
        known = knowledge_figures.shares(conn, begins=window.begins, ends=window.ends, last_day=last_day)
        found |= {each.code: {WHOLE: known[each.code]} for each in wanted if each.source is Source.KNOWLEDGE}
    if any(each.spread for each in wanted):
        times = _times(conn, _of(handled(window), scope), axes, calendar)
        found |= {each.code: _spread(each, times[each.form]) for each in wanted if each.spread}
    for each in wanted:
        if each.code in FACTS:
            found[each.code] = _tallies(conn, each, _of(FACTS[each.code](window), scope), axes)
    return {each.code: found[each.code] for each in wanted if each.code in found}


def behind(conn: Connection, code: str, window: Window, scope: Scope, page: int = 1) -> Found:
    """Return a page of the cases behind a figure, what does not count for it first: that is what one looks for.

    Of what is secret stands the number alone: who may see the case opens it.
    """
    facts = _of(_facts(code, window), scope).subquery("wanted")
    sums = [func.sum(facts.c[name]).label(name) for name in COUNTED]
    each = select(facts.c.case, *sums).group_by(facts.c.case).subquery("each")
    total = int(conn.execute(select(func.count()).select_from(each)).scalar_one())
    counted = [each.c[name] for name in COUNTED]
    secret = (CASE.c.confidential == Secrecy.SECRET).label("secret")
    rows = BRIEF.add_columns(*counted, secret).join(each, each.c.case == CASE.c.id)
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


def _tallies(conn: Connection, definition: Definition, wanted: Any, axes: Sequence[Axis]) -> Figures:
    facts = wanted.subquery("wanted")
    keys = [facts.c[axis.value] for axis in axes]
    sums = [func.coalesce(func.sum(facts.c[name]), 0) for name in COUNTED]
    # Lists that grow in place: a split of a busy month has tens of thousands of cells.
    added: dict[Key, list[float]] = {WHOLE: [0, 0, 0, 0]}
    for row in conn.execute(select(*keys, *sums).group_by(*keys)):
        amounts = [float(amount) for amount in row[len(axes) :]]
        for key in _keys(axes, row):
            kept = added.setdefault(key, [0, 0, 0, 0])
            for place, amount in enumerate(amounts):
                kept[place] += amount
    return {
        key: figure_of(definition.form, Tally(part, whole, int(excluded), int(pending)))
        for key, (part, whole, excluded, pending) in added.items()
    }


def _keys(axes: Sequence[Axis], row: Sequence[Any]) -> list[Key]:
    splits = zip(axes, row, strict=False)
    return [WHOLE, *((axis, str(value)) for axis, value in splits if value is not None)]


def _times(
    conn: Connection, wanted: Any, axes: Sequence[Axis], calendar: WorkCalendar
) -> Mapping[Form, Mapping[Key, list[float]]]:
    """Take every single time, once for all figures: a median cannot be put together from parts."""
    facts = wanted.subquery("wanted")
    columns = [*(facts.c[axis.value] for axis in axes), facts.c.since, facts.c.until]
    days_between = _working_days(calendar)
    hours: dict[Key, list[float]] = defaultdict(list)
    days: dict[Key, list[float]] = defaultdict(list)
    for row in conn.execute(select(*columns)):
        lasted, worked = _hours(row.since, row.until), days_between(row.since, row.until)
        for key in _keys(axes, row):
            hours[key].append(lasted)
            days[key].append(worked)
    return {Form.HOURS: hours, Form.DAYS: days}


def _spread(definition: Definition, times: Mapping[Key, list[float]]) -> Figures:
    how = definition.spread or Spread.MEAN
    return {WHOLE: NOTHING} | {key: spread_of(how, some) for key, some in times.items()}


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
    if values.pop("secret"):
        values["title"] = Secrecy.SECRET.text
    return Behind(CaseBrief(**values), float(part), float(whole), bool(excluded), bool(pending))
