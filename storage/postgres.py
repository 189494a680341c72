"""A PostgreSQL server: one transaction for each unit of work, on connections of a pool, in threads."""

import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.errors import Declined, StoreDown
from storage.types import seal_with

log = logging.getLogger(__name__)
T = TypeVar("T")

WRITERS = 16
POOL_SECONDS = 10.0
TRIES = 8
PAUSE_SECONDS = 0.05
LONGEST_PAUSE = 1.0

# The server has undone the transaction itself: doing it again is always safe.
UNDONE = frozenset({"40001", "40P01"})
# The connection is gone, and nobody can say whether the commit arrived.
LOST = frozenset({"57P01", "57P02", "57P03", "08000", "08003", "08006"})

TROUBLE = (DBAPIError, psycopg.Error)

# Every wait has a limit, and a transaction that its process forgot does not hold the others for ever.
SETTINGS = (
    "-c timezone=UTC -c statement_timeout=30000 -c lock_timeout=10000 "
    "-c idle_in_transaction_session_timeout=60000"
)
READ_SETTINGS = f"{SETTINGS} -c statement_timeout=15000 -c default_transaction_read_only=on"


class PostgresServer:
    """Speaks to one database. Each unit of work holds a connection for one transaction only."""

    def __init__(self, url: URL, code_key: bytes = b"", seal: bytes = b"") -> None:
        self._writing = seal_with(writing_engine(url), seal).execution_options(code_key=code_key)
        self._reading = seal_with(_engine(url, READ_SETTINGS), seal)
        self._threads = ThreadPoolExecutor(WRITERS, thread_name_prefix="store-writer")
        self._closed = False
        self.read_now(lambda connection: connection.exec_driver_sql("SELECT 1").scalar_one())

    def write(self, work: Callable[[Connection], T], *, retryable: bool = False) -> "Future[T]":
        if self._closed:
            raise StoreDown("the store is closed")
        return self._threads.submit(self._write, work, retryable=retryable)

    def _write(self, work: Callable[[Connection], T], *, retryable: bool) -> T:
        for tries in range(1, TRIES + 1):
            try:
                with self._writing.begin() as connection:
                    return work(connection)
            except Declined as declined:
                self._write(declined.note, retryable=False)
                raise declined.error from None
            except PoolTimeout as error:
                raise StoreDown("too many writes at once") from error
            except TROUBLE as error:
                again = _undone(error) or (retryable and _lost(error))
                if not again or tries == TRIES:
                    raise _meaning(error) from error
                log.warning("a unit of work starts again after: %s", _first_line(error))
                _pause(tries)
        raise AssertionError("unreachable")

    def read_now(self, work: Callable[[Connection], T]) -> T:
        for last in (False, True):
            try:
                with self._reading.begin() as connection:
                    return work(connection)
            except PoolTimeout as error:
                raise StoreDown("too many reads at once") from error
            except TROUBLE as error:
                # A read changes nothing, so the first lost connection costs only a second try.
                if last or not _lost(error):
                    raise _meaning(error) from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._closed = True
        self._threads.shutdown()
        self._writing.dispose()
        self._reading.dispose()


def _cause(error: Exception) -> object:
    """Return what the driver said; the statements of the hot paths go to it without SQLAlchemy."""
    return error.orig if isinstance(error, DBAPIError) else error


def _undone(error: Exception) -> bool:
    return getattr(_cause(error), "sqlstate", None) in UNDONE


def _lost(error: Exception) -> bool:
    cause = _cause(error)
    state = getattr(cause, "sqlstate", None)
    no_answer = state is None and isinstance(cause, psycopg.OperationalError)
    return getattr(error, "connection_invalidated", False) or state in LOST or no_answer


def _meaning(error: Exception) -> Exception:
    """Return StoreDown for trouble with the server; the error itself for a mistake in our own SQL or data."""
    if _lost(error) or isinstance(_cause(error), psycopg.OperationalError):
        return StoreDown(_first_line(error))
    return error


def _first_line(error: Exception) -> str:
    return (str(_cause(error)).strip().splitlines() or ["no answer"])[0]


def _pause(tries: int) -> None:
    """Wait a little longer each time, and never as long as the other one who waits."""
    longest = min(PAUSE_SECONDS * 2**tries, LONGEST_PAUSE)
    time.sleep(random.uniform(longest / 2, longest))  # noqa: S311 - no secret


def writing_engine(url: URL) -> Engine:
    return _engine(url, SETTINGS)


def _engine(url: URL, settings: str) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=WRITERS,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,  # a restarted server is noticed before the unit starts, not in its middle
        connect_args={"connect_timeout": 5, "options": settings},
    )
