"""Insert-or-update and insert-once, which both databases have but SQLAlchemy spells twice."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def keep(conn: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write the row, over the old one if there is one."""
    statement = _over(table, conn.dialect.name, tuple(key), tuple(values))
    conn.execute(statement, {**key, **values})


def keep_once(conn: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Write the row unless one with its key is there already; True if this call wrote it."""
    return conn.execute(_once(table, conn.dialect.name), dict(row)).rowcount == 1


def insert_into(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return the database's own INSERT, the one that knows ON CONFLICT."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


# Built once each: on the hot paths, building a statement costs more than executing it.
@cache
def _over(table: Table, dialect: str, key: tuple[str, ...], values: tuple[str, ...]) -> Executable:
    statement = insert_into(dialect, table)
    new = {name: statement.excluded[name] for name in values}
    return statement.on_conflict_do_update(index_elements=list(key), set_=new)


@cache
def _once(table: Table, dialect: str) -> Executable:
    # Without the option SQLAlchemy does not say how many rows an INSERT wrote (on PostgreSQL always -1).
    return insert_into(dialect, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
