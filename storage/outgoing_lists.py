"""外呼: what a supervisor sees of it and decides about it: the queue, the tries, and which kinds are made at all."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select, update

from cases.outgoing import Closing, Kind, Result
from storage import history
from storage.keeping import keep
from storage.moves import CASE
from storage.outgoing_rows import ATTEMPT, OPEN, SWITCH, TASKS, close, tell

PAGE: Final = 50
SUBJECT: Final = "outgoing"
STATES: Final = ("open", "person", "closed", "all")


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody who is, or was, to be rung."""

    id: int
    kind: Kind
    no: str
    number: str
    wanted_at: datetime
    next_at: datetime
    attempts: int
    call: str | None
    closed_at: datetime | None
    closed_by: str | None
    closing: Closing | None


@dataclass(frozen=True, slots=True)
class Try:
    """One call."""

    call: str
    task: int
    number: str
    at: datetime
    ended_at: datetime | None
    result: Result | None
    solved: str | None
    satisfied: str | None


@dataclass(frozen=True, slots=True)
class Switched:
    """Whether a kind of call is made, and who decided that."""

    kind: Kind
    on: bool
    by: str = ""
    at: datetime | None = None
    open: int = 0
    out: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the queue."""

    rows: list[Task]
    tries: Mapping[int, list[Try]]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


_WHERE: Mapping[str, tuple[ColumnElement[bool], ...]] = {
    "open": (OPEN,),
    "person": (TASKS.c.closing == Closing.PERSON,),
    "closed": (TASKS.c.closed_at.is_not(None),),
    "all": (),
}
_TASK = [CASE.c.no if field.name == "no" else TASKS.c[field.name] for field in fields(Task)]
_TRY = [ATTEMPT.c[field.name] for field in fields(Try)]


def search(conn: Connection, *, state: str = "open", kind: str = "", page: int = 1) -> Found:
    """Return one page: of the open ones what is next first, of the others the newest."""
    where = [*_WHERE[state], *([TASKS.c.kind == Kind(kind)] if kind else [])]
    total = conn.execute(select(func.count()).select_from(TASKS).where(*where)).scalar_one()
    order = (TASKS.c.next_at, TASKS.c.id) if state == "open" else (TASKS.c.id.desc(),)
    rows = select(*_TASK).join(CASE, CASE.c.id == TASKS.c.case).where(*where).order_by(*order)
    found = [Task(*row) for row in conn.execute(rows.limit(PAGE).offset((page - 1) * PAGE))]
    return Found(found, _tries(conn, [task.id for task in found]), total, page)


def _tries(conn: Connection, tasks: list[int]) -> dict[int, list[Try]]:
    found: dict[int, list[Try]] = {task: [] for task in tasks}
    rows = select(*_TRY).where(ATTEMPT.c.task.in_(tasks)).order_by(ATTEMPT.c.at)
    for row in conn.execute(rows):
        found[row.task].append(Try(*row))
    return found


def switches(conn: Connection) -> list[Switched]:
    """Return every kind, with how much of it waits and how much is out."""
    kept = {row.kind: row for row in conn.execute(select(SWITCH))}
    counts = select(TASKS.c.kind, func.count(), func.count(TASKS.c.call)).where(OPEN).group_by(TASKS.c.kind)
    waits = {kind: (total, out) for kind, total, out in conn.execute(counts)}
    found = []
    for kind in Kind:
        row, (total, out) = kept.get(kind), waits.get(kind, (0, 0))
        found.append(
            Switched(kind, row.on, row.by, row.at, total, out)
            if row
            else Switched(kind, False, "", None, total, out)
        )
    return found


def switch(conn: Connection, kind: Kind, *, on: bool, by: str, at: datetime) -> None:
    """Make this kind of call from now on, or no longer; what is out goes on to its end."""
    keep(conn, SWITCH, {"kind": kind}, {"on": on, "by": by, "at": at})
    detail = {"purpose": kind, "on": on}
    history.append(conn, subject=SUBJECT, kind="outgoing.switched", actor=by, detail=detail, at=at)


def cancel(conn: Connection, task: int, *, by: str, at: datetime) -> bool:
    """Leave it to people; False if it is closed, or out just now."""
    out = select(TASKS.c.call).where(TASKS.c.id == task)
    if conn.execute(out).scalar() is not None or not close(conn, task, Closing.CANCELLED, by=by, at=at):
        return False
    tell(conn, task, "cancelled", by=by, at=at)
    return True


def again(conn: Connection, task: int, *, by: str, at: datetime) -> bool:
    """Have it rung anew, from the first try on; False unless it was given to people."""
    anew = {"closed_at": None, "closed_by": None, "closing": None, "attempts": 0, "next_at": at}
    mine = update(TASKS).where(
        TASKS.c.id == task, TASKS.c.number != "", TASKS.c.closing.in_((Closing.PERSON, Closing.CANCELLED))
    )
    if conn.execute(mine.values(anew)).rowcount != 1:
        return False
    tell(conn, task, "again", by=by, at=at)
    return True
