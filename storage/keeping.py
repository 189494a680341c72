"""Insert-or-update and insert-once, which both databases have but SQLAlchemy spells twice."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_into(conn: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return the database's own INSERT, the one that knows ON CONFLICT."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def keep(conn: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write the row, over the old one if there is one."""
    statement = insert_into(conn, table).values(**key, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(values)))


def keep_once(conn: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Write the row unless its primary key is there already; True if this call wrote it."""
    statement = insert_into(conn, table).values(**row).on_conflict_do_nothing()
    return conn.execute(statement).rowcount == 1
