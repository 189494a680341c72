"""效能警告 F10-14: the third late reading or reply of a unit in one quarter drafts a warning; a person issues it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from cases.clocks import Result
from cases.ladder import LATE_UNTIL_WARNED, Period, quarter_of
from cases.oversight import Duty, check_duty
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Refusal, Role
from storage import notices, spheres
from storage.clocks import CLOCK
from storage.errors import Missing
from storage.forms import checked_text
from storage.moves import CASE
from storage.notices import Notice
from storage.oversight import NotOfUnit, answerable, noted
from storage.people import SYSTEM, Actor
from storage.serials import next_no
from storage.supervision_models import (
    EfficiencyWarning,
    Finding,
    FindingState,
    WarningItem,
    WarningState,
)
from storage.types import table_of
from storage.units import UNIT

WARNING = table_of(EfficiencyWarning)
ITEM = table_of(WarningItem)
FINDING = table_of(Finding)

COUNTED = (ClockKind.READ, ClockKind.REPLY, ClockKind.REWORK)


_IN_TURN = select(UNIT.c.id).where(UNIT.c.id == bindparam("of")).with_for_update(key_share=True)
_OPEN_DRAFT = select(WARNING.c.id).where(
    WARNING.c.unit == bindparam("of"),
    WARNING.c.period == bindparam("quarter"),
    WARNING.c.state == WarningState.DRAFT,
)
_TAKEN = (
    select(ITEM.c.finding)
    .join(WARNING, WARNING.c.id == ITEM.c.warning)
    .where(WARNING.c.state != WarningState.WITHDRAWN, ITEM.c.finding == FINDING.c.id)
)
_LOOSE = (
    select(FINDING.c.id)
    .join(CLOCK, CLOCK.c.id == FINDING.c.clock)
    .where(
        FINDING.c.unit == bindparam("of"),
        FINDING.c.at >= bindparam("begins"),
        FINDING.c.at < bindparam("ends"),
        FINDING.c.state != FindingState.DROPPED,
        CLOCK.c.kind.in_(COUNTED),
        CLOCK.c.result != Result.VOID,
        ~_TAKEN.exists(),
    )
    .order_by(FINDING.c.at, FINDING.c.id)
)
"""The findings of a unit in a quarter that hold, and that no living warning counts."""


class WarningClosed(Refusal):
    """It has gone past the point where this could be done."""

    def __init__(self) -> None:
        super().__init__("警告已经过了这一步 (it is past that step)")


class TooFew(Refusal):
    """Not enough of what it counts still holds."""

    def __init__(self) -> None:
        super().__init__(f"有效逾期不足{LATE_UNTIL_WARNED}次，不能签发 (too few of its items still hold)")


@dataclass(frozen=True, slots=True)
class Item:
    """A late reading or reply that a warning counts."""

    finding: int
    no: str
    title: str
    kind: ClockKind
    due_at: datetime
    stopped_at: datetime | None
    holds: bool


def count_late(conn: Connection, unit: str, *, late_at: datetime, at: datetime, rules: Rules) -> None:
    """Put what nobody was warned of yet into the draft of the quarter; draft one when there is enough."""
    # Two that run out at one moment must see each other.
    conn.execute(_IN_TURN, {"of": unit})
    period = quarter_of(late_at, rules.zone)
    stretch = {"begins": period.begins, "ends": period.ends}
    loose = list(conn.execute(_LOOSE, {"of": unit, **stretch}).scalars())
    draft = conn.execute(_OPEN_DRAFT, {"of": unit, "quarter": period.name}).scalar()
    if draft is None:
        if len(loose) < LATE_UNTIL_WARNED:
            return
        draft = _draft(conn, unit, period, at)
    conn.execute(insert(ITEM), [{"warning": draft, "finding": finding} for finding in loose])


def without(conn: Connection, finding: int, *, at: datetime, rules: Rules) -> None:
    """Withdraw the warning that rested on a finding which does not hold, if too little is left of it."""
    rows = conn.execute(
        select(WARNING)
        .join(ITEM, ITEM.c.warning == WARNING.c.id)
        .where(ITEM.c.finding == finding, WARNING.c.state != WarningState.WITHDRAWN)
    ).all()
    for row in rows:
        if sum(item.holds for item in items(conn, row.id)) < LATE_UNTIL_WARNED:
            _withdraw(conn, row, reason="appeal", by=SYSTEM, at=at, rules=rules)


@answerable(Duty.WARN)
def issue(conn: Connection, number: int, recipient: str, *, by: Actor, at: datetime, rules: Rules) -> str:
    """签发: with number, date and recipient; the unit has to acknowledge it."""
    row = _of_office(conn, number, by, Duty.WARN)
    if row.state != WarningState.DRAFT:
        raise WarningClosed
    to = checked_text("recipient", recipient, longest=100)
    held = [item for item in items(conn, number) if item.holds]
    if len(held) < LATE_UNTIL_WARNED:
        raise TooFew
    no = next_no(conn, "JG", at, rules.zone)
    _put(conn, number, WarningState.ISSUED, no=no, recipient=to, issued_by=by.login, issued_at=at)
    detail = {"warning": number, "no": no}
    notices.tell(conn, Notice(kind="warning.issued", unit=row.unit, detail=detail), at=at, rules=rules)
    late_reads = sum(item.kind is ClockKind.READ for item in held)
    counts = {"read": late_reads, "reply": len(held) - late_reads, "total": len(held)}
    noted(conn, f"warning:{number}", "warning.issued", by=by, at=at, no=no, unit=row.unit, **counts)
    return no


@answerable(Duty.ACKNOWLEDGE)
def acknowledge(conn: Connection, number: int, *, by: Actor, at: datetime) -> None:
    """签收: somebody of the unit confirms that it has arrived."""
    check_duty(by.role, Duty.ACKNOWLEDGE)
    row = warning(conn, number)
    if row.unit != by.unit:
        raise NotOfUnit(Duty.ACKNOWLEDGE)
    if row.state != WarningState.ISSUED:
        raise WarningClosed
    _put(conn, number, WarningState.ACKNOWLEDGED, acknowledged_by=by.login, acknowledged_at=at)
    noted(conn, f"warning:{number}", "warning.acknowledged", by=by, at=at, unit=row.unit)


@answerable(Duty.WITHDRAW_WARNING)
def withdraw(conn: Connection, number: int, reason: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """撤销: by the efficiency office, with a reason. What it counted may count again."""
    row = _of_office(conn, number, by, Duty.WITHDRAW_WARNING)
    if row.state == WarningState.WITHDRAWN:
        raise WarningClosed
    why = checked_text("reason", reason, longest=500)
    _withdraw(conn, row, reason=why, by=by, at=at, rules=rules)


def warning(conn: Connection, number: int) -> Row[*tuple[Any, ...]]:
    """Return a warning, locked until the work is done; or raise Missing."""
    row = conn.execute(select(WARNING).where(WARNING.c.id == number).with_for_update()).one_or_none()
    if row is None:
        raise Missing(f"没有警告 {number} (no such warning)")
    return row


def items(conn: Connection, number: int) -> list[Item]:
    """Return what a warning counts, oldest first; each says whether it still holds."""
    rows = conn.execute(
        select(
            FINDING.c.id,
            FINDING.c.state,
            CASE.c.no,
            CASE.c.title,
            CLOCK.c.kind,
            CLOCK.c.due_at,
            FINDING.c.at,
            CLOCK.c.stopped_at,
            CLOCK.c.result,
        )
        .join(ITEM, ITEM.c.finding == FINDING.c.id)
        .join(CASE, CASE.c.id == FINDING.c.case)
        .join(CLOCK, CLOCK.c.id == FINDING.c.clock)
        .where(ITEM.c.warning == number)
        .order_by(FINDING.c.at, FINDING.c.id)
    )
    return [
        Item(
            finding=row.id,
            no=row.no,
            title=row.title,
            kind=ClockKind(row.kind),
            due_at=row.due_at or row.at,
            stopped_at=row.stopped_at,
            holds=row.state != FindingState.DROPPED and row.result != Result.VOID,
        )
        for row in rows
    ]


def _draft(conn: Connection, unit: str, period: Period, at: datetime) -> int:
    row = {"unit": unit, "period": period.name, "state": WarningState.DRAFT, "drafted_at": at}
    number: int = conn.execute(insert(WARNING).values(row).returning(WARNING.c.id)).scalar_one()
    office = spheres.office_over(conn, unit)
    role = None if office else Role.SUPERVISOR
    detail = {"warning": number, "unit": unit, "period": period.name}
    notices.tell(conn, Notice(kind="warning.drafted", unit=office, role=role, detail=detail), at=at)
    noted(conn, f"warning:{number}", "warning.drafted", by=SYSTEM, at=at, unit=unit, period=period.name)
    return number


def _withdraw(
    conn: Connection,
    row: Row[*tuple[Any, ...]],
    *,
    reason: str,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    _put(conn, row.id, WarningState.WITHDRAWN, withdrawn_by=by.login, withdrawn_at=at, reason=reason)
    if row.state != WarningState.DRAFT:
        detail = {"warning": row.id, "no": row.no}
        notices.tell(conn, Notice(kind="warning.withdrawn", unit=row.unit, detail=detail), at=at, rules=rules)
    noted(conn, f"warning:{row.id}", "warning.withdrawn", by=by, at=at, unit=row.unit, was=row.state)


def _put(conn: Connection, number: int, state: WarningState, **values: Any) -> None:
    conn.execute(update(WARNING).where(WARNING.c.id == number).values(state=state, **values))


def _of_office(conn: Connection, number: int, by: Actor, duty: Duty) -> Row[*tuple[Any, ...]]:
    check_duty(by.role, duty)
    row = warning(conn, number)
    spheres.check_sphere(conn, by.unit, row.unit)
    return row


def counts(conn: Connection) -> dict[WarningState, int]:
    """Return how many warnings stand where."""
    rows = conn.execute(select(WARNING.c.state, func.count().label("n")).group_by(WARNING.c.state))
    return {WarningState(row.state): int(row.n) for row in rows}
