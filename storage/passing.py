"""下转与逐级审核: parts go down level by level, and each report is reviewed by the unit that passed the part down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from cases import nesting, workflow
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action
from storage import assignments, clocks, office_hours, reply_clocks
from storage.assignments import ASSIGNMENT, Task
from storage.circuit_models import Report
from storage.errors import Conflict, Invalid
from storage.forms import NEEDED, checked_text
from storage.lines import Line, lines
from storage.models import Part, Stage
from storage.moves import NotYours, Seen, decide, note, recorded, touch
from storage.people import Actor
from storage.replies import RESOLUTIONS
from storage.types import table_of

REPORT = table_of(Report)
RECALLED = "recalled"


@recorded(Action.PASS_DOWN)
def pass_down(
    conn: Connection, no: str, unit: str, *, instruction: str = "", by: Actor, at: datetime, rules: Rules
) -> None:
    """下转: give a part to a unit of one's own subtree, due early enough that one can review what comes back."""
    seen, _ = decide(conn, no, Action.PASS_DOWN, by)
    task = assignments.task_of(conn, seen, by, Action.PASS_DOWN)
    _check_target(conn, seen, task, unit, by)
    outer = reply_clocks.of_task(conn, seen, task)
    inner = None
    if outer is not None:
        hours = office_hours.of_unit(conn, rules, unit)
        inner = nesting.inner_limit(outer.clock, at, rules.calendar, hours)
    owes = ClockKind.REPLY if inner else None
    touch(conn, seen)
    new = assignments.NewTask(unit, Part.ASSIST, instruction, parent=task.id, reply_limit=inner, owes=owes)
    assignments.send(conn, seen, new, by=by, at=at, rules=rules)
    note(conn, seen, "assignment.child_created", by=by, at=at, unit=unit, parent=by.unit)


@recorded(Action.RECALL)
def recall(conn: Connection, no: str, unit: str, *, by: Actor, at: datetime) -> None:
    """收回下转: take a part back, with all that was passed on of it; the own answer then waits for it no longer."""
    seen, _ = decide(conn, no, Action.RECALL, by)
    task = assignments.task_of(conn, seen, by, Action.RECALL)
    child = _child(conn, seen, task, unit)
    touch(conn, seen)
    for one in (child, *assignments.below(conn, seen, child)):
        clocks.void(conn, seen.id, RECALLED, assignment=one.id)
        assignments.put(conn, one.id, Stage.WITHDRAWN, ended_at=at)
    note(conn, seen, "assignment.recalled", by=by, at=at, unit=unit)


@recorded(Action.REPORT)
def report(
    conn: Connection, no: str, words: str, *, resolution: str, by: Actor, at: datetime, rules: Rules
) -> None:
    """上报办理情况: what a unit below or beside the lead has done; its own clock stops."""
    seen, _ = decide(conn, no, Action.REPORT, by)
    task = assignments.task_of(conn, seen, by, Action.REPORT)
    if task.part is Part.LEAD:
        raise Invalid({"words": "主办单位请直接答复 (the lead replies)"})
    if task.stage is not Stage.HANDLING:
        raise workflow.IllegalMove(seen.state, Action.REPORT)
    must_be_settled(conn, seen, task)
    if resolution not in RESOLUTIONS:
        raise Invalid({"resolution": f"请选择：{'、'.join(RESOLUTIONS.values())} (choose one)"})
    told = checked_text("words", words)
    touch(conn, seen)
    reply_clocks.stop(conn, seen, at, task=task)
    clock = None
    if task.parent is not None:
        clock = assignments.start(conn, seen, ClockKind.UNIT_REVIEW, at=at, rules=rules, task=task.parent)
    last = select(func.coalesce(func.max(REPORT.c.version), 0)).where(REPORT.c.assignment == task.id)
    version = conn.execute(last).scalar_one() + 1
    # Who assists at the lead's side reports to nobody's reviewer: the reply of the lead is reviewed with it.
    passed = None if task.parent is not None else True
    what = {"version": version, "words": told, "resolution": resolution, "passed": passed, "clock": clock}
    place = {"case": seen.id, "assignment": task.id, "by": by.login, "at": at}
    conn.execute(insert(REPORT).values(**place, **what))
    assignments.put(conn, task.id, Stage.REPLIED if passed else Stage.REPORTED)
    note(conn, seen, "report.submitted", by=by, at=at, unit=by.unit, version=version, resolution=resolution)


@recorded(Action.PASS_REPORT)
def pass_report(conn: Connection, no: str, unit: str, *, comment: str = "", by: Actor, at: datetime) -> None:
    """通过上报: the unit above takes the report over; the part below is done."""
    seen, _ = decide(conn, no, Action.PASS_REPORT, by)
    child, row = _reported(conn, seen, unit, by, Action.PASS_REPORT)
    touch(conn, seen)
    _judge(conn, row, passed=True, findings=(), comment=comment, by=by, at=at)
    assignments.put(conn, child.id, Stage.DONE, ended_at=at)
    note(conn, seen, "report.passed", by=by, at=at, unit=unit)


@recorded(Action.SEND_BACK_REPORT)
def send_back_report(
    conn: Connection,
    no: str,
    unit: str,
    findings: Sequence[str],
    *,
    comment: str,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """退回上报: the unit below goes on with what was left of its time."""
    seen, _ = decide(conn, no, Action.SEND_BACK_REPORT, by)
    if not findings:
        raise Invalid({"findings": NEEDED})
    why = checked_text("comment", comment, longest=2_000)
    child, row = _reported(conn, seen, unit, by, Action.SEND_BACK_REPORT)
    touch(conn, seen)
    _judge(conn, row, passed=False, findings=findings, comment=why, by=by, at=at)
    assignments.put(conn, child.id, Stage.HANDLING)
    reply_clocks.reopen(conn, seen, child, at, rules)
    note(conn, seen, "report.back", by=by, at=at, unit=unit, findings=list(findings))


def must_be_settled(conn: Connection, seen: Seen, task: Task) -> None:
    """Raise Invalid while a part that was passed down is neither reported and reviewed nor taken back."""
    if waiting := [one.unit for one in assignments.below(conn, seen, task)]:
        raise Invalid({"words": f"下级单位尚未办结：{'、'.join(waiting)} (units below are not done)"})


def lines_of(conn: Connection, case_id: int) -> list[Line]:
    return lines(conn, select(REPORT).where(REPORT.c.case == case_id), "report")


def _check_target(conn: Connection, seen: Seen, task: Task, unit: str, by: Actor) -> None:
    if task.stage is not Stage.HANDLING:
        raise workflow.IllegalMove(seen.state, Action.PASS_DOWN)
    if seen.paused_at is not None or seen.long_term_at is not None:
        raise Invalid({"unit": "已挂起或挂账，不能下转 (it is paused or on the long-term list)"})
    if not assignments.is_below(conn, unit, by.unit):
        raise Invalid({"unit": "只能下转给本单位的下级 (only to a unit below your own)"})
    if any(other.unit == unit for other in assignments.open_tasks(conn, seen.id)):
        raise Invalid({"unit": "该单位已在办理此件 (the unit has it already)"})


def _child(conn: Connection, seen: Seen, task: Task, unit: str) -> Task:
    for child in assignments.open_tasks(conn, seen.id):
        if child.parent == task.id and child.unit == unit:
            return child
    raise Invalid({"unit": "没有下转给该单位 (nothing was passed down to this unit)"})


def _reported(
    conn: Connection, seen: Seen, unit: str, by: Actor, action: Action
) -> tuple[Task, Row[*tuple[Any, ...]]]:
    """Return the part below with its open report, if the reviewer is of the unit above and had no hand in it."""
    try:
        child = _child(conn, seen, assignments.task_of(conn, seen, by, action), unit)
    except NotYours:
        raise workflow.NotAllowed(by.role, action) from None
    wanted = select(REPORT).where(REPORT.c.assignment == child.id, REPORT.c.passed.is_(None))
    row = conn.execute(wanted).one_or_none()
    if row is None:
        raise Conflict("该单位尚未上报，或已由他人审核 (no report waits, or somebody else has reviewed it)")
    read_by = select(ASSIGNMENT.c.read_by, ASSIGNMENT.c.handler).where(ASSIGNMENT.c.id == child.id)
    workflow.check_four_eyes(action, by.login, handlers={row.by, *conn.execute(read_by).one()})
    return child, row


def _judge(
    conn: Connection,
    row: Row[*tuple[Any, ...]],
    *,
    passed: bool,
    findings: Sequence[str],
    comment: str,
    by: Actor,
    at: datetime,
) -> None:
    verdict = {"passed": passed, "findings": " ".join(findings), "comment": comment.strip() or None}
    signed = {"reviewed_by": by.login, "reviewed_at": at}
    conn.execute(update(REPORT).where(REPORT.c.id == row.id).values(**verdict, **signed))
    if row.clock is not None:
        clocks.stop_row(conn, row.clock, at)
