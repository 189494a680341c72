"""What we ring citizens and duty phones for by ourselves, every attempt, and which kinds are switched on."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cases.outgoing import Closing, Kind, Result
from storage.types import NUMBER, SHORT, Base

_OPEN = text("closed_at IS NULL")


class OutgoingCall(Base):
    """外呼任务: somebody is to be rung for one reason; once for each round of a case, each call of a duty table."""

    __tablename__ = "outgoing_call"
    __table_args__ = (
        UniqueConstraint("kind", "ref"),
        Index("ix_outgoing_call_open", "next_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outgoing_call_of_case", "case"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind]
    ref: Mapped[str] = mapped_column(SHORT, comment="what wants it: case.round, case.clock, or the duty call")
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    number: Mapped[str] = mapped_column(NUMBER, comment="as dialled; of a duty call the first of its table")
    wanted_at: Mapped[datetime]
    next_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(comment="those that count: a telephone rang")
    call: Mapped[str | None] = mapped_column(SHORT, comment="our call that is out now")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(SHORT)
    closing: Mapped[Closing | None]


class OutgoingAttempt(Base):
    """One call. The row is written before the exchange is asked, so that whoever dies in between rings nobody twice."""

    __tablename__ = "outgoing_attempt"
    __table_args__ = (
        Index("ix_outgoing_attempt_of_task", "task", "at"),
        Index("ix_outgoing_attempt_of_number", "number", "at"),
        Index(
            "ix_outgoing_attempt_open",
            "at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    call: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="id of our call")
    task: Mapped[int] = mapped_column(ForeignKey("outgoing_call.id"))
    number: Mapped[str] = mapped_column(NUMBER, comment="as dialled")
    by: Mapped[str] = mapped_column(SHORT, comment="the node whose process began it")
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    result: Mapped[Result | None] = mapped_column(comment="what the script has said, else Asterisk")
    solved: Mapped[str | None] = mapped_column(SHORT, comment="answered before it broke off")
    satisfied: Mapped[str | None] = mapped_column(SHORT, comment="the same")


class OutgoingSwitch(Base):
    """Which kinds of calls are made. Without a row none is: a city begins by its own decision."""

    __tablename__ = "outgoing_switch"

    kind: Mapped[Kind] = mapped_column(primary_key=True)
    on: Mapped[bool]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
