"""Tables of what is owed to callers, beyond `call_models.RingBack`."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cases.ring_backs import Result
from storage.types import NUMBER, SHORT, Base


class RingBackAttempt(Base):
    """回拨记录: one call of ours to somebody we owe one. Made from its record, which gives it its key."""

    __tablename__ = "ring_back_attempt"
    __table_args__ = (
        Index("ix_ring_back_attempt_of_debt", "owed", "at"),
        Index(
            "ix_ring_back_attempt_open",
            "number",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    call: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="id of our call")
    owed: Mapped[str] = mapped_column(SHORT, comment="the debt: id of the call that was not served")
    number: Mapped[str] = mapped_column(NUMBER, comment="as dialled")
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seat: Mapped[str] = mapped_column(SHORT)
    by: Mapped[str] = mapped_column(SHORT, comment="login; '' if the line did it by itself")
    result: Mapped[Result | None] = mapped_column(comment="none while it goes on")
    talk_seconds: Mapped[float]


class RingBackClaim(Base):
    """Who is about to ring a number: one at a time, and for a while only, so that no crash keeps it."""

    __tablename__ = "ring_back_claim"

    number: Mapped[str] = mapped_column(NUMBER, primary_key=True, comment="as dialled")
    call: Mapped[str] = mapped_column(SHORT, comment="the debt")
    by: Mapped[str] = mapped_column(SHORT, comment="a login, or line:<process>")
    until: Mapped[datetime]
