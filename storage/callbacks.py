"""反馈、回访、办结、重办: the citizen is told, is asked whether it is solved, and the case ends or begins anew."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, insert, select

from cases import workflow
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, State
from storage import assignments, clocks
from storage.assignments import ASSIGNMENT
from storage.clocks import Obligation
from storage.errors import Invalid
from storage.forms import checked_text
from storage.models import CallbackAttempt, Feedback, Part, Stage
from storage.moves import Seen, change, decide, note, recorded
from storage.people import Actor
from storage.reviews import CALL_RESULTS, SATISFACTION, handlers_of
from storage.types import table_of

FEEDBACK = table_of(Feedback)
CALLBACK = table_of(CallbackAttempt)

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
    handlers = handlers_of(conn, seen)
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
