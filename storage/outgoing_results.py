"""What a call of ours is about, and what came of it in the words of the circuit: told, evaluated, acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from cases import redaction
from cases.clocks import ClockRefused
from cases.outgoing import Kind, Result
from cases.rules import Rules
from cases.workflow import Refusal, Role, Secrecy, State
from storage import feedback, ring_backs, urgent
from storage.errors import Conflict, Invalid, Missing
from storage.members import root_of
from storage.models import TextKind
from storage.moves import CASE, Seen, see
from storage.outgoing_rows import ATTEMPT, TASKS, TEXT
from storage.people import SYSTEM, Actor
from storage.phone_service import Judged, evaluate
from storage.units import UNIT
from storage.urgent_rows import RING, URGENT, open_of
from storage.voice_notes import Said

REFUSED: Final = (Refusal, Invalid, Conflict, Missing, ClockRefused)
"""What the store says when somebody else was quicker, or when it may not be."""
DUTY_PHONE: Final = "值班电话 duty phone"
_OF_CALL = (
    select(TASKS.c.kind, TASKS.c.ref, ATTEMPT.c.number, ATTEMPT.c.result, CASE.c.no)
    .join(ATTEMPT, ATTEMPT.c.task == TASKS.c.id)
    .join(CASE, CASE.c.id == TASKS.c.case)
    .where(ATTEMPT.c.call == bindparam("ours"), ATTEMPT.c.ended_at.is_(None))
)
_TITLE = select(CASE.c.digits, CASE.c.title, CASE.c.address).where(CASE.c.id == bindparam("row"))
_PUBLIC = (
    select(TEXT.c.text)
    .where(TEXT.c.case == bindparam("row"), TEXT.c.kind == TextKind.PUBLIC)
    .order_by(TEXT.c.version.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Brief:
    """What is to be said in a call that was taken up."""

    kind: Kind
    number: str
    no: str
    digits: str
    title: str = ""
    address: str = ""
    unit: str = ""
    purpose: str = ""
    """Of a duty call: alarm, not_there, or promise_1, promise_2 …"""
    reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a citizen has said about the result."""

    solved: str
    satisfied: str
    spoken: Sequence[Said] = ()
    """Why, in his own voice."""


def brief(conn: Connection, call: str) -> Brief | None:
    """Return what the call is about; None if it is none of ours, or if somebody else has done it meanwhile."""
    row = conn.execute(_OF_CALL, {"ours": call}).one_or_none()
    if row is None or row.result is not None:
        return None
    seen = see(conn, row.no)
    known = conn.execute(_TITLE, {"row": seen.id}).one()
    if row.kind is Kind.DUTY:
        return _alarm(conn, seen, row, known)
    root = root_of(conn, seen)
    if seen.confidential or not _is_due(row.kind, seen, root):
        return None
    reply = conn.execute(_PUBLIC, {"row": root.id}).scalar() or ""
    # It was written to somebody else, and may call him by his name.
    reply = redaction.redacted(reply) if root.id != seen.id else reply
    return Brief(row.kind, row.number, row.no, known.digits, known.title, reply=reply)


def _is_due(kind: Kind, seen: Seen, root: Seen) -> bool:
    if kind is Kind.REVISIT:
        return seen.state is State.CALLBACK
    return seen.state is State.MERGED or root.state is State.FEEDBACK


def _alarm(conn: Connection, seen: Seen, row: Any, known: Any) -> Brief | None:
    ring = conn.execute(
        select(RING.c.purpose, UNIT.c.short_name)
        .join(UNIT, UNIT.c.id == RING.c.unit)
        .where(RING.c.id == int(row.ref), RING.c.done_at.is_(None))
    ).one_or_none()
    if ring is None:
        return None
    # Of a secret case only its number is said: whoever is on duty reads the rest where he is known.
    secret = seen.confidential is Secrecy.SECRET
    return Brief(
        row.kind,
        row.number,
        row.no,
        known.digits,
        title="" if secret else known.title,
        address="" if secret else known.address,
        unit=ring.short_name,
        purpose=ring.purpose,
    )


def told(conn: Connection, call: str, no: str, *, at: datetime, rules: Rules) -> None:
    """反馈: the citizen has heard the result."""
    feedback.feed_back(conn, no, channel="phone", delivered=True, call=call, by=SYSTEM, at=at, rules=rules)
    said(conn, call, Result.DONE)


def judged(conn: Connection, call: str, no: str, how: Judgement, *, at: datetime, rules: Rules) -> None:
    """回访: the citizen's own words, by key or voice; they close the case, and ask for rework where he is not satisfied."""
    came = evaluate(
        conn,
        no,
        solved=how.solved,
        satisfied=how.satisfied,
        spoken=how.spoken,
        call=call,
        at=at,
        rules=rules,
    )
    result = Result.OVERTAKEN if came is Judged.OVER else Result.DONE
    said(conn, call, result, solved=how.solved, satisfied=how.satisfied)


def acknowledged(conn: Connection, call: str, no: str, *, at: datetime) -> None:
    """接警: whoever took up the duty telephone has pressed the key. That is the unit's word, and ends the calling."""
    row = conn.execute(_OF_CALL, {"ours": call}).one()
    ring = conn.execute(
        select(RING.c.id, RING.c.unit, RING.c.done_at, URGENT.c.acknowledged_at)
        .join(URGENT, URGENT.c.id == RING.c.urgent)
        .where(RING.c.id == int(row.ref))
    ).one()
    if ring.done_at is None:
        urgent.rang(conn, ring.id, "reached", by=SYSTEM, at=at)
    running = open_of(conn, see(conn, no).id)
    if running is not None and running.acknowledged_at is None and running.unit == ring.unit:
        # The telephone of the unit's people on duty speaks for the unit, whoever holds it.
        on_duty = Actor(DUTY_PHONE, Role.LIAISON, ring.unit)
        urgent.acknowledge(conn, no, by=on_duty, at=at)
    said(conn, call, Result.DONE)


def wants_person(conn: Connection, call: str, number: str, *, at: datetime) -> None:
    """转人工: he is rung back by a person within the hour, like anybody who asks for it."""
    ring_backs.ask_ring_back(conn, call=call, number=number, at=at, key=f"{call}:notice")
    said(conn, call, Result.PERSON)


def said(
    conn: Connection, call: str, result: Result, *, solved: str | None = None, satisfied: str | None = None
) -> None:
    """Keep what the dialogue has come to; the end of the call settles it. What is done is not undone by what follows."""
    values = {"result": result, "solved": solved, "satisfied": satisfied}
    open_yet = ATTEMPT.c.result.is_(None) | (ATTEMPT.c.result == Result.PARTIAL)
    mine = update(ATTEMPT).where(ATTEMPT.c.call == call, ATTEMPT.c.ended_at.is_(None), open_yet)
    conn.execute(mine.values(values))
