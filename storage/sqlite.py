"""One SQLite file: one writer thread that commits in groups, and readers on their own connections."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.errors import Declined, StoreDown
from storage.types import seal_with

log = logging.getLogger(__name__)
T = TypeVar("T")

# A group ends when nobody waits any more, or at these bounds, so that its first caller need not wait on.
GROUP_UNITS = 256
GROUP_SECONDS = 0.05
# How long another process may hold the write lock before we say so.
BUSY_MS = 10_000
# A reader left open keeps the WAL from being emptied (measured: 4 to 83 MB in 6 s), so every read ends.
READ_SECONDS = 15.0
READ_STEPS = 20_000
READERS = 4

WRITER_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}")
READER_PRAGMAS = (f"busy_timeout={BUSY_MS}", "query_only=ON", "cache_size=-16000")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of work that waits for the writer."""

    work: Callable[[Connection], Any]
    done: "Future[Any]"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a unit; told to its caller only after the group is durable."""

    unit: Unit
    result: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        if self.error is not None:
            self.unit.done.set_exception(self.error)
        else:
            self.unit.done.set_result(self.result)


class LostTransaction(sqlite3.OperationalError):
    """SQLite has undone the whole group."""


class SqliteFile:
    """Keeps one file. Units of work are committed in the order in which they were given."""

    def __init__(self, path: Path, code_key: bytes = b"", seal: bytes = b"") -> None:
        self._queue: SimpleQueue[Unit | None] = SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._writing = seal_with(writing_engine(path), seal).execution_options(code_key=code_key)
        self._reading = seal_with(_reading_engine(path), seal)
        # Opened here and not in the thread, so that a wrong path fails at start and not at the first case.
        try:
            connection = self._writing.connect()
        except DBAPIError as error:
            raise StoreDown(f"{path}: {error.orig}") from error
        self._writer = threading.Thread(
            target=self._write_all, args=(connection,), name="store-writer", daemon=True
        )
        self._writer.start()

    def write(self, work: Callable[[Connection], T], *, retryable: bool = False) -> "Future[T]":
        """Queue a unit of work. A file cannot lose its connection, so there is nothing to try again."""
        del retryable
        done: Future[T] = Future()
        if threading.current_thread() is self._writer:
            raise RuntimeError("a unit of work cannot wait for another one: call the function itself")
        with self._door:
            if self._closed:
                raise StoreDown("the store is closed")
            self._queue.put(Unit(work, done))
        return done

    def read_now(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._reading.connect() as connection, connection.begin() as transaction:
                ends = time.monotonic() + READ_SECONDS
                _raw(connection).set_progress_handler(lambda: time.monotonic() > ends, READ_STEPS)
                try:
                    return work(connection)
                finally:
                    transaction.rollback()
        except PoolTimeout as error:
            raise StoreDown("too many reads at once") from error
        except (DBAPIError, sqlite3.Error) as error:
            if (meaning := _meaning(error)) is None:
                raise
            raise meaning from error

    def close(self) -> None:
        """Commit what is queued, then let go of the file."""
        with self._door:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._writer.join()
        self._reading.dispose()
        self._writing.dispose()

    def _write_all(self, connection: Connection) -> None:
        with connection:
            while (unit := self._queue.get()) is not None:
                self._write_group(connection, unit)

    def _write_group(self, connection: Connection, first: Unit) -> None:
        """Commit this unit and those that came meanwhile, then wake all their callers."""
        running: list[Unit] = []
        outcomes: list[Outcome] = []
        units = self._waiting(first)
        try:
            running.append(next(units))
            with connection.begin():
                outcomes.append(_try_unit(connection, running[0]))
                for unit in units:
                    running.append(unit)
                    outcomes.append(_try_unit(connection, unit))
        except StopIteration:
            return
        except (DBAPIError, sqlite3.Error, MemoryError) as error:
            # The group as a whole is lost: nobody may believe that anything of it was kept. Without memory, too, this
            # thread goes on: those who wait for it would wait for ever.
            lost = _meaning(error) or StoreDown(str(error))
            log.exception("a group of %d units was not committed", len(running))
            outcomes = [Outcome(unit, error=lost) for unit in running]
        for outcome in outcomes:
            outcome.tell()

    def _waiting(self, first: Unit) -> Iterator[Unit]:
        """Give this unit and those behind it, as long as somebody waits and the group is not too large."""
        ends = time.monotonic() + GROUP_SECONDS
        if first.done.set_running_or_notify_cancel():
            yield first
        for _ in range(GROUP_UNITS - 1):
            if time.monotonic() > ends:
                return
            try:
                unit = self._queue.get_nowait()
            except Empty:
                return
            if unit is None:
                # The store is closing; nothing can stand behind this mark, so the outer loop finds it again.
                self._queue.put(None)
                return
            if unit.done.set_running_or_notify_cancel():
                yield unit


def _try_unit(connection: Connection, unit: Unit) -> Outcome:
    """Run one unit inside its own savepoint, so that it can fail alone."""
    try:
        return Outcome(unit, _in_savepoint(connection, unit.work))
    except Declined as declined:
        _in_savepoint(connection, declined.note)
        return Outcome(unit, error=declined.error)
    except LostTransaction:
        raise
    except BaseException as error:  # noqa: BLE001 - carried to the caller whose unit it is
        return Outcome(unit, error=_carried(error))


def _in_savepoint(connection: Connection, work: Callable[[Connection], T]) -> T:
    raw = _raw(connection)
    raw.execute("SAVEPOINT unit")
    try:
        result = work(connection)
    except BaseException as error:
        if not raw.in_transaction:
            # A full disk makes SQLite roll back everything, and the other units of the group with it.
            raise LostTransaction(str(error)) from error
        raw.execute("ROLLBACK TO unit")
        raw.execute("RELEASE unit")
        raise
    raw.execute("RELEASE unit")
    return result


def _carried(error: BaseException) -> BaseException:
    meaning = _meaning(error)
    if meaning is None:
        return error
    meaning.__cause__ = error
    return meaning


def _meaning(error: BaseException) -> StoreDown | None:
    """Return StoreDown for trouble with the file; None for a mistake in our own SQL or data."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.OperationalError):
        return None
    if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        return None
    return StoreDown(str(cause))


def _raw(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)


def writing_engine(path: Path) -> Engine:
    """Return an engine whose transactions take the write lock at once.

    In the driver's own mode the SELECT runs outside the transaction, and two agents who dispatch the same
    case both succeed (measured: 54 of 60).
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"check_same_thread": False},
    )
    return _begin_with(engine, "BEGIN IMMEDIATE", WRITER_PRAGMAS)


def _reading_engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=READERS,
        pool_timeout=READ_SECONDS,
        connect_args={"check_same_thread": False},
    )
    return _begin_with(engine, "BEGIN", READER_PRAGMAS)


def _begin_with(engine: Engine, begin: str, pragmas: tuple[str, ...]) -> Engine:
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # the driver shall not begin or commit on its own
        for pragma in pragmas:
            raw.execute(f"PRAGMA {pragma}")

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    return engine
