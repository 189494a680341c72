"""Around a kiosk: what its cases say about it, the links it offers, and the guide as its screen shows it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class KioskCase(Base):
    """Which kiosk a case was filed at, in which grid, and whether it waited there for the network."""

    __tablename__ = "kiosk_case"
    __table_args__ = (Index("ix_kiosk_case_of", "kiosk", "case"),)

    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True, autoincrement=False)
    kiosk: Mapped[str] = mapped_column(SHORT, ForeignKey("kiosk.id"))
    grid: Mapped[str | None] = mapped_column(SHORT, comment="网格 in which the kiosk stands, as it was then")
    link: Mapped[int | None] = mapped_column(comment="the link slot whose failure it reports")
    kept_at: Mapped[datetime | None] = mapped_column(
        comment="by the kiosk's clock: when it was typed while the network was away"
    )
    slip: Mapped[str] = mapped_column(SHORT, comment="暂存号 that the citizen was shown instead of a number")


class KioskState(Base):
    """What a kiosk says of itself with its sign of life, and the grid it stands in."""

    __tablename__ = "kiosk_state"

    kiosk: Mapped[str] = mapped_column(SHORT, ForeignKey("kiosk.id"), primary_key=True)
    grid: Mapped[str | None] = mapped_column(SHORT, ForeignKey("grid.code"))
    kept: Mapped[int] = mapped_column(comment="so many submissions wait on it for the network")
    unreadable: Mapped[int] = mapped_column(comment="so many came that could not be opened")


class KioskLink(Base):
    """对外链接: a page of somebody else's that kiosks may open: bills, hospitals, tickets. We take no payments."""

    __tablename__ = "kiosk_link"
    __table_args__ = (Index("ix_kiosk_link_of", "kiosk", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kiosk: Mapped[str | None] = mapped_column(SHORT, ForeignKey("kiosk.id"), comment="empty: on every kiosk")
    slot: Mapped[str] = mapped_column(SHORT, comment="payment or partner")
    name: Mapped[str]
    name_en: Mapped[str]
    address: Mapped[str] = mapped_column(comment="https://…; nothing but its origin is framed")
    category: Mapped[str | None] = mapped_column(
        SHORT, ForeignKey("category.code"), comment="matter of a case that says it failed"
    )
    position: Mapped[int]
    added_by: Mapped[str] = mapped_column(SHORT)
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class GuideColumn(Base):
    """栏目: a column of the guide on kiosks."""

    __tablename__ = "guide_column"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]


class GuideClass(Base):
    """类: a class of information in a column: the articles of a matter, or those that words find in it."""

    __tablename__ = "guide_class"
    __table_args__ = (Index("ix_guide_class_of", "column", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    column: Mapped[int] = mapped_column(ForeignKey("guide_column.id"))
    name: Mapped[str]
    name_en: Mapped[str]
    category: Mapped[str | None] = mapped_column(SHORT, ForeignKey("category.code"))
    words: Mapped[str] = mapped_column(comment="blank between; empty: all articles of the matter")
    position: Mapped[int]
