"""What was suggested to agents, what they took, and the model trained on it."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class Suggestion(Base):
    """建议: what stood before the agent when a case was filed, and which of it was taken."""

    __tablename__ = "suggestion"
    __table_args__ = (Index("ix_suggestion_by_day", "day"),)

    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date(), comment="in the city's zone")
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(SHORT)
    model: Mapped[int] = mapped_column(comment="version of the model that was asked; 0: none was there")
    categories: Mapped[str] = mapped_column(comment="codes, the first first")
    units: Mapped[str] = mapped_column(comment="codes, the first first")
    first_category: Mapped[str] = mapped_column(SHORT)
    first_unit: Mapped[str] = mapped_column(SHORT)
    category_rank: Mapped[int | None] = mapped_column(comment="1 to 3; 0: another one; empty: none was shown")
    unit_rank: Mapped[int | None] = mapped_column(
        comment="1 to 3; 0: another one; empty: none was shown or chosen"
    )


class SuggestionModel(Base):
    """What was learned from the city's cases. The newest one is in use, by every process."""

    __tablename__ = "suggestion_model"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trained_at: Mapped[datetime]
    cases: Mapped[int] = mapped_column(comment="from so many it has learned")
    examined: Mapped[int] = mapped_column(comment="on so many others it was tried")
    top1: Mapped[float]
    top3: Mapped[float]
    seconds: Mapped[float]
    data: Mapped[bytes | None] = mapped_column(LargeBinary(), comment="dropped when a newer one is in use")
