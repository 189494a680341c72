"""外呼: the queue of what we ring people for by ourselves. A row is taken before the exchange is asked, by one process.

What is out has its call's id on it until the record of that call has ended. So neither two processes nor one that died
in between ring anybody twice; the number's claim is the same that a ring-back takes, and keeps both apart.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from cases.outgoing import BREATH, COUNTED, REVISIT_AFTER, Closing, Kind, Result, follows, may_ring, result_of
from cases.ring_backs import Quiet, dialled
from cases.workflow import Role
from storage import duty, notices
from storage.calls import CALL
from storage.keeping import keep_once
from storage.notices import Notice
from storage.outgoing_rows import ATTEMPT, OPEN, SWITCH, TASKS, WANTED, close, tell
from storage.people import SYSTEM
from storage.ring_back_lists import ATTEMPT as RUNG
from storage.ring_back_lists import LONGEST_CALL
from storage.ring_back_rows import CLAIM
from storage.ring_backs import claiming
from storage.units import UNIT
from storage.urgent_rows import RING

MOST_PLANNED: Final = 200
MOST_READY: Final = 50
# Longer no call of ours can last, ringing and all: the dialplan ends it before.
LONGEST: Final = timedelta(minutes=15)
LONGEST_ALARM: Final = timedelta(minutes=5)
# A call that Asterisk does not have after so long, and of which nothing is written, never was one.
UNBEGUN: Final = timedelta(minutes=2)
# So long after its end the script of a call may still be writing down what was said in it.
WRITTEN: Final = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Ready:
    """Somebody who may be rung now."""

    task: int
    kind: Kind
    number: str


@dataclass(frozen=True, slots=True)
class Open:
    """A call of ours whose end nobody has read yet."""

    call: str
    by: str
    at: datetime


def is_due(conn: Connection, at: datetime, *, planning: bool) -> bool:
    """Tell, without holding up anybody who writes, whether there is something to do now.

    What citizens are to hear is looked for when it is time for `planning`, danger each time.
    """
    on = switched_on(conn)
    out = select(ATTEMPT.c.call).where(ATTEMPT.c.ended_at.is_(None))
    now = select(TASKS.c.id).where(OPEN, TASKS.c.call.is_(None), TASKS.c.next_at <= at, TASKS.c.kind.in_(on))
    alarms = [_new(Kind.DUTY)] if Kind.DUTY in on else []
    return bool(on and planning) or any(conn.execute(one.limit(1)).first() for one in (out, now, *alarms))


def plan(conn: Connection, quiet: Quiet, *, at: datetime, kinds: Collection[Kind] = tuple(Kind)) -> int:
    """Note what wants a call, and strike off what no longer does; return how much of both there was."""
    new = sum(_plan(conn, kind, quiet, at) for kind in switched_on(conn) if kind in kinds)
    return new + sum(_strike_off(conn, kind, at) for kind in kinds)


def switched_on(conn: Connection) -> list[Kind]:
    return list(conn.execute(select(SWITCH.c.kind).where(SWITCH.c.on).order_by(SWITCH.c.kind)).scalars())


def _plan(conn: Connection, kind: Kind, quiet: Quiet, at: datetime) -> int:
    rows = conn.execute(_new(kind).limit(MOST_PLANNED)).all()
    for row in rows:
        number = next(iter(_ladder(conn, row.ref, at)), "") if kind is Kind.DUTY else dialled(row.number)
        begins = max(at, row.wanted_at + REVISIT_AFTER) if kind is Kind.REVISIT else at
        values = {
            "kind": kind,
            "ref": row.ref,
            "case": row.case,
            "number": number,
            "wanted_at": row.wanted_at,
            "next_at": may_ring(kind, begins, quiet),
            "attempts": 0,
        }
        if not number:
            # Nobody can be rung at it by a machine; it is for people to see.
            values |= {"closed_at": at, "closed_by": SYSTEM.login, "closing": Closing.PERSON}
            if kind is Kind.DUTY:
                _tell_people(conn, row.case, at)
        keep_once(conn, TASKS, values)
    return len(rows)


def _new(kind: Kind) -> Select[*tuple[Any, ...]]:
    """What wants a call and has no row yet."""
    wanted = WANTED[kind].subquery()
    known = select(TASKS.c.id).where(TASKS.c.kind == kind, TASKS.c.ref == wanted.c.ref).exists()
    return select(wanted).where(~known)


def _strike_off(conn: Connection, kind: Kind, at: datetime, *where: ColumnElement[bool]) -> int:
    """Close what somebody else has done meanwhile. What is out tells it itself, to whom it rings."""
    mine = (OPEN, TASKS.c.kind == kind, TASKS.c.call.is_(None), *where)
    rows = conn.execute(select(TASKS.c.id, TASKS.c.ref, TASKS.c.case).where(*mine)).all()
    if not rows:
        return 0
    wanted = WANTED[kind].subquery()
    still = select(wanted.c.ref)
    if len(rows) == 1:
        still = still.where(wanted.c.case == rows[0].case)
    # Compared here: PostgreSQL would look through all that is wanted once for each row.
    left = set(conn.execute(still).scalars())
    gone = [row.id for row in rows if row.ref not in left]
    values = {"closed_at": at, "closed_by": SYSTEM.login, "closing": Closing.GONE}
    for begin in range(0, len(gone), MOST_PLANNED):
        some = TASKS.c.id.in_(gone[begin : begin + MOST_PLANNED])
        conn.execute(update(TASKS).where(*mine, some).values(values))
    return len(gone)


def ready(conn: Connection, *, at: datetime) -> list[Ready]:
    """Return who may be rung now, danger first; not who is rung already, nor who was just on the telephone with us."""
    free = (
        ~select(CLAIM.c.number).where(CLAIM.c.number == TASKS.c.number, CLAIM.c.until > at).exists(),
        ~select(RUNG.c.call)
        .where(RUNG.c.number == TASKS.c.number, RUNG.c.ended_at.is_(None), RUNG.c.at > at - LONGEST_CALL)
        .exists(),
        ~select(ATTEMPT.c.call)
        .where(ATTEMPT.c.number == TASKS.c.number, ATTEMPT.c.at > at - BREATH)
        .exists(),
    )
    rows = (
        select(TASKS.c.id, TASKS.c.kind, TASKS.c.number, TASKS.c.ref, TASKS.c.attempts)
        .where(OPEN, TASKS.c.call.is_(None), TASKS.c.next_at <= at, TASKS.c.kind.in_(switched_on(conn)))
        .where(free[0] & free[1] & free[2] | (TASKS.c.kind == Kind.DUTY))
        .order_by(TASKS.c.kind != Kind.DUTY, TASKS.c.next_at, TASKS.c.id)
        .limit(MOST_READY)
    )
    return [Ready(row.id, row.kind, _number(conn, row, at)) for row in conn.execute(rows)]


def _number(conn: Connection, row: Row[*tuple[Any, ...]], at: datetime) -> str:
    """Return whom to ring now; of a duty table the next after each try, and the first again after the last."""
    ladder = _ladder(conn, row.ref, at) if row.kind is Kind.DUTY else []
    number: str = ladder[row.attempts % len(ladder)] if ladder else row.number
    return number


def _ladder(conn: Connection, ref: str, at: datetime) -> list[str]:
    """Return who was named for an urgent case, then who is on duty now, the leader, and the unit's own telephones."""
    named = conn.execute(
        select(RING.c.number, UNIT.c.id, UNIT.c.duty_phone, UNIT.c.night_phone)
        .join(UNIT, UNIT.c.id == RING.c.unit)
        .where(RING.c.id == int(ref))
    ).one()
    on_duty = (duty.on_duty(conn, named.id, rank, at).number for rank in duty.RANKS)
    all_of_them = (named.number, *on_duty, named.duty_phone, named.night_phone)
    numbers = (dialled(each or "", by_hand=True) for each in all_of_them)
    return list(dict.fromkeys(each for each in numbers if each))


def take(conn: Connection, one: Ready, *, call: str, by: str, at: datetime) -> bool:
    """Be the one who rings; False if somebody else is at it, or at this number. Only then is the exchange asked."""
    if _strike_off(conn, one.kind, at, TASKS.c.id == one.task):
        return False
    claim = {"number": one.number, "call": call, "by": f"notice:{by}", "until": at + LONGEST}
    if conn.execute(claiming(conn.dialect.name), {**claim, "now": at}).rowcount != 1:
        return False
    mine = update(TASKS).where(TASKS.c.id == one.task, OPEN, TASKS.c.call.is_(None), TASKS.c.next_at <= at)
    if conn.execute(mine.values(call=call)).rowcount != 1:
        conn.execute(delete(CLAIM).where(CLAIM.c.call == call))
        return False
    row = {"call": call, "task": one.task, "number": one.number, "by": by, "at": at}
    conn.execute(insert(ATTEMPT).values(row))
    return True


def open_calls(conn: Connection) -> list[Open]:
    rows = select(ATTEMPT.c.call, ATTEMPT.c.by, ATTEMPT.c.at).where(ATTEMPT.c.ended_at.is_(None))
    return [Open(*row) for row in conn.execute(rows.order_by(ATTEMPT.c.at))]


def settle(conn: Connection, quiet: Quiet, *, at: datetime, alive: Collection[str] | None, by: str) -> int:
    """Draw from the records of our calls what came of them. `alive` are the calls this node's exchange has now; None:
    it has not been asked.
    """
    rows = conn.execute(
        select(
            ATTEMPT.c.call,
            ATTEMPT.c.result,
            ATTEMPT.c.by,
            ATTEMPT.c.at,
            TASKS.c.kind,
            CALL.c.ended_at,
            CALL.c.dial_status,
        )
        .join(TASKS, TASKS.c.id == ATTEMPT.c.task)
        .outerjoin(CALL, CALL.c.id == ATTEMPT.c.call)
        .where(ATTEMPT.c.ended_at.is_(None))
    ).all()
    settled = 0
    for row in rows:
        longest = LONGEST_ALARM if row.kind is Kind.DUTY else LONGEST
        gone = row.by == by and alive is not None and row.call not in alive and row.at < at - UNBEGUN
        if row.ended_at is not None:
            if row.ended_at > at - WRITTEN:
                continue
            finish(conn, row.call, row.result or result_of(row.dial_status), quiet, at=row.ended_at)
        elif row.at < at - longest or (gone and row.dial_status is None):
            finish(conn, row.call, row.result or Result.LOST, quiet, at=at)
        else:
            continue
        settled += 1
    return settled


def finish(conn: Connection, call: str, result: Result, quiet: Quiet, *, at: datetime) -> None:
    """Write down what came of a call, and what follows; once for each."""
    ended = update(ATTEMPT).where(ATTEMPT.c.call == call, ATTEMPT.c.ended_at.is_(None))
    if conn.execute(ended.values(ended_at=at, result=result)).rowcount != 1:
        return
    conn.execute(delete(CLAIM).where(CLAIM.c.call == call))
    task = conn.execute(
        select(TASKS).join(ATTEMPT, ATTEMPT.c.task == TASKS.c.id).where(ATTEMPT.c.call == call)
    ).one()
    counted = task.attempts + (result in COUNTED)
    then = follows(task.kind, result, counted, at, quiet)
    after = {"attempts": counted, "call": None, "next_at": then.at or at}
    conn.execute(update(TASKS).where(TASKS.c.id == task.id).values(after))
    if then.closing is not None:
        close(conn, task.id, then.closing, by=SYSTEM.login, at=at)
        if task.kind is Kind.DUTY and then.closing is Closing.PERSON:
            _tell_people(conn, task.case, at)
    if task.kind is Kind.DUTY and result in COUNTED:
        _not_reached(conn, int(task.ref), at)
    tell(conn, task.id, "rung", by=SYSTEM.login, at=at, result=result, call=call, tries=counted)


def _not_reached(conn: Connection, ring: int, at: datetime) -> None:
    """Let the centre's own list of calls to make show that it was tried."""
    tried = {"attempts": RING.c.attempts + 1, "tried_by": SYSTEM.login, "tried_at": at, "result": "no_answer"}
    conn.execute(update(RING).where(RING.c.id == ring, RING.c.done_at.is_(None)).values(tried))


def _tell_people(conn: Connection, case: int, at: datetime) -> None:
    """Danger goes on and nobody answers the telephone: those who lead the shift hear of it at once."""
    for role in (Role.TEAM_LEAD, Role.DISPATCHER):
        notices.tell(conn, Notice(kind="urgent_unanswered", role=role, case=case, urgent=True), at=at)


def how_many_out(conn: Connection) -> int:
    found: int = conn.execute(select(func.count()).where(ATTEMPT.c.ended_at.is_(None))).scalar_one()
    return found
