"""复发: what comes back at the same place within ninety days of closing is a case of its own, and says so."""

from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, select, update

from cases.places import RECURS_WITHIN
from cases.workflow import Action, State, move
from storage import history
from storage.hot import Hot
from storage.models import CaseFile
from storage.people import SYSTEM
from storage.types import table_of

CASE = table_of(CaseFile)


def ended_there() -> Select[tuple[int, str]]:
    """Return what asks for the last closed case of a place and a category.

    Only what has ended is in the index of places: however many open ones a place has, they are not walked.
    """
    return (
        select(CASE.c.id, CASE.c.no)
        .where(
            CASE.c.place_key == bindparam("place"),
            CASE.c.category == bindparam("matter"),
            CASE.c.state == bindparam("closed"),
            CASE.c.closed_at >= bindparam("since"),
        )
        .order_by(CASE.c.closed_at.desc())
        .limit(1)
    )


_BEFORE = Hot(lambda _: ended_there())


def watch(conn: Connection, case: int, no: str, *, place: str, category: str, at: datetime) -> str | None:
    """Link a new case to the closed one that it repeats, mark both, and return the number of the closed one."""
    if not place:
        return None
    before = _BEFORE(
        conn, place=place, matter=category, closed=State.CLOSED, since=at - RECURS_WITHIN
    ).fetchone()
    if before is None:
        return None
    move(State.CLOSED, Action.FLAG_RECURRENCE)
    conn.execute(update(CASE).where(CASE.c.id == case).values(recurrence_of=before[0]))
    for subject, kind, detail in (
        (before[1], "recurrence.flagged", {"by": no}),
        (no, "case.recurred", {"of": before[1]}),
    ):
        history.append(conn, subject=subject, kind=kind, actor=SYSTEM.login, detail=detail, at=at)
    return str(before[1])
