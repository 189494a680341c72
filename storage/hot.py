"""Core statements for the hot paths: compiled once for each database, then handed to the driver as text.

Executing a Core statement costs several times what SQLite needs for it (measured in `bench/intake.py`), so the few
statements of case intake and history go this way. They are still written as Core statements, in our own types.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sqlalchemy import ClauseElement, Connection, Dialect

from storage.types import Sealed


class Rows(Protocol):
    """What both drivers return."""

    def fetchone(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as the driver takes it."""

    text: str
    names: tuple[str, ...]
    fixed: dict[str, Any]
    encode: tuple[tuple[str, Callable[[Any], Any]], ...]
    positional: bool


class Hot:
    """A statement that is executed often. Its rows come back as the driver has them, so ask for plain types only."""

    __slots__ = ("_build",)

    def __init__(self, build: Callable[[str], ClauseElement]) -> None:
        self._build = build

    def __call__(self, conn: Connection, **values: Any) -> Rows:
        dialect = conn.dialect
        # Kept with the dialect of one store, because personal columns are sealed with that store's key.
        known: dict[Hot, Prepared] = vars(dialect).setdefault("hot_statements", {})
        if (prepared := known.get(self)) is None:
            prepared = known[self] = _prepare(self._build(dialect.name), dialect, values)
        values.update(prepared.fixed)
        for name, encode in prepared.encode:
            values[name] = encode(values[name])
        given = [values[name] for name in prepared.names] if prepared.positional else values
        return cast("Rows", cast("Any", conn.connection.driver_connection).execute(prepared.text, given))


def _prepare(statement: ClauseElement, dialect: Dialect, values: Mapping[str, Any]) -> Prepared:
    compiled = cast("Any", statement.compile(dialect=dialect, column_keys=list(values)))
    if any(isinstance(column.type, Sealed) for column in compiled._result_columns):  # noqa: SLF001
        raise TypeError(f"a sealed column comes back sealed this way: {compiled.string}")
    encode = []
    for name, bind in compiled.binds.items():
        processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if processor is not None:
            encode.append((name, processor))
    return Prepared(
        text=compiled.string,
        names=tuple(compiled.positiontup or compiled.binds),
        # What stands in the statement itself, such as the 1 of a limit.
        fixed={name: value for name, value in compiled.params.items() if name not in values},
        encode=tuple(encode),
        positional=compiled.positional,
    )
