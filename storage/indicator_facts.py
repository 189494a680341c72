"""What each indicator counts, as one SELECT: a row for each case, clock or assignment of the period.

Every row says whose it is (case, unit, intent, party, urgency, channel, class) and what it adds: `part` to the numerator,
`whole` to the denominator, `excluded` to what the definition leaves out, `pending` to what cannot be judged yet. Sums,
splits and the list of cases behind a figure are all made of the same rows, so they cannot disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select

from cases.clocks import Result
from cases.policies import ClockKind
from cases.workflow import State
from storage.assignments import ASSIGNMENT
from storage.clocks import CLOCK
from storage.intake import CASE, CONTACT
from storage.intervals import Before
from storage.models import Part

DIMENSIONS = ("unit", "intent", "party", "urgency", "channel", "class")
COUNTED = ("part", "whole", "excluded", "pending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The period [begins, ends) and the moment of counting."""

    begins: datetime
    ends: datetime
    at: datetime

    def holds(self, column: Any) -> ColumnElement[bool]:
        return and_(column >= self.begins, column < self.ends)


Facts = Callable[[Window], Select[*tuple[Any, ...]]]
Yes = ColumnElement[bool]

INVALID = (State.DRAFT, State.REFUSED, State.MERGED, State.WITHDRAWN, State.INVALID)
_DONE = (State.ANSWERED, State.CLOSED)
NOTHING: Any = literal(0)
ONE: Any = literal(1)


def flag(condition: Any) -> Any:
    return case((condition, 1), else_=0)


def row(
    *, part: Any, whole: Any = ONE, excluded: Any = NOTHING, pending: Any = NOTHING, unit: Any = CASE.c.unit
) -> Select[*tuple[Any, ...]]:
    """Select the columns of a fact; the caller says from where."""
    return select(
        CASE.c.id.label("case"),
        unit.label("unit"),
        CASE.c.intent.label("intent"),
        CASE.c.party.label("party"),
        CASE.c.urgency.label("urgency"),
        CASE.c.channel.label("channel"),
        func.substr(CASE.c.category, 1, 2).label("class"),
        part.label("part"),
        whole.label("whole"),
        excluded.label("excluded"),
        pending.label("pending"),
    )


def clocks_of(kind: ClockKind, *parts: Part) -> Facts:
    """Count the clocks of a kind that are due in the period; unmet ones that have run out are missed."""

    def facts(window: Window) -> Select[*tuple[Any, ...]]:
        void = CLOCK.c.result == Result.VOID
        pending = and_(CLOCK.c.result == Result.RUNNING, CLOCK.c.due_at >= window.at)
        found = row(
            part=flag(CLOCK.c.result == Result.MET),
            whole=flag(~or_(void, pending)),
            excluded=flag(void),
            pending=flag(pending),
            unit=func.coalesce(ASSIGNMENT.c.unit, CASE.c.unit),
        ).select_from(
            CLOCK.join(CASE, CASE.c.id == CLOCK.c.case).outerjoin(
                ASSIGNMENT, ASSIGNMENT.c.id == CLOCK.c.assignment
            )
        )
        found = found.where(CLOCK.c.kind == kind, window.holds(CLOCK.c.due_at))
        return found.where(ASSIGNMENT.c.part.in_(parts)) if parts else found

    return facts


def reply_first(window: Window) -> Select[*tuple[Any, ...]]:
    """Count the same against the first due instant, as if nothing had ever been extended or paused."""
    void = CLOCK.c.result == Result.VOID
    pending = and_(CLOCK.c.stopped_at.is_(None), CLOCK.c.first_due_at >= window.at, ~void)
    # Due instants are whole seconds and the last in time; a stop within that second is kept as that second.
    in_time = and_(~void, CLOCK.c.stopped_at <= CLOCK.c.first_due_at)
    found = row(
        part=flag(in_time),
        whole=flag(~or_(void, pending)),
        excluded=flag(void),
        pending=flag(pending),
        unit=ASSIGNMENT.c.unit,
    ).select_from(
        CLOCK.join(CASE, CASE.c.id == CLOCK.c.case).join(ASSIGNMENT, ASSIGNMENT.c.id == CLOCK.c.assignment)
    )
    return found.where(
        CLOCK.c.kind == ClockKind.REPLY,
        window.holds(CLOCK.c.first_due_at),
        ASSIGNMENT.c.part == Part.LEAD,
    )


def received(part: Any, *where: Yes, whole: Any = ONE, excluded: Any = NOTHING) -> Facts:
    """Count the cases received in the period."""

    def facts(window: Window) -> Select[*tuple[Any, ...]]:
        found = row(part=part, whole=whole, excluded=excluded).select_from(CASE)
        return found.where(window.holds(CASE.c.received_at), CASE.c.state != State.DRAFT, *where)

    return facts


def _is(*states: State) -> Yes:
    """Compare past the index of states: most cases are closed, and it is the date that finds the few."""
    return func.lower(CASE.c.state).in_(states)


VALID = CASE.c.state.not_in(INVALID)
DISPATCHED = exists().where(ASSIGNMENT.c.case == CASE.c.id)
ANSWERED = _is(State.ANSWERED)
DIRECT_OR_SENT = or_(ANSWERED, DISPATCHED)


def _closed_by(window: Window) -> Any:
    return flag(and_(CASE.c.state.in_(_DONE), CASE.c.closed_at < window.ends))


def completion(window: Window) -> Select[*tuple[Any, ...]]:
    found = row(
        part=_closed_by(window), whole=flag(VALID), excluded=flag(CASE.c.state.in_(INVALID))
    ).select_from(CASE)
    return found.where(window.holds(CASE.c.received_at), CASE.c.state != State.DRAFT)


def completion_due(window: Window) -> Select[*tuple[Any, ...]]:
    owed = (
        select(CLOCK.c.case)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == CLOCK.c.assignment)
        .where(CLOCK.c.kind == ClockKind.REPLY, CLOCK.c.result != Result.VOID, window.holds(CLOCK.c.due_at))
        .where(ASSIGNMENT.c.part == Part.LEAD)
    )
    return row(part=_closed_by(window)).select_from(CASE).where(CASE.c.id.in_(owed), VALID)


def closed(window: Window) -> Select[*tuple[Any, ...]]:
    found = row(part=ONE).select_from(CASE)
    return found.where(window.holds(CASE.c.closed_at), _is(*_DONE))


def repeated(days: int) -> Facts:
    """Count the cases whose caller had asked for the same category within so many days before.

    One walk through the callers' cases in their order; looking back from each case took minutes over some years.
    """
    mine = CONTACT.alias("mine")

    def facts(window: Window) -> Select[*tuple[Any, ...]]:
        before = func.lag(CASE.c.received_at).over(
            partition_by=(CONTACT.c.number, CASE.c.category), order_by=(CASE.c.received_at, CASE.c.id)
        )
        seen = select(CASE.c.id, before.label("before")).join(CONTACT, CONTACT.c.case == CASE.c.id)
        since = window.begins - timedelta(days=days)
        seen = seen.where(
            CASE.c.received_at >= since, CASE.c.received_at < window.ends, CONTACT.c.number != ""
        )
        asked = seen.where(CASE.c.state.not_in((State.DRAFT, State.INVALID))).subquery("asked")
        again = and_(asked.c.before.is_not(None), asked.c.before >= Before(CASE.c.received_at, days=days))
        unknown = mine.c.number == ""
        found = row(part=flag(again), whole=flag(~unknown), excluded=flag(unknown))
        found = found.select_from(
            CASE.join(mine, mine.c.case == CASE.c.id).outerjoin(asked, asked.c.id == CASE.c.id)
        )
        wrong = (State.DRAFT, State.INVALID, State.REFUSED)
        return found.where(window.holds(CASE.c.received_at), CASE.c.state.not_in(wrong))

    return facts


def recurred(window: Window) -> Select[*tuple[Any, ...]]:
    later = CASE.alias("later")
    found = row(part=flag(exists().where(later.c.recurrence_of == CASE.c.id))).select_from(CASE)
    return found.where(window.holds(CASE.c.closed_at), _is(State.CLOSED))


def handled(window: Window) -> Select[*tuple[Any, ...]]:
    """Select from when to when the cases were worked on that were closed in the period (I-13)."""
    found = row(part=ONE).add_columns(CASE.c.received_at.label("since"), CASE.c.closed_at.label("until"))
    found = found.select_from(CASE).where(window.holds(CASE.c.closed_at), _is(State.CLOSED))
    return found.where(DISPATCHED)
