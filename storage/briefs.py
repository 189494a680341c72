"""Cases as the lines of a list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, union
from sqlalchemy import case as sql_case

from cases.clocks import Result
from cases.limits import is_late
from cases.workflow import OPEN, Secrecy, State
from storage.clocks import CLOCK
from storage.forms import keyable
from storage.intake import CASE, CONTACT
from storage.units import UNIT


@dataclass(frozen=True, slots=True)
class CaseBrief:
    """A case as one line."""

    no: str
    digits: str
    title: str
    state: State
    unit_name: str | None
    received_at: datetime
    due_at: datetime | None
    step: str = ""
    """How far up the ladder of warnings the clock has come that is due first."""

    @property
    def state_text(self) -> str:
        return self.state.text

    def overdue(self, at: datetime) -> bool:
        """Tell whether anything owed for this case is late."""
        return self.due_at is not None and is_late(at, self.due_at)


DUE = (
    select(func.min(CLOCK.c.due_at))
    .where(CLOCK.c.case == CASE.c.id, CLOCK.c.result == Result.RUNNING)
    .scalar_subquery()
    .label("due_at")
)
_STEP = (
    select(CLOCK.c.step)
    .where(CLOCK.c.case == CASE.c.id, CLOCK.c.result == Result.RUNNING)
    .order_by(CLOCK.c.due_at, CLOCK.c.id)
    .limit(1)
    .scalar_subquery()
)
BRIEF = select(
    CASE.c.no,
    CASE.c.digits,
    CASE.c.title,
    CASE.c.state,
    UNIT.c.short_name.label("unit_name"),
    CASE.c.received_at,
    DUE,
    func.coalesce(_STEP, "").label("step"),
).select_from(CASE.outerjoin(UNIT, UNIT.c.id == CASE.c.unit))
# What is secret 保密件 is told to no seat that rings with the number: it may be another person's telephone, too.
_TOLD = (CONTACT.c.number == bindparam("caller"), CASE.c.confidential != Secrecy.SECRET)
_OF_CALLER = (
    BRIEF.join(CONTACT, CONTACT.c.case == CASE.c.id)
    .where(*_TOLD)
    .order_by(CONTACT.c.case.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_OPEN_OF_CALLER = (
    BRIEF.join(CONTACT, CONTACT.c.case == CASE.c.id)
    .where(*_TOLD, CASE.c.state.in_(OPEN))
    .order_by(CONTACT.c.case.desc())
    .limit(bindparam("most"))
)
_COUNTED = (
    select(func.count(), func.coalesce(func.sum(sql_case((CASE.c.state.in_(OPEN), 1), else_=0)), 0))
    .select_from(CONTACT.join(CASE, CASE.c.id == CONTACT.c.case))
    .where(*_TOLD)
)

_LIKE_AT_MOST = 5


def brief(row: Row[*tuple[Any, ...]]) -> CaseBrief:
    return CaseBrief(**row._asdict())


def cases_of_caller(conn: Connection, number: str, limit: int, *, skip: int = 0) -> list[CaseBrief]:
    """Return what this number asked for, newest first; nothing for a withheld number."""
    if not number:
        return []
    asked = {"caller": keyable(number, 64), "most": limit, "skip": skip}
    return [brief(row) for row in conn.execute(_OF_CALLER, asked)]


def open_of_caller(conn: Connection, number: str, limit: int) -> list[CaseBrief]:
    """Return what this number still waits for, newest first, however much came after it."""
    if not number:
        return []
    asked = {"caller": keyable(number, 64), "most": limit}
    return [brief(row) for row in conn.execute(_OPEN_OF_CALLER, asked)]


def counted_of_caller(conn: Connection, number: str) -> tuple[int, int]:
    """Return how many cases this number has, and how many of them are open."""
    if not number:
        return 0, 0
    every, unfinished = conn.execute(_COUNTED, {"caller": keyable(number, 64)}).one()
    return int(every), int(unfinished)


def open_like(conn: Connection, number: str, title: str) -> list[CaseBrief]:
    """Return open cases of this caller, and open cases of the same title: perhaps it is filed already.

    What is secret is told to nobody who takes something in.
    """
    ids = [select(CASE.c.id).where(CASE.c.title == title, CASE.c.state.in_(OPEN))]
    if number:
        ids.append(select(CONTACT.c.case).where(CONTACT.c.number == keyable(number, 64)))
    shown = CASE.c.state.in_(OPEN), CASE.c.confidential != Secrecy.SECRET
    found = BRIEF.where(*shown, CASE.c.id.in_(union(*ids)))
    return [brief(row) for row in conn.execute(found.order_by(CASE.c.id.desc()).limit(_LIKE_AT_MOST))]
