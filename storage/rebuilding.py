"""Derive the records again from the raw lines, say where they differ from what is stored, and let old lines go."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, tuple_, update

from cases.call_facts import BadLine, read_cel, read_queue_log
from cases.call_record import RING_BACK_WITHIN, CallRecord
from storage import call_rows
from storage.call_models import Call, RawLine
from storage.records import AT_ONCE, Form, chunks, derived, update_calls
from storage.types import table_of

LINE = table_of(RawLine)
CALL = table_of(Call)

# A seat's own call, which has no record: it is over when its first second is this old.
OVER_BY = timedelta(days=1)
_SECOND = re.compile(r"(\d+)\.\d+$")

_KNOWN = (
    select(LINE.c.call)
    .distinct()
    .where(LINE.c.call > bindparam("last"))
    .order_by(LINE.c.call)
    .limit(bindparam("most"))
)
_STATE = select(CALL.c.id, CALL.c.ended_at).where(CALL.c.id.in_(bindparam("calls", expanding=True)))
_DROP_LINES = delete(LINE).where(LINE.c.call.in_(bindparam("calls", expanding=True)))
_MARK = update(CALL).where(CALL.c.id.in_(bindparam("calls", expanding=True))).values(pruned=True)
_KEY = tuple_(LINE.c.source, LINE.c.file, LINE.c.offset)

Place = tuple[str, int, int]
"""Of a line: its source, the number of its file, its offset."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is stored of a call, and what its lines say."""

    call: str
    field: str
    stored: str
    derived: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found: how many calls, and those whose record was not what their lines say."""

    calls: int
    different: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a rebuild: the calls up to `last`, and where they differed. `last` is None when there are no more."""

    last: str | None
    calls: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Pruned:
    """A part of a pruning: what was let go, and which calls were left because they have not ended."""

    last: str | None
    lines: int
    calls: int
    open: tuple[str, ...]


def rebuild(conn: Connection, *, within: timedelta = RING_BACK_WITHIN) -> Rebuilt:
    """Derive every call again in one go, repair what differs and say which calls that were."""
    count, last, different = 0, "", []
    while (part := rebuild_some(conn, last, repair=True, within=within)).last is not None:
        count, last = count + part.calls, part.last
        different += [difference.call for difference in part.differences]
    return Rebuilt(count, (*dict.fromkeys(different), *without_lines(conn)))


def rebuild_some(
    conn: Connection,
    after: str,
    *,
    repair: bool,
    most: int = AT_ONCE,
    within: timedelta = RING_BACK_WITHIN,
) -> Part:
    """Derive the next calls behind `after` again and compare; with `repair` write what their lines say."""
    calls = list(conn.execute(_KNOWN, {"last": after, "most": most}).scalars())
    if not calls:
        return Part(None, 0, ())
    told = derived(conn, calls, within)
    found = tuple(_differences(call_rows.stored(conn, calls), told))
    if repair and found:
        update_calls(conn, {difference.call for difference in found}, within=within)
    return Part(calls[-1], sum(record is not None for record in told.values()), found)


def without_lines(conn: Connection) -> list[str]:
    """Return records that no line tells of, though none was pruned."""
    told = select(LINE.c.call).where(LINE.c.call == CALL.c.id).exists()
    return list(conn.execute(select(CALL.c.id).where(~told, CALL.c.pruned.is_(False))).scalars())


def _differences(
    stored: dict[str, dict[str, list[dict[str, Any]]]], told: dict[str, CallRecord | None]
) -> Iterator[Difference]:
    for call, record in told.items():
        rows = stored.get(call, {})
        kept = rows.get("call", [{}])[0]
        if kept.get("pruned"):
            continue
        if (record is None) != (not kept):
            yield Difference(call, "record", "kept" if kept else "none", "kept" if record else "none")
        elif record is not None:
            yield from _fields(call, "", kept, call_rows.call_row(record))
            yield from _rows(call, "segment", rows.get("segment", []), call_rows.segment_rows(record))
            yield from _rows(call, "told", rows.get("told", []), call_rows.told_rows(record))
            yield from _rows(call, "turn", rows.get("turn", []), call_rows.turn_rows(record))
            yield from _owed(call, rows.get("ring_back", []), record)


# What was begun by people or by others of our parts is not what the lines say, and the digest only tells it twice.
_NOT_COMPARED = frozenset({"id", "call", "recording_state", "segments"})


def _fields(call: str, prefix: str, kept: dict[str, Any], said: dict[str, Any]) -> Iterator[Difference]:
    for name, value in said.items():
        if name not in _NOT_COMPARED and kept.get(name) != value:
            yield Difference(call, f"{prefix}{name}", str(kept.get(name)), str(value))


def _rows(
    call: str, name: str, kept: Sequence[dict[str, Any]], said: Sequence[dict[str, Any]]
) -> Iterator[Difference]:
    if len(kept) != len(said):
        yield Difference(call, f"{name}s", str(len(kept)), str(len(said)))
    for number, (one, other) in enumerate(zip(kept, said, strict=False)):
        yield from _fields(call, f"{name} {number} ", one, other)


def _owed(call: str, kept: Sequence[dict[str, Any]], record: CallRecord) -> Iterator[Difference]:
    """Compare what is owed, unless somebody has taken it up: from then on it is theirs."""
    if kept and (kept[0]["asked_by"] or kept[0]["attempts"] or kept[0]["closed_at"]):
        return
    said = call_rows.ring_back_row(record)
    if (said is None) != (not kept):
        yield Difference(call, "ring_back", "owed" if kept else "none", "owed" if said else "none")
    elif said:
        names = ("number", "reason")
        yield from _fields(call, "ring_back ", kept[0], {name: said[name] for name in names})


def prune_some(conn: Connection, before: datetime, after: str, *, most: int = AT_ONCE) -> Pruned:
    """Let go of the lines of calls that ended before; the record stays, and is from now on never derived again."""
    calls = list(conn.execute(_KNOWN, {"last": after, "most": most}).scalars())
    if not calls:
        return Pruned(None, 0, 0, ())
    ended = {row.id: row.ended_at for row in conn.execute(_STATE, {"calls": calls})}
    still_open = tuple(
        call for call in calls if call in ended and ended[call] is None and _began(call) < before
    )
    over = [call for call in calls if _is_over(call, ended, before)]
    if not over:
        return Pruned(calls[-1], 0, 0, still_open)
    conn.execute(_MARK, {"calls": over})
    lines = conn.execute(_DROP_LINES, {"calls": over}).rowcount
    return Pruned(calls[-1], lines, len(over), still_open)


def prune_lines_of_no_call(
    conn: Connection, before: datetime, after: Place = ("", -1, -1), *, most: int = 2_000
) -> tuple[Place | None, int]:
    """Let go of old lines that belong to no call (members, restarts, states of seats); what is bad stays to be read.

    Returns where to go on, None at the end, and how many lines went.
    """
    some = select(LINE).where(LINE.c.call.is_(None), LINE.c.form != Form.BAD, after < _KEY)
    rows = conn.execute(some.order_by(*_KEY.clauses).limit(most)).all()
    old = [(row.source, row.file, row.offset) for row in rows if _said_before(row, before)]
    for part in chunks(old, AT_ONCE):
        conn.execute(delete(LINE).where(_KEY.in_(part)))
    return (rows[-1].source, rows[-1].file, rows[-1].offset) if rows else None, len(old)


def _is_over(call: str, ended: dict[str, datetime | None], before: datetime) -> bool:
    if call in ended:
        at = ended[call]
        return at is not None and at < before
    return _began(call) < before - OVER_BY


def _began(call: str) -> datetime:
    """Return the second that stands in the id of every call."""
    match = _SECOND.search(call)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else datetime.max.replace(tzinfo=UTC)


def _said_before(row: Row[Any], before: datetime) -> bool:
    try:
        return (read_cel if row.form == Form.CEL else read_queue_log)(row.line).at < before
    except BadLine:
        return False
