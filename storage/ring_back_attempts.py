"""What a call's record means for what we owe: an attempt, a debt that is paid, or a citizen who was quicker."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from cases.call_parts import CallRecord, Direction
from cases.ring_backs import COUNTED, Closing, Result, dialled, next_try, result_of
from storage.keeping import keep_once
from storage.ring_back_rows import ATTEMPT, CLAIM, LINE, OPEN, RING_BACK, SHORT, change, close_debt, tell


def settle(conn: Connection, record: CallRecord) -> None:
    """Draw from a call's record what it means for what we owe. The same record may come again: it counts once."""
    if record.direction is Direction.OUTGOING:
        _settle_attempt(conn, record)
    elif record.answered_at is not None:
        number = dialled(record.number)
        for call in _owed_to(conn, number, before=record.answered_at) if number else ():
            if call != record.id:
                close_debt(conn, call, Closing.CALLED_AGAIN, by=record.seat, at=record.answered_at)


def _settle_attempt(conn: Connection, record: CallRecord) -> None:
    result, number = result_of(record), dialled(record.number, by_hand=True)
    row = {
        "owed": record.owed[:SHORT],
        "number": number,
        "at": record.offered_at,
        "ended_at": record.ended_at,
        "seat": record.seat[:SHORT],
        "by": record.by[:SHORT],
        "result": result,
        "talk_seconds": record.talk_seconds,
    }
    before = conn.execute(select(ATTEMPT).where(ATTEMPT.c.call == record.id)).one_or_none()
    if before is not None and all(getattr(before, name) == value for name, value in row.items()):
        return
    if before is None and not keep_once(conn, ATTEMPT, {"call": record.id, **row}):
        return
    conn.execute(update(ATTEMPT).where(ATTEMPT.c.call == record.id).values(row))
    if record.ended_at is None or result is None:
        return
    if record.owed:
        _count(conn, record.owed, record.ended_at)
    if result is Result.REACHED:
        for call in {record.owed, *_owed_to(conn, number, before=record.ended_at)} - {""}:
            close_debt(conn, call, Closing.REACHED, by=record.by or record.seat, at=record.ended_at)


def _count(conn: Connection, call: str, ended_at: datetime) -> None:
    """Count the attempts anew from their rows, and say when the next one is."""
    tried = select(func.count(), func.max(ATTEMPT.c.at)).where(ATTEMPT.c.owed == call)
    counted, last = conn.execute(tried.where(ATTEMPT.c.result.in_(COUNTED | {Result.REACHED}))).one()
    row = conn.execute(select(RING_BACK).where(RING_BACK.c.call == call)).one_or_none()
    if row is None:
        return
    news = counted > row.attempts
    after: dict[str, Any] = {"attempts": counted, "last_attempt_at": last}
    if row.closed_at is None:
        again = next_try(counted if news else 0, ended_at)
        after |= {"next_at": again, "escalated_at": None if again else ended_at}
        conn.execute(delete(CLAIM).where(CLAIM.c.call == call, CLAIM.c.by.startswith(LINE)))
        if again is None:
            tell(conn, call, "escalated", by="system", at=ended_at, attempts=counted)
    change(conn, call, **after)


def _owed_to(conn: Connection, number: str, *, before: datetime) -> list[str]:
    """Return the open debts to a number; one that is not planned yet has it as its caller's exchange wrote it."""
    theirs = (RING_BACK.c.dial == number) | (RING_BACK.c.dial.is_(None) & (RING_BACK.c.number == number))
    found = select(RING_BACK.c.call).where(OPEN, theirs, RING_BACK.c.asked_at < before)
    return list(conn.execute(found).scalars())
