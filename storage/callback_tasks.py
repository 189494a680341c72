"""回访任务: one for each round, taken by one person who had no hand in the case."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from cases import workflow
from cases.workflow import Action
from storage.assignments import ASSIGNMENT
from storage.circuit_models import CallbackTask
from storage.errors import Invalid
from storage.lines import Line, lines
from storage.moves import Seen, decide, note, recorded, touch
from storage.people import Actor
from storage.replies import handlers_of
from storage.types import table_of

TASK = table_of(CallbackTask)


def open_task(conn: Connection, seen: Seen, at: datetime) -> None:
    values = {"case": seen.id, "round": seen.rework_no, "attempts": 0, "opened_at": at}
    conn.execute(insert(TASK).values(values))


@recorded(Action.TAKE_CALLBACK)
def take_callback(conn: Connection, no: str, *, by: Actor, at: datetime) -> None:
    """领取回访: from now on it is this person's, also if a colleague had it before."""
    seen, _ = decide(conn, no, Action.TAKE_CALLBACK, by)
    check_caller(conn, seen, Action.TAKE_CALLBACK, by)
    task = current(conn, seen, at)
    if task.owner == by.login:
        raise Invalid({"owner": "已由你领取 (it is yours already)"})
    touch(conn, seen)
    conn.execute(update(TASK).where(TASK.c.id == task.id).values(owner=by.login))
    note(conn, seen, "callback.taken", by=by, at=at)


def check_caller(conn: Connection, seen: Seen, action: Action, by: Actor) -> None:
    """Raise unless the person, and the unit, had nothing to do with handling the case."""
    workflow.check_four_eyes(Action.CLOSE, by.login, handlers=handlers_of(conn, seen))
    units = set(conn.execute(select(ASSIGNMENT.c.unit).where(ASSIGNMENT.c.case == seen.id)).scalars())
    if by.unit in units:
        raise workflow.NotAllowed(by.role, action)


def current(conn: Connection, seen: Seen, at: datetime) -> Row[*tuple[Any, ...]]:
    """Return the task of this round; a case that came here before there were tasks gets one now."""
    wanted = select(TASK).where(TASK.c.case == seen.id, TASK.c.round == seen.rework_no)
    found = conn.execute(wanted).one_or_none()
    if found is None:
        open_task(conn, seen, at)
        found = conn.execute(wanted).one()
    return found


def try_again(conn: Connection, seen: Seen, by: Actor, next_at: datetime | None) -> None:
    more = {"attempts": TASK.c.attempts + 1, "next_at": next_at, "owner": by.login}
    conn.execute(update(TASK).where(TASK.c.case == seen.id, TASK.c.round == seen.rework_no).values(more))


def end(conn: Connection, seen: Seen, result: str, at: datetime, *, attempts: int = 0, by: Actor) -> None:
    """Nothing more to do in this round; what was done already is left as it is."""
    values = {"done_at": at, "result": result, "next_at": None, "attempts": TASK.c.attempts + attempts}
    if attempts:
        values["owner"] = by.login
    conn.execute(update(TASK).where(TASK.c.case == seen.id, TASK.c.done_at.is_(None)).values(values))


def lines_of(conn: Connection, case_id: int) -> list[Line]:
    found = lines(
        conn, select(TASK).where(TASK.c.case == case_id), "callback_task", by="owner", at="opened_at"
    )
    return [line if line.by else Line(line.kind, line.at, "", line.fields) for line in found]
