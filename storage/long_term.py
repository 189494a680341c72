"""挂账: what cannot be solved soon is kept on a list with a plan, reviewed regularly, and struck off with evidence."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from cases import workflow
from cases.ladder import Step
from cases.limits import Limit, Unit
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, Role
from storage import assignments, clocks, notices, reply_clocks, requests
from storage.clocks import Obligation
from storage.due import Due
from storage.errors import Conflict, Invalid
from storage.forms import checked_text
from storage.moves import Seen, change, decide, note, recorded, touch
from storage.notices import Notice
from storage.people import Actor
from storage.requests import LONG_TERM, LONG_TERM_NOTE, REQUEST, Ask

VOID_REASON: Final = "long_term"
REASONS: Final = {
    "history": "历史遗留",
    "planning": "涉及规划或征迁",
    "funds": "资金未落实",
    "law": "政策法规不明",
    "season": "须待条件具备",
}
SHORTEST_REVIEW, LONGEST_REVIEW = 7, 180
"""Calendar days between two reviews."""


@recorded(Action.ASK_LONG_TERM)
def ask_long_term(  # noqa: PLR0913 - reason, plan, rhythm of reviews, and what the citizen was told
    conn: Connection,
    no: str,
    reason: str,
    *,
    plan: str,
    review_days: int,
    told: str,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """申请挂账: by the leader of the unit, with a plan and its dates, and an interim reply to the citizen."""
    seen, _ = decide(conn, no, Action.ASK_LONG_TERM, by)
    task = assignments.lead_of(conn, seen, by, Action.ASK_LONG_TERM)
    if reason not in REASONS:
        raise Invalid({"reason": f"请选择原因：{'、'.join(REASONS.values())} (choose a reason)"})
    if not SHORTEST_REVIEW <= review_days <= LONGEST_REVIEW:
        raise Invalid({"amount": f"复查间隔应为{SHORTEST_REVIEW}–{LONGEST_REVIEW}天 (days between reviews)"})
    if seen.long_term_at is not None or seen.paused_at is not None:
        raise Invalid({"reason": "此件已挂账或挂起 (it is on the list, or paused)"})
    words = checked_text("plan", plan, longest=2_000)
    interim = checked_text("told", told, longest=2_000)
    touch(conn, seen)
    wish = Ask(kind=LONG_TERM, reason=reason, words=words, amount=review_days, leader=by.login, told=interim)
    requests.ask(conn, seen, wish, task=task.id, by=by, at=at, rules=rules)
    note(conn, seen, "longterm.asked", by=by, at=at, unit=by.unit, reason=reason, amount=review_days)


@recorded(Action.MARK_LONG_TERM)
def mark_long_term(
    conn: Connection, no: str, *, comment: str = "", by: Actor, at: datetime, rules: Rules
) -> None:
    """挂账: the efficiency office signs, and the centre signs; with the second signature it is on the list."""
    seen, state = decide(conn, no, Action.MARK_LONG_TERM, by)
    row = requests.to_decide(conn, seen, LONG_TERM, Action.MARK_LONG_TERM, by)
    mine, other = (
        ("efficiency_by", "centre_by") if by.role is Role.SUPERVISOR else ("centre_by", "efficiency_by")
    )
    if getattr(row, mine) is not None:
        raise Invalid({"comment": "本方已签署，待另一方 (signed already; the other side is awaited)"})
    if getattr(row, other) == by.login:
        raise workflow.SamePerson(by.login, Action.MARK_LONG_TERM)
    conn.execute(update(REQUEST).where(REQUEST.c.id == row.id).values({mine: by.login}))
    if getattr(row, other) is None:
        touch(conn, seen)
        note(conn, seen, "longterm.signed", by=by, at=at, role=by.role)
        return
    _open(conn, seen, row, comment, by=by, at=at, rules=rules)
    change(conn, seen, state, long_term_at=at)
    note(conn, seen, "longterm.opened", by=by, at=at, reason=row.reason, amount=row.amount)


def _open(
    conn: Connection,
    seen: Seen,
    row: Row[*tuple[Any, ...]],
    comment: str,
    *,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """The reply is not owed any more, the next review is."""
    requests.settle(conn, row, granted=True, comment=comment, amount=row.amount, by=by, at=at)
    requests.lapse(conn, seen, at)
    reply_clocks.void(conn, seen, VOID_REASON)
    _next_review(conn, seen, row, at=at, rules=rules)


def _next_review(
    conn: Connection, seen: Seen, row: Row[*tuple[Any, ...]], *, at: datetime, rules: Rules
) -> None:
    every = Limit(row.amount, Unit.DAY)
    assignments.start(conn, seen, ClockKind.LONG_TERM, at=at, rules=rules, task=row.assignment, limit=every)


@recorded(Action.REFUSE_LONG_TERM)
def refuse_long_term(conn: Connection, no: str, comment: str, *, by: Actor, at: datetime) -> None:
    """不同意挂账: one side is enough."""
    seen, state = decide(conn, no, Action.REFUSE_LONG_TERM, by)
    why = checked_text("comment", comment, longest=2_000)
    row = requests.to_decide(conn, seen, LONG_TERM, Action.REFUSE_LONG_TERM, by)
    change(conn, seen, state)
    requests.settle(conn, row, granted=False, comment=why, by=by, at=at)
    note(conn, seen, "longterm.refused", by=by, at=at)


@recorded(Action.REVIEW_LONG_TERM)
def review_long_term(conn: Connection, no: str, words: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """复查挂账: what has been done since, and on to the next review."""
    seen, _ = decide(conn, no, Action.REVIEW_LONG_TERM, by)
    row = _listed(conn, seen)
    found = checked_text("comment", words, longest=2_000)
    touch(conn, seen)
    _note(conn, row, "review", found, by=by, at=at)
    clocks.stop(conn, Obligation(seen.id, ClockKind.LONG_TERM, row.assignment), at)
    _next_review(conn, seen, row, at=at, rules=rules)
    note(conn, seen, "longterm.reviewed", by=by, at=at)


@recorded(Action.END_LONG_TERM)
def end_long_term(conn: Connection, no: str, evidence: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """销账: with the evidence that it can be replied to now; the reply is owed again, from the beginning."""
    seen, state = decide(conn, no, Action.END_LONG_TERM, by)
    row = _listed(conn, seen)
    shown = checked_text("comment", evidence, longest=2_000)
    seen = change(conn, seen, state, long_term_at=None)
    _note(conn, row, "end", shown, by=by, at=at)
    conn.execute(update(REQUEST).where(REQUEST.c.id == row.id).values(ended_at=at))
    clocks.stop(conn, Obligation(seen.id, ClockKind.LONG_TERM, row.assignment), at)
    lead = assignments.lead(conn, seen)
    assignments.start(conn, seen, ClockKind.REPLY, at=at, rules=rules, task=lead.id)
    note(conn, seen, "longterm.closed", by=by, at=at)


def comes_due(conn: Connection, due: Due, at: datetime, rules: Rules) -> None:
    """Remind the unit's leader of the next review, and tell the centre when it did not take place."""
    if due.step in {Step.YELLOW, Step.RED}:
        told = Notice(kind="long_term.due", unit=due.unit, role=Role.UNIT_LEADER, case=due.case)
        notices.tell(conn, told, at=at, rules=rules)
    if due.step is Step.RED:
        told = Notice(kind="long_term.due", role=Role.CENTRE_REVIEWER, case=due.case)
        notices.tell(conn, told, at=at, rules=rules)


def close_open_entry(conn: Connection, seen: Seen, at: datetime) -> None:
    """The case ends otherwise; its place on the list ends with it."""
    listed = (
        REQUEST.c.case == seen.id,
        REQUEST.c.kind == LONG_TERM,
        REQUEST.c.granted,
        REQUEST.c.ended_at.is_(None),
    )
    conn.execute(update(REQUEST).where(*listed).values(ended_at=at))


def _listed(conn: Connection, seen: Seen) -> Row[*tuple[Any, ...]]:
    if seen.long_term_at is None:
        raise Conflict("此件未挂账，或已销账 (it is not on the long-term list, or not any more)")
    wanted = select(REQUEST).where(
        REQUEST.c.case == seen.id,
        REQUEST.c.kind == LONG_TERM,
        REQUEST.c.granted,
        REQUEST.c.ended_at.is_(None),
    )
    return conn.execute(wanted).one()


def _note(
    conn: Connection, row: Row[*tuple[Any, ...]], kind: str, words: str, *, by: Actor, at: datetime
) -> None:
    conn.execute(insert(LONG_TERM_NOTE).values(request=row.id, kind=kind, words=words, by=by.login, at=at))
