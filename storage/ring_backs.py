"""回拨: the ledger of calls we owe. Every caller who was not served is a dated debt until somebody closes it.

A number is rung by one at a time: who is about to ring it holds a claim, which is taken by a conditional write and expires
by itself, so that neither two processes nor a dead one can do harm.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, delete, func, select, update

from cases.call_parts import CallRecord, Direction, RingBackReason
from cases.call_record import RING_BACK_WITHIN
from cases.ring_backs import COUNTED, MOST_ATTEMPTS, Closing, Quiet, Result, dialled, due, next_try, result_of
from storage import history
from storage.call_models import RingBack
from storage.errors import Conflict, Invalid
from storage.keeping import insert_into, keep_once
from storage.ring_back_lists import (
    Attempt,
    Counts,
    Filters,
    Found,
    Owed,
    RingBackRate,
    attempts_of,
    counts,
    open_ring_backs,
    owed,
    owed_now,
    rate,
    ready,
    search,
)
from storage.ring_back_models import RingBackAttempt, RingBackClaim
from storage.types import table_of

__all__ = [
    "CLOSING",
    "LONGEST_NOTE",
    "TAKEN_FOR",
    "Attempt",
    "Counts",
    "Filters",
    "Found",
    "Owed",
    "RingBackRate",
    "ask_ring_back",
    "attempts_of",
    "claim",
    "close",
    "counts",
    "give_up_claim",
    "open_ring_backs",
    "owed",
    "owed_now",
    "plan",
    "rate",
    "ready",
    "release",
    "search",
    "settle",
    "take_back",
    "take_over",
    "try_again",
]

RING_BACK = table_of(RingBack)
ATTEMPT = table_of(RingBackAttempt)
CLAIM = table_of(RingBackClaim)

# So long an agent who has taken a debt over has it for himself; then it is everybody's again.
TAKEN_FOR = timedelta(minutes=30)
# After that no line about a call comes any more.
LATE_LINES = timedelta(days=2)
# What begins so is our process and no login.
LINE = "line:"
SHORT = 64
LONGEST_NOTE = 500
# What a person may close a debt with; the others follow from what happened.
CLOSING = (Closing.REACHED, Closing.WRONG_NUMBER, Closing.UNREACHABLE, Closing.WITHDRAWN)
WITH_A_NOTE = frozenset({Closing.WITHDRAWN, Closing.WRONG_NUMBER})

_OPEN = RING_BACK.c.closed_at.is_(None)


def ask_ring_back(  # noqa: PLR0913 - whom, when, and what was agreed with him
    conn: Connection,
    *,
    call: str,
    number: str,
    at: datetime,
    key: str,
    within: timedelta = RING_BACK_WITHIN,
    since: datetime | None = None,
    wish: str = "",
    chosen_at: datetime | None = None,
) -> bool:
    """Promise a call back. Once for one call, however often it is asked; False if it was promised before.

    `since` is the place in the line that he keeps, `chosen_at` the time he wants instead.
    """
    due_at = at + within
    row = {
        "call": call,
        "number": number[:SHORT],
        "reason": RingBackReason.ASKED,
        "asked_at": at,
        "due_at": due_at,
        "asked_by": "caller",
        "key": key[:SHORT],
        "attempts": 0,
        "since": since,
        "wish": wish or None,
        "chosen_at": chosen_at,
    }
    promised = keep_once(conn, RING_BACK, row)
    if promised:
        _note(conn, call, "asked", by="caller", at=at, due_at=(chosen_at or due_at).isoformat())
    return promised


def plan(conn: Connection, quiet: Quiet, *, at: datetime) -> int:
    """Date what is new, let one debt pay for all of a number, and take back what nobody holds any more."""
    _reopen_orphans(conn, since=at - LATE_LINES)
    fresh = conn.execute(select(RING_BACK).where(_OPEN, RING_BACK.c.ring_by.is_(None))).all()
    for row in sorted(
        fresh, key=lambda row: (row.reason is not RingBackReason.ASKED, row.asked_at, row.call)
    ):
        asked = row.reason is RingBackReason.ASKED
        found = due(row.asked_at, row.due_at, asked=asked, chosen_at=row.chosen_at, quiet=quiet)
        when = {"next_at": found.next_at, "ring_by": found.ring_by, "moved": found.moved}
        number = dialled(row.number)
        _change(conn, row.call, dial=number, **when)
        if number:
            _merge(conn, row, number, when, at)
    held = (
        select(CLAIM.c.number)
        .where(CLAIM.c.call == RING_BACK.c.call, CLAIM.c.by == RING_BACK.c.owner, CLAIM.c.until > at)
        .exists()
    )
    conn.execute(update(RING_BACK).where(_OPEN, RING_BACK.c.owner.is_not(None), ~held).values(owner=None))
    return len(fresh)


def claim(conn: Connection, call: str, *, by: str, at: datetime, until: datetime) -> bool:
    """Be the one who rings this number until then; False if somebody else is, or if nothing is owed any more.

    Whoever has it may ask again and so keep it.
    """
    number = conn.execute(select(RING_BACK.c.dial).where(RING_BACK.c.call == call, _OPEN)).scalar()
    if not number:
        return False
    row = {"number": number, "call": call, "by": by[:SHORT], "until": until}
    return conn.execute(_claiming(conn.dialect.name), {**row, "now": at}).rowcount == 1


def give_up_claim(conn: Connection, call: str, *, by: str) -> None:
    conn.execute(delete(CLAIM).where(CLAIM.c.call == call, CLAIM.c.by == by[:SHORT]))


def take_over(conn: Connection, call: str, *, by: str, at: datetime) -> bool:
    """Let an agent have it for himself for a while; False if another one has it, or if it is closed.

    From the line it may be taken: there it only waits for somebody.
    """
    conn.execute(delete(CLAIM).where(CLAIM.c.call == call, CLAIM.c.by.startswith(LINE)))
    if not claim(conn, call, by=by, at=at, until=at + TAKEN_FOR):
        return False
    _change(conn, call, owner=by[:SHORT])
    _note(conn, call, "taken", by=by, at=at)
    return True


def release(conn: Connection, call: str, *, by: str, at: datetime) -> bool:
    """Give it back to all, one's own or, as a supervisor, somebody else's; False if nobody had it."""
    held = (RING_BACK.c.call == call) & _OPEN & RING_BACK.c.owner.is_not(None)
    if conn.execute(update(RING_BACK).where(held).values(owner=None)).rowcount != 1:
        return False
    conn.execute(delete(CLAIM).where(CLAIM.c.call == call))
    _note(conn, call, "released", by=by, at=at)
    return True


def try_again(conn: Connection, call: str, *, by: str, at: datetime) -> bool:
    """Have it rung once more although it was tried as often as the rule says; False if that was not so."""
    given_up = (RING_BACK.c.call == call) & _OPEN & RING_BACK.c.escalated_at.is_not(None)
    back = update(RING_BACK).where(given_up).values(escalated_at=None, next_at=at)
    again = conn.execute(back).rowcount == 1
    if again:
        _note(conn, call, "again", by=by, at=at)
    return again


def close(conn: Connection, call: str, *, reason: str, by: str, at: datetime, note: str = "") -> None:
    """Close it by a person's word. Raises Conflict if it is closed, Invalid if the reason does not hold."""
    if reason not in CLOSING:
        raise Invalid({"reason": "请选择了结原因 (choose a reason)"})
    if reason in WITH_A_NOTE and not note.strip():
        raise Invalid({"note": "请说明理由 (say why)"})
    tried = conn.execute(select(RING_BACK.c.attempts).where(RING_BACK.c.call == call)).scalar() or 0
    if reason == Closing.UNREACHABLE and tried < MOST_ATTEMPTS:
        raise Invalid(
            {
                "reason": f"至少拨打{MOST_ATTEMPTS}次后才能按联系不上了结,已拨{tried}次 (not tried often enough)"
            }
        )
    if not _close(conn, call, Closing(reason), by=by, at=at, note=note):
        raise Conflict("此回拨已了结 (closed already)")


def take_back(conn: Connection, *, call: str, by: str, at: datetime) -> bool:
    """Undo a promise to a caller who waits after all; what becomes of him now says his record, and owes anew."""
    undone = conn.execute(delete(RING_BACK).where(RING_BACK.c.call == call, _OPEN, RING_BACK.c.attempts == 0))
    if undone.rowcount == 1:
        conn.execute(delete(CLAIM).where(CLAIM.c.call == call))
        _note(conn, call, "taken_back", by=by, at=at)
    return undone.rowcount == 1


def settle(conn: Connection, record: CallRecord) -> None:
    """Draw from a call's record what it means for what we owe. The same record may come again: it counts once."""
    if record.direction is Direction.OUTGOING:
        _settle_attempt(conn, record)
    elif record.answered_at is not None:
        number = dialled(record.number)
        for call in _owed_to(conn, number, before=record.answered_at) if number else ():
            if call != record.id:
                _close(conn, call, Closing.CALLED_AGAIN, by=record.seat, at=record.answered_at)


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
            _close(conn, call, Closing.REACHED, by=record.by or record.seat, at=record.ended_at)


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
            _note(conn, call, "escalated", by="system", at=ended_at, attempts=counted)
    _change(conn, call, **after)


def _merge(conn: Connection, row: Any, number: str, when: dict[str, Any], at: datetime) -> None:
    """Let an older open debt of the number pay this one, too. What he asked for himself is the one that stays."""
    others = select(RING_BACK).where(
        _OPEN, RING_BACK.c.dial == number, RING_BACK.c.call != row.call, RING_BACK.c.ring_by.is_not(None)
    )
    found = conn.execute(others.order_by(RING_BACK.c.asked_at, RING_BACK.c.call)).all()
    if not found:
        return
    stays = next((each for each in found if each.reason is RingBackReason.ASKED), found[0])
    if row.reason is RingBackReason.ASKED and row.asked_at >= stays.asked_at:
        for each in found:
            _close(conn, each.call, Closing.DUPLICATE, by="system", at=at, into=row.call)
        return
    if row.asked_at > stays.asked_at and stays.escalated_at is None and stays.attempts == 0:
        # He tried once more after we had agreed on later: then it is not later.
        _change(
            conn,
            stays.call,
            next_at=min(stays.next_at, when["next_at"]),
            ring_by=min(stays.ring_by, when["ring_by"]),
        )
    _close(conn, row.call, Closing.DUPLICATE, by="system", at=at, into=stays.call)


def _reopen_orphans(conn: Connection, *, since: datetime) -> None:
    """Open again what was to be paid by a debt that a late line has shown to be none."""
    other = RING_BACK.alias()
    gone = ~select(other.c.call).where(other.c.call == RING_BACK.c.merged_into).exists()
    merged = RING_BACK.c.merged_into.is_not(None) & (RING_BACK.c.closing_reason == Closing.DUPLICATE)
    late = RING_BACK.c.closed_at > since
    anew = dict.fromkeys(("closed_at", "closed_by", "closing_reason", "merged_into", "ring_by"))
    conn.execute(update(RING_BACK).where(merged, late, gone).values(anew))


def _close(
    conn: Connection, call: str, reason: Closing, *, by: str, at: datetime, note: str = "", into: str = ""
) -> bool:
    """Close it, once: False if somebody else already has."""
    closed = {
        "closed_at": at,
        "closed_by": by[:SHORT],
        "closing_reason": reason.value,
        "closing_note": note.strip()[:LONGEST_NOTE] or None,
        "merged_into": into or None,
        "next_at": None,
    }
    done = conn.execute(update(RING_BACK).where(RING_BACK.c.call == call, _OPEN).values(closed)).rowcount == 1
    if done:
        conn.execute(delete(CLAIM).where(CLAIM.c.call == call))
        _note(conn, call, "closed", by=by, at=at, reason=reason.value, **({"into": into} if into else {}))
    return done


def _owed_to(conn: Connection, number: str, *, before: datetime) -> list[str]:
    """Return the open debts to a number; one that is not planned yet has it as its caller's exchange wrote it."""
    theirs = (RING_BACK.c.dial == number) | (RING_BACK.c.dial.is_(None) & (RING_BACK.c.number == number))
    found = select(RING_BACK.c.call).where(_OPEN, theirs, RING_BACK.c.asked_at < before)
    return list(conn.execute(found).scalars())


def _change(conn: Connection, call: str, **values: Any) -> None:
    conn.execute(update(RING_BACK).where(RING_BACK.c.call == call).values(**values))


def _note(conn: Connection, call: str, kind: str, *, by: str, at: datetime, **detail: Any) -> None:
    history.append(conn, subject=call, kind=f"ring_back.{kind}", actor=by, detail=detail, at=at)


@cache
def _claiming(dialect: str) -> Executable:
    statement = insert_into(dialect, CLAIM)
    new = statement.excluded
    ours = (CLAIM.c.call == new["call"]) & (CLAIM.c.by == new["by"])
    free = CLAIM.c.until <= bindparam("now", type_=CLAIM.c.until.type)
    values = {name: new[name] for name in ("call", "by", "until")}
    taken = statement.on_conflict_do_update(index_elements=["number"], set_=values, where=ours | free)
    return taken.execution_options(preserve_rowcount=True)
