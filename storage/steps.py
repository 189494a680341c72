"""Steps beside the circuit: front-line action, urgent cases, public copies. A refusal is kept, a lost race is told."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import ColumnElement, Connection, Table, update

from cases.clocks import ClockRefused
from cases.workflow import Refusal, Role
from storage import history
from storage.errors import Conflict, Declined, Invalid
from storage.forms import keyable
from storage.people import Actor

P = ParamSpec("P")
R = TypeVar("R")
K = TypeVar("K", bound=int | str)
Step = Callable[Concatenate[Connection, K, P], R]


class NotForYou(Refusal):
    """This person's post or unit has no part in it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"您的岗位或单位不能“{what}” (not for your post or your unit)")


class TooLate(Refusal):
    """It is over, or not yet possible. The message says which."""


def kept_refusals(area: str, step: str) -> Callable[[Step[K, P, R]], Step[K, P, R]]:
    """Let a refused step leave a line in the history, although everything else of it is undone."""

    def around(work: Step[K, P, R]) -> Step[K, P, R]:
        @wraps(work)
        def attempt(conn: Connection, key: K, /, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return work(conn, key, *args, **kwargs)
            except (Refusal, Invalid, Conflict, ClockRefused) as error:
                by, at = cast("Actor", kwargs["by"]), cast("datetime", kwargs["at"])
                subject = f"{area}:{key}" if isinstance(key, int) else keyable(key, 64)
                detail = {"action": step, "why": type(error).__name__, "role": by.role}
                raise Declined(error, _note(subject, detail, by, at)) from error

        return attempt

    return around


def _note(subject: str, detail: dict[str, Any], by: Actor, at: datetime) -> Callable[[Connection], object]:
    return lambda conn: history.append(
        conn, subject=subject, kind="refused", actor=by.login, detail=detail, at=at
    )


def put(conn: Connection, table: Table, *still: ColumnElement[bool], **values: Any) -> None:
    """Write the columns if all conditions still hold, or say that somebody else was first."""
    if conn.execute(update(table).where(*still).values(**values)).rowcount != 1:
        raise Conflict("已被他人处理，请刷新后再试 (somebody else was first)")


def must_be(by: Actor, roles: frozenset[Role], what: str, *units: str) -> None:
    """Raise NotForYou unless the person has one of the posts and, where units are named, belongs to one of them."""
    if by.role not in roles or (units and by.unit not in units):
        raise NotForYou(what)
