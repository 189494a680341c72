"""Tables of the case itself: what was asked, who has it, what was written, and its clocks."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from cases.workflow import Secrecy, State
from storage.types import NAME, NUMBER, SHORT, Base


class TextKind(StrEnum):
    """Which of a case's texts this is. Only `public` ever leaves the house."""

    ORIGINAL = "original"
    SUPPLEMENT = "supplement"
    PUBLIC = "public"


class Part(StrEnum):
    """What a unit is in a case: 主办, 协办, 知悉."""

    LEAD = "lead"
    ASSIST = "assist"
    INFORM = "inform"


class Stage(StrEnum):
    """How far one unit has come with its assignment."""

    SENT = "sent"
    HANDLING = "handling"
    APPROVAL = "approval"  # its reply waits for the signature of its own leader
    REPORTED = "reported"  # its report waits for the unit above
    RETURN_ASKED = "return_asked"
    RETURNED = "returned"
    REPLIED = "replied"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class CaseFile(Base):
    """诉求件: what a citizen asked for. Its current columns are a projection of its history."""

    __tablename__ = "case_file"
    __table_args__ = (
        Index("ix_case_file_by_state", "state", "id"),
        Index("ix_case_file_of_unit", "unit", "state", "id"),
        Index("ix_case_file_of_call", "call"),
        Index("ix_case_file_by_day", "received_at"),
        Index(
            "ix_case_file_by_place",
            "place_key",
            "category",
            "closed_at",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        *(
            Index(
                f"ix_case_file_{name}",
                name,
                sqlite_where=text(f"{name} IS NOT NULL"),
                postgresql_where=text(f"{name} IS NOT NULL"),
            )
            for name in ("recurrence_of", "split_from", "follows")
        ),
        Index(
            "ix_case_file_rework_asked",
            "rework_asked_at",
            sqlite_where=text("rework_asked_at IS NOT NULL"),
            postgresql_where=text("rework_asked_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    no: Mapped[str] = mapped_column(SHORT, unique=True, comment="as written: RH261122-00178-1")
    digits: Mapped[str] = mapped_column(SHORT, unique=True, comment="as keyed on the telephone: 12 digits")
    intake_key: Mapped[str] = mapped_column(
        SHORT, unique=True, comment="SHA-256 of the idempotency key it came with"
    )
    code_hash: Mapped[str] = mapped_column(comment="salted, of the six-digit query code 查询码")
    state: Mapped[State]
    version: Mapped[int] = mapped_column(comment="grows with each change; the loser of a race sees it")
    intent: Mapped[str] = mapped_column(SHORT)
    category: Mapped[str] = mapped_column(SHORT, ForeignKey("category.code"))
    urgency: Mapped[str] = mapped_column(SHORT)
    channel: Mapped[str] = mapped_column(SHORT)
    call: Mapped[str | None] = mapped_column(
        SHORT, comment="call in which it was taken; calls are derived, so no key"
    )
    title: Mapped[str]
    address: Mapped[str] = mapped_column(comment="where it happened, as said")
    reply_way: Mapped[str] = mapped_column(SHORT, comment="how the citizen wants to be told")
    confidential: Mapped[Secrecy] = mapped_column(
        server_default=Secrecy.NONE, comment="none; hide_contact: from the units; secret: named persons only"
    )
    wanted_unit: Mapped[str | None] = mapped_column(
        SHORT, ForeignKey("org_unit.id"), comment="the agent's proposal"
    )
    unit: Mapped[str | None] = mapped_column(
        SHORT, ForeignKey("org_unit.id"), comment="lead unit 主办单位, if any"
    )
    received_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    master: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), comment="merged into this case")
    rework_no: Mapped[int] = mapped_column(comment="how often it was opened again")
    paused_at: Mapped[datetime | None] = mapped_column(comment="its reply clock stands still since")
    paused_for: Mapped[str | None] = mapped_column(SHORT, comment="why: wait_citizen, …")
    origin: Mapped[str] = mapped_column(
        SHORT,
        server_default="citizen",
        comment="citizen, grid, cadre, device, superior, linked, leader, system",
    )
    party: Mapped[str] = mapped_column(
        SHORT, server_default="person", comment="person, enterprise, organisation"
    )
    hard: Mapped[bool] = mapped_column(server_default=false(), comment="declared 疑难")
    excluded: Mapped[str] = mapped_column(
        SHORT, server_default="", comment="why it is out of the scores; it stays in the volume"
    )
    place_key: Mapped[str] = mapped_column(
        SHORT, server_default="", comment="the address as it is compared with others"
    )
    recurrence_of: Mapped[int | None] = mapped_column(
        ForeignKey("case_file.id"), comment="the closed case of the same place and category"
    )
    split_from: Mapped[int | None] = mapped_column(
        ForeignKey("case_file.id"), comment="拆分: the case it was part of"
    )
    follows: Mapped[int | None] = mapped_column(
        ForeignKey("case_file.id"), comment="goes on with the danger of a case that was withdrawn"
    )
    long_term_at: Mapped[datetime | None] = mapped_column(comment="挂账 since")
    rework_asked_at: Mapped[datetime | None] = mapped_column(
        comment="the citizen says that it is not done; the centre has not decided"
    )


class CaseContact(Base):
    """Who asked. Apart from the case, so that it can be hidden, and erased, on its own."""

    __tablename__ = "case_contact"
    __table_args__ = (Index("ix_case_contact_cases_of_caller", "number", "case"),)

    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(NAME)
    number: Mapped[str] = mapped_column(NUMBER)


class CaseText(Base):
    """A version of a text. The original is never edited."""

    __tablename__ = "case_text"
    __table_args__ = (UniqueConstraint("case", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    version: Mapped[int]
    kind: Mapped[TextKind]
    text: Mapped[str]
    author: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class CaseMember(Base):
    """并案: a case that was merged, so that its caller is answered together with the others."""

    __tablename__ = "case_member"
    __table_args__ = (Index("ix_case_member_of_master", "master"),)

    member: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True, autoincrement=False)
    master: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class Assignment(Base):
    """批转: a unit that has a part in the case. Ended rows stay, as the trail of where it has been."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("case", "position"),
        Index(
            "uq_assignment_one_lead",
            "case",
            unique=True,
            sqlite_where=text("part = 'lead' AND ended_at IS NULL"),
            postgresql_where=text("part = 'lead' AND ended_at IS NULL"),
        ),
        Index("ix_assignment_of_unit", "unit", "stage"),
        Index("ix_assignment_cases_of_unit", "unit", "case"),
        Index(
            "ix_assignment_open",
            "stage",
            "unit",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    position: Mapped[int] = mapped_column(comment="1, 2, … within the case")
    parent: Mapped[int | None] = mapped_column(
        ForeignKey("assignment.id"), comment="passed down 下转 by this one"
    )
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    part: Mapped[Part]
    stage: Mapped[Stage]
    instruction: Mapped[str] = mapped_column(comment="批转意见")
    sent_by: Mapped[str] = mapped_column(SHORT)
    sent_at: Mapped[datetime]
    read_by: Mapped[str | None] = mapped_column(SHORT, comment="the named reader 查阅人")
    read_at: Mapped[datetime | None]
    contacted_by: Mapped[str | None] = mapped_column(SHORT)
    contacted_at: Mapped[datetime | None]
    contact_result: Mapped[str | None]
    handler: Mapped[str | None] = mapped_column(SHORT, comment="login of who handles it 承办人")
    leader: Mapped[str | None] = mapped_column(SHORT, comment="login of who answers for it 分管领导")
    ended_at: Mapped[datetime | None] = mapped_column(comment="returned, withdrawn or done")


class Clock(Base):
    """时限: one obligation. Nothing stores `overdue`: it is due_at against the time of asking."""

    __tablename__ = "clock"
    __table_args__ = (
        Index(
            "ix_clock_running_by_due",
            "due_at",
            sqlite_where=text("result = 'running'"),
            postgresql_where=text("result = 'running'"),
        ),
        Index("ix_clock_of_case", "case", "id"),
        Index(
            "ix_clock_open",
            "calendar_version",
            "id",
            sqlite_where=text("result IN ('running', 'paused')"),
            postgresql_where=text("result IN ('running', 'paused')"),
        ),
        Index(
            "ix_clock_to_act",
            "acts_at",
            "id",
            sqlite_where=text("acts_at IS NOT NULL"),
            postgresql_where=text("acts_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    assignment: Mapped[int | None] = mapped_column(
        ForeignKey("assignment.id"), comment="empty: of the case itself"
    )
    kind: Mapped[str] = mapped_column(
        SHORT, comment="dispatch, read, reply, final_review, feedback, callback …"
    )
    amount: Mapped[int]
    unit: Mapped[str] = mapped_column(SHORT, comment="wd, wh, min, h or day")
    policy_version: Mapped[str] = mapped_column(SHORT)
    calendar_version: Mapped[str] = mapped_column(SHORT)
    provisional: Mapped[bool] = mapped_column(comment="rests on a year whose holidays are not announced")
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(comment="empty only while it is paused")
    first_due_at: Mapped[datetime] = mapped_column(comment="before any extension or pause, for the figures")
    spans: Mapped[str] = mapped_column(
        comment="JSON: the stretches of time in which it ran, [[since, until], …]"
    )
    extensions: Mapped[str] = mapped_column(comment="JSON: units added each time")
    topped_up: Mapped[int] = mapped_column(comment="units given after a review sent it back")
    stopped_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(SHORT, comment="running, paused, met, missed or void")
    void_reason: Mapped[str] = mapped_column(SHORT)
    step: Mapped[str] = mapped_column(
        SHORT, server_default="", comment="how far up the ladder of warnings it has come"
    )
    acts_at: Mapped[datetime | None] = mapped_column(
        comment="when the sweep looks at it again; empty: nothing follows"
    )
