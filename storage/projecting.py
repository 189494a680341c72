"""The columns of a case, and what its history says that they must be: a difference is a fault in one of the two."""

from sqlalchemy import Connection, select

from cases.replay import Event, Projection, replay
from storage import assignments, history
from storage.moves import CASE, see

_COLUMNS = (
    "state",
    "intent",
    "category",
    "urgency",
    "confidential",
    "hard",
    "unit",
    "rework_no",
    "closed_at",
    "paused_at",
    "paused_for",
    "long_term_at",
    "rework_asked_at",
    "excluded",
)


def kept(conn: Connection, no: str) -> Projection:
    """Return the case as its rows have it."""
    seen = see(conn, no)
    tasks = tuple((task.unit, task.stage.value) for task in assignments.open_tasks(conn, seen.id))
    master = None
    if seen.master is not None:
        master = conn.execute(select(CASE.c.no).where(CASE.c.id == seen.master)).scalar_one()
    columns = {name: getattr(seen, name) for name in _COLUMNS}
    return Projection(**columns, tasks=tasks, master=master)


def told(conn: Connection, no: str) -> Projection:
    """Return the case as its history tells it."""
    return replay(Event(fact.kind, fact.at, fact.detail) for fact in history.of(conn, no))
