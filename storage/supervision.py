"""督办 and 批示: orders to a unit about a case, each with its own clock, closed only by the office that gave them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from cases import workflow
from cases.ladder import Step
from cases.limits import Limit, Unit
from cases.oversight import GROUNDS, Duty, check_duty
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, Refusal, Role
from storage import clocks, notices, spheres
from storage.clocks import Obligation
from storage.due import Due
from storage.errors import Invalid, Missing
from storage.forms import checked_text
from storage.moves import CASE, Seen, see
from storage.notices import Notice
from storage.oversight import NotOfUnit, answerable, noted
from storage.people import SYSTEM, Actor
from storage.serials import next_no
from storage.supervision_models import LeaderInstruction, Supervision, SupervisionReport
from storage.types import table_of
from storage.units import unit as unit_named

ORDER = table_of(Supervision)
REPORT = table_of(SupervisionReport)
INSTRUCTION = table_of(LeaderInstruction)

LONGEST_DAYS = 60
DAYS_AFTER_REWORK = 5
REWORKS_UNTIL_ORDER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderForm:
    """What a unit is ordered to do, and within how many working days it reports."""

    unit: str
    ground: str
    text: str
    days: int
    leader: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionForm:
    """What a leader wrote, on which cases, and to whom it goes."""

    leader: str
    text: str
    dated: date
    cases: Sequence[str]
    unit: str
    days: int
    report: str = ""


class OrderClosed(Refusal):
    """It is closed already."""

    def __init__(self) -> None:
        super().__init__("已经销号 (closed already)")


@answerable(Duty.ORDER)
def order(conn: Connection, no: str, form: OrderForm, *, by: Actor, at: datetime, rules: Rules) -> int:
    """督办: T27. The state of the case stays; the order has its own number and clock."""
    check_duty(by.role, Duty.ORDER)
    workflow.check_role(by.role, Action.SUPERVISE)
    seen = _movable(conn, no, Action.SUPERVISE)
    spheres.check_sphere(conn, by.unit, form.unit)
    return _order(conn, seen, form, by=by, at=at, rules=rules)


def reworked(conn: Connection, *, case_id: int, unit: str, times: int, at: datetime, rules: Rules) -> None:
    """A case that is worked over for the second time is put under supervision by itself, once."""
    ground = "reworked"
    had = select(ORDER.c.id).where(
        ORDER.c.case == case_id, ORDER.c.ground == ground, ORDER.c.closed_at.is_(None)
    )
    if times < REWORKS_UNTIL_ORDER or conn.execute(had.limit(1)).scalar() is not None:
        return
    no = conn.execute(select(CASE.c.no).where(CASE.c.id == case_id)).scalar_one()
    form = OrderForm(unit=unit, ground=ground, text=GROUNDS[ground], days=DAYS_AFTER_REWORK)
    _order(conn, see(conn, no), form, by=SYSTEM, at=at, rules=rules)


@answerable(Duty.INSTRUCT)
def instruct(
    conn: Connection, leader: str, form: InstructionForm, *, by: Actor, at: datetime, rules: Rules
) -> int:
    """批示 F10-22: each case it names becomes an order with a clock; the answer goes back to the leader."""
    check_duty(by.role, Duty.INSTRUCT)
    workflow.check_role(by.role, Action.INSTRUCT)
    if not form.cases:
        raise Invalid({"cases": "请填写诉求件编号 (name at least one case)"})
    words = checked_text("text", form.text, longest=4_000)
    row = {
        "no": next_no(conn, "PS", at, rules.zone),
        "leader": checked_text("leader", leader, longest=40),
        "text": words,
        "report": checked_text("report", form.report, longest=200) if form.report.strip() else "",
        "dated": form.dated,
    }
    number: int = conn.execute(
        insert(INSTRUCTION).values(**row, by=by.login, at=at).returning(INSTRUCTION.c.id)
    ).scalar_one()
    wanted = OrderForm(unit=form.unit, ground="instruction", text=words, days=form.days)
    for no in dict.fromkeys(form.cases):
        seen = _movable(conn, no, Action.INSTRUCT)
        noted(conn, seen.no, "instruction.given", by=by, at=at, instruction=row["no"])
        _order(conn, seen, wanted, by=by, at=at, rules=rules, instruction=number)
    return number


@answerable(Duty.REPORT)
def report(conn: Connection, number: int, text: str, *, by: Actor, at: datetime) -> None:
    """上报: the unit says what was done; its clock stops, unless the report is sent back."""
    check_duty(by.role, Duty.REPORT)
    row = open_order(conn, number)
    if row.unit != by.unit:
        raise NotOfUnit(Duty.REPORT)
    said = checked_text("text", text, longest=4_000)
    conn.execute(insert(REPORT).values(supervision=number, text=said, by=by.login, at=at))
    if row.clock is not None:
        clocks.stop_row(conn, row.clock, at)
    role = Role.LEADERS_OFFICE if row.instruction else Role.SUPERVISOR
    told = Notice(kind="supervision.reported", role=role, case=row.case, detail={"order": row.no})
    notices.tell(conn, told, at=at)
    noted(conn, row.case_no, "supervision.reported", by=by, at=at, order=row.no, unit=by.unit)


@answerable(Duty.CLOSE_ORDER)
def send_back(conn: Connection, number: int, why: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """退回: the report does not do; the clock goes on with what was left of it."""
    row = _mine(conn, number, by)
    said = checked_text("text", why, longest=1_000)
    if row.clock is not None:
        clocks.reopen_row(conn, row.clock, at, rules)
    detail = {"order": row.no}
    told = Notice(kind="supervision.sent_back", unit=row.unit, case=row.case, detail=detail)
    notices.tell(conn, told, at=at, rules=rules)
    conn.execute(insert(REPORT).values(supervision=number, text=said, by=by.login, at=at))
    noted(conn, row.case_no, "supervision.sent_back", by=by, at=at, order=row.no)


@answerable(Duty.CLOSE_ORDER)
def close(conn: Connection, number: int, result: str, *, by: Actor, at: datetime) -> None:
    """销号: by the office that gave the order, after the unit has reported."""
    row = _mine(conn, number, by)
    reported = select(REPORT.c.id).where(REPORT.c.supervision == number, REPORT.c.by != by.login)
    if conn.execute(reported.limit(1)).scalar() is None:
        raise Invalid({"result": "承办单位尚未上报 (the unit has not reported yet)"})
    said = checked_text("result", result, longest=2_000)
    values = {"result": said, "closed_by": by.login, "closed_at": at}
    conn.execute(update(ORDER).where(ORDER.c.id == number).values(values))
    if row.clock is not None:
        clocks.stop_row(conn, row.clock, at)
    noted(conn, row.case_no, "supervision.closed", by=by, at=at, order=row.no)


@answerable(Duty.CLOSE_INSTRUCTION)
def answer_leader(conn: Connection, number: int, answer: str, *, by: Actor, at: datetime) -> None:
    """批示办结: the leader has been told, and all that the instruction ordered is closed. Only the leader's office may."""
    check_duty(by.role, Duty.CLOSE_INSTRUCTION)
    row = conn.execute(select(INSTRUCTION).where(INSTRUCTION.c.id == number)).one_or_none()
    if row is None:
        raise Missing(f"没有批示 {number} (no such instruction)")
    if row.closed_at is not None:
        raise OrderClosed
    open_ones = select(ORDER.c.no).where(ORDER.c.instruction == number, ORDER.c.closed_at.is_(None))
    if left := list(conn.execute(open_ones).scalars()):
        raise Invalid({"answer": f"尚有督办未销号：{'、'.join(left)} (orders are still open)"})
    said = checked_text("answer", answer, longest=4_000)
    values = {"answer": said, "closed_by": by.login, "closed_at": at}
    conn.execute(update(INSTRUCTION).where(INSTRUCTION.c.id == number).values(values))
    noted(conn, f"instruction:{row.no}", "instruction.closed", by=by, at=at, instruction=row.no)


def order_comes_due(conn: Connection, due: Due, at: datetime, rules: Rules) -> None:
    """Tell the unit of its order, and the office that gave it when the time has run out."""
    row = conn.execute(select(ORDER).where(ORDER.c.clock == due.clock)).one_or_none()
    if row is None or row.closed_at is not None or due.step is Step.HALF:
        return
    role = Role.LEADERS_OFFICE if row.instruction else Role.SUPERVISOR
    kind = "supervision.late" if due.ran_out else "supervision.due"
    told = Notice(kind=kind, unit=row.unit, case=row.case, detail={"order": row.no}, urgent=due.urgent)
    notices.tell(conn, told, at=at, rules=rules)
    if due.ran_out:
        notices.tell(conn, replace(told, unit=None, role=role), at=at, rules=rules)


def open_order(conn: Connection, number: int) -> Row[*tuple[Any, ...]]:
    """Return an order that is not closed, with the number of its case, locked until the work is done."""
    row = conn.execute(
        select(ORDER, CASE.c.no.label("case_no"))
        .join(CASE, CASE.c.id == ORDER.c.case)
        .where(ORDER.c.id == number)
        .with_for_update(of=ORDER)
    ).one_or_none()
    if row is None:
        raise Missing(f"没有督办件 {number} (no such order)")
    if row.closed_at is not None:
        raise OrderClosed
    return row


def _movable(conn: Connection, no: str, action: Action) -> Seen:
    seen = see(conn, no)
    workflow.move(seen.state, action)
    return seen


def _mine(conn: Connection, number: int, by: Actor) -> Row[*tuple[Any, ...]]:
    """Return the order if this office gave it: the efficiency office its own, the leader's office an instruction's."""
    row = open_order(conn, number)
    duty = Duty.CLOSE_INSTRUCTION if row.instruction else Duty.CLOSE_ORDER
    check_duty(by.role, duty)
    if row.instruction is None:
        spheres.check_sphere(conn, by.unit, row.unit)
    return row


def _order(
    conn: Connection,
    seen: Seen,
    form: OrderForm,
    *,
    by: Actor,
    at: datetime,
    rules: Rules,
    instruction: int | None = None,
) -> int:
    _check(conn, form)
    owed = Obligation(seen.id, ClockKind.SUPERVISE)
    limit = Limit(form.days, Unit.WORKING_DAY)
    clock = clocks.start(conn, owed, seen.intent, seen.urgency, at=at, rules=rules, limit=limit)
    row = {
        "no": next_no(conn, "DB", at, rules.zone),
        "case": seen.id,
        "unit": form.unit,
        "leader": form.leader.strip()[:40],
        "ground": form.ground,
        "text": checked_text("text", form.text, longest=4_000),
        "instruction": instruction,
        "clock": clock.id if clock else None,
    }
    number: int = conn.execute(
        insert(ORDER).values(**row, by=by.login, at=at).returning(ORDER.c.id)
    ).scalar_one()
    for role in (None, Role.UNIT_LEADER):
        detail = {"order": row["no"]}
        told = Notice(kind="supervision.ordered", unit=form.unit, role=role, case=seen.id, detail=detail)
        notices.tell(conn, told, at=at, rules=rules)
    noted(
        conn,
        seen.no,
        "supervision.ordered",
        by=by,
        at=at,
        order=row["no"],
        unit=form.unit,
        ground=form.ground,
    )
    return number


def _check(conn: Connection, form: OrderForm) -> None:
    wrong = {}
    if unit_named(conn, form.unit) is None:
        wrong["unit"] = "没有这个单位 (no such unit)"
    if form.ground not in GROUNDS:
        wrong["ground"] = f"请选择督办事由：{'、'.join(GROUNDS.values())} (choose a ground)"
    if not 1 <= form.days <= LONGEST_DAYS:
        wrong["days"] = f"期限应为1–{LONGEST_DAYS}个工作日 (working days)"
    if wrong:
        raise Invalid(wrong)
