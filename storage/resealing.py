"""Seals what was written in the clear: by an older version, or by a store that had no key.

Rows are taken in the order of their keys and committed in steps. Whoever breaks off goes on by beginning again: what is
sealed already is passed over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)

from storage import models  # noqa: F401 - they fill the metadata
from storage.engine import Store
from storage.sealing import MARK
from storage.types import Base, Sealed

AT_ONCE: Final = 1_000
TRIED: Final = 20
Place = tuple[Any, ...]
_FROM_THE_BEGINNING: Final[Place | None] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How many rows of a table have been sealed so far."""

    table: str
    rows: int


def sealed_columns() -> dict[str, tuple[str, ...]]:
    """Return which columns are sealed, by table."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if names := tuple(column.name for column in table.c if isinstance(column.type, Sealed)):
            found[table.name] = names
    return found


def seal_all(store: Store) -> Iterator[Progress]:
    """Seal every row that is clear; tell after each step how far it is."""
    for name in sealed_columns():
        rows, place = 0, _FROM_THE_BEGINNING
        while place is not None:
            place, more = store.write_now(partial(seal_some, table=Base.metadata.tables[name], after=place))
            rows += more
            if more:
                yield Progress(name, rows)


def seal_some(
    conn: Connection, *, table: Table, after: Place, most: int = AT_ONCE
) -> tuple[Place | None, int]:
    """Seal the next clear rows behind a place; return where to go on, None at the end, and how many there were."""
    keys, columns = _keys(table), _columns(table)
    wanted = select(*(key.label(f"key_{n}") for n, key in enumerate(keys)), *columns).where(_clear(table))
    if after:
        wanted = wanted.where(tuple_(*keys) > after)
    rows = conn.execute(wanted.order_by(*keys).limit(most).with_for_update()).all()
    place = tuple(rows[-1][: len(keys)]) if len(rows) == most else None
    if any(isinstance(column.type, Sealed) for column in table.primary_key):
        rows = _without_doubles(conn, table, rows)
    if rows:
        here = and_(*(key == bindparam(f"key_{n}") for n, key in enumerate(keys)))
        statement = update(table).where(here).values({c.name: bindparam(f"new_{c.name}") for c in columns})
        conn.execute(statement, [_values(row, keys, columns) for row in rows])
    return place, len(rows)


def clear_tables(conn: Connection) -> list[str]:
    """Return the tables in which something is still clear."""
    tables = [Base.metadata.tables[name] for name in sealed_columns()]
    return [
        table.name
        for table in tables
        if conn.execute(select(*table.primary_key).where(_clear(table)).limit(1)).first() is not None
    ]


def try_key(conn: Connection) -> None:
    """Open the youngest rows of each table; raise Unsealed if this is not the key with which they were sealed.

    A few of each only: a start does not wait for a table to be read through.
    """
    for name in sealed_columns():
        table = Base.metadata.tables[name]
        youngest = (key.desc() for key in _keys(table))
        conn.execute(select(*_columns(table)).order_by(*youngest).limit(TRIED)).all()


def _columns(table: Table) -> Sequence[Column[Any]]:
    return [column for column in table.c if isinstance(column.type, Sealed)]


def _keys(table: Table) -> list[ColumnElement[Any]]:
    """The key as it is stored: of a sealed one its sealed text."""
    return [
        type_coerce(column, Text) if isinstance(column.type, Sealed) else column
        for column in table.primary_key
    ]


def _clear(table: Table) -> ColumnElement[bool]:
    raw = [type_coerce(column, Text) for column in _columns(table)]
    return or_(*((text != "") & ~text.startswith(MARK, autoescape=True) for text in raw))


def _values(
    row: Row[Any], keys: Sequence[ColumnElement[Any]], columns: Sequence[Column[Any]]
) -> dict[str, Any]:
    """Name what is bound: the column's type seals it on the way."""
    old = {f"key_{n}": row[n] for n in range(len(keys))}
    return old | {f"new_{column.name}": row[len(keys) + n] for n, column in enumerate(columns)}


def _without_doubles(conn: Connection, table: Table, rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Drop clear rows whose number has been written again since, sealed: the younger one holds."""
    keys, left = _keys(table), []
    for row in rows:
        stored = list(row[: len(keys)])
        typed = [column == value for column, value in zip(table.primary_key, stored, strict=True)]
        if conn.execute(select(*table.primary_key).where(*typed)).first() is None:
            left.append(row)
        else:
            conn.execute(delete(table).where(*(key == one for key, one in zip(keys, stored, strict=True))))
    return left
