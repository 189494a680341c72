"""Finding recordings 录音检索: by day, seat, who had it, case, how the call ended, and the caller's number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from cases.call_parts import Direction, EndReason
from cases.telephone import canonical
from cases.workflow import Secrecy
from storage.call_models import Call, Recording
from storage.models import CaseFile
from storage.types import table_of

CALL = table_of(Call)
RECORDING = table_of(Recording)
CASE = table_of(CaseFile)

PAGE = 50
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; what is empty does not matter."""

    begins: datetime
    ends: datetime
    seat: str = ""
    number: str = ""
    case: str = ""
    outcome: EndReason | None = None
    least_seconds: float = 0.0
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A call that was talked in."""

    call: str
    at: datetime
    direction: Direction
    number: str
    seat: str
    talk_seconds: float
    end_reason: EndReason | None
    case: str
    state: str
    """Of its recording: due, kept, missing."""
    seconds: float
    confidential: bool


@dataclass(frozen=True, slots=True)
class Found:
    rows: list[Heard]
    page: int
    total: int
    """At most a thousand: nobody turns so many pages."""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def find(conn: Connection, wanted: Wanted, page: int = 1) -> Found:
    """Return the newest first."""
    where = _where(wanted)
    some = select(CALL.c.id).where(*where).limit(MOST_COUNTED).subquery()
    total = int(conn.execute(select(func.count()).select_from(some)).scalar_one())
    seconds = (
        select(func.coalesce(func.sum(RECORDING.c.seconds), 0.0))
        .where(RECORDING.c.call == CALL.c.id)
        .scalar_subquery()
    )
    hidden = (
        select(CASE.c.id)
        .where((CASE.c.call == CALL.c.id) | ((CALL.c.case != "") & (CASE.c.no == CALL.c.case)))
        .where(CASE.c.confidential != Secrecy.NONE)
        .exists()
    )
    rows = conn.execute(
        select(
            CALL.c.id,
            CALL.c.offered_at,
            CALL.c.direction,
            CALL.c.number,
            CALL.c.seat,
            CALL.c.talk_seconds,
            CALL.c.end_reason,
            CALL.c.case,
            CALL.c.recording_state,
            seconds,
            hidden,
        )
        .where(*where)
        .order_by(CALL.c.offered_at.desc(), CALL.c.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return Found([Heard(*row) for row in rows], page, total)


def _where(wanted: Wanted) -> list[Any]:
    where: list[Any] = [
        CALL.c.offered_at >= wanted.begins,
        CALL.c.offered_at < wanted.ends,
        CALL.c.recording_state.is_not(None),
        CALL.c.talk_seconds >= wanted.least_seconds,
    ]
    if wanted.seat:
        where.append(CALL.c.seat == wanted.seat)
    if wanted.number:
        where.append(CALL.c.number == canonical(wanted.number))
    if wanted.case:
        of_case = select(CASE.c.call).where(CASE.c.no == wanted.case)
        where.append((CALL.c.case == wanted.case) | CALL.c.id.in_(of_case))
    if wanted.outcome is not None:
        where.append(CALL.c.end_reason == wanted.outcome)
    if wanted.direction is not None:
        where.append(CALL.c.direction == wanted.direction)
    return where
