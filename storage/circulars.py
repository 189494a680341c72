"""通报: once a month, what stayed late after it was urged, and what was held against units."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from cases.ladder import Period, month_named
from cases.oversight import BY_HAND, Duty, check_duty
from cases.rules import Rules
from cases.workflow import Refusal
from storage import notices
from storage.due import Due
from storage.errors import Invalid, Missing
from storage.keeping import keep_once
from storage.moves import CASE
from storage.notices import Notice
from storage.oversight import answerable, noted
from storage.people import Actor
from storage.serials import next_no
from storage.supervision_models import Circular, CircularItem, Finding, FindingState
from storage.types import table_of
from storage.units import UNIT

CIRCULAR = table_of(Circular)
ITEM = table_of(CircularItem)
FINDING = table_of(Finding)

LATE = "still_late"


class CircularIssued(Refusal):
    """What is printed stays as it is."""

    def __init__(self) -> None:
        super().__init__("通报已经印发 (it has been issued)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a circular."""

    unit: str
    unit_name: str
    no: str
    title: str
    reason: str
    at: datetime


def add_late(conn: Connection, due: Due, *, at: datetime) -> None:
    """Keep what is late five working days after it was urged for the circular of its month."""
    if due.unit is not None:
        row = {"unit": due.unit, "case": due.case, "clock": due.clock, "reason": LATE, "at": at}
        keep_once(conn, ITEM, row)


@answerable(Duty.CIRCULATE)
def make(conn: Connection, month: str, *, by: Actor, at: datetime, rules: Rules) -> int:
    """编制: gather the lines of a month. Until it is issued it can be gathered again."""
    check_duty(by.role, Duty.CIRCULATE)
    try:
        period = month_named(month, rules.zone)
    except ValueError:
        raise Invalid({"month": "请填写月份，如2026-11 (a month like 2026-11)"}) from None
    row = {"period": period.name, "by": by.login, "at": at}
    keep_once(conn, CIRCULAR, row)
    circular = conn.execute(select(CIRCULAR).where(CIRCULAR.c.period == period.name)).one()
    if circular.issued_at is not None:
        raise CircularIssued
    _gather(conn, circular.id, period)
    noted(conn, f"circular:{period.name}", "circular.made", by=by, at=at, period=period.name)
    return int(circular.id)


@answerable(Duty.CIRCULATE)
def issue(conn: Connection, number: int, *, by: Actor, at: datetime, rules: Rules) -> str:
    """印发: every unit that stands in it is told."""
    check_duty(by.role, Duty.CIRCULATE)
    row = circular_of(conn, number)
    if row.issued_at is not None:
        raise CircularIssued
    no = next_no(conn, "TB", at, rules.zone)
    values = {"no": no, "issued_by": by.login, "issued_at": at}
    conn.execute(update(CIRCULAR).where(CIRCULAR.c.id == number).values(values))
    units = conn.execute(
        select(ITEM.c.unit).where(ITEM.c.circular == number).distinct().order_by(ITEM.c.unit)
    )
    for unit in list(units.scalars()):
        told = Notice(kind="circular.issued", unit=unit, detail={"circular": no, "period": row.period})
        notices.tell(conn, told, at=at, rules=rules)
    noted(conn, f"circular:{row.period}", "circular.issued", by=by, at=at, no=no)
    return no


def circular_of(conn: Connection, number: int) -> Row[*tuple[Any, ...]]:
    row = conn.execute(select(CIRCULAR).where(CIRCULAR.c.id == number).with_for_update()).one_or_none()
    if row is None:
        raise Missing(f"没有通报 {number} (no such circular)")
    return row


def lines(conn: Connection, number: int) -> list[Line]:
    """Return the lines of a circular, unit by unit."""
    rows = conn.execute(
        select(ITEM.c.unit, UNIT.c.name.label("unit_name"), CASE.c.no, CASE.c.title, ITEM.c.reason, ITEM.c.at)
        .join(UNIT, UNIT.c.id == ITEM.c.unit)
        .join(CASE, CASE.c.id == ITEM.c.case)
        .where(ITEM.c.circular == number)
        .order_by(UNIT.c.level, ITEM.c.unit, ITEM.c.at, ITEM.c.id)
    )
    return [Line(*row) for row in rows]


def _gather(conn: Connection, circular: int, period: Period) -> None:
    waiting = (ITEM.c.circular.is_(None), ITEM.c.at >= period.begins, ITEM.c.at < period.ends)
    conn.execute(update(ITEM).where(*waiting).values(circular=circular))
    kept = select(ITEM.c.finding).where(ITEM.c.finding.is_not(None))
    upheld = conn.execute(
        select(FINDING).where(
            FINDING.c.state == FindingState.UPHELD,
            FINDING.c.trigger.in_(BY_HAND),
            FINDING.c.decided_at >= period.begins,
            FINDING.c.decided_at < period.ends,
            FINDING.c.id.not_in(kept),
        )
    ).all()
    rows = [
        {
            "circular": circular,
            "unit": one.unit,
            "case": one.case,
            "finding": one.id,
            "reason": one.trigger,
            "at": one.decided_at,
        }
        for one in upheld
    ]
    if rows:
        conn.execute(insert(ITEM), rows)
