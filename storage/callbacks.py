"""回访、办结: the citizen is asked whether it is solved, and separately whether they are satisfied. Nothing is assumed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, Role, State
from storage import callback_tasks, clocks, findings, reworks
from storage.clocks import Obligation
from storage.errors import Invalid
from storage.feedback import tried_enough
from storage.models import CallbackAttempt
from storage.moves import Seen, change, decide, note, recorded
from storage.people import Actor
from storage.types import table_of

CALLBACK = table_of(CallbackAttempt)

CALL_RESULTS: Final = {
    "reached": "已联系",
    "no_answer": "无人接听",
    "refused": "拒绝回访",
    "wrong_number": "号码有误",
    "later": "约定再拨",
}
REACHED: Final = "reached"
SOLVED: Final = {"full": "已解决", "part": "部分解决", "no": "未解决", "unanswered": "未作答"}
SATISFACTION: Final = ("满意", "基本满意", "不满意", "不评价")
DISSATISFIED: Final = "不满意"
ATTITUDES: Final = {"good": "好", "fair": "一般", "poor": "差"}
COMPLAINTS: Final = {
    "slow": "办理太慢",
    "attitude": "态度不好",
    "unsolved": "问题未解决",
    "not_contacted": "未联系本人",
    "off_topic": "答非所问",
    "policy": "不满意政策规定",
    "other": "其他",
}
SOURCES: Final = ("phone", "dtmf", "sms", "web", "app", "kiosk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """回访评价: what came of one call-back. Solved and satisfied are two facts, and neither has a default."""

    result: str
    solved: str | None = None
    satisfied: str | None = None
    attitude: str | None = None
    reason: str | None = None
    comment: str = ""
    call: str | None = None
    source: str = "phone"
    next_at: datetime | None = None


@recorded(Action.CLOSE)
def call_back(
    conn: Connection, no: str, evaluation: Evaluation, *, by: Actor, at: datetime, rules: Rules
) -> State:
    """回访: an evaluation closes the case, and so do three attempts on two days. Return the state it leads to."""
    seen, state = decide(conn, no, Action.CLOSE, by)
    _check(evaluation, at)
    callback_tasks.check_caller(conn, seen, Action.CLOSE, by)
    _must_be_free(conn, seen, by, at)
    _add(conn, seen, evaluation, by=by, at=at)
    detail = {name: getattr(evaluation, name) for name in ("result", "satisfied", "solved", "reason")}
    reached = evaluation.result == REACHED
    if not reached and not tried_enough(conn, CALLBACK, seen.id, seen.rework_no, rules):
        change(conn, seen, seen.state)
        callback_tasks.try_again(conn, seen, by, evaluation.next_at)
        note(conn, seen, "callback.tried", by=by, at=at, **detail)
        return seen.state
    why = _unhappy(evaluation)
    asked = {"rework_asked_at": at} if why else {}
    seen = change(conn, seen, state, closed_at=at, **asked)
    callback_tasks.end(conn, seen, REACHED if reached else "unreached", at, attempts=1, by=by)
    clocks.stop(conn, Obligation(seen.id, ClockKind.CALLBACK), at)
    note(conn, seen, "case.closed", by=by, at=at, **detail)
    if why:
        reworks.note_proposed(conn, seen, why, by=by, at=at, rules=rules)
    if evaluation.satisfied == DISSATISFIED and seen.unit is not None:
        findings.dissatisfied(conn, case_id=seen.id, unit=seen.unit, at=at)
    return state


def _unhappy(evaluation: Evaluation) -> str | None:
    """Return why the centre must look at it again: unsolved, or dissatisfied for a reason that was named."""
    if evaluation.solved in {"no", "part"}:
        return "unsolved"
    named = evaluation.reason or evaluation.comment.strip()
    return "dissatisfied" if evaluation.satisfied == DISSATISFIED and named else None


def _must_be_free(conn: Connection, seen: Seen, by: Actor, at: datetime) -> None:
    if callback_tasks.current(conn, seen, at).owner not in (None, by.login) and by.role is not Role.CITIZEN:
        raise Invalid({"result": "已由他人领取，请先领取 (a colleague has taken it; take it first)"})


def _add(conn: Connection, seen: Seen, evaluation: Evaluation, *, by: Actor, at: datetime) -> None:
    said = ("result", "solved", "satisfied", "attitude", "reason", "comment", "call", "source")
    row: dict[str, Any] = {name: getattr(evaluation, name) for name in said}
    if evaluation.result == REACHED:
        mine = (CALLBACK.c.case == seen.id, CALLBACK.c.result == REACHED)
        before = conn.execute(select(CALLBACK.c.id).where(*mine).limit(1)).one_or_none()
        conn.execute(update(CALLBACK).where(*mine).values(is_final=False))
        row |= {"is_first": before is None, "is_final": True}
    conn.execute(insert(CALLBACK).values(case=seen.id, round=seen.rework_no, by=by.login, at=at, **row))


def _check(evaluation: Evaluation, at: datetime) -> None:
    wrong = {}
    if evaluation.result not in CALL_RESULTS:
        wrong["result"] = f"请选择：{'、'.join(CALL_RESULTS.values())} (choose one)"
    if evaluation.source not in SOURCES:
        wrong["source"] = "没有这种评价方式 (no such source)"
    if evaluation.next_at is not None and evaluation.next_at <= at:
        wrong["next_at"] = "约定时间应在以后 (a time to come)"
    wrong |= _wrong_answers(evaluation) if evaluation.result == REACHED else _unasked(evaluation)
    if wrong:
        raise Invalid(wrong)


def _wrong_answers(evaluation: Evaluation) -> dict[str, str]:
    """Who was reached has answered both questions, if only by not wanting to answer."""
    wrong = {}
    if evaluation.solved not in SOLVED:
        wrong["solved"] = f"请选择：{'、'.join(SOLVED.values())} (choose one)"
    if evaluation.satisfied not in SATISFACTION:
        wrong["satisfied"] = f"请选择：{'、'.join(SATISFACTION)} (choose one)"
    if evaluation.attitude not in (None, *ATTITUDES):
        wrong["attitude"] = f"请选择：{'、'.join(ATTITUDES.values())} (choose one)"
    if evaluation.reason not in (None, *COMPLAINTS):
        wrong["reason"] = f"请选择：{'、'.join(COMPLAINTS.values())} (choose one)"
    return wrong


def _unasked(evaluation: Evaluation) -> dict[str, str]:
    """Nobody was asked, so there is no answer: silence is never counted as satisfaction."""
    given = [name for name in ("solved", "satisfied", "attitude", "reason") if getattr(evaluation, name)]
    return dict.fromkeys(given, "未联系到诉求人，不能填写评价 (nobody was reached, so nobody has judged)")
