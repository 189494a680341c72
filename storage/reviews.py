"""审核 and after: review, final review, feedback, call-back, closing, rework. Three pairs of eyes see each reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from storage.models import CallbackAttempt, Feedback, Part, Review, Stage, TextKind
from storage.moves import Seen, change, decide, note, recorded
from storage.people import Actor
from storage.types import table_of

REVIEW = table_of(Review)
FEEDBACK = table_of(Feedback)
CALLBACK = table_of(CallbackAttempt)

CENTRE, FINAL = "centre", "final"
SATISFACTION = ("满意", "基本满意", "不满意", "不评价")
CALL_RESULTS = {
    "reached": "已联系",
    "no_answer": "无人接听",
    "refused": "拒绝回访",
    "wrong_number": "号码有误",
    "later": "约定再拨",
}
# After so many attempts on so many days, a citizen who was not reached need not be tried again.
ATTEMPTS, ATTEMPT_DAYS = 3, 2
REWORK_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """回访评价: what came of one call-back."""

    result: str
    solved: bool | None = None
    satisfied: str | None = None
    comment: str = ""
    call: str | None = None


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


@recorded(Action.FEED_BACK)
def feed_back(  # noqa: PLR0913 - how it was told, whether it arrived, by whom, when, under which rules
    conn: Connection,
    no: str,
    *,
    channel: str,
    delivered: bool,
    content: str = "",
    call: str | None = None,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> State:
    """反馈: done when the message arrived, or after three attempts on two days. Return the state it leads to."""
    seen, state = decide(conn, no, Action.FEED_BACK, by)
    row = {"channel": channel[:64], "delivered": delivered, "content": content.strip(), "call": call}
    conn.execute(insert(FEEDBACK).values(case=seen.id, by=by.login, at=at, **row))
    if not delivered and not _tried_enough(conn, FEEDBACK, seen.id, rules):
        change(conn, seen, seen.state)
        note(conn, seen, "feedback.tried", by=by, at=at, channel=channel, call=call)
        return seen.state
    change(conn, seen, state)
    clocks.stop(conn, Obligation(seen.id, ClockKind.FEEDBACK), at)
    owed = Obligation(seen.id, ClockKind.CALLBACK)
    clocks.start(conn, owed, seen.intent, seen.urgency, at=at, rules=rules)
    note(conn, seen, "feedback.done", by=by, at=at, channel=channel, delivered=delivered, call=call)
    return state


@recorded(Action.CLOSE)
def call_back(
    conn: Connection, no: str, evaluation: Evaluation, *, by: Actor, at: datetime, rules: Rules
) -> State:
    """回访: an evaluation closes the case, and so do three attempts on two days. Return the state it leads to."""
    seen, state = decide(conn, no, Action.CLOSE, by)
    _check_evaluation(evaluation)
    handlers = _handlers(conn, seen)
    workflow.check_four_eyes(Action.CLOSE, by.login, handlers=handlers)
    if by.unit in _units(conn, seen):
        raise workflow.NotAllowed(by.role, Action.CLOSE)
    row = {name: getattr(evaluation, name) for name in ("result", "solved", "satisfied", "comment", "call")}
    conn.execute(insert(CALLBACK).values(case=seen.id, by=by.login, at=at, **row))
    reached = evaluation.result == "reached"
    detail = {"result": evaluation.result, "satisfied": evaluation.satisfied, "solved": evaluation.solved}
    if not reached and not _tried_enough(conn, CALLBACK, seen.id, rules):
        change(conn, seen, seen.state)
        note(conn, seen, "callback.tried", by=by, at=at, **detail)
        return seen.state
    change(conn, seen, state, closed_at=at)
    clocks.stop(conn, Obligation(seen.id, ClockKind.CALLBACK), at)
    note(conn, seen, "case.closed", by=by, at=at, **detail)
    return state


@recorded(Action.REWORK)
def rework(conn: Connection, no: str, reason: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """重办: not solved, or a new fact within thirty days; the unit that led has it again, under new clocks."""
    seen, state = decide(conn, no, Action.REWORK, by)
    why = checked_text("reason", reason, longest=2_000)
    if seen.closed_at is not None and at - seen.closed_at > REWORK_WITHIN:
        raise Invalid({"reason": "办结已超过30天,请另行登记 (closed too long ago; register a new case)"})
    change(conn, seen, state, closed_at=None, rework_no=seen.rework_no + 1)
    clocks.stop(conn, Obligation(seen.id, ClockKind.CALLBACK), at)
    if seen.unit is None:
        raise AssertionError("a case that was replied to has a lead")
    new = assignments.NewTask(seen.unit, Part.LEAD, f"重办:{why}", stage=Stage.HANDLING)
    assignments.send(conn, seen, new, by=by, at=at, rules=rules)
    note(conn, seen, "rework.opened", by=by, at=at, rework=seen.rework_no + 1)


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
    handlers = {*_handlers(conn, seen), reply.signed_by}
    workflow.check_four_eyes(action, by.login, handlers=handlers, reviewers=reviewers)
    level = CENTRE if action in (Action.PASS_REVIEW, Action.SEND_BACK) else FINAL
    passed = action in (Action.PASS_REVIEW, Action.PASS_FINAL)
    verdict = {"level": level, "passed": passed, "findings": " ".join(findings), "comment": comment.strip()}
    conn.execute(insert(REVIEW).values(reply=reply.id, by=by.login, at=at, **verdict))
    return reply


def _handlers(conn: Connection, seen: Seen) -> set[str]:
    signers = select(REPLY.c.signed_by).where(REPLY.c.case == seen.id)
    readers = select(ASSIGNMENT.c.read_by).where(
        ASSIGNMENT.c.case == seen.id, ASSIGNMENT.c.read_by.is_not(None)
    )
    return {*conn.execute(signers).scalars(), *conn.execute(readers).scalars()}


def _units(conn: Connection, seen: Seen) -> set[str]:
    return set(conn.execute(select(ASSIGNMENT.c.unit).where(ASSIGNMENT.c.case == seen.id)).scalars())


def _check_evaluation(evaluation: Evaluation) -> None:
    if evaluation.result not in CALL_RESULTS:
        raise Invalid({"result": f"请选择:{'、'.join(CALL_RESULTS.values())} (choose one)"})
    if evaluation.result == "reached" and evaluation.satisfied not in SATISFACTION:
        raise Invalid({"satisfied": f"请选择:{'、'.join(SATISFACTION)} (choose one)"})


def _tried_enough(conn: Connection, attempts: Table, case: int, rules: Rules) -> bool:
    """Count the attempts, the one just written among them, and the local days on which they were made."""
    times = conn.execute(select(attempts.c.at).where(attempts.c.case == case)).scalars().all()
    days = {at.astimezone(rules.zone).date() for at in times}
    return len(times) >= ATTEMPTS and len(days) >= ATTEMPT_DAYS


def _next(conn: Connection, table: Table, case: int) -> int:
    newest = select(func.coalesce(func.max(table.c.version), 0)).where(table.c.case == case)
    return int(conn.execute(newest).scalar_one()) + 1
