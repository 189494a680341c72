"""Tables of indicators: what was frozen at the end of a period, what a later count found, and how units are scored."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.case_models import Assignment, CaseFile, Clock
from storage.types import SHORT, Base, table_of
from storage.work_models import CallbackAttempt, Reply, ReturnRequest, Review


class IndicatorPeriod(Base):
    """A week or a month that is over, and whose figures do not change any more."""

    __tablename__ = "indicator_period"
    __table_args__ = (UniqueConstraint("span", "begins_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    span: Mapped[str] = mapped_column(SHORT, comment="month or week")
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    frozen_at: Mapped[datetime]
    recounted_at: Mapped[datetime | None] = mapped_column(comment="when it was last counted again")


class IndicatorValue(Base):
    """One frozen figure. Nothing changes or deletes such a row."""

    __tablename__ = "indicator_value"
    __table_args__ = (Index("ix_indicator_value_in_time", "code", "axis", "key", "period"),)

    period: Mapped[int] = mapped_column(
        ForeignKey("indicator_period.id"), primary_key=True, autoincrement=False
    )
    code: Mapped[str] = mapped_column(SHORT, primary_key=True)
    axis: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="all, unit, intent, party, urgency …")
    key: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="the unit, the intent …; '' for all")
    version: Mapped[int] = mapped_column(comment="of the definition it was counted by")
    value: Mapped[float | None] = mapped_column(comment="empty where nothing was due")
    part: Mapped[float]
    whole: Mapped[float]
    excluded: Mapped[int]
    pending: Mapped[int]


class IndicatorCorrection(Base):
    """A later count of a frozen figure that came to something else. It stands beside the figure, never over it."""

    __tablename__ = "indicator_correction"
    __table_args__ = (Index("ix_indicator_correction_of", "period", "code", "axis", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[int] = mapped_column(ForeignKey("indicator_period.id"))
    code: Mapped[str] = mapped_column(SHORT)
    axis: Mapped[str] = mapped_column(SHORT)
    key: Mapped[str] = mapped_column(SHORT)
    version: Mapped[int]
    value: Mapped[float | None]
    part: Mapped[float]
    whole: Mapped[float]
    excluded: Mapped[int]
    counted_at: Mapped[datetime]


class ScoreScheme(Base):
    """How units are scored from a day on. A new scheme is a new row; old months keep theirs."""

    __tablename__ = "score_scheme"

    id: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime]
    weights: Mapped[str] = mapped_column(comment="JSON: indicator to weight")
    least_sample: Mapped[int]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class ScoreAdjustment(Base):
    """Points given to or taken from a unit for a time, on a ground."""

    __tablename__ = "score_adjustment"
    __table_args__ = (Index("ix_score_adjustment_in_time", "day", "unit"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    day: Mapped[datetime] = mapped_column(comment="when it counts; any instant of the period")
    points: Mapped[float] = mapped_column(comment="below zero: taken off")
    reason: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


# A period's figures are found by the date that counts, over a store that keeps every year.
_CASE, _CLOCK, _TASK = table_of(CaseFile), table_of(Clock), table_of(Assignment)
Index("ix_clock_by_kind_and_due", _CLOCK.c.kind, _CLOCK.c.due_at)
Index("ix_clock_by_kind_and_first_due", _CLOCK.c.kind, _CLOCK.c.first_due_at)
Index("ix_case_file_by_closing", _CASE.c.closed_at)
Index("ix_assignment_by_sending", _TASK.c.sent_at)
Index("ix_reply_by_time", table_of(Reply).c.at)
Index("ix_review_by_time", table_of(Review).c.at)
Index("ix_callback_attempt_by_time", table_of(CallbackAttempt).c.at)
Index("ix_return_request_by_decision", table_of(ReturnRequest).c.decided_at)
