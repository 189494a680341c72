"""What every move of a case has in common: look, decide with the pure workflow, change if nobody was first, record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection, Select, bindparam, select, update

from cases import workflow
from cases.clocks import ClockRefused
from cases.workflow import Action, Refusal, Secrecy, State
from storage import history
from storage.errors import Conflict, Declined, Invalid, Missing
from storage.forms import keyable
from storage.models import CaseFile
from storage.people import Actor
from storage.types import table_of

CASE = table_of(CaseFile)
P = ParamSpec("P")
R = TypeVar("R")
Move = Callable[Concatenate[Connection, str, P], R]

_SEE = select(
    CASE.c.id,
    CASE.c.no,
    CASE.c.state,
    CASE.c.version,
    CASE.c.intent,
    CASE.c.urgency,
    CASE.c.category,
    CASE.c.unit,
    CASE.c.rework_no,
    CASE.c.closed_at,
    CASE.c.paused_at,
    CASE.c.paused_for,
    CASE.c.confidential,
    CASE.c.hard,
    CASE.c.master,
    CASE.c.long_term_at,
    CASE.c.rework_asked_at,
    CASE.c.excluded,
    CASE.c.channel,
    CASE.c.origin,
).where(CASE.c.no == bindparam("number"))
# Whoever moves a case keeps the others waiting until he is done: what they then read is what he has left behind.
_SEE_FIRST = _SEE.with_for_update()


class NotYours(Refusal):
    """The case is not with this unit."""

    def __init__(self, action: Action) -> None:
        super().__init__(f"本单位不承办此件，不能“{action.text}” (not your unit's case)")


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as it was when somebody decided to move it."""

    id: int
    no: str
    state: State
    version: int
    intent: str
    urgency: str
    category: str
    unit: str | None
    rework_no: int
    closed_at: datetime | None
    paused_at: datetime | None
    paused_for: str | None
    confidential: Secrecy
    hard: bool
    master: int | None
    long_term_at: datetime | None
    rework_asked_at: datetime | None
    excluded: str
    channel: str
    origin: str


def see(conn: Connection, no: str) -> Seen:
    return _seen(conn, no, _SEE)


def _seen(conn: Connection, no: str, query: Select[*tuple[Any, ...]]) -> Seen:
    row = conn.execute(query, {"number": keyable(no, 64)}).one_or_none()
    if row is None:
        raise Missing(f"没有诉求件 {no} (no such case)")
    return Seen(**row._asdict())


def touch(conn: Connection, seen: Seen) -> Seen:
    """Say that something of the case was changed, so that whoever looked at it before is told."""
    return change(conn, seen, seen.state)


def decide(conn: Connection, no: str, action: Action, by: Actor) -> tuple[Seen, State]:
    """Return the case and the state that follows, or raise why it may not be done, or not by this person."""
    workflow.check_role(by.role, action)
    seen = _seen(conn, no, _SEE_FIRST)
    return seen, workflow.move(seen.state, action)


def change(conn: Connection, seen: Seen, state: State, **values: Any) -> Seen:
    """Put the case into the state, unless somebody else changed it since it was seen."""
    changed = conn.execute(
        update(CASE)
        .where(CASE.c.id == seen.id, CASE.c.state == seen.state, CASE.c.version == seen.version)
        .values(state=state, version=seen.version + 1, **values)
    )
    if changed.rowcount != 1:
        raise Conflict(f"{seen.no} 已被他人处理，请刷新后再试 (somebody else was first)")
    return see(conn, seen.no)


def note(conn: Connection, seen: Seen, kind: str, *, by: Actor, at: datetime, **detail: Any) -> None:
    """Write the fact into the history. Codes and numbers only: texts and names stay in their own tables."""
    history.append(conn, subject=seen.no, kind=kind, actor=by.login, detail=detail, at=at)


def recorded(action: Action) -> Callable[[Move[P, R]], Move[P, R]]:
    """Let a refused move leave a line in the history, although everything else of it is undone."""

    def around(move: Move[P, R]) -> Move[P, R]:
        @wraps(move)
        def attempt(conn: Connection, no: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return move(conn, no, *args, **kwargs)
            except (Refusal, Invalid, Conflict, ClockRefused) as error:
                by, at = cast("Actor", kwargs["by"]), cast("datetime", kwargs["at"])
                raise Declined(error, _refused(no, action, error, by=by, at=at)) from error

        return attempt

    return around


def _refused(
    no: str, action: Action, error: Exception, *, by: Actor, at: datetime
) -> Callable[[Connection], object]:
    detail = {"action": action, "why": type(error).__name__, "role": by.role}
    return lambda conn: history.append(
        conn, subject=keyable(no, 64), kind="refused", actor=by.login, detail=detail, at=at
    )
