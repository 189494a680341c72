"""问责情形: the six triggers of G-04 as findings, with what shows them, the unit's answer, the decision and the appeal.

A late clock makes its finding by itself, and only once. What a reviewer or the efficiency office sees in a reply is
raised by hand, with evidence. Nothing is deleted: a finding that does not hold is dropped, and says why.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from cases.ladder import LATENESS
from cases.oversight import BY_HAND, TRIGGERS, Duty, check_duty
from cases.rules import Rules
from cases.workflow import Refusal, Role
from storage import notices, spheres, warnings
from storage.assignments import ASSIGNMENT
from storage.due import Due
from storage.errors import Invalid, Missing
from storage.forms import checked_text
from storage.keeping import keep_once
from storage.moves import CASE, see
from storage.notices import Notice
from storage.oversight import NotOfUnit, answerable, noted
from storage.people import SYSTEM, Actor
from storage.supervision_models import Finding, FindingState
from storage.types import table_of
from storage.units import UNIT

FINDING = table_of(Finding)
_KIND = select(UNIT.c.kind).where(UNIT.c.id == bindparam("of"))

REBASED = "时限重算后未超期 (in time after the limit was counted again)"
_APPEALABLE = frozenset({FindingState.OPEN, FindingState.ANSWERED, FindingState.UPHELD})
_UNDECIDED = frozenset({FindingState.OPEN, FindingState.ANSWERED})


class FindingClosed(Refusal):
    """It has gone past the point where this could be done."""

    def __init__(self) -> None:
        super().__init__("此项已经过了这一步 (it is past that step)")


class SameJudge(Refusal):
    """Who raised or decided a finding does not judge the appeal against it."""

    def __init__(self) -> None:
        super().__init__("提出或认定的人不能裁决申诉 (another person must judge the appeal)")


def late(conn: Connection, due: Due, *, at: datetime, rules: Rules) -> None:
    """Make the finding of a clock that has run out, once; and count it towards a warning."""
    if due.unit is None or _advisory(conn, due.unit):
        return
    row = {
        "trigger": LATENESS.get(due.kind, "late_handle"),
        "case": due.case,
        "unit": due.unit,
        "clock": due.clock,
        "state": FindingState.OPEN,
        "evidence": f"{due.kind} {due.due_at.isoformat()}",
        "by": SYSTEM.login,
        "at": due.due_at,
    }
    if keep_once(conn, FINDING, row):
        warnings.count_late(conn, due.unit, late_at=due.due_at, at=at, rules=rules)


def no_longer_late(conn: Connection, clock: int, *, at: datetime, rules: Rules) -> None:
    """Drop what was found on a clock that was counted again since, on another calendar, and is in time after all."""
    standing = (FINDING.c.clock == clock, FINDING.c.state != FindingState.DROPPED)
    number = conn.execute(select(FINDING.c.id).where(*standing)).scalar()
    if number is None:
        return
    row = finding(conn, number)
    _put(conn, row, FindingState.DROPPED, decision=REBASED, decided_by=SYSTEM.login, decided_at=at)
    noted(conn, row.no, "finding.decided", by=SYSTEM, at=at, finding=number, upheld=False)
    warnings.without(conn, number, at=at, rules=rules)


def dissatisfied(conn: Connection, *, case_id: int, unit: str, at: datetime) -> None:
    """Make the finding of an evaluation 不满意; a later one of the same case is another finding."""
    if _advisory(conn, unit):
        return
    _add(conn, "dissatisfied", case=case_id, unit=unit, evidence="", by=SYSTEM, at=at)


@answerable(Duty.FIND)
def raise_by_hand(
    conn: Connection, no: str, trigger: str, *, unit: str, evidence: str, by: Actor, at: datetime
) -> int:
    """提出: a reviewer or the efficiency office shows that a unit shirked, missed the point or worked badly."""
    check_duty(by.role, Duty.FIND)
    if trigger not in BY_HAND:
        words = "、".join(TRIGGERS[name] for name in BY_HAND)
        raise Invalid({"trigger": f"请选择情形：{words} (choose one)"})
    seen = see(conn, no)
    shown = checked_text("evidence", evidence, longest=2_000)
    had = select(ASSIGNMENT.c.id).where(ASSIGNMENT.c.case == seen.id, ASSIGNMENT.c.unit == unit)
    if conn.execute(had.limit(1)).scalar() is None:
        raise Invalid({"unit": "该单位未承办此件 (the unit had no part in it)"})
    if by.role is Role.SUPERVISOR:
        spheres.check_sphere(conn, by.unit, unit)
    number = _add(conn, trigger, case=seen.id, unit=unit, evidence=shown, by=by, at=at)
    noted(conn, seen.no, "finding.raised", by=by, at=at, finding=number, unit=unit, trigger=trigger)
    return number


@answerable(Duty.RESPOND)
def respond(conn: Connection, number: int, text: str, *, by: Actor, at: datetime) -> None:
    """说明情况: the unit says how it came about."""
    row = _of_unit(conn, number, by, Duty.RESPOND)
    if row.state != FindingState.OPEN:
        raise FindingClosed
    said = checked_text("text", text, longest=2_000)
    _put(conn, row, FindingState.ANSWERED, response=said, responded_by=by.login, responded_at=at)
    _tell_office(conn, row, "finding.answered", at)
    noted(conn, row.no, "finding.answered", by=by, at=at, finding=number)


@answerable(Duty.DECIDE_FINDING)
def decide(
    conn: Connection, number: int, *, upheld: bool, text: str, by: Actor, at: datetime, rules: Rules
) -> None:
    """认定: the efficiency office holds it against the unit, or drops it."""
    row = _of_office(conn, number, by, Duty.DECIDE_FINDING)
    if row.state not in _UNDECIDED:
        raise FindingClosed
    why = checked_text("text", text, longest=2_000)
    state = FindingState.UPHELD if upheld else FindingState.DROPPED
    _put(conn, row, state, decision=why, decided_by=by.login, decided_at=at)
    _tell_unit(conn, row, "finding.decided", at, rules)
    noted(conn, row.no, "finding.decided", by=by, at=at, finding=number, upheld=upheld)
    if not upheld:
        warnings.without(conn, number, at=at, rules=rules)


@answerable(Duty.APPEAL)
def appeal(conn: Connection, number: int, text: str, *, by: Actor, at: datetime) -> None:
    """申诉: once, by the unit it is held against."""
    row = _of_unit(conn, number, by, Duty.APPEAL)
    if row.state not in _APPEALABLE or row.appealed_at is not None:
        raise FindingClosed
    said = checked_text("text", text, longest=2_000)
    _put(conn, row, FindingState.APPEALED, appeal=said, appealed_by=by.login, appealed_at=at)
    _tell_office(conn, row, "finding.appealed", at)
    noted(conn, row.no, "finding.appealed", by=by, at=at, finding=number)


@answerable(Duty.DECIDE_APPEAL)
def rule(
    conn: Connection, number: int, *, granted: bool, text: str, by: Actor, at: datetime, rules: Rules
) -> None:
    """裁决申诉: a granted appeal takes the finding out of every count, and out of the warning that counted it."""
    row = _of_office(conn, number, by, Duty.DECIDE_APPEAL)
    if row.state != FindingState.APPEALED:
        raise FindingClosed
    if by.login in {row.by, row.decided_by}:
        raise SameJudge
    why = checked_text("text", text, longest=2_000)
    state = FindingState.DROPPED if granted else FindingState.UPHELD
    _put(conn, row, state, ruling=why, ruled_by=by.login, ruled_at=at)
    _tell_unit(conn, row, "finding.ruled", at, rules)
    noted(conn, row.no, "finding.ruled", by=by, at=at, finding=number, granted=granted)
    if granted:
        warnings.without(conn, number, at=at, rules=rules)


def finding(conn: Connection, number: int) -> Row[*tuple[Any, ...]]:
    """Return a finding with the number of its case, locked until the work is done; or raise Missing."""
    row = conn.execute(
        select(FINDING, CASE.c.no)
        .join(CASE, CASE.c.id == FINDING.c.case)
        .where(FINDING.c.id == number)
        .with_for_update(of=FINDING)
    ).one_or_none()
    if row is None:
        raise Missing(f"没有此项 {number} (no such finding)")
    return row


def _add(
    conn: Connection, trigger: str, *, case: int, unit: str, evidence: str, by: Actor, at: datetime
) -> int:
    row = {"trigger": trigger, "case": case, "unit": unit, "evidence": evidence, "by": by.login, "at": at}
    number: int = conn.execute(
        insert(FINDING).values(**row, state=FindingState.OPEN).returning(FINDING.c.id)
    ).scalar_one()
    detail = {"trigger": trigger, "finding": number}
    notices.tell(conn, Notice(kind="finding.raised", unit=unit, case=case, detail=detail), at=at)
    return number


def _put(conn: Connection, row: Row[*tuple[Any, ...]], state: FindingState, **values: Any) -> None:
    conn.execute(update(FINDING).where(FINDING.c.id == row.id).values(state=state, **values))


def _of_unit(conn: Connection, number: int, by: Actor, duty: Duty) -> Row[*tuple[Any, ...]]:
    check_duty(by.role, duty)
    row = finding(conn, number)
    if row.unit != by.unit:
        raise NotOfUnit(duty)
    return row


def _of_office(conn: Connection, number: int, by: Actor, duty: Duty) -> Row[*tuple[Any, ...]]:
    check_duty(by.role, duty)
    row = finding(conn, number)
    spheres.check_sphere(conn, by.unit, row.unit)
    return row


def _tell_office(conn: Connection, row: Row[*tuple[Any, ...]], kind: str, at: datetime) -> None:
    office = spheres.office_over(conn, row.unit)
    role = None if office else Role.SUPERVISOR
    told = Notice(kind=kind, unit=office, role=role, case=row.case, detail={"finding": row.id})
    notices.tell(conn, told, at=at)


def _tell_unit(conn: Connection, row: Row[*tuple[Any, ...]], kind: str, at: datetime, rules: Rules) -> None:
    told = Notice(kind=kind, unit=row.unit, case=row.case, detail={"finding": row.id})
    notices.tell(conn, told, at=at, rules=rules)


def _advisory(conn: Connection, unit: str) -> bool:
    kind = conn.execute(_KIND, {"of": unit}).scalar()
    return kind in spheres.ADVISORY
