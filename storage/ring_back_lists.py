"""What is asked of the ledger of calls we owe: lists, counts, and the rate at which we pay."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from cases.call_parts import RingBackReason
from cases.ring_backs import COUNTED, Closing, Result, dialled
from storage.call_models import RingBack
from storage.people_models import Account
from storage.ring_back_models import RingBackAttempt, RingBackClaim
from storage.types import table_of

RING_BACK = table_of(RingBack)
ATTEMPT = table_of(RingBackAttempt)
CLAIM = table_of(RingBackClaim)
ACCOUNT = table_of(Account)

PAGE = 50
# A call of ours that has not ended after so long has ended unheard.
LONGEST_CALL = timedelta(hours=3)

_OPEN = RING_BACK.c.closed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Owed:
    """Somebody waits for our call. `ring_by` is until when, after the night and his own choice (`moved` says which)."""

    call: str
    number: str
    dial: str | None
    reason: RingBackReason
    asked_at: datetime
    due_at: datetime
    ring_by: datetime | None
    next_at: datetime | None
    moved: str | None
    since: datetime | None
    wish: str | None
    chosen_at: datetime | None
    owner: str | None
    attempts: int
    last_attempt_at: datetime | None
    escalated_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    closing_reason: str | None
    closing_note: str | None
    merged_into: str | None

    @property
    def verified(self) -> bool:
        """The number was read back to him and he said yes; any other is what his exchange presented."""
        return self.reason is RingBackReason.ASKED

    def overdue(self, at: datetime) -> bool:
        return self.closed_at is None and at > (self.ring_by or self.due_at)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of ours to pay a debt."""

    call: str
    owed: str
    at: datetime
    ended_at: datetime | None
    seat: str
    by: str
    result: Result | None
    talk_seconds: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is owed now."""

    open: int
    overdue: int
    escalated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which debts a page shows."""

    state: str = "open"  # open, overdue, escalated, closed or all
    reason: str = ""
    number: str = ""
    owner: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of them."""

    rows: list[Owed]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class _Missed:
    """A missed call, and what became of it, or of the one that pays for it."""

    asked_at: datetime
    closed_at: datetime | None
    closing_reason: str | None
    rung_at: datetime | None


@dataclass(frozen=True, slots=True)
class RingBackRate:
    """I-15 回拨率: missed calls rung back within the hour ÷ missed calls.

    A missed call is one whose caller was not served and had not asked to be rung later. Rung back: within the hour a call of
    ours rang his telephone, or he called again and a person answered. Calls whose hour is not over are judged when it is.
    """

    missed: int
    rung: int
    reached: int
    pending: int

    @property
    def share(self) -> float | None:
        return self.rung / self.missed if self.missed else None


_OWED = [RING_BACK.c[field.name] for field in fields(Owed)]
_ATTEMPT = [ATTEMPT.c[field.name] for field in fields(Attempt)]
_DUE = func.coalesce(RING_BACK.c.ring_by, RING_BACK.c.due_at)


def owed(conn: Connection, call: str) -> Owed | None:
    row = conn.execute(select(*_OWED).where(RING_BACK.c.call == call)).one_or_none()
    return Owed(*row) if row else None


def open_ring_backs(conn: Connection, limit: int = 200) -> list[Owed]:
    """Return those whom nobody has called back yet, the most urgent first."""
    found = select(*_OWED).where(_OPEN).order_by(_DUE, RING_BACK.c.call).limit(limit)
    return [Owed(*row) for row in conn.execute(found)]


def counts(conn: Connection, at: datetime) -> Counts:
    """Count what is owed now, over an index that holds nothing else."""
    late, given_up = case((at > _DUE, 1), else_=0), case((RING_BACK.c.escalated_at.is_not(None), 1), else_=0)
    sums = (func.coalesce(func.sum(each), 0) for each in (late, given_up))
    total, overdue, escalated = conn.execute(select(func.count(), *sums).where(_OPEN)).one()
    return Counts(int(total), int(overdue), int(escalated))


def owed_now(conn: Connection, seat: str, at: datetime, most: int = 20) -> list[Owed]:
    """Return what an agent at this seat may take now: his own first, then what is due next."""
    mine = select(ACCOUNT.c.login).where(ACCOUNT.c.seat == seat).scalar_subquery()
    others = (
        select(CLAIM.c.number)
        .where(CLAIM.c.call == RING_BACK.c.call, CLAIM.c.until > at, CLAIM.c.by == RING_BACK.c.owner)
        .exists()
    )
    may = or_(RING_BACK.c.owner.is_(None), RING_BACK.c.owner == mine, ~others)
    now = and_(RING_BACK.c.dial != "", or_(RING_BACK.c.next_at <= at, RING_BACK.c.owner == mine))
    found = select(*_OWED).where(_OPEN, RING_BACK.c.escalated_at.is_(None), may, now)
    first = case((RING_BACK.c.owner == mine, 0), else_=1)
    return [Owed(*row) for row in conn.execute(found.order_by(first, _DUE, RING_BACK.c.call).limit(most))]


def debts_of(conn: Connection, number: str) -> list[Owed]:
    """Return what is owed to the caller of this number, for the agent who has him on the telephone."""
    dial = dialled(number)
    if not dial:
        return []
    found = select(*_OWED).where(_OPEN, or_(RING_BACK.c.dial == dial, RING_BACK.c.number == number))
    return [Owed(*row) for row in conn.execute(found.order_by(RING_BACK.c.asked_at))]


def ready(conn: Connection, *, by: str, at: datetime, most: int = 50) -> list[Owed]:
    """Return what may be rung now, those who asked for it first: nobody else is at it, and no call to them goes on."""
    held = select(CLAIM.c.number).where(
        CLAIM.c.number == RING_BACK.c.dial, CLAIM.c.until > at, CLAIM.c.by != by
    )
    rung = select(ATTEMPT.c.call).where(
        ATTEMPT.c.number == RING_BACK.c.dial, ATTEMPT.c.ended_at.is_(None), ATTEMPT.c.at > at - LONGEST_CALL
    )
    asked = case((RING_BACK.c.reason == RingBackReason.ASKED, 0), else_=1)
    found = (
        select(*_OWED)
        .where(_OPEN, RING_BACK.c.dial != "", RING_BACK.c.next_at <= at, RING_BACK.c.escalated_at.is_(None))
        .where(~held.exists(), ~rung.exists())
        .order_by(asked, RING_BACK.c.since, _DUE, RING_BACK.c.call)
        .limit(most)
    )
    return [Owed(*row) for row in conn.execute(found)]


def attempts_of(conn: Connection, calls: list[str]) -> dict[str, list[Attempt]]:
    """Return the attempts to pay each of these debts, in order."""
    rows = conn.execute(select(*_ATTEMPT).where(ATTEMPT.c.owed.in_(calls)).order_by(ATTEMPT.c.at))
    found: dict[str, list[Attempt]] = {}
    for row in rows:
        found.setdefault(row.owed, []).append(Attempt(*row))
    return found


def search(conn: Connection, filters: Filters, *, at: datetime, page: int = 1) -> Found:
    """Return one page of the debts, what is due first in front; of the closed ones the newest."""
    where = _where(filters, at)
    total = conn.execute(select(func.count()).select_from(RING_BACK).where(*where)).scalar_one()
    closed = filters.state in {"closed", "all"}
    order = (RING_BACK.c.asked_at.desc(),) if closed else (_DUE,)
    rows = select(*_OWED).where(*where).order_by(*order, RING_BACK.c.call)
    return Found(
        [Owed(*row) for row in conn.execute(rows.limit(PAGE).offset((page - 1) * PAGE))], total, page
    )


def _where(filters: Filters, at: datetime) -> list[ColumnElement[bool]]:
    states: dict[str, list[ColumnElement[bool]]] = {
        "open": [_OPEN],
        "overdue": [_OPEN, at > _DUE],
        "escalated": [_OPEN, RING_BACK.c.escalated_at.is_not(None)],
        "closed": [RING_BACK.c.closed_at.is_not(None)],
    }
    where = states.get(filters.state, [])
    if filters.reason:
        where.append(RING_BACK.c.reason == RingBackReason(filters.reason))
    if filters.number:
        where.append(or_(RING_BACK.c.number == filters.number, RING_BACK.c.dial == filters.number))
    if filters.owner:
        where.append(RING_BACK.c.owner == filters.owner)
    if filters.since is not None:
        where.append(RING_BACK.c.asked_at >= filters.since)
    if filters.until is not None:
        where.append(RING_BACK.c.asked_at < filters.until)
    return where


def rate(
    conn: Connection,
    *,
    begins: datetime,
    ends: datetime,
    at: datetime,
    within: timedelta = timedelta(hours=1),
) -> RingBackRate:
    """Count I-15 over the calls that were missed in a time."""
    payer = RING_BACK.alias()
    paid_by = func.coalesce(payer.c.call, RING_BACK.c.call)
    tried = (ATTEMPT.c.owed == paid_by) & (ATTEMPT.c.at >= RING_BACK.c.asked_at)
    rung = tried & ATTEMPT.c.result.in_(COUNTED | {Result.REACHED})
    told = (
        RING_BACK.c.asked_at,
        func.coalesce(payer.c.closed_at, RING_BACK.c.closed_at),
        func.coalesce(payer.c.closing_reason, RING_BACK.c.closing_reason),
    )
    debts = RING_BACK.outerjoin(payer, payer.c.call == RING_BACK.c.merged_into).outerjoin(ATTEMPT, rung)
    rows = [
        _Missed(*row)
        for row in conn.execute(
            select(*told, func.min(ATTEMPT.c.at))
            .select_from(debts)
            .where(RING_BACK.c.asked_at >= begins, RING_BACK.c.asked_at < ends)
            .where(RING_BACK.c.reason != RingBackReason.ASKED)
            .group_by(RING_BACK.c.call, *told)
        )
    ]
    judged = [row for row in rows if _rung(row, within) or row.asked_at + within <= at]
    return RingBackRate(
        missed=len(judged),
        rung=sum(_rung(row, within) for row in judged),
        reached=sum(row.closing_reason in {Closing.REACHED, Closing.CALLED_AGAIN} for row in judged),
        pending=len(rows) - len(judged),
    )


def _rung(missed: _Missed, within: timedelta) -> bool:
    until = missed.asked_at + within
    again = missed.closed_at if missed.closing_reason == Closing.CALLED_AGAIN else None
    return any(at is not None and at <= until for at in (again, missed.rung_at))
