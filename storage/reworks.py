"""重办: the citizen says that it is not done; the centre decides, and the unit has it again, one level higher."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select

from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, Role
from storage import assignments, callback_tasks, clocks, notices, promises, requests, supervision
from storage.circuit_models import Rework
from storage.clocks import Obligation
from storage.errors import Conflict, Invalid
from storage.forms import checked_text
from storage.lines import Line, lines
from storage.models import Part, Stage
from storage.moves import Seen, change, decide, note, recorded
from storage.notices import Notice
from storage.people import Actor
from storage.types import table_of

REWORK = table_of(Rework)

REASONS: Final = {
    "unsolved": "问题未解决",
    "dissatisfied": "诉求人不满意",
    "new_fact": "有新的事实",
    "other": "其他",
}
REWORK_WITHIN = timedelta(days=30)


@recorded(Action.REWORK)
def rework(
    conn: Connection, no: str, reason: str, *, why: str = "other", by: Actor, at: datetime, rules: Rules
) -> None:
    """重办: the unit that led has it again, under a clock of its own, signed and reviewed one level higher."""
    seen, state = decide(conn, no, Action.REWORK, by)
    words = checked_text("reason", reason, longest=2_000)
    if why not in REASONS:
        raise Invalid({"why": f"请选择原因：{'、'.join(REASONS.values())} (choose a reason)"})
    if seen.closed_at is not None and at - seen.closed_at > REWORK_WITHIN:
        raise Invalid({"reason": "办结已超过30天，请另行登记 (closed too long ago; register a new case)"})
    if (task_unit := seen.unit) is None:
        raise AssertionError("a case that was replied to has a lead")
    times = seen.rework_no + 1
    callback_tasks.end(conn, seen, "reworked", at, by=by)
    clocks.stop(conn, Obligation(seen.id, ClockKind.CALLBACK), at)
    requests.lapse(conn, seen, at, kinds=(requests.EXCLUSION,))
    seen = change(conn, seen, state, closed_at=None, rework_no=times, rework_asked_at=None)
    task = _again(conn, seen, task_unit, words, by=by, at=at, rules=rules)
    row = {"case": seen.id, "no": times, "why": why, "words": words, "assignment": task}
    conn.execute(insert(REWORK).values(**row, by=by.login, at=at))
    note(conn, seen, "rework.opened", by=by, at=at, rework=times, unit=task_unit, why=why)
    supervision.reworked(conn, case_id=seen.id, unit=task_unit, times=times, at=at, rules=rules)


def _again(
    conn: Connection, seen: Seen, unit: str, words: str, *, by: Actor, at: datetime, rules: Rules
) -> int:
    """What a city promises for rework counts; where it promises nothing, the limit of a reply."""
    traits = (seen.id, seen.intent, seen.urgency)
    limit = promises.limit_of(conn, rules.policy, ClockKind.REWORK, *traits) or promises.limit_of(
        conn, rules.policy, ClockKind.REPLY, *traits
    )
    owes = ClockKind.REWORK if limit else None
    new = assignments.NewTask(
        unit, Part.LEAD, f"重办：{words}", stage=Stage.HANDLING, reply_limit=limit, owes=owes
    )
    return assignments.send(conn, seen, new, by=by, at=at, rules=rules)


@recorded(Action.DECLINE_REWORK)
def decline_rework(conn: Connection, no: str, comment: str, *, by: Actor, at: datetime) -> None:
    """不予重办: what the citizen says was looked at, and it stays as it is."""
    seen, state = decide(conn, no, Action.DECLINE_REWORK, by)
    if seen.rework_asked_at is None:
        raise Conflict(
            "没有待决定的重办建议，或已由他人决定 (nothing was proposed, or somebody else has decided)"
        )
    why = checked_text("comment", comment, longest=2_000)
    change(conn, seen, state, rework_asked_at=None)
    note(conn, seen, "rework.declined", by=by, at=at, words=len(why))


def note_proposed(conn: Connection, seen: Seen, why: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """Tell those who decide it; the caller has put the mark on the case."""
    told = Notice(kind="rework.proposed", role=Role.CENTRE_REVIEWER, case=seen.id, detail={"why": why})
    notices.tell(conn, told, at=at, rules=rules)
    note(conn, seen, "rework.proposed", by=by, at=at, why=why)


def lines_of(conn: Connection, case_id: int) -> list[Line]:
    return lines(conn, select(REWORK).where(REWORK.c.case == case_id), "rework")
