"""Calls as Asterisk's own files tell them: raw lines in, records out, and the place in the file with them.

Rows and the place commit together, so a reader that dies anywhere has read each line exactly once. Every call
that a line touches is derived again from all its lines: late, repeated and reordered lines end the same.
"""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate, permutations
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, func, insert, select, update

from cases.call_facts import BadLine, Fact, read_cel, read_queue_log, records_in
from cases.call_record import RING_BACK_WITHIN, CallRecord, Direction, as_one, derive
from cases.figures import slot_of
from cases.ring_backs import dialled
from storage import call_rows
from storage.call_models import AsteriskStart, Call, CallLink, RawFile, RawLine, RingBack
from storage.keeping import keep_once
from storage.ring_backs import settle
from storage.seats import log_state
from storage.types import table_of

T = TypeVar("T")

FILE = table_of(RawFile)
LINE = table_of(RawLine)
START = table_of(AsteriskStart)
CALL = table_of(Call)
LINK = table_of(CallLink)
RING_BACK = table_of(RingBack)

# How many calls are derived with one question to the database.
AT_ONCE = 200
# The calls we make ourselves are counted from here on, whatever Asterisk has counted.
OURS_FROM = 10_000_000
# A line that cannot be understood is kept, but not a megabyte of it.
LONGEST_BAD = 2_000


class Form(StrEnum):
    CEL = "cel"
    QUEUE_LOG = "queue_log"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Source:
    """One of a node's files. `name` says both, e.g. hotline1:cel."""

    name: str
    node: str
    form: Form


@dataclass(frozen=True, slots=True)
class Row:
    """One line and where it begins."""

    offset: int
    line: str


@dataclass(frozen=True, slots=True)
class Position:
    """From where to where the rows reach in a file, which is known by its inode and first line."""

    inode: int
    head: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Ingested:
    """How far the file is read now, and where lines could not be understood."""

    offset: int
    bad: tuple[int, ...] = ()


# Another reader of the same file waits here, and then sees that the lines are taken.
_FILE_OF = (
    select(FILE)
    .where(
        FILE.c.source == bindparam("source"),
        FILE.c.inode == bindparam("inode"),
        FILE.c.head == bindparam("head"),
    )
    .with_for_update()
)
_READ_TO = update(FILE).where(FILE.c.id == bindparam("file")).values(offset=bindparam("end"))
_KEEP_LINES = insert(LINE)
_LINES_OF = select(LINE.c.call, LINE.c.form, LINE.c.line).where(
    LINE.c.call.in_(bindparam("calls", expanding=True)), LINE.c.form != Form.BAD
)
_LAST_START = select(START.c.node, func.max(START.c.at).label("at")).group_by(START.c.node)
_OPEN = select(CALL.c.id).where(CALL.c.node == bindparam("node"), CALL.c.ended_at.is_(None))
_OWED_TO = select(RING_BACK.c.dial, RING_BACK.c.number).where(
    RING_BACK.c.closed_at.is_(None),
    RING_BACK.c.dial.in_(bindparam("dials", expanding=True))
    | RING_BACK.c.number.in_(bindparam("numbers", expanding=True)),
)
_LINKS = select(LINK).where(LINK.c.call.in_(bindparam("calls", expanding=True)))


def places(conn: Connection, source: str) -> dict[tuple[int, str], int]:
    """Return how far each known file of a source is read, by inode and head."""
    rows = conn.execute(select(FILE).where(FILE.c.source == source))
    return {(row.inode, row.head): row.offset for row in rows}


def ingest(
    conn: Connection,
    source: Source,
    rows: Sequence[Row],
    position: Position,
    *,
    within: timedelta = RING_BACK_WITHIN,
) -> Ingested:
    """Keep the rows and the new place, and bring the records of the calls they touch up to date.

    Rows that do not begin where the file was left are not taken: another reader was here, or the answer to an
    earlier attempt was lost.
    """
    number, offset = _file(conn, source, position)
    if offset != position.start:
        return Ingested(offset)
    facts, raw, bad = _read(source, rows, number)
    if raw:
        conn.execute(_KEEP_LINES, raw)
    conn.execute(_READ_TO, {"file": number, "end": position.end})
    touched = {fact.call for fact in facts if fact.call}
    touched |= _tied(conn, facts)
    touched |= _restarted(conn, source.node, [fact for fact in facts if fact.kind == "QUEUESTART"])
    for fact in facts:
        if fact.kind == "HOTLINE_SEAT":
            _seat(conn, fact)
    update_calls(conn, touched, within=within)
    update_calls(conn, _outlived(conn, source.node, facts), within=within)
    return Ingested(position.end, tuple(bad))


def open_calls(conn: Connection, node: str, before: datetime) -> list[str]:
    """Return the calls of this node that have begun before then and have no end."""
    return list(conn.execute(_OPEN.where(CALL.c.offered_at < before), {"node": node}).scalars())


def note(conn: Connection, source: str, line: str, *, within: timedelta = RING_BACK_WITHIN) -> None:
    """Add a fact that is in no file of Asterisk's, in the words of queue_log. The same line counts once."""
    digest = hashlib.blake2b(line.encode(), digest_size=8).digest()
    fact = read_queue_log(line)
    row = {
        "source": source,
        "file": 0,
        "offset": int.from_bytes(digest, "big") >> 1,
        "form": Form.QUEUE_LOG,
        "call": fact.call,
        "line": line,
    }
    if keep_once(conn, LINE, row):
        update_calls(conn, {fact.call}, within=within)


def update_calls(conn: Connection, calls: Iterable[str], *, within: timedelta = RING_BACK_WITHIN) -> None:
    """Derive these calls again from all their lines."""
    for some in chunks(sorted(calls), AT_ONCE):
        records = derived(conn, some, within)
        _settle(conn, call_rows.write(conn, [record for record in records.values() if record]))
        call_rows.forget(conn, [call for call, record in records.items() if record is None])


def derived(conn: Connection, calls: Sequence[str], within: timedelta) -> dict[str, CallRecord | None]:
    """Return what the lines of these calls come to; None for what is no citizen's call. Nothing is written."""
    facts = _facts_of(conn, calls)
    records = {call: derive(lines, within=within) for call, lines in facts.items()}
    if any(record and record.ended_at is None for record in records.values()):
        last_start: dict[str, datetime] = {row.node: row.at for row in conn.execute(_LAST_START)}
        for call, record in records.items():
            if record and record.ended_at is None and record.node in last_start:
                records[call] = derive(facts[call], restarts=[last_start[record.node]], within=within)
    return records


def _settle(conn: Connection, changed: Sequence[CallRecord]) -> None:
    """A call of ours pays a debt, and so does a citizen who called again and was answered."""
    again = [
        r for r in changed if r.direction is Direction.INCOMING and r.answered_at is not None and r.number
    ]
    dials = {record.id: dialled(record.number) or record.number for record in again}
    owed: set[str] = set()
    if dials:
        numbers = sorted({*dials.values(), *(record.number for record in again)})
        for row in conn.execute(_OWED_TO, {"dials": numbers, "numbers": numbers}):
            owed |= {row.dial, row.number}
    for record in changed:
        if record.direction is Direction.OUTGOING or owed & {record.number, dials.get(record.id)} - {""}:
            settle(conn, record)


def _facts_of(conn: Connection, calls: Sequence[str]) -> dict[str, list[Fact]]:
    """Return the lines of each call, with those of the calls that a transfer has made one with it."""
    others: dict[str, set[str]] = defaultdict(set)
    for row in conn.execute(_LINKS, {"calls": calls}):
        others[row.call].add(row.other)
    wanted = {*calls, *(other for some in others.values() for other in some)}
    facts: dict[str, list[Fact]] = defaultdict(list)
    for row in conn.execute(_LINES_OF, {"calls": sorted(wanted)}):
        read = read_cel if row.form == Form.CEL else read_queue_log
        facts[row.call].append(read(row.line))
    told: dict[str, list[Fact]] = {call: facts[call] for call in calls if call in facts}
    for call, some in others.items():
        told[call] = as_one(call, [fact for each in (call, *sorted(some)) for fact in facts.get(each, [])])
    return told


def _file(conn: Connection, source: Source, position: Position) -> tuple[int, int]:
    """Return the file's number and how far it is read; a new file is noted where its reader begins."""
    key = {"source": source.name, "inode": position.inode, "head": position.head}
    found = conn.execute(_FILE_OF, key).one_or_none()
    if found is None:
        keep_once(conn, FILE, {**key, "offset": position.start})
        found = conn.execute(_FILE_OF, key).one()
    return int(found.id), int(found.offset)


def _read(
    source: Source, rows: Sequence[Row], number: int
) -> tuple[list[Fact], list[dict[str, Any]], list[int]]:
    """Understand what can be understood; the rest is kept as it is."""
    read = read_cel if source.form is Form.CEL else read_queue_log
    facts: list[Fact] = []
    raw: list[dict[str, Any]] = []
    bad: list[int] = []
    for row in _single(source, rows):
        kept = {"source": source.name, "file": number, "offset": row.offset, "form": source.form}
        line = row.line.replace("\0", "�")  # PostgreSQL keeps no zero character
        try:
            fact = read(line)
        except BadLine:
            bad.append(row.offset)
            raw.append({**kept, "form": Form.BAD, "call": None, "line": line[:LONGEST_BAD]})
            continue
        facts.append(fact)
        raw.append({**kept, "call": fact.call or None, "line": line})
    return facts, raw, bad


def _single(source: Source, rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        parts = records_in(row.line) if source.form is Form.CEL else [(0, row.line)]
        for begin, line in parts:
            # Characters, which are never more than the bytes they came from: no two rows get one offset.
            yield Row(row.offset + begin, line)


def _tied(conn: Connection, facts: Sequence[Fact]) -> set[str]:
    """Note which calls a transfer has made one; both are derived again, whichever of their lines came first."""
    tied: set[str] = set()
    for fact in facts:
        for call, other in permutations(sorted(fact.tied), 2):
            keep_once(conn, LINK, {"call": call, "other": other})
        tied |= fact.tied
    return tied


def _restarted(conn: Connection, node: str, starts: Sequence[Fact]) -> set[str]:
    """Asterisk writes QUEUESTART at every start: the calls that were open then must be looked at."""
    for fact in starts:
        keep_once(conn, START, {"node": node, "at": fact.at})
    return set(conn.execute(_OPEN, {"node": node}).scalars()) if starts else set()


def _outlived(conn: Connection, node: str, facts: Sequence[Fact]) -> set[str]:
    """Return the open calls that a new Asterisk has outlived, though its start was not seen.

    Asterisk counts its channels from 0; a younger call whose count is no higher comes from a younger Asterisk.
    """
    begun = [fact for fact in facts if fact.kind == "CHAN_START" and fact.of_citizen and not _ours(fact.call)]
    if not begun:
        return set()
    begun.sort(key=lambda fact: _second(fact.call))
    seconds = [_second(fact.call) for fact in begun]
    # The lowest count from each of them on: after an outage many calls are open, and many have begun.
    lowest = [*accumulate((_count(fact.call) for fact in reversed(begun)), min)][::-1]
    outlived: set[str] = set()
    still_open = conn.execute(_OPEN, {"node": node}).scalars()
    for call in [call for call in still_open if not _ours(call)]:
        younger = bisect_right(seconds, _second(call))
        if younger < len(begun) and lowest[younger] <= _count(call):
            first = next(fact for fact in begun[younger:] if _count(fact.call) <= _count(call))
            keep_once(conn, START, {"node": node, "at": first.at})
            outlived.add(call)
    return outlived


def _count(call: str) -> int:
    """Return the channel's count, the end of `node-seconds.count`."""
    count = call.rpartition(".")[2]
    return int(count) if count.isdecimal() else 0


def _ours(call: str) -> bool:
    """Tell a call whose id we gave it: it says nothing of Asterisk's own counting."""
    return _count(call) >= OURS_FROM


def _second(call: str) -> int:
    second = call.rpartition("-")[2].partition(".")[0]
    return int(second) if second.isdecimal() else 0


def _seat(conn: Connection, fact: Fact) -> None:
    agent, state = fact.get("agent"), fact.get("state")
    if fact.seat and state:
        log_state(conn, seat=fact.seat, agent=agent, state=state, reason=fact.get("reason"), at=fact.at)
        call_rows.count_again(conn, slot_of(fact.at), slot_of(fact.at))


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
