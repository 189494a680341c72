"""What all of supervision has in common: refusals leave a line, and so does what was done."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection

from cases.oversight import Duty
from cases.workflow import Refusal
from storage import history
from storage.errors import Conflict, Declined, Invalid
from storage.people import Actor

P = ParamSpec("P")
R = TypeVar("R")
What = TypeVar("What", str, int)


class NotOfUnit(Refusal):
    """It concerns another unit."""

    def __init__(self, duty: Duty) -> None:
        super().__init__(f"不涉及本单位，不能“{duty.text}” (not your unit's)")


def answerable(
    duty: Duty,
) -> Callable[[Callable[Concatenate[Connection, What, P], R]], Callable[Concatenate[Connection, What, P], R]]:
    """Let what is refused leave a line in the history, although everything else of it is undone."""

    def around(work: Callable[Concatenate[Connection, What, P], R]) -> Any:
        @wraps(work)
        def attempt(conn: Connection, what: What, /, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return work(conn, what, *args, **kwargs)
            except (Refusal, Invalid, Conflict) as error:
                by, at = cast("Actor", kwargs["by"]), cast("datetime", kwargs["at"])
                raise Declined(error, _refused(f"{duty}:{what}", error, by, at)) from error

        return attempt

    return around


def noted(conn: Connection, subject: str, kind: str, *, by: Actor, at: datetime, **detail: Any) -> None:
    """Write the fact into the history. Codes and numbers only: texts and names stay in their own tables."""
    history.append(conn, subject=subject, kind=kind, actor=by.login, detail=detail, at=at)


def _refused(subject: str, error: Exception, by: Actor, at: datetime) -> Callable[[Connection], object]:
    detail = {"why": type(error).__name__, "role": by.role}
    return lambda conn: history.append(
        conn, subject=subject[:64], kind="refused", actor=by.login, detail=detail, at=at
    )
