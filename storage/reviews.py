"""审核: review and final review. Three pairs of eyes see each reply before the citizen does."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from cases import workflow
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, State
from storage import assignments, clocks
from storage.assignments import ASSIGNMENT
from storage.circuit import REPLY
from storage.clocks import Obligation
from storage.errors import Invalid
from storage.forms import NEEDED, checked_text
from storage.intake import TEXT, add_text
from storage.models import Review, Stage, TextKind
from storage.moves import Seen, change, decide, note, recorded
from storage.people import Actor
from storage.types import table_of

REVIEW = table_of(Review)

CENTRE, FINAL = "centre", "final"
# What the citizen may be asked and may answer, when the reviewed reply has reached them.
SATISFACTION = ("满意", "基本满意", "不满意", "不评价")
CALL_RESULTS = {
    "reached": "已联系",
    "no_answer": "无人接听",
    "refused": "拒绝回访",
    "wrong_number": "号码有误",
    "later": "约定再拨",
}


@recorded(Action.PASS_REVIEW)
def pass_review(
    conn: Connection, no: str, *, comment: str = "", by: Actor, at: datetime, rules: Rules
) -> None:
    """审核通过: the reply stands as of the moment it was submitted."""
    seen, state = decide(conn, no, Action.PASS_REVIEW, by)
    _judge(conn, seen, Action.PASS_REVIEW, comment=comment, by=by, at=at)
    change(conn, seen, state)
    owed = Obligation(seen.id, ClockKind.FINAL_REVIEW)
    clocks.start(conn, owed, seen.intent, seen.urgency, at=at, rules=rules)
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
    _send_back(
        conn, seen, state, Action.SEND_BACK, findings=findings, comment=comment, by=by, at=at, rules=rules
    )
    note(conn, seen, "review.back", by=by, at=at, findings=list(findings))


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
    clocks.stop(conn, Obligation(seen.id, ClockKind.FINAL_REVIEW), at)
    _send_back(
        conn,
        seen,
        state,
        Action.SEND_BACK_FINAL,
        findings=findings,
        comment=comment,
        by=by,
        at=at,
        rules=rules,
    )
    note(conn, seen, "final.back", by=by, at=at, findings=list(findings))


@recorded(Action.PASS_FINAL)
def pass_final(
    conn: Connection, no: str, *, comment: str = "", by: Actor, at: datetime, rules: Rules
) -> None:
    """终审通过: only now does the public text become one that the citizen may hear."""
    seen, state = decide(conn, no, Action.PASS_FINAL, by)
    words = _judge(conn, seen, Action.PASS_FINAL, comment=comment, by=by, at=at).public_text
    change(conn, seen, state)
    clocks.stop(conn, Obligation(seen.id, ClockKind.FINAL_REVIEW), at)
    assignments.end_all(conn, seen.id, Stage.DONE, at)
    # What assisting units still owed is settled with the reply of the lead.
    clocks.void(conn, seen.id, "settled")
    add_text(
        conn, seen.id, words, kind=TextKind.PUBLIC, version=_next(conn, TEXT, seen.id), by=by.login, at=at
    )
    owed = Obligation(seen.id, ClockKind.FEEDBACK)
    clocks.start(conn, owed, seen.intent, seen.urgency, at=at, rules=rules)
    note(conn, seen, "final.passed", by=by, at=at)


def _send_back(  # noqa: PLR0913 - shared by both reviews
    conn: Connection,
    seen: Seen,
    state: State,
    action: Action,
    *,
    findings: Sequence[str],
    comment: str,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    if not findings:
        raise Invalid({"findings": NEEDED})
    checked_text("comment", comment, longest=2_000)
    _judge(conn, seen, action, comment=comment, by=by, at=at, findings=findings)
    change(conn, seen, state)
    for task in assignments.open_tasks(conn, seen.id):
        clocks.reopen(conn, Obligation(seen.id, ClockKind.REPLY, task.id), at, rules)
    assignments.put(conn, assignments.lead(conn, seen).id, Stage.HANDLING)


def _judge(
    conn: Connection,
    seen: Seen,
    action: Action,
    *,
    comment: str,
    by: Actor,
    at: datetime,
    findings: Sequence[str] = (),
) -> Any:
    """Write the verdict on the newest reply, if the judge had no hand in it; return that reply."""
    newest = select(REPLY).where(REPLY.c.case == seen.id).order_by(REPLY.c.version.desc()).limit(1)
    reply = conn.execute(newest).one()
    reviewers = conn.execute(select(REVIEW.c.by).where(REVIEW.c.reply == reply.id)).scalars().all()
    handlers = {*handlers_of(conn, seen), reply.signed_by}
    workflow.check_four_eyes(action, by.login, handlers=handlers, reviewers=reviewers)
    level = CENTRE if action in (Action.PASS_REVIEW, Action.SEND_BACK) else FINAL
    passed = action in (Action.PASS_REVIEW, Action.PASS_FINAL)
    verdict = {"level": level, "passed": passed, "findings": " ".join(findings), "comment": comment.strip()}
    conn.execute(insert(REVIEW).values(reply=reply.id, by=by.login, at=at, **verdict))
    return reply


def handlers_of(conn: Connection, seen: Seen) -> set[str]:
    signers = select(REPLY.c.signed_by).where(REPLY.c.case == seen.id)
    readers = select(ASSIGNMENT.c.read_by).where(
        ASSIGNMENT.c.case == seen.id, ASSIGNMENT.c.read_by.is_not(None)
    )
    return {*conn.execute(signers).scalars(), *conn.execute(readers).scalars()}


def _next(conn: Connection, table: Table, case: int) -> int:
    newest = select(func.coalesce(func.max(table.c.version), 0)).where(table.c.case == case)
    return int(conn.execute(newest).scalar_one()) + 1
