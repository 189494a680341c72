"""What the public site says about the last week: the same figures as everywhere else, frozen where they are frozen."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from cases.calendar import WorkCalendar
from cases.periods import Period, week_of
from storage import indicator_periods, indicators, public_site
from storage.indicator_facts import INVALID, Window
from storage.indicators import WHOLE
from storage.intake import CASE

ON_TIME, SATISFIED, SOLVED = "completion_due", "satisfied", "solved"
CODES: Final = (ON_TIME, SATISFIED, SOLVED)


@dataclass(frozen=True, slots=True)
class Week:
    """The last week that is over. A rate is None where there was nothing to count: it is not shown as zero."""

    first: date
    last: date
    received: int
    on_time: float | None
    satisfied: float | None
    solved: float | None
    hot: tuple[tuple[str, str, int], ...]


def last_week(conn: Connection, *, at: datetime, zone: ZoneInfo, calendar: WorkCalendar) -> Week:
    """Return the figures of the last whole week, and what most people ask about now."""
    period = week_of(at.astimezone(zone).date()).before
    begins, ends = period.begins_at(zone), period.ends_at(zone)
    valid = (CASE.c.received_at >= begins, CASE.c.received_at < ends, CASE.c.state.not_in(INVALID))
    rates = _rates(conn, period, Window(begins=begins, ends=ends, at=at), zone, calendar)
    return Week(
        period.first,
        period.after - timedelta(days=1),
        int(conn.execute(select(func.count()).select_from(CASE).where(*valid)).scalar_one()),
        rates.get(ON_TIME),
        rates.get(SATISFIED),
        rates.get(SOLVED),
        tuple(public_site.hot_matters(conn, at=at)),
    )


def _rates(
    conn: Connection, period: Period, window: Window, zone: ZoneInfo, calendar: WorkCalendar
) -> dict[str, float | None]:
    kept = indicator_periods.frozen(conn, period, zone)
    if kept is not None:
        found = indicator_periods.values(conn, kept)
        return {code: found[code][WHOLE].value for code in CODES if WHOLE in found.get(code, {})}
    counted = indicators.measure(conn, CODES, window, calendar=calendar, split=False)
    return {code: counted[code][WHOLE].value for code in CODES}
