"""The rows of what we ring people for: what wants a call, and how one is closed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    String,
    and_,
    cast,
    select,
    union_all,
    update,
)

from cases.clocks import Result as ClockResult
from cases.outgoing import Closing, Kind
from cases.policies import ClockKind
from cases.workflow import Secrecy, State
from storage import history
from storage.callback_tasks import TASK
from storage.clocks import CLOCK
from storage.members import CONTACT, FEEDBACK
from storage.models import CaseText, TextKind
from storage.moves import CASE
from storage.outgoing_models import OutgoingAttempt, OutgoingCall, OutgoingSwitch
from storage.types import table_of
from storage.urgent_rows import RING, URGENT

TASKS = table_of(OutgoingCall)
ATTEMPT = table_of(OutgoingAttempt)
SWITCH = table_of(OutgoingSwitch)
TEXT = table_of(CaseText)

BY_TELEPHONE: Final = "电话"
SHORT: Final = 64
OPEN = TASKS.c.closed_at.is_(None)

_OF_CITIZEN = CASE.join(CONTACT, CONTACT.c.case == CASE.c.id)
# Of confidential cases people talk to people. Who wants to be told in writing, or not at all, is not rung.
_RINGABLE = and_(
    CONTACT.c.number != "", CASE.c.reply_way == BY_TELEPHONE, CASE.c.confidential == Secrecy.NONE
)
_TOLD = (
    select(FEEDBACK.c.id)
    .where(FEEDBACK.c.case == CASE.c.id, FEEDBACK.c.round == CASE.c.rework_no, FEEDBACK.c.delivered)
    .exists()
)
_ANSWERED = select(TEXT.c.id).where(TEXT.c.case == CASE.c.id, TEXT.c.kind == TextKind.PUBLIC).exists()


def _text(column: ColumnElement[int]) -> ColumnElement[str]:
    return cast(column, String)


def _row(
    ref: ColumnElement[str],
    number: ColumnElement[str],
    since: ColumnElement[datetime],
    case: ColumnElement[int] = CASE.c.id,
) -> Select[*tuple[Any, ...]]:
    return select(ref.label("ref"), case.label("case"), number.label("number"), since.label("wanted_at"))


_TO_TELL = (
    _row(_text(CASE.c.id) + "." + _text(CASE.c.rework_no), CONTACT.c.number, CASE.c.received_at)
    .select_from(_OF_CITIZEN)
    .where(_RINGABLE, CASE.c.state == State.FEEDBACK, ~_TOLD, _ANSWERED)
)
_TO_TELL_OF_MERGED = (
    _row(_text(CASE.c.id) + ".c" + _text(CLOCK.c.id), CONTACT.c.number, CLOCK.c.started_at)
    .select_from(_OF_CITIZEN.join(CLOCK, CLOCK.c.case == CASE.c.id))
    .where(
        _RINGABLE,
        CASE.c.state == State.MERGED,
        CLOCK.c.kind == ClockKind.FEEDBACK,
        CLOCK.c.result == ClockResult.RUNNING,
    )
)
_TO_ASK = (
    _row(_text(TASK.c.id), CONTACT.c.number, TASK.c.opened_at)
    .select_from(_OF_CITIZEN.join(TASK, TASK.c.case == CASE.c.id))
    .where(_RINGABLE, CASE.c.state == State.CALLBACK, TASK.c.done_at.is_(None), TASK.c.owner.is_(None))
)
_TO_ALARM = (
    _row(_text(RING.c.id), RING.c.number, RING.c.wanted_at, URGENT.c.case)
    .select_from(RING.join(URGENT, URGENT.c.id == RING.c.urgent))
    .where(RING.c.done_at.is_(None), URGENT.c.ended_at.is_(None))
)
WANTED: Final[Mapping[Kind, Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]]] = {
    Kind.DUTY: _TO_ALARM,
    Kind.FEEDBACK: union_all(_TO_TELL, _TO_TELL_OF_MERGED),
    Kind.REVISIT: _TO_ASK,
}
"""What wants a call now: by what it is known, its case, the number as it was given, and since when."""


def close(conn: Connection, task: int, closing: Closing, *, by: str, at: datetime) -> bool:
    """Close it, once: False if that was done already."""
    values = {"closed_at": at, "closed_by": by[:SHORT], "closing": closing, "call": None}
    return conn.execute(update(TASKS).where(TASKS.c.id == task, OPEN).values(values)).rowcount == 1


def tell(conn: Connection, task: int, kind: str, *, by: str, at: datetime, **detail: Any) -> None:
    """Write it into the history of the case."""
    of = select(CASE.c.no, TASKS.c.kind).where(TASKS.c.id == task, CASE.c.id == TASKS.c.case)
    row = conn.execute(of).one()
    said = {"purpose": row.kind, **detail}
    history.append(conn, subject=row.no, kind=f"outgoing.{kind}", actor=by[:SHORT], detail=said, at=at)
