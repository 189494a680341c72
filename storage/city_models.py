"""Tables of what a unit, a category and a grid were called and belonged to, and of the generated past."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class UnitVersion(Base):
    """What a unit was from one day to another. Old cases and old reports keep the old name."""

    __tablename__ = "unit_version"
    __table_args__ = (Index("ix_unit_version_of_unit", "unit", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None] = mapped_column(comment="empty: it is so now")
    name: Mapped[str]
    short_name: Mapped[str] = mapped_column(SHORT)
    parent: Mapped[str | None] = mapped_column(SHORT)
    level: Mapped[int]
    kind: Mapped[str] = mapped_column(SHORT)
    why: Mapped[str] = mapped_column(SHORT, comment="entered, changed, moved, merged, dissolved")
    by: Mapped[str] = mapped_column(SHORT)


class CategoryVersion(Base):
    """What a category was called and what held for it from one day to another."""

    __tablename__ = "category_version"

    category: Mapped[str] = mapped_column(SHORT, ForeignKey("category.code"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None] = mapped_column(comment="empty: it is so now")
    parent: Mapped[str | None] = mapped_column(SHORT)
    name: Mapped[str]
    attributes: Mapped[str] = mapped_column(comment="JSON: intents, keywords, urgency, parallel codes …")
    by: Mapped[str] = mapped_column(SHORT)


class Grid(Base):
    """网格: the smallest area, with one grid worker; found by the words of an address."""

    __tablename__ = "grid"
    __table_args__ = (Index("ix_grid_of_town", "town"),)

    code: Mapped[str] = mapped_column(SHORT, primary_key=True)
    name: Mapped[str]
    town: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    streets: Mapped[str] = mapped_column(comment="streets and estates in it, blank between")
    ended_at: Mapped[datetime | None]


class DemoRun(Base):
    """How far a generated past has been written, so that it can be resumed after a break."""

    __tablename__ = "demo_run"

    profile: Mapped[str] = mapped_column(SHORT, primary_key=True)
    seed: Mapped[int]
    size: Mapped[str] = mapped_column(SHORT)
    cases: Mapped[int] = mapped_column(comment="wanted")
    written: Mapped[int] = mapped_column(comment="cases written so far")
    through: Mapped[str] = mapped_column(SHORT, comment="the last whole day written, YYYY-MM-DD, or empty")
    first_case: Mapped[int] = mapped_column(comment="row id of the first case")
    finished_at: Mapped[datetime | None]
