"""查询: how a case stands, for whoever knows its number and its query code. Public facts only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, text

from cases import redaction
from cases.policies import ClockKind
from cases.workflow import OPEN, State
from storage import codes
from storage.clocks import CLOCK
from storage.forms import keyable
from storage.keeping import keep
from storage.models import CaseFile, CaseText, StatusTry, TextKind
from storage.reworks import REWORK_WITHIN
from storage.types import table_of
from storage.units import CATEGORY, UNIT

CASE = table_of(CaseFile)
TEXT = table_of(CaseText)
TRY = table_of(StatusTry)

CASE_TRIES = 5
CASE_LOCK = timedelta(minutes=30)
CALLER_TRIES = 20
CALLER_LOCK = timedelta(hours=1)
# Wrong tries on one case are forgotten after this, so that a forgetful citizen is not locked out for ever.
CASE_MEMORY = timedelta(days=1)
MOST_LINKS = 10
JUDGED: Final = frozenset({State.FEEDBACK, State.CALLBACK})
"""It has a result, and its citizen has not yet said what he thinks of it."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a citizen may hear."""

    digits: str
    filed_at: datetime
    title: str
    category: str
    unit_name: str | None
    reply_by: datetime | None
    state: State
    public_reply: str | None
    no: str = ""
    may_urge: bool = False
    may_add: bool = False
    may_judge: bool = False
    """There is a result, and he has not said yet what he thinks of it."""
    may_withdraw: bool = False


@dataclass(frozen=True, slots=True)
class WrongCode:
    """No case has this number and this code; which of the two is wrong is not told."""


@dataclass(frozen=True, slots=True)
class Locked:
    """Too many wrong tries for this number, or by this caller."""

    until: datetime


_FIND = (
    select(
        CASE.c.id,
        CASE.c.no,
        CASE.c.closed_at,
        CASE.c.digits,
        CASE.c.code_hash,
        CASE.c.state,
        CASE.c.master,
        CASE.c.title,
        CASE.c.received_at,
        CATEGORY.c.name.label("category"),
        UNIT.c.short_name.label("unit_name"),
    )
    .join(CATEGORY, CATEGORY.c.code == CASE.c.category)
    .outerjoin(UNIT, UNIT.c.id == CASE.c.unit)
)
_BY_DIGITS = _FIND.where(CASE.c.digits == bindparam("keyed"))
_BY_ID = _FIND.where(CASE.c.id == bindparam("row"))
_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtext(:number))")
_TRIES = select(TRY).where(TRY.c.subject.in_(bindparam("subjects", expanding=True)))
_PUBLIC = (
    select(TEXT.c.text)
    .where(TEXT.c.case == bindparam("row"), TEXT.c.kind == TextKind.PUBLIC)
    .order_by(TEXT.c.version.desc())
    .limit(1)
)
_REPLY_BY = (
    select(CLOCK.c.due_at)
    .where(
        CLOCK.c.case == bindparam("row"),
        CLOCK.c.kind.in_([ClockKind.REPLY, ClockKind.REWORK]),
        CLOCK.c.void_reason == "",
    )
    .order_by(CLOCK.c.id.desc())
    .limit(1)
)


def status_by_code(
    conn: Connection, digits: str, code: str, *, caller: str, at: datetime
) -> Status | WrongCode | Locked:
    """Tell how a case stands. A number that does not exist is counted, locked and answered like a wrong code."""
    digits, code, caller = keyable(digits, 12), keyable(code, 12), keyable(caller, 48)
    limits = {
        f"case:{digits}": (CASE_TRIES, CASE_MEMORY, CASE_LOCK),
        f"caller:{caller}": (CALLER_TRIES, CALLER_LOCK, CALLER_LOCK),
    }
    if not caller:
        # Callers who withhold their number would lock each other out; the lock on the case still holds.
        limits.popitem()
    if conn.dialect.name == "postgresql":
        # Guesses that come at one moment shall be counted one after the other.
        conn.execute(_IN_TURN, {"number": digits})
    tries = {row.subject: row for row in conn.execute(_TRIES, {"subjects": list(limits)})}
    locks = [row.locked_until for row in tries.values() if row.locked_until and row.locked_until > at]
    if locks:
        return Locked(max(locks))
    row = conn.execute(_BY_DIGITS, {"keyed": digits}).one_or_none()
    if not codes.matches(conn, code, row.code_hash if row else codes.NOBODY) or row is None:
        for subject, (most, memory, lock) in limits.items():
            before = tries.get(subject)
            fresh = before is None or before.since + memory <= at
            wrong, since = (1, at) if fresh or before is None else (before.wrong + 1, before.since)
            until = at + lock if wrong >= most else None
            values = {"wrong": 0 if until else wrong, "since": since, "locked_until": until}
            keep(conn, TRY, {"subject": subject}, values)
        return WrongCode()
    conn.execute(delete(TRY).where(TRY.c.subject == f"case:{digits}"))
    return status_of(conn, row.id, at)


def status_of(conn: Connection, case: int, at: datetime) -> Status:
    """Follow a merged case to the one that is handled, and tell how that one stands."""
    row = own = conn.execute(_BY_ID, {"row": case}).one()
    filed_at, title = row.received_at, row.title
    for _ in range(MOST_LINKS):
        if row.master is None:
            break
        row = conn.execute(_BY_ID, {"row": row.master}).one()
    reply = conn.execute(_PUBLIC, {"row": row.id}).scalar()
    if reply and row is not own:
        # It was written to somebody else, and may call him by his name.
        reply = redaction.redacted(reply)
    return Status(
        digits=own.digits,
        filed_at=filed_at,
        title=title,
        category=row.category,
        unit_name=row.unit_name,
        reply_by=conn.execute(_REPLY_BY, {"row": row.id}).scalar() if row.state in OPEN else None,
        state=row.state,
        public_reply=reply,
        no=own.no,
        may_urge=row.state in OPEN,
        may_add=row.state in OPEN or (row.state is State.CLOSED and at - row.closed_at <= REWORK_WITHIN),
        may_judge=own.state in JUDGED,
        may_withdraw=own.state in OPEN,
    )
