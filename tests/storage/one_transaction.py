"""A store that does everything on one connection in one long transaction, each unit of work in its own savepoint."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection

from storage.engine import engine_for
from storage.errors import Declined

T = TypeVar("T")


class OneTransaction:
    """Keeps the promises of a store to one single caller, and leaves out the waits for a disk and for threads."""

    def __init__(self, url: str) -> None:
        self._engine = engine_for(url)
        self._connection = self._engine.connect().execution_options(code_key=b"")
        self._transaction = self._connection.begin()

    def write(self, work: Callable[[Connection], T], *, retryable: bool = False) -> "Future[T]":
        del retryable
        done: Future[T] = Future()
        try:
            done.set_result(self._in_savepoint(work))
        except Declined as declined:
            self._in_savepoint(declined.note)
            done.set_exception(declined.error)
        except Exception as error:  # noqa: BLE001 - carried to the caller whose unit it is
            done.set_exception(error)
        return done

    def read_now(self, work: Callable[[Connection], T]) -> T:
        return work(self._connection)

    def commit(self) -> None:
        """Keep what was done until now, so that the transaction does not grow for ever."""
        self._transaction.commit()
        self._transaction = self._connection.begin()

    def close(self) -> None:
        self._transaction.commit()
        self._connection.close()
        self._engine.dispose()

    def _in_savepoint(self, work: Callable[[Connection], T]) -> T:
        # What both drivers have: SQLAlchemy's own savepoints take longer than many a move.
        raw: Any = self._connection.connection.driver_connection
        raw.execute("SAVEPOINT unit")
        try:
            result = work(self._connection)
        except BaseException:
            raw.execute("ROLLBACK TO SAVEPOINT unit")
            raw.execute("RELEASE SAVEPOINT unit")
            raise
        raw.execute("RELEASE SAVEPOINT unit")
        return result
