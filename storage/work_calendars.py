"""工作日历: the official years, shipped or imported. An import makes a calendar with a new version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select

from cases.calendar import WorkCalendar
from cases.china_days import OFFICIAL, Year
from storage import history
from storage.errors import Conflict
from storage.keeping import keep_once
from storage.office_hours import CHANGED_MEANWHILE, SUBJECT
from storage.rule_models import CalendarYear
from storage.types import table_of

YEAR = table_of(CalendarYear)


@dataclass(frozen=True, slots=True)
class YearKept:
    """An official year as somebody imported it."""

    id: int
    year: int
    days: Year
    source: str
    by: str
    kept_at: datetime


def calendar(conn: Connection, zone: ZoneInfo) -> WorkCalendar:
    """Return the calendar in force: the shipped years, and on top of them what was imported."""
    return WorkCalendar(zone, years(conn))


def years(conn: Connection) -> dict[int, Year]:
    """Return every official year; of one that was imported several times, the last."""
    found = dict(OFFICIAL)
    for row in conn.execute(select(YEAR.c.year, YEAR.c.rest, YEAR.c.work).order_by(YEAR.c.id)):
        found[row.year] = Year(row.rest, row.work)
    return found


def imports(conn: Connection, limit: int) -> list[YearKept]:
    """Return the newest imports."""
    return [_kept(row) for row in conn.execute(select(YEAR).order_by(YEAR.c.id.desc()).limit(limit))]


def newest(conn: Connection) -> int:
    """Return the id of the year that was imported last; 0 before the first."""
    return int(conn.execute(select(func.max(YEAR.c.id))).scalar_one() or 0)


def keep_years(
    conn: Connection, changed: Mapping[int, Year], *, follows: int, source: str, by: str, at: datetime
) -> None:
    """Keep the years of one notice; raise Conflict if somebody else has imported one first."""
    if newest(conn) != follows:
        raise Conflict(CHANGED_MEANWHILE)
    for year, days in sorted(changed.items()):
        row = {"follows": follows, "year": year, "rest": days.rest, "work": days.work}
        if not keep_once(conn, YEAR, {**row, "source": source, "by": by, "kept_at": at}):
            raise Conflict(CHANGED_MEANWHILE)
        follows = newest(conn)
    detail: dict[str, Any] = {"years": sorted(changed), "source": source}
    history.append(conn, subject=SUBJECT, kind="rules.calendar", actor=by, detail=detail, at=at)


def _kept(row: Row[*tuple[Any, ...]]) -> YearKept:
    return YearKept(row.id, row.year, Year(row.rest, row.work), row.source, row.by, row.kept_at)
