"""A derived call as rows of its tables: written, corrected, forgotten."""

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, case, delete, insert, select

from cases.call_record import CallRecord
from cases.call_segments import Segment
from storage.call_models import Call, CallSegment, RingBack
from storage.keeping import insert_into
from storage.types import table_of

CALL = table_of(Call)
SEGMENT = table_of(CallSegment)
RING_BACK = table_of(RingBack)

# Ids, numbers and codes longer than this come from nobody we know; they are cut, never refused.
SHORT = 64


def _these(column: Any) -> Any:
    return column.in_(bindparam("calls", expanding=True))


# What nobody has begun to do may still be corrected by a late line.
_UNTOUCHED = (RING_BACK.c.asked_by == "") & (RING_BACK.c.attempts == 0) & RING_BACK.c.closed_at.is_(None)

_DIGESTS = select(CALL.c.id, CALL.c.segments).where(_these(CALL.c.id))
_CALLS = select(CALL).where(_these(CALL.c.id))
_SEGMENTS = select(SEGMENT).where(_these(SEGMENT.c.call)).order_by(SEGMENT.c.call, SEGMENT.c.no)
_OWED = select(RING_BACK).where(_these(RING_BACK.c.call))
_KEEP_SEGMENTS = insert(SEGMENT)
_DROP_SEGMENTS = delete(SEGMENT).where(_these(SEGMENT.c.call))
_DROP_CALLS = delete(CALL).where(_these(CALL.c.id))
_DROP_OWED = delete(RING_BACK).where(_these(RING_BACK.c.call))
_TAKE_BACK = _DROP_OWED.where(_UNTOUCHED)


def write(conn: Connection, records: Sequence[CallRecord]) -> None:
    """Write the calls, over what was there."""
    if not records:
        return
    known = conn.execute(_DIGESTS, {"calls": [record.id for record in records]})
    digests = {row.id: row.segments for row in known}
    rows = [call_row(record) for record in records]
    conn.execute(_keep_calls(conn.dialect.name), rows)
    changed = [r for r, row in zip(records, rows, strict=True) if digests.get(r.id) != row["segments"]]
    if again := [record.id for record in changed if record.id in digests]:
        conn.execute(_DROP_SEGMENTS, {"calls": again})
    if segments := [row for record in changed for row in segment_rows(record)]:
        conn.execute(_KEEP_SEGMENTS, segments)
    if owing := [row for record in records if (row := ring_back_row(record))]:
        conn.execute(_keep_owed(conn.dialect.name), owing)
    if served := [record.id for record in records if record.ring_back is None and record.id in digests]:
        conn.execute(_TAKE_BACK, {"calls": served})


def forget(conn: Connection, calls: Sequence[str]) -> None:
    """Drop what looked like a citizen's call and was a seat's own."""
    for drop in (_DROP_OWED, _DROP_SEGMENTS, _DROP_CALLS) if calls else ():
        conn.execute(drop, {"calls": calls})


def kept(conn: Connection, calls: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Return each call as it is stored, with its segments and what is owed."""
    found = {row.id: [tuple(row)] for row in conn.execute(_CALLS, {"calls": calls})}
    for statement in (_SEGMENTS, _OWED):
        for row in conn.execute(statement, {"calls": calls}):
            found.setdefault(row.call, []).append(tuple(row))
    return found


@cache
def _keep_calls(dialect: str) -> Executable:
    """Everything is derived but the state of the recording, which only begins here."""
    statement = insert_into(dialect, CALL)
    new = statement.excluded
    fresh: dict[str, Any] = {column.name: new[column.name] for column in CALL.c if column.name != "id"}
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
        "segments": hashlib.sha256(repr(record.segments).encode()).hexdigest(),
        "recording_state": "due" if record.ended_at and record.answered_at else None,
    }


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
    }


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
    }
