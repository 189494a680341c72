"""One store for SQLite and PostgreSQL: units of work are plain functions of a connection."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from storage import sqlite
from storage.types import seal_with

T = TypeVar("T")

READ_THREADS = 8


class Database(Protocol):
    """What a store needs of the database below it."""

    def write(self, work: Callable[[Connection], T], *, retryable: bool = False) -> "Future[T]": ...

    def read_now(self, work: Callable[[Connection], T]) -> T: ...

    def close(self) -> None: ...


class Store:
    """The case store.

    `write` runs a unit of work in a transaction and returns after its commit is durable. On SQLite one
    writer thread commits in groups, each unit inside its own savepoint; on PostgreSQL each unit has its own
    transaction.
    A unit that carries an idempotency key is `retryable`: after a lost connection it is simply done again.
    A unit may run more than once, so it changes nothing outside the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._threads = ThreadPoolExecutor(READ_THREADS, thread_name_prefix="store-reader")

    @classmethod
    def open(cls, url: str, *, code_key: bytes = b"", seal: bytes = b"") -> "Store":
        """Open the store. `code_key` is mixed into the hashes of query codes, `seal` is the secret with which personal
        columns are sealed; all processes use the same ones.
        """
        where = parse(url)
        if where.drivername == "sqlite":
            return cls(sqlite.SqliteFile(Path(str(where.database)), code_key, seal))
        from storage import postgres  # a city on SQLite need not load the driver

        return cls(postgres.PostgresServer(where, code_key, seal))

    async def write(self, work: Callable[[Connection], T], *, retryable: bool = False) -> T:
        return await asyncio.wrap_future(self._database.write(work, retryable=retryable))

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._database.read_now, work)

    def write_now(self, work: Callable[[Connection], T], *, retryable: bool = False) -> T:
        """Do the same for commands and threads outside the event loop."""
        return self._database.write(work, retryable=retryable).result()

    def read_now(self, work: Callable[[Connection], T]) -> T:
        return self._database.read_now(work)

    def close(self) -> None:
        """Commit what was accepted, then let the database go."""
        self._database.close()
        self._threads.shutdown()


def parse(url: str) -> URL:
    """Return where the store is, or refuse: other databases are not tested, so they are not promised."""
    try:
        where = make_url(url)
    except ArgumentError:
        raise ValueError(f"not a database address: {url!r}") from None
    kind = where.get_backend_name()
    if kind == "sqlite":
        if not where.database or where.database == ":memory:":
            raise ValueError(
                "SQLite needs a file, because each of our connections would see a memory of its own"
            )
        return where.set(drivername="sqlite")
    if kind == "postgresql":
        return where.set(drivername="postgresql+psycopg")
    raise ValueError(f"the store speaks SQLite and PostgreSQL, not {kind}")


def engine_for(url: str, *, seal: bytes = b"") -> Engine:
    """Return a plain engine for migrations, with the same transactions as the store's writer."""
    where = parse(url)
    if where.drivername == "sqlite":
        return seal_with(sqlite.writing_engine(Path(str(where.database))), seal)
    from storage import postgres

    return seal_with(postgres.writing_engine(where), seal)


def migrate(url: str) -> None:
    """Bring the tables to the newest version."""
    from storage import migrations

    migrations.upgrade(url)
