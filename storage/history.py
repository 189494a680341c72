"""The append-only history: audit trail, live feed and outbox, chained by hashes so that a change shows."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select
from sqlalchemy import text as sql

from storage.hot import Hot
from storage.models import History
from storage.types import table_of

HISTORY = table_of(History)
FIRST_HASH = ""
BATCH = 5_000
# Any constant; it means "who appends to the history" to every process of this database.
APPEND_LOCK = 12_345

_APPEND = Hot(lambda _: insert(HISTORY))
_LAST = Hot(lambda _: select(HISTORY.c.id, HISTORY.c.hash).order_by(HISTORY.c.id.desc()).limit(1))
_SINCE = (
    select(HISTORY).where(HISTORY.c.id > bindparam("after")).order_by(HISTORY.c.id).limit(bindparam("most"))
)
_OF = select(HISTORY).where(HISTORY.c.subject == bindparam("about")).order_by(HISTORY.c.id)
_LOCK = sql("SELECT pg_advisory_xact_lock(:key)")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the history."""

    id: int
    at: datetime
    subject: str
    kind: str
    actor: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that does not fit the chain."""

    id: int
    why: str


def append(
    conn: Connection, *, subject: str, kind: str, actor: str, detail: Mapping[str, Any], at: datetime
) -> int:
    """Add one line and return its id. The last thing a unit of work does, because it makes others wait."""
    if conn.dialect.name == "postgresql":
        # Ids must become visible in their order, or a reader who asks for what came since N would skip a row
        # that commits late. SQLite has one writer anyway.
        conn.execute(_LOCK, {"key": APPEND_LOCK})
    last_id, before = _LAST(conn).fetchone() or (0, FIRST_HASH)
    number = int(last_id) + 1
    text = _canonical(detail)
    row = {"id": number, "at": at, "subject": subject, "kind": kind, "actor": actor, "detail": text}
    _APPEND(conn, **row, hash=_hash(before, row))
    return number


def since(conn: Connection, after: int, limit: int) -> list[Fact]:
    """Return what happened after the given id, oldest first."""
    return [fact_of(row) for row in conn.execute(_SINCE, {"after": after, "most": limit})]


def newest(conn: Connection) -> int:
    """Return the id of the last line, 0 for an empty history."""
    last = _LAST(conn).fetchone()
    return int(last[0]) if last else 0


def of(conn: Connection, subject: str) -> list[Fact]:
    return [fact_of(row) for row in conn.execute(_OF, {"about": subject})]


def verify(conn: Connection, *, after: int = 0, until: int | None = None) -> Broken | None:
    """Walk the chain; return the first row that was changed, removed or put in, or None.

    A long history is walked in stretches, because no read may last for ever: each begins `after` the last of the one
    before, whose hash it takes as right.
    """
    last_id, before = after, FIRST_HASH
    if after:
        known = conn.execute(select(HISTORY.c.hash).where(HISTORY.c.id == after)).scalar()
        if known is None:
            return Broken(after, f"row {after} is missing")
        before = known
    while rows := conn.execute(_SINCE, {"after": last_id, "most": BATCH}).all():
        for row in rows:
            if until is not None and last_id >= until:
                return None
            if row.id != last_id + 1:
                return Broken(row.id, f"row {last_id + 1} is missing")
            if row.hash != _hash(before, row._asdict()):
                return Broken(row.id, "the row does not match its hash")
            before, last_id = row.hash, row.id
    return None


def fact_of(row: Row[*tuple[Any, ...]]) -> Fact:
    return Fact(row.id, row.at, row.subject, row.kind, row.actor, json.loads(row.detail))


def _canonical(detail: Mapping[str, Any]) -> str:
    return json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _hash(before: str, row: Mapping[Any, Any]) -> str:
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    line = json.dumps(
        [before, row["id"], at, row["subject"], row["kind"], row["actor"], row["detail"]], ensure_ascii=False
    )
    return hashlib.sha256(line.encode()).hexdigest()
