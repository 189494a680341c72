"""Weekly rounds of quality checks, what supervisors wrote to seats and who has read it, and passwords to be changed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class QualityRound(Base):
    """抽检批次: that an agent's calls of a week have been drawn by themselves, which happens once."""

    __tablename__ = "quality_round"

    week: Mapped[date] = mapped_column(primary_key=True, comment="its Monday in the city's zone")
    agent: Mapped[str] = mapped_column(SHORT, primary_key=True)
    wanted: Mapped[int]
    at: Mapped[datetime]


class SeatMessage(Base):
    """班长消息: what a supervisor told one seat, or all."""

    __tablename__ = "seat_message"
    __table_args__ = (Index("ix_seat_message_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seat: Mapped[str] = mapped_column(SHORT, comment="'' for all that were signed on")
    text: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class SeatMessageReader(Base):
    """已读回执: one agent to whom a message went."""

    __tablename__ = "seat_message_reader"
    __table_args__ = (
        Index(
            "ix_seat_message_reader_unread",
            "agent",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    message: Mapped[int] = mapped_column(ForeignKey("seat_message.id"), primary_key=True)
    agent: Mapped[str] = mapped_column(SHORT, primary_key=True)
    seat: Mapped[str] = mapped_column(SHORT, comment="where the agent sat then")
    read_at: Mapped[datetime | None]


class GivenPassword(Base):
    """A password that somebody else knows: whoever signs in with it chooses another one first."""

    __tablename__ = "given_password"

    login: Mapped[str] = mapped_column(SHORT, ForeignKey("account.login"), primary_key=True)
    at: Mapped[datetime]
