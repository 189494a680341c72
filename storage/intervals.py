"""An instant so long before a column's, spelled as each database understands it."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from storage.types import UtcDateTime


class Before(ColumnElement[Any]):
    """`column - minutes`. SQLite keeps instants as text, so there it must give the same text."""

    inherit_cache = False
    type = UtcDateTime()

    def __init__(self, column: ColumnElement[Any], *, days: int = 0, minutes: int = 0) -> None:
        self.column = column
        self.minutes = days * 24 * 60 + minutes

    @property
    def _from_objects(self) -> list[Any]:
        return self.column._from_objects  # noqa: SLF001 - an expression stands on the tables of its column


@compiles(Before, "sqlite")
def _sqlite(element: Before, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '-{element.minutes:d} minutes')"


@compiles(Before, "postgresql")
def _postgresql(element: Before, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.column, **kw)} - INTERVAL '{element.minutes:d} minutes')"
