"""The declarative base of all tables and the column types they share."""

import enum
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import DateTime, Dialect, Engine, Enum, MetaData, String, Table, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.errors import Unsealed
from storage.sealing import Sealer, is_sealed

# Explicit names, so that a migration can drop by name what an earlier one made, on both databases.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Long enough for every closed set we store, so that a new member needs no migration.
ENUM_LENGTH = 32
SHORT = String(64)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware UTC out. A naive time is refused, because nobody knows what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        # SQLite has no zone: the text written is UTC and sorts like the instant.
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


def seal_with(engine: Engine, secret: bytes) -> Engine:
    """Let the engine seal personal columns with keys of this secret; without one it writes them in the clear."""
    if secret:
        vars(engine.dialect)["sealer"] = Sealer(secret)
    return engine


def sealer_of(dialect: Dialect) -> Sealer | None:
    return cast("Sealer | None", vars(dialect).get("sealer"))


class Sealed(TypeDecorator[str]):
    """Text that is sealed in the database and clear everywhere else. Only read, never looked for.

    The empty text stays empty, so that what is not there need not be opened; what an older version wrote in the clear
    is returned as it is.
    """

    impl = Text
    cache_ok = True

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    @property
    def python_type(self) -> type[str]:
        return str

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        sealer = sealer_of(dialect)
        return self._way(sealer)(value, self.kind) if value and sealer else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if not value or not is_sealed(value):
            return value
        if (sealer := sealer_of(dialect)) is None:
            raise Unsealed("the column is sealed, and there is no key: seal_secret is not set")
        return sealer.open(value, self.kind)

    def _way(self, sealer: Sealer) -> Callable[[str, str], str]:
        return sealer.apart


class SealedAlike(Sealed):
    """Sealed text that is looked for by the whole of it: `==`, `in_`, joins and indices. Nothing else works on it.

    The kind says which columns may be compared with each other: a number is the same number in every table.
    """

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # SQLite keeps no length, so the columns need not be made anew for the longer texts.
        return SHORT if dialect.name == "sqlite" else self.impl_instance

    def _way(self, sealer: Sealer) -> Callable[[str, str], str]:
        return sealer.alike


class Base(DeclarativeBase):
    """Every table of the store, in one metadata."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a class attribute
        str: Text(),
        datetime: UtcDateTime(),
        # Stored by value; a plain String column would give back `str`, and `is` would fail silently.
        enum.StrEnum: Enum(
            enum.StrEnum,
            native_enum=False,
            length=ENUM_LENGTH,
            values_callable=lambda members: [member.value for member in members],
        ),
    }


NUMBER = SealedAlike("number")
"""A citizen's telephone number, or that of somebody on duty who is rung instead."""
NAME = Sealed("name")


def table_of(model: type[Base]) -> Table:
    """Return the mapped table itself, for the Core statements of the hot paths."""
    return cast("Table", cast("Any", model).__table__)
