"""Tables of the line: who can do what, and by which rules seats are chosen."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class SpanKind(StrEnum):
    """What holds of the line for a while only, whatever the rules are."""

    DUTY = "duty"
    CLOSURE = "closure"
    SUPPORT = "support"
    EMERGENCY = "emergency"


class LineRulesVersion(Base):
    """The rules of the line, one row for each time they were changed. Rows are never edited."""

    __tablename__ = "line_rules"
    __table_args__ = (Index("ix_line_rules_in_force", "valid_from", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    follows: Mapped[int] = mapped_column(
        unique=True,
        comment="the version that was changed: of two people who change the same one, one is told",
    )
    valid_from: Mapped[datetime]
    rules: Mapped[str] = mapped_column(comment="JSON, as routing.rule_text reads it")
    why: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    kept_at: Mapped[datetime]


class LineSpan(Base):
    """A stretch of time: a leader on duty, a closure, a group that helps another, the emergency switch."""

    __tablename__ = "line_span"
    __table_args__ = (
        Index(
            "ix_line_span_to_come",
            "until",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[SpanKind]
    since: Mapped[datetime]
    until: Mapped[datetime]
    detail: Mapped[str] = mapped_column(comment="JSON, as routing.rule_text reads it")
    why: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    kept_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(comment="switched off or taken back before its time")
    ended_by: Mapped[str | None] = mapped_column(SHORT)


class SeatProfile(Base):
    """What the person at a seat can do. Without a row: nothing in particular, for everybody."""

    __tablename__ = "seat_profile"

    login: Mapped[str] = mapped_column(SHORT, ForeignKey("account.login"), primary_key=True)
    group: Mapped[str] = mapped_column(SHORT)
    skills: Mapped[str] = mapped_column(comment="JSON: skill to level, 1 to 5")
    languages: Mapped[str] = mapped_column(comment="JSON list")
    busy_at_most: Mapped[float] = mapped_column(comment="share of an hour on calls, above it chosen last")
    by: Mapped[str] = mapped_column(SHORT)
    kept_at: Mapped[datetime]
