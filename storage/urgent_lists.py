"""紧急件: what is going on, which calls are to be made, and what a case's own page tells of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select

from cases.policies import ClockKind
from cases.workflow import State
from storage.clocks import CLOCK
from storage.errors import Missing
from storage.follows import FOLLOW
from storage.moves import CASE
from storage.units import UNIT
from storage.urgent_rows import PROMISE, RING, URGENT
from storage.views import Line

PER_PAGE = 30
MOST_CALLS = 50


@dataclass(frozen=True, slots=True)
class Promised:
    """So long the unit said it needs, until when, and whether it kept its word (empty: it still may)."""

    no: int
    minutes: int
    reason: str
    by: str
    at: datetime
    until: datetime
    result: str


@dataclass(frozen=True, slots=True)
class UrgentView:
    """One dispatch of an urgent case."""

    id: int
    no: str
    title: str
    address: str
    urgency: str
    state: State
    unit: str
    unit_name: str
    opened_at: datetime
    due_at: datetime | None
    result: str | None
    acknowledged_at: datetime | None
    contacted_at: datetime | None
    arrived_by: str | None
    arrived_at: datetime | None
    evidence: str | None
    where: str | None
    finish_note: str | None
    ended_at: datetime | None
    ended_how: str | None
    follower: str | None
    promises: tuple[Promised, ...]

    @property
    def promise(self) -> Promised | None:
        """The newest promise."""
        return self.promises[-1] if self.promises else None


@dataclass(frozen=True, slots=True)
class ToRing:
    """A call that is to be made."""

    id: int
    no: str
    unit_name: str
    purpose: str
    rank: str
    name: str
    number: str
    wanted_at: datetime
    attempts: int
    result: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of urgent cases."""

    rows: list[UrgentView]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))


_VIEW = (
    select(
        URGENT,
        CASE.c.no,
        CASE.c.title,
        CASE.c.address,
        CASE.c.urgency,
        CASE.c.state,
        UNIT.c.short_name.label("unit_name"),
        CLOCK.c.due_at,
        CLOCK.c.result,
        FOLLOW.c.login.label("follower"),
    )
    .join(CASE, CASE.c.id == URGENT.c.case)
    .join(UNIT, UNIT.c.id == URGENT.c.unit)
    .outerjoin(FOLLOW, (FOLLOW.c.case == URGENT.c.case) & FOLLOW.c.ended_at.is_(None))
    .outerjoin(
        CLOCK,
        (CLOCK.c.case == URGENT.c.case)
        & (CLOCK.c.assignment == URGENT.c.assignment)
        & (CLOCK.c.kind == ClockKind.ON_SITE),
    )
)
_PROMISES = (
    select(PROMISE, CLOCK.c.result)
    .join(CLOCK, CLOCK.c.id == PROMISE.c.clock)
    .where(PROMISE.c.urgent.in_(bindparam("rows", expanding=True)))
    .order_by(PROMISE.c.no)
)
_TO_RING = (
    select(RING, CASE.c.no, UNIT.c.short_name.label("unit_name"))
    .join(URGENT, URGENT.c.id == RING.c.urgent)
    .join(CASE, CASE.c.id == URGENT.c.case)
    .join(UNIT, UNIT.c.id == RING.c.unit)
    .where(RING.c.done_at.is_(None))
    .order_by(RING.c.wanted_at, RING.c.id)
    .limit(MOST_CALLS)
)


def running(conn: Connection, *, unit: str = "", page: int = 1, ended: bool = False) -> Found:
    """Return what is going on, the oldest first; or what is over, the newest first."""
    where: list[ColumnElement[bool]] = [
        URGENT.c.ended_at.is_not(None) if ended else URGENT.c.ended_at.is_(None)
    ]
    if unit:
        where.append(URGENT.c.unit == unit)
    total: int = conn.execute(select(func.count()).select_from(URGENT).where(*where)).scalar_one()
    order = URGENT.c.id.desc() if ended else URGENT.c.id
    rows = _VIEW.where(*where).order_by(order).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return Found(_views(conn, conn.execute(rows).all()), total, page)


def of_case(conn: Connection, no: str) -> list[UrgentView]:
    """Return every urgent dispatch of a case, newest first; raise Missing if there never was one."""
    rows = conn.execute(_VIEW.where(CASE.c.no == no).order_by(URGENT.c.id.desc())).all()
    if not rows:
        raise Missing(f"{no} 不是紧急件 (nothing urgent about it)")
    return _views(conn, rows)


def to_ring(conn: Connection) -> list[ToRing]:
    """Return the calls that are to be made, the oldest first."""
    return [
        ToRing(**{name: getattr(row, name) for name in ToRing.__slots__}) for row in conn.execute(_TO_RING)
    ]


def lines_of(conn: Connection, case_id: int) -> list[Line]:
    """Return what a case's own page tells of its urgent dispatches."""
    rows = conn.execute(_VIEW.where(URGENT.c.case == case_id).order_by(URGENT.c.id)).all()
    names = ("unit_name", "due_at", "result", "arrived_at", "ended_at", "ended_how", "follower")
    return [
        Line(
            "urgent",
            one.opened_at,
            one.unit,
            {name: getattr(one, name) for name in names} | {"promises": len(one.promises)},
        )
        for one in _views(conn, rows)
    ]


def _views(conn: Connection, rows: Iterable[Row[*tuple[Any, ...]]]) -> list[UrgentView]:
    found = list(rows)
    promised: dict[int, list[Promised]] = defaultdict(list)
    for row in conn.execute(_PROMISES, {"rows": [row.id for row in found]}):
        promised[row.urgent].append(Promised(**{name: getattr(row, name) for name in Promised.__slots__}))
    return [
        UrgentView(
            **{name: getattr(row, name) for name in UrgentView.__slots__ if name != "promises"},
            promises=tuple(promised[row.id]),
        )
        for row in found
    ]
