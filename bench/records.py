"""How fast lines of Asterisk's files become call records, as a ratio to plain sqlite3 inserts in the same run.

    python -m bench.records [calls]

Three ways: plain (each line one INSERT, a commit for each batch, nothing derived), caught up (1 MiB at a time, as
after an outage) and live (a few lines at a time, as while calls go on).
"""

import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from agi_scripts.records import BATCH_BYTES
from storage import records
from storage.engine import Store, migrate
from storage.records import Form, Position, Row, Source
from tests.storage.call_lines import Exchange

CEL = Source("hotline1:cel", "hotline1", Form.CEL)
LIVE_LINES = 5


def batches(lines: list[str], size: int) -> Iterator[tuple[list[Row], Position]]:
    """Cut the lines into batches of about so many bytes."""
    rows: list[Row] = []
    start = offset = 0
    for line in lines:
        rows.append(Row(offset, line))
        offset += len(line.encode()) + 1
        if offset - start >= size:
            yield rows, Position(1, "h", start, offset)
            rows, start = [], offset
    if rows:
        yield rows, Position(1, "h", start, offset)


def plain(path: Path, lines: list[str], size: int) -> float:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute(
        "CREATE TABLE raw_line (source TEXT, file INT, offset INT, form TEXT, call TEXT, line TEXT,"
        " PRIMARY KEY (source, file, offset))"
    )
    began = time.perf_counter()
    for rows, _ in batches(lines, size):
        db.execute("BEGIN IMMEDIATE")
        db.executemany(
            "INSERT INTO raw_line VALUES ('hotline1:cel', 1, ?, 'cel', '', ?)",
            [(row.offset, row.line) for row in rows],
        )
        db.execute("COMMIT")
    seconds = time.perf_counter() - began
    db.close()
    return seconds


def ours(path: Path, lines: list[str], size: int) -> float:
    url = f"sqlite:///{path}"
    migrate(url)
    store = Store.open(url)
    began = time.perf_counter()
    for rows, place in batches(lines, size):
        store.write_now(partial(records.ingest, source=CEL, rows=rows, position=place))
    seconds = time.perf_counter() - began
    store.close()
    return seconds


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    exchange = Exchange()
    exchange.mixed(calls)
    lines = exchange.cel
    a_line = sum(map(len, lines)) // len(lines)
    print(f"{calls} calls, {len(lines)} lines")
    with tempfile.TemporaryDirectory() as folder:
        for name, size in (("caught up", BATCH_BYTES), ("live", LIVE_LINES * a_line)):
            base = plain(Path(folder) / f"plain {name}.db", lines, size)
            spent = ours(Path(folder) / f"ours {name}.db", lines, size)
            print(
                f"{name:10}: {len(lines) / spent:7.0f} lines/s, {calls / spent:6.0f} calls/s;"
                f" plain inserts {len(lines) / base:8.0f} lines/s; ratio {base / spent:.3f}"
            )


if __name__ == "__main__":
    main()
