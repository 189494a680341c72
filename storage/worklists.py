"""待办: what waits for somebody of this post and unit, the most pressing first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, func, or_, select, true

from cases.clocks import Result
from cases.limits import is_late
from cases.policies import ClockKind
from cases.workflow import Role, State
from storage.assignments import ASSIGNMENT
from storage.clocks import CLOCK
from storage.finding import MOST_COUNTED, ONE_SECOND, PAGE
from storage.intake import CASE
from storage.models import Stage
from storage.passing import REPORT
from storage.people import Account
from storage.requests import REQUEST
from storage.returns import MOST_RETURNS, RETURN
from storage.units import CATEGORY, UNIT


class Queue(StrEnum):
    """One pile on a desk."""

    DISPATCH = "dispatch"
    RETURNS = "returns"
    ADJUDICATION = "adjudication"
    REQUESTS = "requests"
    LONG_TERM = "long_term"
    READ = "read"
    HANDLE = "handle"
    APPROVE = "approve"
    REPORTS = "reports"
    UPPER = "upper"
    REVIEW = "review"
    FINAL = "final"
    FEEDBACK = "feedback"
    CALLBACK = "callback"
    REWORK = "rework"


_UNIT: Final = (Queue.READ, Queue.HANDLE)
QUEUES: Final[Mapping[Role, tuple[Queue, ...]]] = {
    Role.DISPATCHER: (Queue.DISPATCH, Queue.RETURNS, Queue.REQUESTS),
    Role.TEAM_LEAD: (Queue.REWORK, Queue.DISPATCH, Queue.FEEDBACK),
    Role.REGISTRAR: (Queue.DISPATCH,),
    Role.AGENT: (Queue.FEEDBACK,),
    Role.ADJUDICATOR: (Queue.ADJUDICATION,),
    Role.LIAISON: _UNIT,
    Role.HANDLER: _UNIT,
    Role.UNIT_LEADER: (Queue.APPROVE, *_UNIT, Queue.REPORTS),
    Role.UPPER_REVIEWER: (Queue.UPPER, Queue.REPORTS),
    Role.CENTRE_REVIEWER: (Queue.REVIEW, Queue.REQUESTS, Queue.REWORK),
    Role.SUPERVISOR: (Queue.LONG_TERM,),
    Role.FINAL_REVIEWER: (Queue.FINAL,),
    Role.CALLBACK_AGENT: (Queue.CALLBACK, Queue.FEEDBACK),
}
"""Which piles each post has; the first is the one it begins the day with."""


@dataclass(frozen=True, slots=True)
class Pile:
    """How much is in one queue, and how much of it is late."""

    queue: Queue
    total: int
    late: int


@dataclass(frozen=True, slots=True)
class Item:
    """One case in a queue, with the clock that matters there."""

    no: str
    title: str
    state: State
    intent: str
    urgency: str
    category_name: str
    unit_name: str | None
    received_at: datetime
    rework_no: int
    paused_at: datetime | None
    due_at: datetime | None
    step: str
    """How far up the ladder of warnings that clock has come."""

    @property
    def state_text(self) -> str:
        return self.state.text

    def overdue(self, at: datetime) -> bool:
        return self.due_at is not None and is_late(at, self.due_at)


@dataclass(frozen=True, slots=True)
class Worklist:
    """One page of a queue."""

    items: list[Item]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a queue's cases are found: the tables, what must hold, and which clock matters."""

    tables: FromClause
    where: ColumnElement[bool]
    clock: ColumnElement[bool]


_ABOVE = ASSIGNMENT.alias("above")
_REVIEW_OF_UNIT = CLOCK.alias("review_of_unit")
_UPWARD = (
    select(_REVIEW_OF_UNIT.c.id)
    .where(
        _REVIEW_OF_UNIT.c.case == CASE.c.id,
        _REVIEW_OF_UNIT.c.kind == ClockKind.UNIT_REVIEW,
        _REVIEW_OF_UNIT.c.result == Result.RUNNING,
    )
    .exists()
)
"""The unit above has not reviewed the reply yet."""
_ASKED = select(func.count()).where(RETURN.c.case == CASE.c.id).scalar_subquery()
_UNDECIDED = and_(REQUEST.c.granted.is_(None), REQUEST.c.lapsed_at.is_(None))
_IS_LONG_TERM = REQUEST.c.kind == "long_term"


_ANYTHING = true()


def _by_state(*states: State, clock: ClockKind, more: ColumnElement[bool] = _ANYTHING) -> _Source:
    return _Source(CASE, and_(CASE.c.state.in_(states), more), CLOCK.c.kind == clock)


def _by_stage(stage: Stage, unit: str, clock: ClockKind = ClockKind.REPLY) -> _Source:
    own = and_(ASSIGNMENT.c.unit == unit, ASSIGNMENT.c.stage == stage, ASSIGNMENT.c.ended_at.is_(None))
    tables = ASSIGNMENT.join(CASE, CASE.c.id == ASSIGNMENT.c.case)
    return _Source(tables, own, and_(CLOCK.c.kind == clock, CLOCK.c.assignment == ASSIGNMENT.c.id))


def _reports(unit: str) -> _Source:
    """What the units below have reported, for the unit that passed it down to them."""
    tables = (
        REPORT.join(ASSIGNMENT, ASSIGNMENT.c.id == REPORT.c.assignment)
        .join(_ABOVE, _ABOVE.c.id == ASSIGNMENT.c.parent)
        .join(CASE, CASE.c.id == ASSIGNMENT.c.case)
    )
    open_part = and_(ASSIGNMENT.c.stage == Stage.REPORTED, ASSIGNMENT.c.ended_at.is_(None))
    where = and_(_ABOVE.c.unit == unit, open_part, REPORT.c.passed.is_(None))
    return _Source(tables, where, CLOCK.c.id == REPORT.c.clock)


def _requests(more: ColumnElement[bool]) -> _Source:
    tables = REQUEST.join(CASE, CASE.c.id == REQUEST.c.case)
    return _Source(tables, and_(_UNDECIDED, more), CLOCK.c.id == REQUEST.c.clock)


_SOURCES: Final[Mapping[Queue, Callable[[str], _Source]]] = {
    Queue.DISPATCH: lambda _: _by_state(State.REGISTERED, State.PENDING_DISPATCH, clock=ClockKind.DISPATCH),
    Queue.RETURNS: lambda _: _by_state(
        State.RETURN_REVIEW, clock=ClockKind.RETURN_DECISION, more=_ASKED < MOST_RETURNS
    ),
    Queue.ADJUDICATION: lambda _: _by_state(
        State.RETURN_REVIEW, clock=ClockKind.RETURN_DECISION, more=_ASKED >= MOST_RETURNS
    ),
    Queue.REQUESTS: lambda _: _requests(or_(~_IS_LONG_TERM, REQUEST.c.centre_by.is_(None))),
    Queue.LONG_TERM: lambda _: _requests(and_(_IS_LONG_TERM, REQUEST.c.efficiency_by.is_(None))),
    Queue.READ: lambda unit: _by_stage(Stage.SENT, unit, ClockKind.READ),
    Queue.HANDLE: lambda unit: _by_stage(Stage.HANDLING, unit),
    Queue.APPROVE: lambda unit: _by_stage(Stage.APPROVAL, unit),
    Queue.REPORTS: _reports,
    Queue.UPPER: lambda unit: _by_state(
        State.REPLIED, clock=ClockKind.UNIT_REVIEW, more=and_(_UPWARD, UNIT.c.parent == unit)
    ),
    Queue.REVIEW: lambda _: _by_state(State.REPLIED, clock=ClockKind.CENTRE_REVIEW, more=~_UPWARD),
    Queue.FINAL: lambda _: _by_state(State.FINAL_REVIEW, clock=ClockKind.FINAL_REVIEW),
    Queue.FEEDBACK: lambda _: _by_state(State.FEEDBACK, clock=ClockKind.FEEDBACK),
    Queue.CALLBACK: lambda _: _by_state(State.CALLBACK, clock=ClockKind.CALLBACK),
    # 建议重办: somebody has to say yes or no to it, whatever the state.
    Queue.REWORK: lambda _: _Source(
        CASE, CASE.c.rework_asked_at.is_not(None), CLOCK.c.kind == ClockKind.CALLBACK
    ),
}
_ITEM = (
    CASE.c.no,
    CASE.c.title,
    CASE.c.state,
    CASE.c.intent,
    CASE.c.urgency,
    CATEGORY.c.name.label("category_name"),
    UNIT.c.short_name.label("unit_name"),
    CASE.c.received_at,
    CASE.c.rework_no,
    CASE.c.paused_at,
    CLOCK.c.due_at,
    func.coalesce(CLOCK.c.step, "").label("step"),
)


def piles(conn: Connection, account: Account, at: datetime) -> list[Pile]:
    """Return the queues of this person's post with what is in them."""
    return [_pile(conn, queue, account.unit, at) for queue in QUEUES.get(account.role, ())]


def worklist(conn: Connection, queue: Queue, unit: str, page: int = 1) -> Worklist:
    """Return one page of a queue: what is due first comes first, what has no clock comes last."""
    total = _pile(conn, queue, unit, None).total
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = (
        _in(queue, unit, select(*_ITEM))
        .order_by(CLOCK.c.due_at.is_(None), CLOCK.c.due_at, CASE.c.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    items = [Item(**row._asdict()) for row in conn.execute(rows)]
    return Worklist(items, page, pages, total)


def _pile(conn: Connection, queue: Queue, unit: str, at: datetime | None) -> Pile:
    late = case((CLOCK.c.due_at <= at - ONE_SECOND, 1), else_=0) if at else 0
    some = _in(queue, unit, select(CASE.c.id, late_of(late))).limit(MOST_COUNTED).subquery()
    row = conn.execute(select(func.count(), func.coalesce(func.sum(some.c.late), 0)).select_from(some)).one()
    return Pile(queue, int(row[0]), int(row[1]))


def late_of(value: Any) -> ColumnElement[int]:
    return func.coalesce(value, 0).label("late")


def _in(queue: Queue, unit: str, rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    source = _SOURCES[queue](unit)
    running = and_(source.clock, CLOCK.c.result == Result.RUNNING, CLOCK.c.case == CASE.c.id)
    tables = (
        source.tables.join(CATEGORY, CATEGORY.c.code == CASE.c.category)
        .outerjoin(UNIT, UNIT.c.id == CASE.c.unit)
        .outerjoin(CLOCK, running)
    )
    return rows.select_from(tables).where(source.where)
