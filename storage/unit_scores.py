"""I-20: how a city scores its units, what was given or taken by decision, and the sheet of a period."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from cases.indicators import Axis, Figure
from cases.scores import DEFAULT, BadScheme, Scheme, Score, ranked, score
from storage import history
from storage.errors import Invalid
from storage.forms import checked_text
from storage.indicator_models import ScoreAdjustment, ScoreScheme
from storage.indicators import Figures
from storage.people import Actor
from storage.types import table_of
from storage.units import UNIT, Unit

SCHEME = table_of(ScoreScheme)
ADJUSTMENT = table_of(ScoreAdjustment)
MOST_POINTS = 20.0


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Points given or taken, and why."""

    id: int
    unit: str
    unit_name: str
    day: datetime
    points: float
    reason: str
    by: str
    at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Group:
    """Units of one kind and level, the best first: only these are compared."""

    kind: str
    level: int
    rows: list[tuple[int | None, Score]]


def scheme_at(conn: Connection, at: datetime) -> Scheme:
    """Return how units were scored at that time; our own default while the city has not decided."""
    found = (
        select(SCHEME)
        .where(SCHEME.c.valid_from <= at)
        .order_by(SCHEME.c.valid_from.desc(), SCHEME.c.id.desc())
    )
    row = conn.execute(found.limit(1)).one_or_none()
    return Scheme(json.loads(row.weights), row.least_sample) if row else DEFAULT


def set_scheme(
    conn: Connection,
    weights: Mapping[str, float],
    least_sample: int,
    *,
    valid_from: datetime,
    by: Actor,
    at: datetime,
) -> None:
    """Decide how units are scored from a day on; what was before stays as it was."""
    if valid_from <= at:
        raise Invalid({"valid_from": "只能从以后的日期起实施 (only from a day that is to come)"})
    try:
        scheme = Scheme(dict(weights), least_sample)
    except BadScheme as error:
        raise Invalid({"weights": str(error)}) from None
    text = json.dumps(dict(scheme.weights), sort_keys=True)
    row = {"valid_from": valid_from, "weights": text, "least_sample": least_sample, "by": by.login, "at": at}
    conn.execute(insert(SCHEME).values(row))
    detail = {
        "weights": dict(scheme.weights),
        "least_sample": least_sample,
        "valid_from": valid_from.isoformat(),
    }
    history.append(conn, subject="scores", kind="scores.scheme_set", actor=by.login, detail=detail, at=at)


def adjust(
    conn: Connection, unit: str, points: float, reason: str, *, day: datetime, by: Actor, at: datetime
) -> None:
    """Give a unit points or take them off, for the period that holds the day."""
    why = checked_text("reason", reason, longest=500)
    if points == 0 or abs(points) > MOST_POINTS:
        raise Invalid({"points": f"分值应在±{MOST_POINTS:g}以内且不为0 (at most 20 points, not 0)"})
    if conn.execute(select(UNIT.c.id).where(UNIT.c.id == unit)).scalar() is None:
        raise Invalid({"unit": "没有这个单位 (no such unit)"})
    row = {"unit": unit, "day": day, "points": points, "reason": why, "by": by.login, "at": at}
    conn.execute(insert(ADJUSTMENT).values(row))
    detail = {"unit": unit, "points": points, "day": day.isoformat()}
    history.append(conn, subject="scores", kind="scores.adjusted", actor=by.login, detail=detail, at=at)


def withdraw(conn: Connection, number: int, *, by: Actor, at: datetime) -> None:
    """Take an adjustment back: it stays to be seen and does not count any more."""
    held = (ADJUSTMENT.c.id == number) & ADJUSTMENT.c.withdrawn_at.is_(None)
    if conn.execute(update(ADJUSTMENT).where(held).values(withdrawn_at=at)).rowcount != 1:
        raise Invalid({"points": "没有这条加减分，或已撤销 (there is none, or it was withdrawn)"})
    detail = {"adjustment": number}
    history.append(conn, subject="scores", kind="scores.withdrawn", actor=by.login, detail=detail, at=at)


def adjustments(
    conn: Connection, begins: datetime, ends: datetime, units: frozenset[str] | None = None
) -> list[Adjustment]:
    """Return what was given and taken in a period, what was withdrawn among it."""
    found = (
        select(ADJUSTMENT, UNIT.c.short_name.label("unit_name"))
        .join(UNIT, UNIT.c.id == ADJUSTMENT.c.unit)
        .where(ADJUSTMENT.c.day >= begins, ADJUSTMENT.c.day < ends)
        .order_by(ADJUSTMENT.c.id)
    )
    if units is not None:
        found = found.where(ADJUSTMENT.c.unit.in_(sorted(units)))
    return [Adjustment(**row._asdict()) for row in conn.execute(found)]


def sheet(
    found: Mapping[str, Figures], scheme: Scheme, units: Sequence[Unit], given: Sequence[Adjustment]
) -> list[Group]:
    """Score every unit that had anything to do, in groups of one kind and level (SH-06)."""
    extra: dict[str, float] = {}
    for each in given:
        if each.withdrawn_at is None:
            extra[each.unit] = extra.get(each.unit, 0.0) + each.points
    groups: dict[tuple[str, int], list[Score]] = {}
    for unit in units:
        parts: dict[str, Figure] = {
            code: found[code][Axis.UNIT, unit.id]
            for code in scheme.weights
            if (Axis.UNIT, unit.id) in found.get(code, {})
        }
        if unit.in_ranking and (parts or unit.id in extra):
            scored = score(unit.id, parts, scheme, extra.get(unit.id, 0.0))
            groups.setdefault((unit.kind, unit.level), []).append(scored)
    return [Group(kind, level, ranked(scores)) for (kind, level), scores in sorted(groups.items())]
