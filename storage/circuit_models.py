"""What the whole circuit keeps: requests of units, reports from below, rulings, supplements, rework, call-backs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base

_UNDECIDED = text("granted IS NULL AND lapsed_at IS NULL")


class UnitCircuit(Base):
    """How a unit handles cases. A unit without a row needs neither signature, and answers to the centre alone."""

    __tablename__ = "unit_circuit"

    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"), primary_key=True)
    leader_approves: Mapped[bool] = mapped_column(
        server_default=false(), comment="its leader signs every reply before it leaves the unit"
    )
    reviews_below: Mapped[bool] = mapped_column(
        server_default=false(), comment="it reviews replies of units below it before the centre does"
    )
    leader: Mapped[str | None] = mapped_column(
        SHORT, comment="login of the responsible leader 分管领导 of new assignments"
    )
    set_by: Mapped[str] = mapped_column(SHORT)
    set_at: Mapped[datetime]


class CircuitRequest(Base):
    """申请: a unit asks for more time, a pause, a place on the long-term list, or an exclusion; others decide."""

    __tablename__ = "circuit_request"
    __table_args__ = (
        Index("ix_circuit_request_of_case", "case"),
        Index(
            "uq_circuit_request_one_open",
            "case",
            "kind",
            unique=True,
            sqlite_where=_UNDECIDED,
            postgresql_where=_UNDECIDED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    assignment: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    kind: Mapped[str] = mapped_column(SHORT, comment="extension, pause, long_term, exclusion")
    reason: Mapped[str] = mapped_column(SHORT, comment="coded; empty for an extension")
    words: Mapped[str] = mapped_column(comment="why, or the plan of a long-term case")
    amount: Mapped[int | None] = mapped_column(
        comment="units of the clock, days of a pause or between reviews"
    )
    leader: Mapped[str | None] = mapped_column(
        SHORT, comment="login of the unit's leader who asked or answers for it"
    )
    told: Mapped[str] = mapped_column(comment="what the citizen was told about it")
    told_at: Mapped[datetime | None]
    asked_by: Mapped[str] = mapped_column(SHORT)
    asked_at: Mapped[datetime]
    efficiency_by: Mapped[str | None] = mapped_column(
        SHORT, comment="long-term only: signed by the efficiency office"
    )
    centre_by: Mapped[str | None] = mapped_column(SHORT, comment="long-term only: signed by the centre")
    granted: Mapped[bool | None] = mapped_column(comment="empty while nobody has decided")
    granted_amount: Mapped[int | None]
    comment: Mapped[str | None]
    decided_by: Mapped[str | None] = mapped_column(SHORT)
    decided_at: Mapped[datetime | None]
    clock: Mapped[int | None] = mapped_column(
        ForeignKey("clock.id"), comment="within which it must be decided"
    )
    lapsed_at: Mapped[datetime | None] = mapped_column(comment="the case went on before anybody decided")
    ended_at: Mapped[datetime | None] = mapped_column(comment="long-term only: struck off 销账")


class LongTermNote(Base):
    """挂账复查: what a review of a long-term case found, or the evidence with which it was struck off."""

    __tablename__ = "long_term_note"
    __table_args__ = (Index("ix_long_term_note_of_request", "request"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request: Mapped[int] = mapped_column(ForeignKey("circuit_request.id"))
    kind: Mapped[str] = mapped_column(SHORT, comment="review or end")
    words: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class Report(Base):
    """办理报告: what a unit to which a part was passed down, or which assists, tells the unit above it."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("assignment", "version"), Index("ix_report_of_case", "case"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    assignment: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    version: Mapped[int]
    words: Mapped[str] = mapped_column(comment="办理情况, internal")
    resolution: Mapped[str] = mapped_column(SHORT, comment="full, part, no, n/a")
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
    passed: Mapped[bool | None] = mapped_column(comment="empty while the unit above has not reviewed it")
    findings: Mapped[str] = mapped_column(server_default="", comment="coded faults, separated by spaces")
    comment: Mapped[str | None]
    reviewed_by: Mapped[str | None] = mapped_column(SHORT)
    reviewed_at: Mapped[datetime | None]
    clock: Mapped[int | None] = mapped_column(
        ForeignKey("clock.id"), comment="within which it must be reviewed"
    )


class Adjudication(Base):
    """裁定: what the group decided about a second dispute. It binds; a third return is impossible."""

    __tablename__ = "adjudication"
    __table_args__ = (Index("ix_adjudication_of_case", "case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    request: Mapped[int] = mapped_column(ForeignKey("return_request.id"), unique=True)
    members: Mapped[str] = mapped_column(comment="JSON: who sat, with their posts")
    minutes: Mapped[str]
    decision: Mapped[str] = mapped_column(SHORT, comment="uphold, move or share")
    unit: Mapped[str | None] = mapped_column(
        SHORT, ForeignKey("org_unit.id"), comment="whose it is, or who joins"
    )
    directory: Mapped[bool] = mapped_column(comment="a row of the directory was made of it")
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class Supplement(Base):
    """补充、催办: what the citizen adds after registration, through whichever channel and under whichever number."""

    __tablename__ = "supplement"
    __table_args__ = (Index("ix_supplement_of_case", "case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"), comment="the case that is handled")
    through: Mapped[int | None] = mapped_column(
        ForeignKey("case_file.id"), comment="the merged case under whose number it came"
    )
    kind: Mapped[str] = mapped_column(SHORT, comment="fact or urge")
    words: Mapped[str]
    channel: Mapped[str] = mapped_column(SHORT)
    call: Mapped[str | None] = mapped_column(SHORT)
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class Rework(Base):
    """重办: why a case that had been answered is worked on again."""

    __tablename__ = "rework"
    __table_args__ = (UniqueConstraint("case", "no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    no: Mapped[int] = mapped_column(comment="1, 2, … within the case")
    why: Mapped[str] = mapped_column(SHORT, comment="unsolved, dissatisfied, new_fact, other")
    words: Mapped[str]
    assignment: Mapped[int] = mapped_column(ForeignKey("assignment.id"), comment="the new one")
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class CallbackTask(Base):
    """回访任务: one round of calling back, taken by one person. Its attempts are rows of their own."""

    __tablename__ = "callback_task"
    __table_args__ = (
        UniqueConstraint("case", "round"),
        Index(
            "ix_callback_task_open",
            "owner",
            "opened_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    round: Mapped[int] = mapped_column(comment="0, then the number of the rework")
    owner: Mapped[str | None] = mapped_column(
        SHORT, comment="who took it; never of a unit that handled the case"
    )
    attempts: Mapped[int]
    next_at: Mapped[datetime | None] = mapped_column(comment="when the citizen asked to be called")
    opened_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(SHORT, comment="reached, unreached, reworked, withdrawn")
