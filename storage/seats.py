"""Seats through the day: each change of state as the engine confirmed it, and the newest of each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

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


def log_state(conn: Connection, *, seat: str, agent: str, state: str, reason: str, at: datetime) -> None:
    """Note one change. The same change may be told twice, by the engine and by queue_log; it counts once."""
    texts = {"agent": agent[:LONGEST], "state": state[:LONGEST], "reason": reason[:LONGEST]}
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
