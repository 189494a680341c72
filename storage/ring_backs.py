"""回拨: the ledger of calls we owe. Every caller who was not served is a dated debt until somebody closes it.

A number is rung by one at a time: who is about to ring it holds a claim, which is taken by a conditional write and expires
by itself, so that neither two processes nor a dead one can do harm.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, delete, func, select, update

from cases.call_parts import RingBackReason
from cases.call_record import RING_BACK_WITHIN
from cases.ring_backs import (
    COUNTED,
    MOST_ATTEMPTS,
    SPREAD_OVER,
    Closing,
    Quiet,
    dialled,
    due,
)
from storage.errors import Conflict, Invalid
from storage.keeping import insert_into, keep_once
from storage.ring_back_attempts import settle
from storage.ring_back_lists import (
    Attempt,
    Counts,
    Filters,
    Found,
    Owed,
    RingBackRate,
    attempts_of,
    counts,
    debts_of,
    open_ring_backs,
    owed,
    owed_now,
    rate,
    ready,
    search,
)
from storage.ring_back_rows import (
    ATTEMPT,
    CLAIM,
    LINE,
    LONGEST_NOTE,
    OPEN,
    RING_BACK,
    SHORT,
    change,
    close_debt,
    tell,
)

__all__ = [
    "CLOSING",
    "LINE",
    "LONGEST_NOTE",
    "RING_BACK",
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
    "debts_of",
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

# So long an agent who has taken a debt over has it for himself; then it is everybody's again.
TAKEN_FOR = timedelta(minutes=30)
# After that no line about a call comes any more.
LATE_LINES = timedelta(days=2)
# What a person may close a debt with; the others follow from what happened.
CLOSING = (Closing.REACHED, Closing.WRONG_NUMBER, Closing.UNREACHABLE, Closing.WITHDRAWN)
WITH_A_NOTE = frozenset({Closing.WITHDRAWN, Closing.WRONG_NUMBER})


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
    reason: RingBackReason = RingBackReason.ASKED,
) -> bool:
    """Promise a call back. Once for one call, however often it is asked; False if it was promised before.

    `since` is the place in the line that he keeps, `chosen_at` the time he wants instead.
    """
    due_at = at + within
    row = {
        "call": call,
        "number": number[:SHORT],
        "reason": reason,
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
        tell(conn, call, "asked", by="caller", at=at, due_at=(chosen_at or due_at).isoformat())
    return promised


def plan(conn: Connection, quiet: Quiet, *, at: datetime) -> int:
    """Date what is new, let one debt pay for all of a number, and take back what nobody holds any more."""
    _reopen_orphans(conn, since=at - LATE_LINES)
    fresh = conn.execute(select(RING_BACK).where(OPEN, RING_BACK.c.ring_by.is_(None))).all()
    for row in sorted(
        fresh, key=lambda row: (row.reason is not RingBackReason.ASKED, row.asked_at, row.call)
    ):
        asked = row.reason is RingBackReason.ASKED
        found = due(row.asked_at, row.due_at, asked=asked, chosen_at=row.chosen_at, quiet=quiet)
        when = {"next_at": found.next_at, "ring_by": found.ring_by, "moved": found.moved}
        number = dialled(row.number)
        change(conn, row.call, dial=number, **when)
        if number:
            _merge(conn, row, number, when, at)
    if quiet.holds(at):
        _let_sleep(conn, quiet.over(at))
    held = (
        select(CLAIM.c.number)
        .where(CLAIM.c.call == RING_BACK.c.call, CLAIM.c.by == RING_BACK.c.owner, CLAIM.c.until > at)
        .exists()
    )
    conn.execute(update(RING_BACK).where(OPEN, RING_BACK.c.owner.is_not(None), ~held).values(owner=None))
    return len(fresh)


def claim(conn: Connection, call: str, *, by: str, at: datetime, until: datetime) -> bool:
    """Be the one who rings this number until then; False if somebody else is, or if nothing is owed any more.

    Whoever has it may ask again and so keep it.
    """
    number = conn.execute(select(RING_BACK.c.dial).where(RING_BACK.c.call == call, OPEN)).scalar()
    if not number:
        return False
    row = {"number": number, "call": call, "by": by[:SHORT], "until": until}
    return conn.execute(claiming(conn.dialect.name), {**row, "now": at}).rowcount == 1


def give_up_claim(conn: Connection, call: str, *, by: str) -> None:
    conn.execute(delete(CLAIM).where(CLAIM.c.call == call, CLAIM.c.by == by[:SHORT]))


def take_over(conn: Connection, call: str, *, by: str, at: datetime) -> bool:
    """Let an agent have it for himself for a while; False if another one has it, or if it is closed.

    From the line it may be taken: there it only waits for somebody.
    """
    conn.execute(delete(CLAIM).where(CLAIM.c.call == call, CLAIM.c.by.startswith(LINE)))
    if not claim(conn, call, by=by, at=at, until=at + TAKEN_FOR):
        return False
    change(conn, call, owner=by[:SHORT])
    tell(conn, call, "taken", by=by, at=at)
    return True


def release(conn: Connection, call: str, *, by: str, at: datetime) -> bool:
    """Give it back to all, one's own or, as a supervisor, somebody else's; False if nobody had it."""
    held = (RING_BACK.c.call == call) & OPEN & RING_BACK.c.owner.is_not(None)
    if conn.execute(update(RING_BACK).where(held).values(owner=None)).rowcount != 1:
        return False
    conn.execute(delete(CLAIM).where(CLAIM.c.call == call))
    tell(conn, call, "released", by=by, at=at)
    return True


def try_again(conn: Connection, call: str, *, by: str, at: datetime) -> bool:
    """Have it rung once more although it was tried as often as the rule says; False if that was not so."""
    given_up = (RING_BACK.c.call == call) & OPEN & RING_BACK.c.escalated_at.is_not(None)
    back = update(RING_BACK).where(given_up).values(escalated_at=None, next_at=at)
    again = conn.execute(back).rowcount == 1
    if again:
        tell(conn, call, "again", by=by, at=at)
    return again


def close(conn: Connection, call: str, *, reason: str, by: str, at: datetime, note: str = "") -> None:
    """Close it by a person's word. Raises Conflict if it is closed, Invalid if the reason does not hold."""
    if reason not in CLOSING:
        raise Invalid({"reason": "请选择了结原因 (choose a reason)"})
    if reason in WITH_A_NOTE and not note.strip():
        raise Invalid({"note": "请说明理由 (say why)"})
    if reason == Closing.UNREACHABLE:
        _check_tried(conn, call)
    if not close_debt(conn, call, Closing(reason), by=by, at=at, note=note):
        raise Conflict("此回拨已了结 (closed already)")


def take_back(conn: Connection, *, call: str, by: str, at: datetime) -> bool:
    """Undo a promise to a caller who waits after all; what becomes of him now says his record, and owes anew."""
    undone = conn.execute(delete(RING_BACK).where(RING_BACK.c.call == call, OPEN, RING_BACK.c.attempts == 0))
    if undone.rowcount == 1:
        conn.execute(delete(CLAIM).where(CLAIM.c.call == call))
        tell(conn, call, "taken_back", by=by, at=at)
    return undone.rowcount == 1


def _check_tried(conn: Connection, call: str) -> None:
    """Raise Invalid unless he was tried as often as the rule says, and not within one hour of bad luck."""
    counted = select(func.count(), func.min(ATTEMPT.c.at), func.max(ATTEMPT.c.at)).where(
        ATTEMPT.c.owed == call, ATTEMPT.c.result.in_(COUNTED)
    )
    tried, first, last = conn.execute(counted).one()
    if tried < MOST_ATTEMPTS or last - first < SPREAD_OVER:
        hours = int(SPREAD_OVER / timedelta(hours=1))
        rule = f"至少分散在{hours}小时内拨打{MOST_ATTEMPTS}次，才能按联系不上了结，已拨{tried}次"
        raise Invalid({"reason": f"{rule} (not tried often enough, or all at once)"})


def _merge(conn: Connection, row: Any, number: str, when: dict[str, Any], at: datetime) -> None:
    """Let an older open debt of the number pay this one, too. What he asked for himself is the one that stays."""
    others = select(RING_BACK).where(
        OPEN, RING_BACK.c.dial == number, RING_BACK.c.call != row.call, RING_BACK.c.ring_by.is_not(None)
    )
    found = conn.execute(others.order_by(RING_BACK.c.asked_at, RING_BACK.c.call)).all()
    if not found:
        return
    stays = next((each for each in found if each.reason is RingBackReason.ASKED), found[0])
    if row.reason is RingBackReason.ASKED and row.asked_at >= stays.asked_at:
        for each in found:
            close_debt(conn, each.call, Closing.DUPLICATE, by="system", at=at, into=row.call)
        return
    if row.asked_at > stays.asked_at and stays.escalated_at is None and stays.attempts == 0:
        # He tried once more after we had agreed on later: then it is not later.
        change(
            conn,
            stays.call,
            next_at=min(stays.next_at, when["next_at"]),
            ring_by=min(stays.ring_by, when["ring_by"]),
        )
    close_debt(conn, row.call, Closing.DUPLICATE, by="system", at=at, into=stays.call)


def _let_sleep(conn: Connection, morning: datetime) -> None:
    """Put off until the morning what would be tried at night; only a time of his own choice holds, and for once."""
    chosen = RING_BACK.c.chosen_at.is_not(None) & (RING_BACK.c.attempts == 0)
    tonight = update(RING_BACK).where(OPEN, RING_BACK.c.next_at < morning, ~chosen)
    conn.execute(tonight.values(next_at=morning, moved="night"))


def _reopen_orphans(conn: Connection, *, since: datetime) -> None:
    """Open again what was to be paid by a debt that a late line has shown to be none."""
    other = RING_BACK.alias()
    gone = ~select(other.c.call).where(other.c.call == RING_BACK.c.merged_into).exists()
    merged = RING_BACK.c.merged_into.is_not(None) & (RING_BACK.c.closing_reason == Closing.DUPLICATE)
    late = RING_BACK.c.closed_at > since
    anew = dict.fromkeys(("closed_at", "closed_by", "closing_reason", "merged_into", "ring_by"))
    conn.execute(update(RING_BACK).where(merged, late, gone).values(anew))


@cache
def claiming(dialect: str) -> Executable:
    statement = insert_into(dialect, CLAIM)
    new = statement.excluded
    ours = (CLAIM.c.call == new["call"]) & (CLAIM.c.by == new["by"])
    free = CLAIM.c.until <= bindparam("now", type_=CLAIM.c.until.type)
    values = {name: new[name] for name in ("call", "by", "until")}
    taken = statement.on_conflict_do_update(index_elements=["number"], set_=values, where=ours | free)
    return taken.execution_options(preserve_rowcount=True)
