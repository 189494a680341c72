"""延期与挂起: the unit asks for more time, or for its clock to stand still; the centre decides."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from cases.ladder import Step
from cases.limits import Limit, Unit, is_late
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, Role
from storage import assignments, clocks, notices, reply_clocks, requests
from storage.clocks import Obligation
from storage.due import Due
from storage.errors import Conflict, Invalid
from storage.forms import checked_text
from storage.moves import Seen, change, decide, note, recorded, see, touch
from storage.notices import Notice
from storage.people import SYSTEM, Actor
from storage.requests import EXTENSION, PAUSE, REQUEST, Ask

PAUSE_REASONS: Final = {
    "wait_citizen": "待诉求人补充",
    "wait_legal_procedure": "待法定程序",
    "weather_season": "天气季节原因",
    "construction_plan": "列入施工计划",
}
MOST_DAYS: Final = {
    "wait_citizen": 10,
    "wait_legal_procedure": 60,
    "weather_season": 90,
    "construction_plan": 180,
}
"""After so many calendar days at the most a case goes on by itself. Our own choice: no city has published its own."""
MOST_PAUSES = 2
MOST_EXTENSIONS = 2
"""The first is asked by the liaison, the second by the leader of the unit."""


@recorded(Action.ASK_EXTENSION)
def ask_extension(
    conn: Connection,
    no: str,
    amount: int,
    *,
    reason: str,
    told: str = "",
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """申请延期: before it is due, once, and a second time by the leader himself; no longer than was promised at first."""
    seen, _ = decide(conn, no, Action.ASK_EXTENSION, by)
    task = assignments.lead_of(conn, seen, by, Action.ASK_EXTENSION)
    why = checked_text("reason", reason, longest=500)
    kept = reply_clocks.of_task(conn, seen, task)
    if kept is None or kept.clock.due is None or is_late(at, kept.clock.due):
        raise Invalid({"amount": "时限已到、已挂起或没有时限，不能延期 (no limit runs, or it has run out)"})
    before = requests.granted(conn, seen, EXTENSION, REQUEST.c.assignment == task.id)
    if before >= MOST_EXTENSIONS or (before and by.role is not Role.UNIT_LEADER):
        raise Invalid(
            {"amount": "只能延期一次，再次延期须由分管领导申请一次 (once; once more by the leader)"}
        )
    if not 1 <= amount <= kept.clock.limit.amount:
        raise Invalid({"amount": f"延期应为1–{kept.clock.limit.amount} (at most the first limit)"})
    touch(conn, seen)
    leader = by.login if by.role is Role.UNIT_LEADER else None
    wish = Ask(kind=EXTENSION, words=why, amount=amount, leader=leader, told=told)
    requests.ask(conn, seen, wish, task=task.id, by=by, at=at, rules=rules)
    note(conn, seen, "extension.asked", by=by, at=at, unit=by.unit, amount=amount)


@recorded(Action.EXTEND)
def extend(
    conn: Connection,
    no: str,
    *,
    amount: int | None = None,
    comment: str = "",
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """延期: grant what was asked, or less; the first due instant stays on record for the figures."""
    seen, state = decide(conn, no, Action.EXTEND, by)
    row = requests.to_decide(conn, seen, EXTENSION, Action.EXTEND, by)
    given = amount or int(row.amount)
    if not 1 <= given <= row.amount:
        raise Invalid({"amount": f"应为1–{row.amount} (no more than was asked)"})
    lead = assignments.lead(conn, seen)
    reply_clocks.extend(conn, seen, lead, given, at=at, rules=rules)
    change(conn, seen, state)
    requests.settle(conn, row, granted=True, comment=comment, amount=given, by=by, at=at)
    note(conn, seen, "extension.decided", by=by, at=at, amount=given)


@recorded(Action.REFUSE_EXTENSION)
def refuse_extension(conn: Connection, no: str, comment: str, *, by: Actor, at: datetime) -> None:
    """不同意延期."""
    _refuse(conn, no, EXTENSION, Action.REFUSE_EXTENSION, comment, by=by, at=at)


@recorded(Action.ASK_PAUSE)
def ask_pause(  # noqa: PLR0913 - reason, length, words, and what the citizen was told
    conn: Connection,
    no: str,
    reason: str,
    *,
    days: int | None = None,
    words: str,
    told: str,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """申请挂起: for a coded reason, for so many days at the most; the citizen has been told."""
    seen, _ = decide(conn, no, Action.ASK_PAUSE, by)
    task = assignments.lead_of(conn, seen, by, Action.ASK_PAUSE)
    if reason not in PAUSE_REASONS:
        raise Invalid({"reason": f"请选择原因：{'、'.join(PAUSE_REASONS.values())} (choose a reason)"})
    days = days or MOST_DAYS[reason]
    if not 1 <= days <= MOST_DAYS[reason]:
        raise Invalid({"amount": f"此原因最多挂起{MOST_DAYS[reason]}天 (at most so many days)"})
    _must_not_wait(seen)
    if requests.granted(conn, seen, PAUSE, REQUEST.c.assignment == task.id) >= MOST_PAUSES:
        raise Invalid({"reason": f"最多挂起{MOST_PAUSES}次 (it was paused too often)"})
    why = checked_text("words", words, longest=500)
    told = checked_text("told", told, longest=500)
    touch(conn, seen)
    wish = Ask(kind=PAUSE, reason=reason, words=why, amount=days, told=told)
    requests.ask(conn, seen, wish, task=task.id, by=by, at=at, rules=rules)
    note(conn, seen, "pause.asked", by=by, at=at, unit=by.unit, reason=reason, amount=days)


@recorded(Action.PAUSE)
def pause(conn: Connection, no: str, *, comment: str = "", by: Actor, at: datetime, rules: Rules) -> None:
    """挂起: the reply clocks stand still and keep their remainder; another one counts to the end of the pause."""
    seen, state = decide(conn, no, Action.PAUSE, by)
    row = requests.to_decide(conn, seen, PAUSE, Action.PAUSE, by)
    _must_not_wait(seen)
    reply_clocks.pause(conn, seen, assignments.lead(conn, seen), at)
    seen = change(conn, seen, state, paused_at=at, paused_for=row.reason)
    requests.settle(conn, row, granted=True, comment=comment, amount=row.amount, by=by, at=at)
    most = Limit(row.amount, Unit.DAY)
    assignments.start(conn, seen, ClockKind.PAUSE, at=at, rules=rules, limit=most)
    note(conn, seen, "pause.opened", by=by, at=at, reason=row.reason, amount=row.amount)


@recorded(Action.REFUSE_PAUSE)
def refuse_pause(conn: Connection, no: str, comment: str, *, by: Actor, at: datetime) -> None:
    """不同意挂起."""
    _refuse(conn, no, PAUSE, Action.REFUSE_PAUSE, comment, by=by, at=at)


@recorded(Action.RESUME)
def resume(conn: Connection, no: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """恢复办理: by the centre, by the end of the pause, or because the citizen has spoken."""
    seen, state = decide(conn, no, Action.RESUME, by)
    if seen.paused_at is None:
        raise Conflict("此件未挂起，或已恢复 (it is not paused, or not any more)")
    go_on(conn, seen, by=by, at=at, rules=rules)
    change(conn, seen, state, paused_at=None, paused_for=None)


def over(conn: Connection, due: Due, at: datetime, rules: Rules) -> None:
    """The longest pause has run out: the case goes on by itself, and the unit is told."""
    if due.step is not Step.RED:
        return
    resume(conn, due.no, by=SYSTEM, at=at, rules=rules)
    unit = see(conn, due.no).unit
    told = Notice(kind="pause.over", unit=unit, case=due.case, urgent=due.urgent)
    notices.tell(conn, told, at=at, rules=rules)


def go_on(conn: Connection, seen: Seen, *, by: Actor, at: datetime, rules: Rules) -> None:
    """Let the clocks of a paused case run again; the caller changes the case."""
    reply_clocks.resume(conn, seen, at, rules)
    clocks.stop(conn, Obligation(seen.id, ClockKind.PAUSE), at)
    note(conn, seen, "pause.closed", by=by, at=at)


def _must_not_wait(seen: Seen) -> None:
    if seen.paused_at is not None:
        raise Invalid({"reason": "此件已挂起 (it is paused already)"})
    if seen.long_term_at is not None:
        raise Invalid({"reason": "此件已挂账 (it is on the long-term list)"})


def _refuse(
    conn: Connection, no: str, kind: str, action: Action, comment: str, *, by: Actor, at: datetime
) -> None:
    seen, state = decide(conn, no, action, by)
    why = checked_text("comment", comment, longest=2_000)
    row = requests.to_decide(conn, seen, kind, action, by)
    change(conn, seen, state)
    requests.settle(conn, row, granted=False, comment=why, by=by, at=at)
    note(conn, seen, f"{kind}.refused", by=by, at=at)
