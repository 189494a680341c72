"""Supervisors on the line: thresholds, and the help that one group gives another for a while."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class WatchRules(Base):
    """From when on the wall raises an alarm, and what agents are told; one row for each change. Rows are never edited."""

    __tablename__ = "watch_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    follows: Mapped[int] = mapped_column(
        unique=True,
        comment="the version that was changed: of two people who change the same one, one is told",
    )
    rules: Mapped[str] = mapped_column(comment="JSON, as routing.watch_rules reads it")
    why: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    kept_at: Mapped[datetime]


class LineHelp(Base):
    """一键支援: a group helps with a skill for a while."""

    __tablename__ = "line_help"
    __table_args__ = (
        Index(
            "ix_line_help_going_on",
            "until",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    skill: Mapped[str] = mapped_column(SHORT)
    helper: Mapped[str] = mapped_column(SHORT, comment="the group whose seats help")
    span: Mapped[int | None] = mapped_column(
        ForeignKey("line_span.id"), comment="that lets them take the callers of another group"
    )
    since: Mapped[datetime]
    until: Mapped[datetime]
    why: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    ended_at: Mapped[datetime | None] = mapped_column(comment="taken back before its time")
    ended_by: Mapped[str | None] = mapped_column(SHORT)


class LentSkill(Base):
    """A person who can do more for as long as the help goes on."""

    __tablename__ = "lent_skill"

    help: Mapped[int] = mapped_column(ForeignKey("line_help.id"), primary_key=True)
    login: Mapped[str] = mapped_column(SHORT, ForeignKey("account.login"), primary_key=True)
    level: Mapped[int]
