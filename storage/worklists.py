"""待办: what waits for somebody of this post and unit, the most pressing first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, func, select

from cases.clocks import Result
from cases.limits import is_late
from cases.policies import ClockKind
from cases.workflow import Role, State
from storage.assignments import ASSIGNMENT
from storage.clocks import CLOCK
from storage.finding import MOST_COUNTED, ONE_SECOND, PAGE
from storage.intake import CASE
from storage.models import Stage
from storage.people import Account
from storage.returns import MOST_RETURNS, RETURN
from storage.units import CATEGORY, UNIT


class Queue(StrEnum):
    """One pile on a desk."""

    DISPATCH = "dispatch"
    RETURNS = "returns"
    ADJUDICATION = "adjudication"
    READ = "read"
    HANDLE = "handle"
    REVIEW = "review"
    FINAL = "final"
    FEEDBACK = "feedback"
    CALLBACK = "callback"


_UNIT: Final = (Queue.READ, Queue.HANDLE)
QUEUES: Final[Mapping[Role, tuple[Queue, ...]]] = {
    Role.DISPATCHER: (Queue.DISPATCH, Queue.RETURNS),
    Role.TEAM_LEAD: (Queue.DISPATCH, Queue.FEEDBACK),
    Role.REGISTRAR: (Queue.DISPATCH,),
    Role.AGENT: (Queue.FEEDBACK,),
    Role.ADJUDICATOR: (Queue.ADJUDICATION,),
    Role.LIAISON: _UNIT,
    Role.HANDLER: _UNIT,
    Role.UNIT_LEADER: _UNIT,
    Role.CENTRE_REVIEWER: (Queue.REVIEW,),
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


_STATES: Final[Mapping[Queue, tuple[State, ...]]] = {
    Queue.DISPATCH: (State.REGISTERED, State.PENDING_DISPATCH),
    Queue.RETURNS: (State.RETURN_REVIEW,),
    Queue.ADJUDICATION: (State.RETURN_REVIEW,),
    Queue.REVIEW: (State.REPLIED,),
    Queue.FINAL: (State.FINAL_REVIEW,),
    Queue.FEEDBACK: (State.FEEDBACK,),
    Queue.CALLBACK: (State.CALLBACK,),
}
_CLOCKS: Final[Mapping[Queue, ClockKind]] = {
    Queue.DISPATCH: ClockKind.DISPATCH,
    Queue.RETURNS: ClockKind.RETURN_DECISION,
    Queue.ADJUDICATION: ClockKind.RETURN_DECISION,
    Queue.READ: ClockKind.READ,
    Queue.HANDLE: ClockKind.REPLY,
    Queue.REVIEW: ClockKind.CENTRE_REVIEW,
    Queue.FINAL: ClockKind.FINAL_REVIEW,
    Queue.FEEDBACK: ClockKind.FEEDBACK,
    Queue.CALLBACK: ClockKind.CALLBACK,
}
_STAGES: Final[Mapping[Queue, Stage]] = {Queue.READ: Stage.SENT, Queue.HANDLE: Stage.HANDLING}
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
    running = [CLOCK.c.kind == _CLOCKS[queue], CLOCK.c.result == Result.RUNNING, CLOCK.c.case == CASE.c.id]
    joined: FromClause
    if stage := _STAGES.get(queue):
        joined = ASSIGNMENT.join(CASE, CASE.c.id == ASSIGNMENT.c.case)
        running.append(CLOCK.c.assignment == ASSIGNMENT.c.id)
        where = and_(ASSIGNMENT.c.unit == unit, ASSIGNMENT.c.stage == stage, ASSIGNMENT.c.ended_at.is_(None))
    else:
        joined, where = CASE, CASE.c.state.in_(_STATES[queue])
    if queue in (Queue.RETURNS, Queue.ADJUDICATION):
        asked = select(func.count()).where(RETURN.c.case == CASE.c.id).scalar_subquery()
        where &= asked >= MOST_RETURNS if queue is Queue.ADJUDICATION else asked < MOST_RETURNS
    tables = (
        joined.join(CATEGORY, CATEGORY.c.code == CASE.c.category)
        .outerjoin(UNIT, UNIT.c.id == CASE.c.unit)
        .outerjoin(CLOCK, and_(*running))
    )
    return rows.select_from(tables).where(where)
