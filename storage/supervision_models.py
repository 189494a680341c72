"""Tables of supervision: who was told what, and the registers of what was ordered, found, warned and published."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class Notice(Base):
    """提醒: something a person, a post or a unit shall know. Seen by whoever fits all that is filled in."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_of_unit", "unit", "read_at"),
        Index("ix_notice_of_role", "role", "read_at"),
        Index("ix_notice_of_person", "login", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(SHORT)
    unit: Mapped[str | None] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    role: Mapped[str | None] = mapped_column(SHORT)
    login: Mapped[str | None] = mapped_column(SHORT)
    case: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    detail: Mapped[str] = mapped_column(comment="JSON: codes and numbers only")
    urgent: Mapped[bool]
    at: Mapped[datetime]
    tell_at: Mapped[datetime] = mapped_column(comment="not before: office hours, unless it is urgent")
    read_by: Mapped[str | None] = mapped_column(SHORT, comment="who read it first; a unit reads it once")
    read_at: Mapped[datetime | None]


class SweepMark(Base):
    """Until when the clocks were swept: one row. A clock of the machine that has jumped shows against it."""

    __tablename__ = "sweep_mark"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    swept_at: Mapped[datetime]
    held_at: Mapped[datetime | None] = mapped_column(comment="the time that was not believed")


class Urge(Base):
    """催办: a unit is told to get on with a case."""

    __tablename__ = "urge"
    __table_args__ = (Index("ix_urge_of_case", "case"), Index("ix_urge_of_unit", "unit", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str] = mapped_column(SHORT, unique=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    unit: Mapped[str | None] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    clock: Mapped[int | None] = mapped_column(ForeignKey("clock.id"))
    origin: Mapped[str] = mapped_column(SHORT, comment="citizen, centre or ladder")
    text: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class LeaderInstruction(Base):
    """批示: what a leader of the city wrote on a case or a special report."""

    __tablename__ = "leader_instruction"

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str] = mapped_column(SHORT, unique=True)
    leader: Mapped[str] = mapped_column(SHORT)
    text: Mapped[str]
    report: Mapped[str] = mapped_column(comment="the special report it was written on; '' for a case")
    dated: Mapped[date]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(comment="what the leader was told")
    closed_by: Mapped[str | None] = mapped_column(SHORT, comment="the leader's office")
    closed_at: Mapped[datetime | None]


class Supervision(Base):
    """督办: an order to a unit about a case, with its own clock, closed only by who gave it."""

    __tablename__ = "supervision"
    __table_args__ = (
        Index("ix_supervision_of_case", "case"),
        Index("ix_supervision_of_unit", "unit", "id"),
        Index("ix_supervision_of_instruction", "instruction"),
        Index("ix_supervision_of_clock", "clock"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str] = mapped_column(SHORT, unique=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    leader: Mapped[str] = mapped_column(SHORT, comment="responsible leader addressed; '' for the unit itself")
    ground: Mapped[str] = mapped_column(SHORT)
    text: Mapped[str]
    instruction: Mapped[int | None] = mapped_column(ForeignKey("leader_instruction.id"))
    clock: Mapped[int | None] = mapped_column(ForeignKey("clock.id"))
    by: Mapped[str] = mapped_column(SHORT, comment="'system' until the efficiency office has taken it over")
    at: Mapped[datetime]
    result: Mapped[str | None]
    closed_by: Mapped[str | None] = mapped_column(SHORT)
    closed_at: Mapped[datetime | None]


class SupervisionReport(Base):
    """A unit's report on an order."""

    __tablename__ = "supervision_report"
    __table_args__ = (Index("ix_supervision_report_of_order", "supervision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    supervision: Mapped[int] = mapped_column(ForeignKey("supervision.id"))
    text: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class Exposure(Base):
    """曝光: what newspapers or broadcasters published about a unit's work."""

    __tablename__ = "exposure"
    __table_args__ = (Index("ix_exposure_of_case", "case"), Index("ix_exposure_of_unit", "unit"))

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str] = mapped_column(SHORT, unique=True)
    case: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    media: Mapped[str] = mapped_column(SHORT)
    title: Mapped[str]
    dated: Mapped[date]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class Accountability(Base):
    """问责: a matter 件 for which people were held to account."""

    __tablename__ = "accountability"
    __table_args__ = (Index("ix_accountability_of_case", "case"), Index("ix_accountability_of_unit", "unit"))

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str] = mapped_column(SHORT, unique=True)
    case: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    ground: Mapped[str] = mapped_column(SHORT, comment="one of the six triggers, or other")
    decided_by: Mapped[str] = mapped_column(SHORT, comment="the organ that decided")
    dated: Mapped[date]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class AccountablePerson(Base):
    """One person in one matter: counted as 人次."""

    __tablename__ = "accountable_person"
    __table_args__ = (Index("ix_accountable_person_of_matter", "accountability"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    accountability: Mapped[int] = mapped_column(ForeignKey("accountability.id"))
    name: Mapped[str]
    post: Mapped[str]
    measure: Mapped[str] = mapped_column(SHORT)


class FindingState(StrEnum):
    """What has become of a finding. It counts unless it was dropped."""

    OPEN = "open"
    ANSWERED = "answered"
    UPHELD = "upheld"
    DROPPED = "dropped"
    APPEALED = "appealed"


class Finding(Base):
    """问责情形: one of the six triggers of accountability, with what shows it and what the unit says."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("clock"),
        Index("ix_finding_of_unit", "unit", "at"),
        Index("ix_finding_of_case", "case"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trigger: Mapped[str] = mapped_column(SHORT)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    clock: Mapped[int | None] = mapped_column(
        ForeignKey("clock.id"), comment="the clock that ran out, if any"
    )
    state: Mapped[FindingState]
    evidence: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT, comment="a login; 'system' for what is found by itself")
    at: Mapped[datetime]
    response: Mapped[str | None]
    responded_by: Mapped[str | None] = mapped_column(SHORT)
    responded_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None] = mapped_column(SHORT)
    decided_at: Mapped[datetime | None]
    appeal: Mapped[str | None]
    appealed_by: Mapped[str | None] = mapped_column(SHORT)
    appealed_at: Mapped[datetime | None]
    ruling: Mapped[str | None] = mapped_column(comment="why the appeal was granted or not")
    ruled_by: Mapped[str | None] = mapped_column(SHORT)
    ruled_at: Mapped[datetime | None]


class WarningState(StrEnum):
    """How far a warning has come."""

    DRAFT = "draft"
    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"


class EfficiencyWarning(Base):
    """效能警告: a unit was late three times or more in one quarter. Drafted by itself, issued by a person."""

    __tablename__ = "efficiency_warning"
    __table_args__ = (
        Index(
            "uq_efficiency_warning_one_draft",
            "unit",
            "period",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
        Index("ix_efficiency_warning_of_unit", "unit", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str | None] = mapped_column(SHORT, unique=True, comment="given when it is issued")
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    period: Mapped[str] = mapped_column(SHORT, comment="2026Q4")
    state: Mapped[WarningState]
    drafted_at: Mapped[datetime]
    recipient: Mapped[str | None] = mapped_column(comment="to whom it is addressed")
    issued_by: Mapped[str | None] = mapped_column(SHORT)
    issued_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(SHORT)
    acknowledged_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(SHORT)
    withdrawn_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(comment="why it was withdrawn")


class WarningItem(Base):
    """A late reading or reply that a warning counts."""

    __tablename__ = "warning_item"
    __table_args__ = (Index("ix_warning_item_of_finding", "finding"),)

    warning: Mapped[int] = mapped_column(ForeignKey("efficiency_warning.id"), primary_key=True)
    finding: Mapped[int] = mapped_column(ForeignKey("finding.id"), primary_key=True)


class Circular(Base):
    """通报: what was late, perfunctory or worse in one month, for all to read."""

    __tablename__ = "circular"

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str | None] = mapped_column(SHORT, unique=True, comment="given when it is issued")
    period: Mapped[str] = mapped_column(SHORT, unique=True, comment="2026-11")
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
    issued_by: Mapped[str | None] = mapped_column(SHORT)
    issued_at: Mapped[datetime | None]


class CircularItem(Base):
    """One line of a circular; without one, it waits for that of its month."""

    __tablename__ = "circular_item"
    __table_args__ = (
        Index("ix_circular_item_of_circular", "circular"),
        Index(
            "ix_circular_item_waiting",
            "at",
            sqlite_where=text("circular IS NULL"),
            postgresql_where=text("circular IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    circular: Mapped[int | None] = mapped_column(ForeignKey("circular.id"))
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    clock: Mapped[int | None] = mapped_column(ForeignKey("clock.id"), unique=True)
    finding: Mapped[int | None] = mapped_column(ForeignKey("finding.id"), unique=True)
    reason: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
