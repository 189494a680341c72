"""审核: by the unit above, by the centre, and the final one. No pair of eyes sees a reply twice before the citizen does."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, func, select

from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, Role
from storage import assignments, clocks, frontline, members, reply_clocks, unit_rules
from storage.clocks import Obligation
from storage.errors import Invalid
from storage.forms import NEEDED, checked_text
from storage.intake import add_text
from storage.models import CaseText, Stage, TextKind
from storage.moves import NotYours, Seen, change, decide, note, recorded, touch
from storage.people import Actor
from storage.replies import CENTRE, FINAL, UPPER, judge, passed_at
from storage.types import table_of

TEXT = table_of(CaseText)


@recorded(Action.PASS_UPWARD)
def pass_upward(
    conn: Connection, no: str, *, comment: str = "", by: Actor, at: datetime, rules: Rules
) -> None:
    """上级审核通过: the unit above stands behind the reply of the unit below; now the centre reviews it."""
    seen, _ = decide(conn, no, Action.PASS_UPWARD, by)
    if _upper_unit(conn, seen) != by.unit:
        raise NotYours(Action.PASS_UPWARD)
    judge(conn, seen, Action.PASS_UPWARD, UPPER, passed=True, comment=comment, by=by, at=at)
    touch(conn, seen)
    clocks.stop(conn, Obligation(seen.id, ClockKind.UNIT_REVIEW), at)
    assignments.start(conn, seen, ClockKind.CENTRE_REVIEW, at=at, rules=rules)
    note(conn, seen, "review.upward", by=by, at=at, unit=by.unit)


@recorded(Action.PASS_REVIEW)
def pass_review(
    conn: Connection, no: str, *, comment: str = "", by: Actor, at: datetime, rules: Rules
) -> None:
    """审核通过: the reply stands as of the moment it was submitted."""
    seen, state = decide(conn, no, Action.PASS_REVIEW, by)
    if (above := _upper_unit(conn, seen)) is not None:
        raise Invalid({"comment": f"上级单位 {above} 尚未审核 (the unit above has not reviewed it)"})
    judge(conn, seen, Action.PASS_REVIEW, CENTRE, passed=True, comment=comment, by=by, at=at)
    seen = change(conn, seen, state)
    clocks.stop(conn, Obligation(seen.id, ClockKind.CENTRE_REVIEW), at)
    assignments.start(conn, seen, ClockKind.FINAL_REVIEW, at=at, rules=rules)
    note(conn, seen, "review.passed", by=by, at=at)


@recorded(Action.SEND_BACK)
def send_back(
    conn: Connection,
    no: str,
    findings: Sequence[str],
    *,
    comment: str,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """审核退回: the unit replies again, with what was left of its time."""
    seen, state = decide(conn, no, Action.SEND_BACK, by)
    above = by.role is Role.UPPER_REVIEWER
    if above and _upper_unit(conn, seen) != by.unit:
        raise NotYours(Action.SEND_BACK)
    level = UPPER if above else CENTRE
    why = _checked(findings, comment)
    judge(
        conn, seen, Action.SEND_BACK, level, passed=False, findings=tuple(findings), comment=why, by=by, at=at
    )
    for kind in (ClockKind.UNIT_REVIEW, ClockKind.CENTRE_REVIEW):
        clocks.stop(conn, Obligation(seen.id, kind), at)
    _again(conn, change(conn, seen, state), at=at, rules=rules)
    note(conn, seen, "review.back", by=by, at=at, level=level, findings=list(findings))


@recorded(Action.SEND_BACK_FINAL)
def send_back_final(
    conn: Connection,
    no: str,
    findings: Sequence[str],
    *,
    comment: str,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """终审退回."""
    seen, state = decide(conn, no, Action.SEND_BACK_FINAL, by)
    why, found = _checked(findings, comment), tuple(findings)
    judge(conn, seen, Action.SEND_BACK_FINAL, FINAL, passed=False, findings=found, comment=why, by=by, at=at)
    clocks.stop(conn, Obligation(seen.id, ClockKind.FINAL_REVIEW), at)
    _again(conn, change(conn, seen, state), at=at, rules=rules)
    note(conn, seen, "final.back", by=by, at=at, findings=list(findings))


@recorded(Action.PASS_FINAL)
def pass_final(
    conn: Connection, no: str, *, comment: str = "", by: Actor, at: datetime, rules: Rules
) -> None:
    """终审通过: only now does the public text become one that the citizen may hear."""
    seen, state = decide(conn, no, Action.PASS_FINAL, by)
    frontline.check_settled(conn, seen.id)
    row = judge(conn, seen, Action.PASS_FINAL, FINAL, passed=True, comment=comment, by=by, at=at)
    seen = change(conn, seen, state)
    clocks.stop(conn, Obligation(seen.id, ClockKind.FINAL_REVIEW), at)
    assignments.end_all(conn, seen.id, Stage.DONE, at)
    # What assisting units still owed is settled with the reply of the lead; what they asked for is not.
    reply_clocks.settle(conn, seen, "settled", at)
    version = _next(conn, TEXT, seen.id)
    add_text(conn, seen.id, row.public_text, kind=TextKind.PUBLIC, version=version, by=by.login, at=at)
    assignments.start(conn, seen, ClockKind.FEEDBACK, at=at, rules=rules)
    members.owe_feedback(conn, seen, at=at, rules=rules)
    note(conn, seen, "final.passed", by=by, at=at)


def _upper_unit(conn: Connection, seen: Seen) -> str | None:
    """Return the unit above whose review the newest reply still needs, if any."""
    above = unit_rules.reviewer_above(conn, assignments.lead(conn, seen).unit, seen.rework_no)
    return None if above is None or passed_at(conn, seen, UPPER) else above


def _checked(findings: Sequence[str], comment: str) -> str:
    if not findings:
        raise Invalid({"findings": NEEDED})
    return checked_text("comment", comment, longest=2_000)


def _again(conn: Connection, seen: Seen, *, at: datetime, rules: Rules) -> None:
    """The lead goes on, and so does who assists and has not answered yet."""
    for task in assignments.open_tasks(conn, seen.id):
        if task.id == assignments.lead(conn, seen).id or task.stage is Stage.HANDLING:
            reply_clocks.reopen(conn, seen, task, at, rules)
    assignments.put(conn, assignments.lead(conn, seen).id, Stage.HANDLING)


def _next(conn: Connection, table: Table, case: int) -> int:
    last = select(func.coalesce(func.max(table.c.version), 0)).where(table.c.case == case)
    return int(conn.execute(last).scalar_one()) + 1
