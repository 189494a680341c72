"""Reading the history as an audit log: by person, subject, kind and time, newest first; and its anchors.

There is no index for each question, because every index is paid at every line that is appended. Ids grow with time, so
the lines of a span are found by halving, and within a span of a month at most the rest is read through.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from storage.history import HISTORY, Fact, fact_of, newest

PAGE = 100


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for in the log; empty texts ask for everything."""

    since: datetime
    until: datetime
    actor: str = ""
    subject: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first, and the id below which the next page begins (None: there is none)."""

    facts: list[Fact]
    below: int | None


def find(conn: Connection, asked: Question, *, below: int | None = None) -> Page:
    """Return one page of what was asked for."""
    where = _where(conn, asked)
    if below is not None:
        where.append(HISTORY.c.id < below)
    rows = conn.execute(select(HISTORY).where(*where).order_by(HISTORY.c.id.desc()).limit(PAGE + 1)).all()
    facts = [fact_of(row) for row in rows[:PAGE]]
    return Page(facts, facts[-1].id if len(rows) > PAGE else None)


def count(conn: Connection, asked: Question) -> int:
    return int(
        conn.execute(select(func.count()).select_from(HISTORY).where(*_where(conn, asked))).scalar_one()
    )


def everything(conn: Connection, asked: Question) -> list[Fact]:
    """Return all lines, oldest first, to be taken away."""
    rows = conn.execute(select(HISTORY).where(*_where(conn, asked)).order_by(HISTORY.c.id))
    return [fact_of(row) for row in rows]


def hash_of(conn: Connection, number: int) -> str | None:
    """Return the hash of a line, which holds for every line before it."""
    return conn.execute(select(HISTORY.c.hash).where(HISTORY.c.id == number)).scalar()


def _where(conn: Connection, asked: Question) -> list[ColumnElement[bool]]:
    column = HISTORY.c
    where = [column.id >= _first_at(conn, asked.since), column.id < _first_at(conn, asked.until)]
    # A clock that was set back leaves lines out of order; what is outside the span is not shown for that.
    where += [column.at >= asked.since, column.at < asked.until]
    if asked.actor:
        where.append(column.actor == asked.actor)
    if asked.subject:
        where.append(column.subject == asked.subject)
    if asked.kind:
        where.append(column.kind.contains(asked.kind, autoescape=True))
    return where


def _first_at(conn: Connection, at: datetime) -> int:
    """Return the first id that was written at that time or later: the one after the newest if there is none."""
    low, high = 1, newest(conn) + 1
    while low < high:
        middle = (low + high) // 2
        then = conn.execute(select(HISTORY.c.at).where(HISTORY.c.id == middle)).scalar()
        if then is not None and then < at:
            low = middle + 1
        else:
            high = middle
    return low
