"""答复: the lead's answer, signed by its leader where that is required, on its way to those who review it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from cases import workflow
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, IllegalMove, Role
from storage import assignments, clocks, reply_clocks, requests, unit_rules, urgent
from storage.assignments import ASSIGNMENT, Task
from storage.circuit_models import Report
from storage.clocks import Obligation
from storage.errors import Invalid
from storage.forms import NEEDED, checked_text
from storage.models import Reply, Review, Stage
from storage.moves import Seen, change, decide, note, recorded, touch
from storage.people import Actor
from storage.types import table_of

REPLY = table_of(Reply)
REVIEW = table_of(Review)
REPORT = table_of(Report)

FACTUAL: Final = ("属实", "部分属实", "不属实", "不适用")
RESOLUTIONS: Final = {"full": "已解决", "part": "部分解决", "no": "未解决", "n/a": "不适用"}
UNIT, UPPER, CENTRE, FINAL = "unit", "upper", "centre", "final"
"""The levels of review, from the unit's own leader upwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyForm:
    """答复: what the unit did, and what it proposes to tell the citizen."""

    handled_text: str
    public_text: str
    factual: str
    resolution: str
    unresolved_reason: str = ""
    contacted: bool = False


@recorded(Action.REPLY)
def reply(conn: Connection, no: str, form: ReplyForm, *, by: Actor, at: datetime, rules: Rules) -> None:
    """答复: the lead submits its reply, or puts it before its leader, whose signature then submits it."""
    seen, _ = decide(conn, no, Action.REPLY, by)
    task = assignments.lead_of(conn, seen, by, Action.REPLY)
    row = _reply_row(form)
    _check_turn(conn, seen, task)
    newest = select(func.coalesce(func.max(REPLY.c.version), 0)).where(REPLY.c.case == seen.id)
    version = conn.execute(newest).scalar_one() + 1
    place = {"case": seen.id, "assignment": task.id, "version": version, "signed_by": by.login, "at": at}
    conn.execute(insert(REPLY).values(**place, **row))
    wants = by.role is not Role.UNIT_LEADER and unit_rules.needs_signature(conn, task.unit, seen.rework_no)
    if not wants:
        _submit(conn, seen, task, by=by, at=at, rules=rules)
        return
    touch(conn, seen)
    assignments.put(conn, task.id, Stage.APPROVAL)
    assignments.start(conn, seen, ClockKind.UNIT_REVIEW, at=at, rules=rules, task=task.id)
    note(conn, seen, "reply.drafted", by=by, at=at, version=version)


@recorded(Action.APPROVE_REPLY)
def approve_reply(
    conn: Connection, no: str, *, comment: str = "", by: Actor, at: datetime, rules: Rules
) -> None:
    """签发答复: the leader of the unit signs, and with that the reply leaves the unit."""
    seen, _ = decide(conn, no, Action.APPROVE_REPLY, by)
    task = _before_leader(conn, seen, by, Action.APPROVE_REPLY)
    judge(conn, seen, Action.APPROVE_REPLY, UNIT, passed=True, comment=comment, by=by, at=at)
    clocks.stop(conn, Obligation(seen.id, ClockKind.UNIT_REVIEW, task.id), at)
    _submit(conn, seen, task, by=by, at=at, rules=rules)


@recorded(Action.REJECT_REPLY)
def reject_reply(conn: Connection, no: str, comment: str, *, by: Actor, at: datetime) -> None:
    """退回拟稿: the unit writes it anew; its clock has been running all the time."""
    seen, _ = decide(conn, no, Action.REJECT_REPLY, by)
    why = checked_text("comment", comment, longest=2_000)
    task = _before_leader(conn, seen, by, Action.REJECT_REPLY)
    judge(conn, seen, Action.REJECT_REPLY, UNIT, passed=False, comment=why, by=by, at=at)
    clocks.stop(conn, Obligation(seen.id, ClockKind.UNIT_REVIEW, task.id), at)
    touch(conn, seen)
    assignments.put(conn, task.id, Stage.HANDLING)
    note(conn, seen, "reply.rejected", by=by, at=at)


def _submit(conn: Connection, seen: Seen, task: Task, *, by: Actor, at: datetime, rules: Rules) -> None:
    """The reply leaves the unit: the reply clocks stop, for good only when the reviews have passed it."""
    state = workflow.move(seen.state, Action.REPLY)
    row = newest(conn, seen)
    conn.execute(update(REPLY).where(REPLY.c.id == row.id).values(submitted_at=at))
    reply_clocks.stop(conn, seen, at)
    urgent.replied(conn, seen, by=by, at=at)
    clocks.stop(conn, Obligation(seen.id, ClockKind.PAUSE), at)
    requests.lapse(conn, seen, at)
    assignments.put(conn, task.id, Stage.REPLIED)
    seen = change(conn, seen, state, paused_at=None, paused_for=None)
    above = unit_rules.reviewer_above(conn, task.unit, seen.rework_no)
    first = ClockKind.UNIT_REVIEW if above else ClockKind.CENTRE_REVIEW
    assignments.start(conn, seen, first, at=at, rules=rules)
    detail = {"version": row.version, "resolution": row.resolution, "unit": task.unit}
    note(conn, seen, "reply.submitted", by=by, at=at, **detail)


def newest(conn: Connection, seen: Seen) -> Row[*tuple[Any, ...]]:
    wanted = select(REPLY).where(REPLY.c.case == seen.id).order_by(REPLY.c.version.desc()).limit(1)
    return conn.execute(wanted).one()


def judge(  # noqa: PLR0913 - shared by all levels of review
    conn: Connection,
    seen: Seen,
    action: Action,
    level: str,
    *,
    passed: bool,
    comment: str,
    findings: tuple[str, ...] = (),
    by: Actor,
    at: datetime,
) -> Row[*tuple[Any, ...]]:
    """Write the verdict on the newest reply, if the judge had no hand in it; return that reply."""
    row = newest(conn, seen)
    reviewers = conn.execute(select(REVIEW.c.by).where(REVIEW.c.reply == row.id)).scalars().all()
    # A leader signs what those of his own unit handled; only what he wrote himself is not for him to judge.
    handlers = {row.signed_by} if level == UNIT else handlers_of(conn, seen)
    workflow.check_four_eyes(action, by.login, handlers=handlers, reviewers=reviewers)
    verdict = {"level": level, "passed": passed, "findings": " ".join(findings), "comment": comment.strip()}
    conn.execute(insert(REVIEW).values(reply=row.id, by=by.login, at=at, **verdict))
    return row


def passed_at(conn: Connection, seen: Seen, level: str) -> bool:
    """Tell whether the newest reply has passed this level of review."""
    row = newest(conn, seen)
    wanted = select(REVIEW.c.id).where(REVIEW.c.reply == row.id, REVIEW.c.level == level, REVIEW.c.passed)
    return conn.execute(wanted.limit(1)).one_or_none() is not None


def handlers_of(conn: Connection, seen: Seen) -> set[str]:
    """Return everybody who had a hand in handling the case, at whatever level."""
    hands = select(
        ASSIGNMENT.c.read_by, ASSIGNMENT.c.handler, ASSIGNMENT.c.leader, ASSIGNMENT.c.contacted_by
    ).where(ASSIGNMENT.c.case == seen.id)
    found = {login for row in conn.execute(hands) for login in row if login}
    for writers in (
        select(REPLY.c.signed_by).where(REPLY.c.case == seen.id),
        select(REPORT.c.by).where(REPORT.c.case == seen.id),
        select(REVIEW.c.by)
        .join(REPLY, REPLY.c.id == REVIEW.c.reply)
        .where(REPLY.c.case == seen.id, REVIEW.c.level == UNIT),
    ):
        found |= set(conn.execute(writers).scalars())
    return found


def _before_leader(conn: Connection, seen: Seen, by: Actor, action: Action) -> Task:
    task = assignments.lead_of(conn, seen, by, action)
    if task.stage is not Stage.APPROVAL:
        raise IllegalMove(seen.state, action)
    return task


def _check_turn(conn: Connection, seen: Seen, task: Task) -> None:
    if task.stage is Stage.APPROVAL:
        raise Invalid({"handled_text": "答复正待分管领导签发 (the reply is before the leader)"})
    if seen.long_term_at is not None:
        raise Invalid({"handled_text": "此件已挂账，请先销账 (strike it off the long-term list first)"})
    if waiting := [one.unit for one in assignments.below(conn, seen, task)]:
        raise Invalid({"handled_text": f"下级单位尚未办结：{'、'.join(waiting)} (units below are not done)"})


def _reply_row(form: ReplyForm) -> dict[str, object]:
    wrong = {}
    if form.factual not in FACTUAL:
        wrong["factual"] = f"请选择：{'、'.join(FACTUAL)} (choose one)"
    if form.resolution not in RESOLUTIONS:
        wrong["resolution"] = f"请选择：{'、'.join(RESOLUTIONS.values())} (choose one)"
    if form.resolution in {"part", "no"} and not form.unresolved_reason.strip():
        wrong["unresolved_reason"] = NEEDED
    if wrong:
        raise Invalid(wrong)
    return {
        "handled_text": checked_text("handled_text", form.handled_text),
        "public_text": checked_text("public_text", form.public_text, longest=4_000),
        "factual": form.factual,
        "resolution": form.resolution,
        "unresolved_reason": form.unresolved_reason.strip() or None,
        "contacted": form.contacted,
    }
