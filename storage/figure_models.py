"""Tables of figures per quarter of an hour, and of what callers were told of their wait."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class ToldWait(Base):
    """One announcement of place and wait, and what the wait then was."""

    __tablename__ = "told_wait"
    __table_args__ = (Index("ix_told_wait_by_time", "at"),)

    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    position: Mapped[int]
    low: Mapped[float] = mapped_column(comment="seconds, as they were said")
    high: Mapped[float | None] = mapped_column(comment="None: or more")
    waited: Mapped[float | None] = mapped_column(comment="None while the caller waits")
    answered: Mapped[bool] = mapped_column(comment="the wait ended with a person's voice")


class Figure(Base):
    """The calls offered in one quarter of an hour on one line, counted. Fields as in `cases.figures.Counts`."""

    __tablename__ = "figure"

    slot: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="quarters of an hour since 1970"
    )
    line: Mapped[str] = mapped_column(SHORT, primary_key=True)
    offered: Mapped[int]
    asked: Mapped[int]
    waiting: Mapped[int]
    answered: Mapped[int]
    answered_15s: Mapped[int]
    answered_15s_of_ring: Mapped[int]
    abandoned: Mapped[int]
    abandoned_short: Mapped[int]
    completed: Mapped[int]
    caller_hung_up: Mapped[int]
    seat_hung_up: Mapped[int]
    abandoned_in_menu: Mapped[int]
    abandoned_in_line: Mapped[int]
    lost_restart: Mapped[int]
    message_left: Mapped[int]
    callback_asked: Mapped[int]
    self_service: Mapped[int]
    event_joined: Mapped[int]
    refused: Mapped[int]
    failed: Mapped[int]
    open: Mapped[int]
    wait_seconds: Mapped[float] = mapped_column(comment="of those who were answered")
    wait_longest: Mapped[float]
    talk_seconds: Mapped[float]
    hold_seconds: Mapped[float]
    wrap_up_seconds: Mapped[float]
    outgoing: Mapped[int]
    reached: Mapped[int]


class SeatFigure(Base):
    """How one seat spent one quarter of an hour. Fields as in `cases.figures.SeatCounts`."""

    __tablename__ = "seat_figure"

    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seat: Mapped[str] = mapped_column(SHORT, primary_key=True)
    answered: Mapped[int] = mapped_column(comment="talks that began in it")
    missed: Mapped[int] = mapped_column(comment="offers the seat did not take")
    ringing: Mapped[float]
    talk: Mapped[float]
    hold: Mapped[float]
    ready: Mapped[float]
    wrap_up: Mapped[float]
    break_: Mapped[float] = mapped_column("break")
    disabled: Mapped[float]
    signed_on: Mapped[float]


class FigureSpan(Base):
    """A past day whose figures are rolled up. A line that comes late takes the row away, and it is counted again."""

    __tablename__ = "figure_span"

    first_slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_slot: Mapped[int]
    made_at: Mapped[datetime]
