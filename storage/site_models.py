"""The public site: visits of citizens with a query code, views of published cases, and kiosks 自助终端."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class CitizenVisit(Base):
    """Who has shown number and query code may act on the case for a while, without the code going to and fro."""

    __tablename__ = "citizen_visit"
    __table_args__ = (Index("ix_citizen_visit_until", "until"),)

    ticket_hash: Mapped[str] = mapped_column(SHORT, primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    source: Mapped[str] = mapped_column(SHORT, comment="web or kiosk")
    until: Mapped[datetime]


class PublicView(Base):
    """How often a published case was read on a day. Who read it is written down nowhere."""

    __tablename__ = "public_view"

    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True, autoincrement=False)
    day: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="YYMMDD in the city's zone")
    views: Mapped[int]


class Kiosk(Base):
    """自助终端 in a community. It shows who it is with a token of which only the hash is kept."""

    __tablename__ = "kiosk"

    id: Mapped[str] = mapped_column(SHORT, primary_key=True)
    name: Mapped[str]
    address: Mapped[str] = mapped_column(comment="where it stands; what is filed there happened there")
    token_hash: Mapped[str] = mapped_column(SHORT, unique=True)
    added_by: Mapped[str] = mapped_column(SHORT)
    added_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None] = mapped_column(comment="locked from afar")
    seen_at: Mapped[datetime | None] = mapped_column(comment="its last sign of life")


class KioskDay(Base):
    """How often a kiosk was used on a day, for what: visit, report, call."""

    __tablename__ = "kiosk_day"

    kiosk: Mapped[str] = mapped_column(SHORT, ForeignKey("kiosk.id"), primary_key=True)
    day: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="YYMMDD in the city's zone")
    what: Mapped[str] = mapped_column(SHORT, primary_key=True)
    times: Mapped[int]
