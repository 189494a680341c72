"""Figures frozen at the end of a week or month, and what later counts of them found.

A frozen figure is never written again. Counting it once more later may come to something else: an answer was published
since, a case was opened again. That is kept as a correction beside the figure, with its time, so that both can be shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, insert, select, update

from cases.indicators import BY_CODE, Axis, Figure, differs
from cases.periods import Period, Span, month_of, week_of
from storage.indicator_models import IndicatorCorrection, IndicatorPeriod, IndicatorValue
from storage.indicators import Figures, Key
from storage.intake import CASE
from storage.keeping import keep_once
from storage.types import table_of

PERIOD = table_of(IndicatorPeriod)
VALUE = table_of(IndicatorValue)
CORRECTION = table_of(IndicatorCorrection)

# Lines about calls and reports from other systems come late; after that a period is judged.
SETTLED_AFTER = timedelta(hours=3)
RECOUNTED_FOR = timedelta(days=100)
RECOUNTED_EVERY = timedelta(days=1)
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Frozen:
    """A period whose figures do not change any more."""

    id: int
    period: Period
    frozen_at: datetime
    recounted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a later count came to."""

    figure: Figure
    counted_at: datetime


@dataclass(frozen=True, slots=True)
class InTime:
    """One figure of one period, for the line through the months."""

    period: Period
    figure: Figure
    version: int
    corrected: Corrected | None


Corrections = Mapping[tuple[str, Key], Corrected]


def frozen(conn: Connection, period: Period, zone: ZoneInfo) -> Frozen | None:
    found = select(PERIOD).where(PERIOD.c.span == period.span, PERIOD.c.begins_at == period.begins_at(zone))
    row = conn.execute(found).one_or_none()
    return Frozen(row.id, period, row.frozen_at, row.recounted_at) if row else None


def freeze(
    conn: Connection, period: Period, found: Mapping[str, Figures], *, zone: ZoneInfo, at: datetime
) -> bool:
    """Keep the figures of a period that is over; False if another process was first."""
    row = {"span": period.span, "begins_at": period.begins_at(zone), "ends_at": period.ends_at(zone)}
    if not keep_once(conn, PERIOD, {**row, "frozen_at": at, "recounted_at": None}):
        return False
    kept = frozen(conn, period, zone)
    if kept is None:
        raise AssertionError("the period was written in this transaction")
    rows = [
        {"period": kept.id, "code": code, "axis": axis, "key": key, **_columns(code, figure)}
        | {"pending": figure.pending}
        for code, figures in found.items()
        for (axis, key), figure in figures.items()
    ]
    for start in range(0, len(rows), BATCH):
        conn.execute(insert(VALUE), rows[start : start + BATCH])
    return True


def values(conn: Connection, kept: Frozen) -> dict[str, dict[Key, Figure]]:
    """Return the figures as they were frozen."""
    found: dict[str, dict[Key, Figure]] = {}
    for row in conn.execute(select(VALUE).where(VALUE.c.period == kept.id)):
        found.setdefault(row.code, {})[Axis(row.axis), row.key] = _figure(row)
    return found


def correct(conn: Connection, kept: Frozen, found: Mapping[str, Figures], *, at: datetime) -> int:
    """Hold a new count against what is known, and keep what differs; return how many figures do."""
    known = {
        (code, key): figure for code, figures in values(conn, kept).items() for key, figure in figures.items()
    }
    known |= {where: each.figure for where, each in corrections(conn, kept).items()}
    counted = {(code, key): figure for code, figures in found.items() for key, figure in figures.items()}
    rows = []
    for code, key in sorted({*known, *counted}):
        if code not in found:
            continue
        new = counted.get((code, key), Figure(None))
        if differs(known.get((code, key), Figure(None)), new):
            rows.append(
                {"period": kept.id, "code": code, "axis": key[0], "key": key[1], **_columns(code, new)}
            )
    if rows:
        conn.execute(insert(CORRECTION), [{**row, "counted_at": at} for row in rows])
    conn.execute(update(PERIOD).where(PERIOD.c.id == kept.id).values(recounted_at=at))
    return len(rows)


def corrections(conn: Connection, kept: Frozen) -> dict[tuple[str, Key], Corrected]:
    """Return the newest correction of each figure that has one."""
    rows = conn.execute(select(CORRECTION).where(CORRECTION.c.period == kept.id).order_by(CORRECTION.c.id))
    return {
        (row.code, (Axis(row.axis), row.key)): Corrected(_figure(row, pending=0), row.counted_at)
        for row in rows
    }


def history(
    conn: Connection, code: str, span: Span, key: Key, *, zone: ZoneInfo, most: int = 24
) -> list[InTime]:
    """Return a figure through the frozen periods, the newest first (F07-07)."""
    rows = conn.execute(
        select(VALUE, PERIOD.c.begins_at)
        .join(PERIOD, PERIOD.c.id == VALUE.c.period)
        .where(VALUE.c.code == code, VALUE.c.axis == key[0], VALUE.c.key == key[1], PERIOD.c.span == span)
        .order_by(PERIOD.c.begins_at.desc())
        .limit(most)
    ).all()
    later = (
        select(CORRECTION)
        .where(CORRECTION.c.period.in_([row.period for row in rows]), CORRECTION.c.code == code)
        .where(CORRECTION.c.axis == key[0], CORRECTION.c.key == key[1])
        .order_by(CORRECTION.c.id)
    )
    newest = {row.period: Corrected(_figure(row, pending=0), row.counted_at) for row in conn.execute(later)}
    return [
        InTime(
            _period(span, row.begins_at.astimezone(zone).date()),
            _figure(row),
            row.version,
            newest.get(row.period),
        )
        for row in rows
    ]


def to_freeze(conn: Connection, *, zone: ZoneInfo, at: datetime) -> Period | None:
    """Return the newest month or week that is over and not frozen yet."""
    oldest = conn.execute(select(func.min(CASE.c.received_at))).scalar()
    if oldest is None:
        return None
    since = oldest.astimezone(zone).date()
    today = (at - SETTLED_AFTER).astimezone(zone).date()
    done = {
        (row.span, row.begins_at.astimezone(zone).date())
        for row in conn.execute(select(PERIOD.c.span, PERIOD.c.begins_at))
    }
    for period in _ended(today, since):
        if (period.span, period.first) not in done:
            return period
    return None


def to_recount(conn: Connection, *, zone: ZoneInfo, at: datetime) -> Frozen | None:
    """Return a period of the last months that was not counted again for a day."""
    last = func.coalesce(PERIOD.c.recounted_at, PERIOD.c.frozen_at)
    found = (
        select(PERIOD)
        .where(PERIOD.c.ends_at > at - RECOUNTED_FOR, last < at - RECOUNTED_EVERY)
        .order_by(last)
        .limit(1)
    )
    row = conn.execute(found).one_or_none()
    if row is None:
        return None
    period = _period(Span(row.span), row.begins_at.astimezone(zone).date())
    return Frozen(row.id, period, row.frozen_at, row.recounted_at)


def _ended(today: date, since: date) -> Iterator[Period]:
    """Give the months, then the weeks, that are over, the newest first."""
    for newest in (month_of(today).before, week_of(today).before):
        period = newest
        while period.after > since:
            yield period
            period = period.before


def _period(span: Span, first: date) -> Period:
    return month_of(first) if span is Span.MONTH else week_of(first)


def _columns(code: str, figure: Figure) -> dict[str, Any]:
    return {
        "version": BY_CODE[code].version,
        "value": figure.value,
        "part": figure.part,
        "whole": figure.whole,
        "excluded": figure.excluded,
    }


def _figure(row: Row[Any], *, pending: int | None = None) -> Figure:
    waiting = row.pending if pending is None else pending
    return Figure(row.value, row.part, row.whole, row.excluded, waiting)
