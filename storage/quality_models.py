"""Quality checks: scoring sheets, drawn calls, scores and appeals."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class QualitySheet(Base):
    """评分表: one version of it. A new one is another row, so that a score keeps the sheet it was given by."""

    __tablename__ = "quality_sheet"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    made_by: Mapped[str] = mapped_column(SHORT)
    made_at: Mapped[datetime]


class QualityItem(Base):
    """One line of a scoring sheet."""

    __tablename__ = "quality_item"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    points: Mapped[int] = mapped_column(comment="at most; 0 for a fatal one")
    fatal: Mapped[bool] = mapped_column(comment="missed once, the whole call counts 0")
    guidance: Mapped[str]


class QualityDraw(Base):
    """抽检: a call that is to be checked, and whose it was. A call is drawn once."""

    __tablename__ = "quality_draw"
    __table_args__ = (
        Index("ix_quality_draw_of_week", "week", "agent"),
        Index("ix_quality_draw_of_agent", "agent"),
    )

    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    week: Mapped[date] = mapped_column(comment="its Monday in the city's zone")
    agent: Mapped[str] = mapped_column(SHORT)
    seat: Mapped[str] = mapped_column(SHORT)
    talked_at: Mapped[datetime]
    talk_seconds: Mapped[float]
    basis: Mapped[str] = mapped_column(SHORT, comment="random, or picked by hand")
    drawn_by: Mapped[str] = mapped_column(SHORT)
    drawn_at: Mapped[datetime]


class QualityCheck(Base):
    """质检结果: what the call is worth, and what the agent said to it."""

    __tablename__ = "quality_check"

    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    version: Mapped[int] = mapped_column(comment="of the sheet")
    score: Mapped[int]
    fatal: Mapped[bool]
    comment: Mapped[str]
    checked_by: Mapped[str] = mapped_column(SHORT)
    checked_at: Mapped[datetime]
    seen_at: Mapped[datetime | None] = mapped_column(comment="when the agent first read it")
    appeal: Mapped[str | None]
    appealed_at: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(SHORT, comment="upheld, revised")
    answer: Mapped[str | None]
    decided_by: Mapped[str | None] = mapped_column(SHORT)
    decided_at: Mapped[datetime | None]
    first_score: Mapped[int | None] = mapped_column(comment="before it was revised")


class QualityMark(Base):
    """The points of one item; round 1 is after an appeal."""

    __tablename__ = "quality_mark"

    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    points: Mapped[int] = mapped_column(comment="of a fatal item 0 if it was missed, else 1")
    note: Mapped[str]
