"""Seats through the day: each change of state as the engine confirmed it, the newest of each, and what agents did with
their time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from sqlalchemy import Connection, and_, func, or_, select

from storage import history
from storage.call_models import SeatLog, SeatState
from storage.keeping import insert_into, keep_once
from storage.types import table_of

LOG = table_of(SeatLog)
STATE = table_of(SeatState)
LONGEST = 64


@dataclass(frozen=True, slots=True)
class SeatNow:
    """What a seat was last seen to be."""

    seat: str
    agent: str
    state: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """An agent's seat in one state. The last one of a day has not ended yet."""

    agent: str
    state: str
    reason: str
    actor: str
    began_at: datetime
    ended_at: datetime | None


def log_state(
    conn: Connection, *, seat: str, agent: str, state: str, reason: str, at: datetime, actor: str = ""
) -> None:
    """Note one change. The same change may be told twice, by the engine and by queue_log; it counts once."""
    texts = {
        "agent": agent[:LONGEST],
        "state": state[:LONGEST],
        "reason": reason[:LONGEST],
        "actor": actor[:LONGEST],
    }
    key = {"seat": seat[:LONGEST]}
    if not keep_once(conn, LOG, {**key, **texts, "at": at}):
        return
    statement = insert_into(conn.dialect.name, STATE).values(**key, **texts, at=at)
    newest = statement.on_conflict_do_update(
        index_elements=["seat"], set_={**texts, "at": at}, where=STATE.c.at < at
    )
    conn.execute(newest)


def seat_states(conn: Connection) -> list[SeatNow]:
    """Return the newest state of every seat, in the order of their names."""
    rows = conn.execute(select(STATE).order_by(STATE.c.seat))
    return [SeatNow(row.seat, row.agent, row.state, row.reason, row.at) for row in rows]


def stretches(
    conn: Connection, seats: Sequence[str], *, after: datetime, until: datetime
) -> dict[str, list[Stretch]]:
    """Return what these seats were within the time, oldest first, each from its change to the next one.

    What a seat was already when the time began counts from then on.
    """
    before = (
        select(LOG.c.seat, func.max(LOG.c.at).label("at"))
        .where(LOG.c.seat.in_(seats), LOG.c.at < after)
        .group_by(LOG.c.seat)
        .subquery()
    )
    rows = conn.execute(
        select(LOG)
        .outerjoin(before, and_(before.c.seat == LOG.c.seat, before.c.at == LOG.c.at))
        .where(LOG.c.seat.in_(seats), LOG.c.at < until, or_(LOG.c.at >= after, before.c.at.is_not(None)))
        .order_by(LOG.c.seat, LOG.c.at)
    ).all()
    found: dict[str, list[Stretch]] = {}
    for row, following in zip_longest(rows, rows[1:]):
        ended = following.at if following is not None and following.seat == row.seat else None
        stretch = Stretch(row.agent, row.state, row.reason, row.actor, max(row.at, after), ended)
        found.setdefault(row.seat, []).append(stretch)
    return found


def note_order(
    conn: Connection, *, seat: str, order: str, reason: str, agent: str, state: str, by: str, at: datetime
) -> None:
    """Write into the history that a supervisor has changed a seat from the wall."""
    detail = {"order": order, "reason": reason, "agent": agent, "state": state}
    history.append(conn, subject=f"seat:{seat}", kind="seat.ordered", actor=by, detail=detail, at=at)


def note_watch(
    conn: Connection, *, seat: str, kind: str, call: str, reason: str, agent: str, by: str, at: datetime
) -> None:
    """Write into the history that a supervisor came into a talk, or left it: with which right, and why."""
    detail = {"call": call, "reason": reason, "agent": agent}
    history.append(conn, subject=f"seat:{seat}", kind=f"watch.{kind}", actor=by, detail=detail, at=at)


def note_line_order(
    conn: Connection, *, order: str, call: str, seat: str, reason: str, by: str, at: datetime
) -> None:
    """Write into the history that a supervisor has raised a waiting caller or given one to a seat."""
    detail = {"order": order, "call": call, "seat": seat, "reason": reason}
    history.append(conn, subject=f"call:{call}", kind="line.by_hand", actor=by, detail=detail, at=at)


def note_repair(conn: Connection, *, subject: str, rule: str, reason: str, by: str, at: datetime) -> None:
    """Write into the history that a supervisor has had something stuck repaired."""
    detail = {"rule": rule, "reason": reason}
    history.append(conn, subject=subject, kind="line.repaired", actor=by, detail=detail, at=at)


def breaks_of(found: Iterable[Stretch], agent: str, until: datetime) -> dict[str, float]:
    """Return how many seconds the agent has been on a break, by its reason; a break that goes on counts to `until`."""
    seconds: dict[str, float] = {}
    for each in found:
        if each.agent == agent and each.state == "break":
            spent = ((each.ended_at or until) - each.began_at).total_seconds()
            seconds[each.reason] = seconds.get(each.reason, 0.0) + max(spent, 0.0)
    return seconds
