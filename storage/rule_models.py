"""Calendars, office hours and time limits as versioned data: rows are added, never edited."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base

_FOLLOWS = "the version that was changed: of two people who change the same one, one is told"


class CalendarYear(Base):
    """The official days of one year, as somebody imported them. The newest row of a year holds; shipped years have none."""

    __tablename__ = "calendar_year"

    id: Mapped[int] = mapped_column(primary_key=True)
    follows: Mapped[int] = mapped_column(unique=True, comment=_FOLLOWS)
    year: Mapped[int]
    rest: Mapped[str] = mapped_column(comment="days off: MM-DD and MM-DD~MM-DD, separated by spaces")
    work: Mapped[str] = mapped_column(comment="Saturdays and Sundays that are worked 调休")
    source: Mapped[str] = mapped_column(comment="number of the notice")
    by: Mapped[str] = mapped_column(SHORT)
    kept_at: Mapped[datetime]


class OfficeHoursVersion(Base):
    """办公时间: the hours of one class of units from a day on. Earlier days keep the hours they had."""

    __tablename__ = "office_hours"
    __table_args__ = (UniqueConstraint("name", "follows"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(SHORT, comment="the class, as units name it")
    follows: Mapped[int] = mapped_column(comment=_FOLLOWS)
    title: Mapped[str]
    since: Mapped[str] = mapped_column(SHORT, comment="first day on which these hours are kept, YYYY-MM-DD")
    rules: Mapped[str] = mapped_column(comment="JSON: [[first MM-DD, last MM-DD, [[opens, closes], …]], …]")
    why: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    kept_at: Mapped[datetime]


class OfficeHoursScope(Base):
    """Who keeps which hours: a kind of unit, or one unit with all below it, which goes first."""

    __tablename__ = "office_hours_scope"

    scope: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="kind or unit")
    subject: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="the kind, or the unit's code")
    hours: Mapped[str] = mapped_column(SHORT)
    by: Mapped[str] = mapped_column(SHORT)
    kept_at: Mapped[datetime]


class PolicyVersion(Base):
    """政策: the time limits of the city for a while. Clocks keep the name of the one they were started by."""

    __tablename__ = "policy_version"
    __table_args__ = (Index("ix_policy_version_in_force", "valid_from", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    follows: Mapped[int] = mapped_column(unique=True, comment=_FOLLOWS)
    version: Mapped[str] = mapped_column(SHORT, unique=True, comment="as clocks name it")
    title: Mapped[str]
    rows: Mapped[str] = mapped_column(comment="JSON, as cases.rule_text reads it; the first that fits holds")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None] = mapped_column(comment="then what held before holds again")
    moves_clocks: Mapped[bool] = mapped_column(comment="running clocks follow it, by decision of who kept it")
    moved_at: Mapped[datetime | None] = mapped_column(comment="when they did, once and for all")
    why: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    kept_at: Mapped[datetime]
