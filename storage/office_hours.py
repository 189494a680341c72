"""办公时间: which hours each class of units keeps, from when, and who keeps which."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, select

from cases.calendar import OFFICE_HOURS, OfficeHours, OfficeRule
from cases.rule_text import hours_of, hours_to_text
from cases.rules import Rules
from storage import history
from storage.errors import Conflict, Invalid
from storage.keeping import keep, keep_once
from storage.models import Assignment, OrgUnit
from storage.rule_models import OfficeHoursScope, OfficeHoursVersion
from storage.types import table_of

HOURS = table_of(OfficeHoursVersion)
SCOPE = table_of(OfficeHoursScope)
UNIT = table_of(OrgUnit)
ASSIGNMENT = table_of(Assignment)

SUBJECT = "rules"
"""All that is changed about calendar, hours and limits has this subject: its newest line is the newest change."""

CHANGED_MEANWHILE = "刚才有人改过，请重新查看后再改 (somebody has changed this meanwhile; look again)"
_DEEPEST = 8

_UNIT_OF = select(ASSIGNMENT.c.unit).where(ASSIGNMENT.c.id == bindparam("assigned"))
_ABOVE = select(UNIT.c.kind, UNIT.c.parent).where(UNIT.c.id == bindparam("below"))


class Scope(StrEnum):
    """For whom hours are named."""

    KIND = "kind"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class NewHours:
    """What a class of units is to keep, and the first day on which it does."""

    name: str
    title: str
    since: date
    rules: tuple[OfficeRule, ...]


@dataclass(frozen=True, slots=True)
class HoursKept:
    """The hours of one class as somebody left them."""

    id: int
    name: str
    title: str
    since: str
    why: str
    by: str
    kept_at: datetime


def all_hours(conn: Connection) -> dict[str, OfficeHours]:
    """Return the hours of every class: shipped ones, and on top of them what the city has kept."""
    found = dict(OFFICE_HOURS)
    for row in conn.execute(select(HOURS).order_by(HOURS.c.name, HOURS.c.since, HOURS.c.id)):
        since = date.fromisoformat(row.since)
        found[row.name] = hours_of(row.name, row.rules, since=since, earlier=found.get(row.name))
    return found


def scopes(conn: Connection, scope: Scope) -> dict[str, str]:
    """Return the class of hours for each kind of unit, or each unit, that has one."""
    rows = conn.execute(select(SCOPE.c.subject, SCOPE.c.hours).where(SCOPE.c.scope == scope))
    return {row.subject: row.hours for row in rows}


def versions(conn: Connection, limit: int) -> list[HoursKept]:
    """Return the newest changes of any class."""
    return [_kept(row) for row in conn.execute(select(HOURS).order_by(HOURS.c.id.desc()).limit(limit))]


def newest(conn: Connection, name: str) -> int:
    """Return the id of the version of this class that was kept last; 0 before the first."""
    return int(conn.execute(select(func.max(HOURS.c.id)).where(HOURS.c.name == name)).scalar_one() or 0)


def titles(conn: Connection) -> dict[str, str]:
    """Return what each class that the city has kept is called, by its newest version."""
    rows = conn.execute(select(HOURS.c.name, HOURS.c.title).order_by(HOURS.c.id))
    return {row.name: row.title for row in rows}


def keep_hours(conn: Connection, new: NewHours, *, follows: int, why: str, by: str, at: datetime) -> None:
    """Let a class keep these hours from a day on; raise Conflict if somebody else has changed them first."""
    row = {
        "name": new.name,
        "follows": follows,
        "title": new.title,
        "since": new.since.isoformat(),
        "rules": hours_to_text(new.rules),
        "why": why,
        "by": by,
        "kept_at": at,
    }
    if newest(conn, new.name) != follows or not keep_once(conn, HOURS, row):
        raise Conflict(CHANGED_MEANWHILE)
    detail = {"hours": new.name, "since": row["since"], "why": why}
    history.append(conn, subject=SUBJECT, kind="rules.hours", actor=by, detail=detail, at=at)


def assign(conn: Connection, scope: Scope, subject: str, hours: str, *, by: str, at: datetime) -> None:
    """Name the hours of a kind of units, or of one unit with all below it; '' lets it follow what is above."""
    if hours and hours not in all_hours(conn):
        raise Invalid({"hours": "没有这类办公时间 (no such office hours)"})
    if scope is Scope.UNIT and conn.execute(select(UNIT.c.id).where(UNIT.c.id == subject)).first() is None:
        raise Invalid({"unit": "没有这个单位 (no such unit)"})
    if hours:
        keep(conn, SCOPE, {"scope": scope, "subject": subject}, {"hours": hours, "by": by, "kept_at": at})
    else:
        conn.execute(delete(SCOPE).where(SCOPE.c.scope == scope, SCOPE.c.subject == subject))
    detail = {"scope": scope, "subject": subject, "hours": hours}
    history.append(conn, subject=SUBJECT, kind="rules.hours_of", actor=by, detail=detail, at=at)


# Whose hours count for a clock


def of_assignment(conn: Connection, rules: Rules, assignment: int | None) -> OfficeHours:
    """Return the office hours that a clock counts in: those of the unit concerned, else the centre's."""
    if assignment is None or not rules.has_own_hours:
        return rules.hours
    return of_unit(conn, rules, conn.execute(_UNIT_OF, {"assigned": assignment}).scalar_one())


def of_unit(conn: Connection, rules: Rules, unit: str) -> OfficeHours:
    """Return the office hours of a unit: its own, else of the nearest unit above that has some, else of its kind."""
    if not rules.has_own_hours:
        return rules.hours
    path: list[str] = []
    kind, above = "", unit
    while above and len(path) < _DEEPEST:
        row = conn.execute(_ABOVE, {"below": above}).one_or_none()
        if row is None:
            break
        path.append(above)
        kind, above = kind or row.kind, row.parent
    return rules.hours_for(kind, *path)


def _kept(row: Row[*tuple[Any, ...]]) -> HoursKept:
    return HoursKept(row.id, row.name, row.title, row.since, row.why, row.by, row.kept_at)
