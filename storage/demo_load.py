"""Writes generated rows in bulk: `executemany` on SQLite, COPY on PostgreSQL; the history with its chain of hashes."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Connection, func, select

from storage.demo_clock import iso, stamp
from storage.demo_rows import Event, Row
from storage.history import APPEND_LOCK, HISTORY
from storage.search import pairs, plain
from storage.types import Base, Sealed

HISTORY_COLUMNS = ("id", "at", "subject", "kind", "actor", "detail", "hash")
# A generated past has no other writers; each page of the large indices is then read once and not thousand times.
SQLITE_CACHE_KIB = 400_000


def prepare(conn: Connection) -> None:
    """Make this connection quick, before its first transaction."""
    if conn.dialect.name == "sqlite":
        raw = _raw(conn)
        raw.execute(f"PRAGMA cache_size=-{SQLITE_CACHE_KIB}")
        # A power cut may cost the last steps, which are then written again; it cannot damage the file.
        raw.execute("PRAGMA synchronous=NORMAL")
        raw.execute("PRAGMA wal_autocheckpoint=50000")
        # Every key written here was made here; the tests ask SQLite to check all of them.
        raw.execute("PRAGMA foreign_keys=OFF")


def insert(conn: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Add rows whose values are as the driver takes them, but for what is sealed on the way."""
    names = ", ".join(f'"{name}"' for name in columns)
    rows = _sealed(conn, table, columns, rows)
    raw = _raw(conn)
    if conn.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        raw.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608 - our own names
        return
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _sealed(conn: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> Iterable[Row]:
    """Seal what the store would seal."""
    known = Base.metadata.tables.get(table)
    types = [(place, known.c[name].type) for place, name in enumerate(columns)] if known is not None else []
    sealed = [(place, kind) for place, kind in types if isinstance(kind, Sealed)]
    if not sealed:
        return rows
    return (_sealed_row(conn, sealed, row) for row in rows)


def _sealed_row(conn: Connection, sealed: Sequence[tuple[int, Sealed]], row: Row) -> Row:
    values = list(row)
    for place, kind in sealed:
        values[place] = kind.process_bind_param(values[place], conn.dialect)
    return tuple(values)


def add_search(conn: Connection, texts: Iterable[tuple[int, tuple[str, ...]]]) -> None:
    """Make cases findable, as `storage.search.add` does for one."""
    if conn.dialect.name == "sqlite":
        lines = ((case, " ".join(p for words in parts for p in pairs(plain(words)))) for case, parts in texts)
        _raw(conn).executemany("INSERT INTO case_search (rowid, grams) VALUES (?, ?)", lines)
        return
    insert(conn, "case_search", ("case", "grams", "body"), map(_postgres_line, texts))


def _postgres_line(text: tuple[int, tuple[str, ...]]) -> Row:
    case, parts = text
    letters = [plain(words) for words in parts]
    grams = {pair for words in letters for pair in pairs(words)} | {
        sign for words in letters for sign in words
    }
    return case, sorted(grams), "\n".join(letters)


class Chain:
    """The end of the history, to which generated events are appended in the order of their time."""

    def __init__(self, conn: Connection) -> None:
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPEND_LOCK})")
        last = conn.execute(
            select(HISTORY.c.id, HISTORY.c.hash).order_by(HISTORY.c.id.desc()).limit(1)
        ).one_or_none()
        self._id, self._hash = (int(last.id), str(last.hash)) if last else (0, "")

    def append(self, conn: Connection, events: Iterable[Event]) -> None:
        insert(conn, "history", HISTORY_COLUMNS, self._rows(events))

    def _rows(self, events: Iterable[Event]) -> Iterable[Row]:
        sha, dumps = hashlib.sha256, json.dumps
        number, before = self._id, self._hash
        for at, _, _, subject, kind, actor, detail in events:
            number += 1
            line = dumps([before, number, iso(at), subject, kind, actor, detail], ensure_ascii=False)
            before = sha(line.encode()).hexdigest()
            yield number, stamp(at), subject, kind, actor, detail, before
        self._id, self._hash = number, before


def next_id(conn: Connection, table: str) -> int:
    rows = Base.metadata.tables[table]
    return int(conn.execute(select(func.coalesce(func.max(rows.c.id), 0))).scalar_one()) + 1


def keep_sequences(conn: Connection, tables: Sequence[str]) -> None:
    """Let PostgreSQL go on counting after the ids that were given here."""
    if conn.dialect.name != "postgresql":
        return
    for table in tables:
        conn.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), max(id)) FROM \"{table}\" HAVING max(id) > 0"  # noqa: S608
        )


def settle(conn: Connection) -> None:
    """Let the database look at what it has got, so that its plans fit."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA analysis_limit=1000")
    conn.exec_driver_sql("ANALYZE")


def _raw(conn: Connection) -> Any:
    return cast("Callable[..., Any]", conn.connection.driver_connection)
