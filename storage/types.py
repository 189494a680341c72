"""The declarative base of all tables and the column types they share."""

import enum
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import DateTime, Dialect, Enum, MetaData, String, Table, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

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


SHORT = String(64)


def table_of(model: type[Base]) -> Table:
    """Return the mapped table itself, for the Core statements of the hot paths."""
    return cast("Table", cast("Any", model).__table__)
