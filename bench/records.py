"""How fast lines of Asterisk's files become call records, and how fast the page of figures is.

    python -m bench.records [calls] [calls behind the page]

Lines are taken in caught up (1 MiB at a time, as after an outage) and live (a few at a time, as while calls go on); the
baseline of the same run reads each line, takes it apart as JSON and inserts it plainly, deriving nothing. The page is
asked for a day that is counted and for one that is rolled up; its baseline is one grouped scan of the day's calls.
"""

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from agi_scripts.records import BATCH_BYTES
from cases.figures import slot_of
from storage import figures, records
from storage.demo_city import load_city
from storage.engine import Store, migrate
from storage.records import Form, Position, Row, Source
from tests.console.world import ZONE, world_of
from tests.makers import MORNING
from tests.storage.call_lines import QUEUE_LOG, Exchange
from tests.storage.mixed_calls import a_day_of

CEL = Source("hotline1:cel", "hotline1", Form.CEL)
LIVE_LINES = 5
DAYS = 10
DAY = datetime(2026, 11, 22, tzinfo=ZONE)
REQUESTS = 40


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


def reading(path: Path, lines: list[str]) -> float:
    """Only read the file's lines and take each apart as JSON, as any reader must."""
    path.write_text("\n".join(lines))
    began = time.perf_counter()
    with path.open() as file:
        for line in file:
            json.loads(line)
    return time.perf_counter() - began


def ingestion(folder: Path, calls: int) -> None:
    exchange = Exchange()
    exchange.mixed(calls)
    lines = exchange.cel
    a_line = sum(map(len, lines)) // len(lines)
    bare = reading(folder / "cel.json", lines)
    print(f"{calls} calls, {len(lines)} lines; bare reading {len(lines) / bare:.0f} lines/s")
    for name, size in (("caught up", BATCH_BYTES), ("live", LIVE_LINES * a_line)):
        base = plain(folder / f"plain {name}.db", lines, size)
        spent = ours(folder / f"ours {name}.db", lines, size)
        print(
            f"{name:10}: {len(lines) / spent:7.0f} lines/s, {calls / spent:6.0f} calls/s;"
            f" bare reading and inserting {len(lines) / (bare + base):8.0f} lines/s; ratio {(bare + base) / spent:.3f}"
        )


def filled(url: str, calls: int) -> None:
    """Write days of calls, the last of which is today for the page."""
    store = Store.open(url)
    for number in range(DAYS):
        begins = DAY - timedelta(days=DAYS - 1 - number)
        city = a_day_of(calls // DAYS, begins=begins, seed=number)
        for inode, (source, lines) in enumerate(((QUEUE_LOG, city.queue_log), (CEL, city.cel))):
            for rows, place in batches(lines, BATCH_BYTES):
                at = replace(place, inode=inode, head=f"h{number}")
                store.write_now(partial(records.ingest, source=source, rows=rows, position=at))
    store.close()


def scan(path: Path) -> list[float]:
    """The least that any page of the day must do: one grouped scan of its calls."""
    db = sqlite3.connect(path)
    began_at = slot_of(DAY)
    spent = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        db.execute(
            "SELECT slot, line, count(*), sum(wait_seconds), sum(talk_seconds) FROM call"
            " WHERE slot BETWEEN ? AND ? GROUP BY slot, line",
            (began_at, began_at + 95),
        ).fetchall()
        spent.append(time.perf_counter() - began)
    db.close()
    return spent


async def asked(store: Store, path: Path) -> None:
    """Ask for the page of a day that is counted, of one that is rolled up, and of the export."""
    base = quantiles(scan(path), n=20)[18]
    print(f"one grouped scan of the day's calls: p95 {base * 1000:.1f} ms")
    async with world_of(store) as world:
        person = await world.signed_in("supervisor")
        rolled = DAY - timedelta(days=1)
        first = slot_of(rolled)
        await store.write(partial(figures.roll_up, first=first, last=first + 95, at=world.clock()))
        for name, where in (
            ("open day", f"/figures?day={DAY:%Y-%m-%d}"),
            ("rolled up", f"/figures?day={rolled:%Y-%m-%d}"),
            ("export", f"/figures.csv?day={DAY:%Y-%m-%d}"),
        ):
            spent = []
            for _ in range(REQUESTS):
                began = time.perf_counter()
                assert (await person.get(where)).status == 200
                spent.append(time.perf_counter() - began)
            p95 = quantiles(spent, n=20)[18]
            print(
                f"{name:10}: p50 {median(spent) * 1000:6.1f} ms, p95 {p95 * 1000:6.1f} ms; {p95 / base:5.1f} scans"
            )


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    shown = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ingestion(folder, calls)
        url = f"sqlite:///{folder / 'figures.db'}"
        migrate(url)
        filled(url, shown)
        store = Store.open(url)
        store.write_now(lambda conn: load_city(conn, MORNING))
        print(f"the page of figures over {shown} calls of {DAYS} days")
        asyncio.run(asked(store, folder / "figures.db"))
        store.close()


if __name__ == "__main__":
    main()
