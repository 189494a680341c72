"""A derived call as rows of its tables: written, corrected, forgotten."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, case, delete, insert, select

from cases.call_record import CallRecord
from cases.call_segments import Segment
from cases.figures import slot_of
from storage.call_models import Call, CallSegment, RingBack
from storage.figure_models import FigureSpan, ToldWait
from storage.keeping import insert_into
from storage.menu_figure_models import MenuTurn
from storage.types import table_of

CALL = table_of(Call)
SEGMENT = table_of(CallSegment)
RING_BACK = table_of(RingBack)
TOLD = table_of(ToldWait)
TURN = table_of(MenuTurn)
SPAN = table_of(FigureSpan)

# Ids, numbers and codes longer than this come from nobody we know; they are cut, never refused.
SHORT = 64
LONGEST_WISH = 400
TICK = timedelta(microseconds=1)


def _these(column: Any) -> Any:
    return column.in_(bindparam("calls", expanding=True))


# What nobody has begun to do may still be corrected by a late line.
_UNTOUCHED = (
    (RING_BACK.c.asked_by == "")
    & (RING_BACK.c.attempts == 0)
    & RING_BACK.c.owner.is_(None)
    & RING_BACK.c.closed_at.is_(None)
)

_DIGESTS = select(CALL.c.id, CALL.c.segments, CALL.c.pruned).where(_these(CALL.c.id))
_CALLS = select(CALL).where(_these(CALL.c.id))
_SEGMENTS = select(SEGMENT).where(_these(SEGMENT.c.call)).order_by(SEGMENT.c.call, SEGMENT.c.no)
_TOLD = select(TOLD).where(_these(TOLD.c.call)).order_by(TOLD.c.call, TOLD.c.no)
_TURNS = select(TURN).where(_these(TURN.c.call)).order_by(TURN.c.call, TURN.c.no)
_OWED = select(RING_BACK).where(_these(RING_BACK.c.call))
_KEEP_SEGMENTS = insert(SEGMENT)
_DROP_SEGMENTS = delete(SEGMENT).where(_these(SEGMENT.c.call))
_KEEP_TOLD = insert(TOLD)
_DROP_TOLD = delete(TOLD).where(_these(TOLD.c.call))
_KEEP_TURNS = insert(TURN)
_DROP_TURNS = delete(TURN).where(_these(TURN.c.call))
_DROP_CALLS = delete(CALL).where(_these(CALL.c.id) & CALL.c.pruned.is_(False))
_PRUNED = select(CALL.c.id).where(_these(CALL.c.id) & CALL.c.pruned.is_(True))
# What changes after its day was rolled up has that day counted again.
_COUNT_AGAIN = delete(SPAN).where(
    SPAN.c.first_slot <= bindparam("until"), SPAN.c.last_slot >= bindparam("since")
)
_DROP_OWED = delete(RING_BACK).where(_these(RING_BACK.c.call))
_TAKE_BACK = _DROP_OWED.where(_UNTOUCHED)


def write(conn: Connection, records: Sequence[CallRecord]) -> list[CallRecord]:
    """Write the calls, over what was there, and return those that have become others. A call whose lines are gone is
    not touched: one late line is not the whole of it.
    """
    if not records:
        return []
    known = {row.id: row for row in conn.execute(_DIGESTS, {"calls": [record.id for record in records]})}
    records = [record for record in records if record.id not in known or not known[record.id].pruned]
    rows = [call_row(record) for record in records]
    if not rows:
        return []
    conn.execute(_keep_calls(conn.dialect.name), rows)
    digests = {call: row.segments for call, row in known.items()}
    changed = [r for r, row in zip(records, rows, strict=True) if digests.get(r.id) != row["segments"]]
    _write_segments(conn, changed, again=[record.id for record in changed if record.id in digests])
    if owing := [row for record in records if (row := ring_back_row(record))]:
        conn.execute(_keep_owed(conn.dialect.name), owing)
    if served := [record.id for record in records if record.ring_back is None and record.id in digests]:
        conn.execute(_TAKE_BACK, {"calls": served})
    count_again(
        conn, min(row["slot"] for row in rows), max(slot_of(record.heard_until) for record in records)
    )
    return changed


def _write_segments(conn: Connection, changed: Sequence[CallRecord], *, again: Sequence[str]) -> None:
    if again:
        conn.execute(_DROP_SEGMENTS, {"calls": again})
    if segments := [row for record in changed for row in segment_rows(record)]:
        conn.execute(_KEEP_SEGMENTS, segments)
    if told := [row for record in changed for row in told_rows(record)]:
        # A call that was told something stays one: lines are never taken back.
        conn.execute(_DROP_TOLD, {"calls": [record.id for record in changed if record.told]})
        conn.execute(_KEEP_TOLD, told)
    if turns := [row for record in changed for row in turn_rows(record)]:
        conn.execute(_DROP_TURNS, {"calls": [record.id for record in changed if record.turns]})
        conn.execute(_KEEP_TURNS, turns)


def count_again(conn: Connection, since: int, until: int) -> None:
    """Have the figures of these quarters of an hour counted again, if they were rolled up."""
    conn.execute(_COUNT_AGAIN, {"since": since, "until": until})


def forget(conn: Connection, calls: Sequence[str]) -> None:
    """Drop what looked like a citizen's call and was a seat's own."""
    if not calls:
        return
    gone = set(conn.execute(_PRUNED, {"calls": calls}).scalars())
    if known := [call for call in calls if call not in gone]:
        for drop in (_DROP_OWED, _DROP_TOLD, _DROP_TURNS, _DROP_SEGMENTS, _DROP_CALLS):
            conn.execute(drop, {"calls": known})


def stored(conn: Connection, calls: Sequence[str]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return the rows of each call as they are stored, by table."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for name, statement, key in (
        ("call", _CALLS, "id"),
        ("segment", _SEGMENTS, "call"),
        ("told", _TOLD, "call"),
        ("turn", _TURNS, "call"),
        ("ring_back", _OWED, "call"),
    ):
        for row in conn.execute(statement, {"calls": calls}).mappings():
            found.setdefault(row[key], {}).setdefault(name, []).append(dict(row))
    return found


@cache
def _keep_calls(dialect: str) -> Executable:
    """Everything is derived but the state of the recording, which only begins here."""
    statement = insert_into(dialect, CALL)
    new = statement.excluded
    kept = {"id", "pruned"}
    fresh: dict[str, Any] = {column.name: new[column.name] for column in CALL.c if column.name not in kept}
    begun = CALL.c.recording_state.is_not(None)
    fresh["recording_state"] = case((begun, CALL.c.recording_state), else_=new["recording_state"])
    return statement.on_conflict_do_update(index_elements=["id"], set_=fresh)


@cache
def _keep_owed(dialect: str) -> Executable:
    statement = insert_into(dialect, RING_BACK)
    fresh = {name: statement.excluded[name] for name in ("number", "reason", "asked_at", "due_at")}
    return statement.on_conflict_do_update(index_elements=["call"], set_=fresh, where=_UNTOUCHED)


def call_row(record: CallRecord) -> dict[str, Any]:
    """Return the call's own row, all but its segments and what is owed."""
    return {
        "id": record.id,
        "node": record.node,
        "number": record.number,
        "dialled": record.dialled[:SHORT],
        "channel": record.channel,
        "offered_at": record.offered_at,
        "answered_by_line_at": record.answered_by_line_at,
        "queued_at": record.queued_at[0] if record.queued_at else None,
        "answered_at": record.answered_at,
        "ended_at": record.ended_at,
        "end_reason": record.end_reason,
        "hung_up_by": record.hung_up_by,
        "cause": record.cause,
        "seat": record.seat[:SHORT],
        "answer_seconds": record.answer_seconds,
        "wait_seconds": record.wait_seconds,
        "talk_seconds": record.talk_seconds,
        "hold_seconds": record.hold_seconds,
        "outcome": record.outcome[:SHORT],
        "case": record.case[:SHORT],
        "outcome_by": record.outcome_by[:SHORT],
        "survey": record.survey,
        "keys": record.keys,
        "fallback": record.fallback,
        "recording": record.recording,
        "heard_until": record.heard_until,
        "segments": _digest(record),
        "recording_state": "due" if record.ended_at and record.answered_at else None,
        "direction": record.direction,
        "line": record.line[:SHORT],
        "skill": record.skill[:SHORT],
        "language": record.language[:SHORT],
        "priority": record.priority,
        "event": record.event[:SHORT],
        "refused": record.refused[:SHORT],
        "wrap_up_seconds": record.wrap_up_seconds,
        "purpose": record.purpose[:SHORT],
        "owed": record.owed[:SHORT],
        "by": record.by[:SHORT],
        "dial_status": record.dial_status[:SHORT],
        "slot": slot_of(record.offered_at),
    }


def _digest(record: CallRecord) -> str:
    """Return by what it is known that nothing of the call has changed; a call without turns has the digest it had."""
    told = (record.segments, record.told, record.turns) if record.turns else (record.segments, record.told)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def segment_rows(record: CallRecord) -> list[dict[str, Any]]:
    return [_segment_row(record.id, number, segment) for number, segment in enumerate(record.segments)]


def _segment_row(call: str, number: int, segment: Segment) -> dict[str, Any]:
    return {
        "call": call,
        "no": number,
        "kind": segment.kind,
        "began_at": segment.began_at,
        "ended_at": segment.ended_at,
        "seat": segment.seat[:SHORT],
        "result": str(segment.result)[:SHORT],
        "cause": segment.cause,
        "detail": segment.detail[:SHORT],
        "slot": slot_of(segment.began_at),
        # A stretch that ends on the edge has ended in the quarter before it.
        "last_slot": slot_of(max(segment.began_at, segment.ended_at - TICK)) if segment.ended_at else None,
        "seconds": round(segment.seconds, 3),
    }


def turn_rows(record: CallRecord) -> list[dict[str, Any]]:
    slot = slot_of(record.offered_at)
    return [
        {"call": record.id, "no": number, "slot": slot, **asdict(turn)}
        for number, turn in enumerate(record.turns)
    ]


def told_rows(record: CallRecord) -> list[dict[str, Any]]:
    return [
        {
            "call": record.id,
            "no": number,
            "at": told.at,
            "position": told.position,
            "low": told.low,
            "high": told.high,
            "waited": told.waited,
            "answered": told.answered,
        }
        for number, told in enumerate(record.told)
    ]


def ring_back_row(record: CallRecord) -> dict[str, Any] | None:
    """Return what is owed because of the call, if anything is."""
    owed = record.ring_back
    if owed is None or record.ended_at is None:
        return None
    return {
        "call": record.id,
        "number": owed.number,
        "reason": owed.reason,
        "asked_at": record.ended_at,
        "due_at": owed.due_at,
        "asked_by": "",
        "attempts": 0,
        "since": owed.since,
        "wish": owed.wish[:LONGEST_WISH] or None,
        "chosen_at": owed.chosen_at,
    }
