"""紧急件: how one begins, and the telephone calls that are to be made for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from cases.limits import is_late
from cases.policies import ClockKind, Urgency
from cases.rules import Rules
from storage import clocks, duty, follows, history, notices
from storage.clocks import Obligation
from storage.frontline_models import DutyCall, UrgentCase, UrgentPromise
from storage.keeping import keep_once
from storage.moves import Seen
from storage.notices import Notice
from storage.people import Actor
from storage.types import table_of

URGENT = table_of(UrgentCase)
PROMISE = table_of(UrgentPromise)
RING = table_of(DutyCall)

ALARM, NOT_THERE = "alarm", "not_there"

_OPEN_OF = (
    select(URGENT)
    .where(URGENT.c.case == bindparam("of"), URGENT.c.ended_at.is_(None))
    .order_by(URGENT.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Ring:
    """A call to be made: why, and to whom in the unit."""

    purpose: str
    rank: str


def opened(
    conn: Connection, seen: Seen, unit: str, task: int, *, by: Actor, at: datetime, rules: Rules
) -> None:
    """An urgent case has come to its lead: on the spot within the promised minutes, day and night, holiday or not."""
    if Urgency(seen.urgency) is Urgency.NORMAL:
        return
    owed = Obligation(seen.id, ClockKind.ON_SITE, task)
    if clocks.start(conn, owed, seen.intent, seen.urgency, at=at, rules=rules) is None:
        return
    # The unit that had it before and gave it back no longer owes anything.
    moved = update(URGENT).where(URGENT.c.case == seen.id, URGENT.c.ended_at.is_(None))
    conn.execute(moved.values(ended_at=at, ended_by=by.login, ended_how="moved"))
    row = {"case": seen.id, "assignment": task, "unit": unit, "opened_at": at}
    number: int = conn.execute(insert(URGENT).values(row).returning(URGENT.c.id)).scalar_one()
    ring(conn, number, unit, Ring(ALARM, duty.DUTY), at=at)
    follows.begin(conn, seen, by=by, at=at)
    notices.tell(conn, Notice(kind="urgent_alarm", unit=unit, case=seen.id, urgent=True), at=at)
    history.append(conn, subject=seen.no, kind="urgent.opened", actor=by.login, detail={"unit": unit}, at=at)


def ring(conn: Connection, urgent: int, unit: str, which: Ring, *, at: datetime) -> None:
    """Note a call that is to be made, once for each purpose, whoever makes it: a person now, the machine later."""
    who = duty.on_duty(conn, unit, which.rank, at)
    row = {
        "urgent": urgent,
        "purpose": which.purpose,
        "unit": unit,
        "rank": which.rank,
        "name": who.name,
        "number": who.number,
        "wanted_at": at,
        "attempts": 0,
    }
    keep_once(conn, RING, row)


def open_of(conn: Connection, case: int) -> Row[*tuple[Any, ...]] | None:
    """Return the row of the urgent case that is going on, if one is."""
    return conn.execute(_OPEN_OF, {"of": case}).one_or_none()


def end(conn: Connection, row: Row[*tuple[Any, ...]], how: str, *, by: Actor, at: datetime) -> None:
    """Nothing more is owed for it: no call to make, no promise to keep."""
    conn.execute(
        update(URGENT)
        .where(URGENT.c.id == row.id, URGENT.c.ended_at.is_(None))
        .values(ended_at=at, ended_by=by.login, ended_how=how)
    )
    conn.execute(update(RING).where(RING.c.urgent == row.id, RING.c.done_at.is_(None)).values(done_at=at))
    for kept in clocks.open_clocks(conn, row.case):
        if kept.assignment != row.assignment:
            continue
        if kept.kind is ClockKind.PROMISE or (kept.kind is ClockKind.ON_SITE and row.arrived_at):
            clocks.stop_row(conn, kept.id, at)
        elif kept.kind is ClockKind.ON_SITE and kept.clock.due is not None:
            # Settled without anybody on the spot: too late stays too late, else it no longer counts.
            if is_late(at, kept.clock.due):
                clocks.stop_row(conn, kept.id, at)
            else:
                clocks.change(conn, kept, lambda clock: clock.void(how))
