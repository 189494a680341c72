"""Tables of the agents' day: planned shifts, and how much of which break they may take."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class ShiftPlan(Base):
    """班次: when an agent is planned to be at the seat. Plans are withdrawn, never edited."""

    __tablename__ = "shift_plan"
    __table_args__ = (Index("ix_shift_plan_by_time", "begins_at", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(SHORT, ForeignKey("account.login"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    planned_by: Mapped[str] = mapped_column(SHORT)
    planned_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class BreakQuota(Base):
    """小休额度: how long a break of this reason may last, at once and in a day. None stands for as long as it takes."""

    __tablename__ = "break_quota"

    reason: Mapped[str] = mapped_column(SHORT, primary_key=True)
    once_minutes: Mapped[int | None]
    day_minutes: Mapped[int | None]
    set_by: Mapped[str] = mapped_column(SHORT)
    set_at: Mapped[datetime]
