"""Case intake with durable commit: our store against raw sqlite3 and SQLAlchemy's ORM, in one run.

    python -m bench.intake [--seconds 4] [--postgres postgresql://…]

Every variant writes the same rows for each case (number, case, contact, text, search index, history) and waits for
the commit to be on disk. The baseline is raw sqlite3, one commit for each case, from one thread. The comparison with
SQLAlchemy's async ORM needs `aiosqlite` (not one of our dependencies); without it that line is left out.
"""

import argparse
import asyncio
import hashlib
import importlib
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count

from sqlalchemy import create_engine, event, select, text
from sqlalchemy.orm import Session

from cases.workflow import State
from storage import cases, search
from storage.demo_city import load_city
from storage.engine import Store, migrate
from storage.models import CaseContact, CaseFile, CaseText, History, NumberBlock, TextKind
from tests.makers import AGENT, MORNING, RULES, a_form

FORM = a_form(call=None)
CALLERS = (1, 16, 64, 128)
GRAMS = " ".join(
    pair for words in (FORM.title, FORM.content, FORM.address) for pair in search.pairs(search.plain(words))
)


@contextmanager
def fresh(url: str | None = None) -> Iterator[str]:
    """Give a migrated database with the demo city."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        where = url or f"sqlite:///{folder}/bench.db"
        migrate(where)
        store = Store.open(where)
        store.write_now(lambda conn: load_city(conn, MORNING))
        store.close()
        yield where


def one_by_one(step: Callable[[int], object], seconds: float) -> float:
    """Return how often a second the step can be done."""
    ends, done, starts = time.perf_counter() + seconds, 0, time.perf_counter()
    while time.perf_counter() < ends:
        step(done)
        done += 1
    return done / (time.perf_counter() - starts)


async def by_many(step: Callable[[int], Awaitable[object]], seconds: float, callers: int) -> float:
    """Return how often a second the step is done when so many callers each wait for their own."""
    numbers, starts = count(), time.perf_counter()
    ends, done = starts + seconds, 0

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await step(next(numbers))
            done += 1

    await asyncio.gather(*(caller() for _ in range(callers)))
    return done / (time.perf_counter() - starts)


def intake(store: Store, seconds: float, callers: int) -> float:
    """Return the cases a second that our store takes from so many callers."""

    async def step(number: int) -> None:
        key = f"{callers}-{number}-{starts}"
        await store.write(
            partial(cases.register, form=FORM, key=key, by=AGENT, at=MORNING, rules=RULES), retryable=True
        )

    starts = time.perf_counter()
    return asyncio.run(by_many(step, seconds, callers))


def raw(url: str, seconds: float) -> float:
    """The baseline: the driver alone, prepared texts, one commit for each case."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")

    def step(number: int) -> None:
        run = connection.execute
        key = hashlib.sha256(f"raw{number}".encode()).hexdigest()
        run("BEGIN IMMEDIATE")
        run("SELECT id FROM case_file WHERE intake_key = ?", (key,)).fetchone()
        serial = run(
            "INSERT INTO number_block VALUES ('261123', 1, 1) "
            "ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last"
        ).fetchone()[0]
        no = f"RH261123-{serial:05}-1"
        case = run(
            "INSERT INTO case_file (no, digits, intake_key, code_hash, state, version, intent, category, urgency, "
            "channel, title, address, reply_way, received_at, rework_no) "
            "VALUES (?, ?, ?, ?, 'registered', 1, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (no, no, key, key, FORM.intent, FORM.category, FORM.urgency, FORM.channel, FORM.title, FORM.address,
             FORM.reply_way, "2026-11-23 01:30:00.000000"),
        ).lastrowid  # fmt: skip
        run("INSERT INTO case_contact VALUES (?, ?, ?)", (case, FORM.contact_name, FORM.contact_number))
        run(
            "INSERT INTO case_text (\"case\", version, kind, text, author, at) VALUES (?, 1, 'original', ?, '1001', ?)",
            (case, FORM.content, "2026-11-23 01:30:00.000000"),
        )
        run("INSERT INTO case_search (rowid, grams) VALUES (?, ?)", (case, GRAMS))
        last, before = run("SELECT id, hash FROM history ORDER BY id DESC LIMIT 1").fetchone()
        digest = hashlib.sha256(f"{before}{no}".encode()).hexdigest()
        run(
            "INSERT INTO history VALUES (?, ?, ?, 'case.registered', '1001', '{}', ?)",
            (last + 1, "2026-11-23 01:30:00.000000", no, digest),
        )
        run("COMMIT")

    result = one_by_one(step, seconds)
    connection.close()
    return result


def rows_of(session: Session, number: int, last: History, block: NumberBlock | None) -> None:
    """Put the rows of one case into an ORM session, as one would write it without thinking about speed."""
    if block is None:
        block = NumberBlock(day="261123", first=1, last=0)
        session.add(block)
    block.last += 1
    no = f"RH261123-{block.last:05}-1"
    case = CaseFile(
        no=no, digits=no, intake_key=f"orm{number}", code_hash="x", state=State.REGISTERED, version=1,
        intent=FORM.intent, category=FORM.category, urgency=FORM.urgency, channel=FORM.channel, title=FORM.title,
        address=FORM.address, reply_way=FORM.reply_way, received_at=MORNING, rework_no=0,
    )  # fmt: skip
    session.add(case)
    session.flush()
    session.add(CaseContact(case=case.id, name=FORM.contact_name, number=FORM.contact_number))
    session.add(
        CaseText(
            case=case.id, version=1, kind=TextKind.ORIGINAL, text=FORM.content, author="1001", at=MORNING
        )
    )
    session.execute(
        text("INSERT INTO case_search (rowid, grams) VALUES (:id, :grams)"), {"id": case.id, "grams": GRAMS}
    )
    digest = hashlib.sha256(f"{last.hash}{no}".encode()).hexdigest()
    session.add(
        History(
            id=last.id + 1,
            at=MORNING,
            subject=no,
            kind="case.registered",
            actor="1001",
            detail="{}",
            hash=digest,
        )
    )


def one_case(session: Session, number: int) -> None:
    session.scalars(select(CaseFile).where(CaseFile.intake_key == f"orm{number}")).one_or_none()
    last = session.scalars(select(History).order_by(History.id.desc()).limit(1)).one()
    rows_of(session, number, last, session.get(NumberBlock, ("261123", 1)))


def orm(url: str, seconds: float) -> float:
    """SQLAlchemy's ORM, one session for each case, no waiting callers beside it."""
    engine = create_engine(url)
    event.listen(engine, "connect", durable)

    def step(number: int) -> None:
        with Session(engine) as session, session.begin():
            one_case(session, number)

    result = one_by_one(step, seconds)
    engine.dispose()
    return result


def durable(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def async_orm(url: str, seconds: float) -> float | None:
    """SQLAlchemy's async ORM on aiosqlite, one session for each case; None where aiosqlite is not installed."""
    try:
        importlib.import_module("aiosqlite")
    except ImportError:
        return None
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"))
    event.listen(engine.sync_engine, "connect", durable)

    async def step(number: int) -> None:
        async with AsyncSession(engine) as session, session.begin():
            await session.run_sync(one_case, number)

    async def run() -> float:
        # One caller: SQLite has one writer, and sessions that wait for its lock would only fail.
        result = await by_many(step, seconds, 1)
        await engine.dispose()
        return result

    return asyncio.run(run())


def report(name: str, rate: float | None, base: float) -> None:
    if rate is None:
        print(f"{name:<52} not measured (aiosqlite is not installed)")
    else:
        print(f"{name:<52}{rate:>9.0f}/s {rate / base:>7.2f}")


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--seconds", type=float, default=4.0)
    options.add_argument("--postgres", help="address of an empty database")
    wanted = options.parse_args()
    print(f"{'case intake, durable':<52}{'cases':>11} {'ratio':>7}")
    with fresh() as url:
        base = raw(url, wanted.seconds)
    report("sqlite3 raw, one commit each (baseline)", base, base)
    for name, baseline in (
        ("SQLAlchemy ORM, a session each", orm),
        ("SQLAlchemy async ORM, aiosqlite", async_orm),
    ):
        with fresh() as url:
            report(name, baseline(url, wanted.seconds), base)
    for where, address in (("SQLite", None), ("PostgreSQL", wanted.postgres)):
        if where == "PostgreSQL" and not address:
            continue
        with fresh(address) as url:
            for callers in CALLERS:
                store = Store.open(url)
                report(
                    f"our store on {where}, {callers} callers", intake(store, wanted.seconds, callers), base
                )
                store.close()
    with fresh() as url:
        again = raw(url, wanted.seconds)
    report("sqlite3 raw again (how steady the machine is)", again, base)


if __name__ == "__main__":
    main()
