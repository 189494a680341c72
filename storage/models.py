"""All tables of the store in one place, with those that belong to no single subject."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage import (
    call_models,
    circuit_models,
    city_models,
    figure_models,
    frontline_models,
    indicator_models,
    kiosk_queue_models,
    knowledge_models,
    line_models,
    menu_figure_models,
    number_models,
    outgoing_models,
    phone_service_models,
    preference_models,
    quality_models,
    ring_back_models,
    rounds_models,
    rule_models,
    security_models,
    shift_models,
    sign_on_models,
    site_models,
    suggestion_models,
    supervision_models,
    transcript_models,
    watch_models,
)
from storage.case_models import (
    Assignment,
    CaseContact,
    CaseFile,
    CaseMember,
    CaseText,
    Clock,
    Part,
    Stage,
    TextKind,
)
from storage.people_models import Account, Category, Directory, LoginAttempt, OrgUnit, WebSession
from storage.types import SHORT, Base, Sealed, SealedAlike
from storage.work_models import CallbackAttempt, Feedback, Reply, ReturnRequest, Review

__all__ = [
    "Account",
    "Assignment",
    "CallbackAttempt",
    "CaseContact",
    "CaseFile",
    "CaseMember",
    "CaseText",
    "Category",
    "Clock",
    "Directory",
    "Draft",
    "Feedback",
    "History",
    "LoginAttempt",
    "NumberBlock",
    "OrgUnit",
    "Part",
    "Reply",
    "ReturnRequest",
    "Review",
    "Stage",
    "StatusTry",
    "TextKind",
    "WebSession",
    "call_models",
    "circuit_models",
    "city_models",
    "figure_models",
    "frontline_models",
    "indicator_models",
    "kiosk_queue_models",
    "knowledge_models",
    "line_models",
    "menu_figure_models",
    "number_models",
    "outgoing_models",
    "phone_service_models",
    "preference_models",
    "quality_models",
    "ring_back_models",
    "rounds_models",
    "rule_models",
    "security_models",
    "shift_models",
    "sign_on_models",
    "site_models",
    "suggestion_models",
    "supervision_models",
    "transcript_models",
    "watch_models",
]


class History(Base):
    """Append-only, in the same transaction as the change: audit trail, live feed and outbox at once."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_of_subject", "subject", "id"),)

    id: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="1, 2, 3 … without gaps, in the order of visibility"
    )
    at: Mapped[datetime]
    subject: Mapped[str] = mapped_column(SHORT, comment="case number, call id, login, …")
    kind: Mapped[str] = mapped_column(SHORT)
    actor: Mapped[str] = mapped_column(SHORT)
    detail: Mapped[str] = mapped_column(comment="JSON with sorted keys; no personal data, no spoken words")
    hash: Mapped[str] = mapped_column(SHORT, comment="SHA-256 over this row and the hash of the one before")


class Draft(Base):
    """What an agent has typed so far during a call. One for each call; gone when the case is registered."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_of", "by", "saved_at"),)

    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    fields: Mapped[str] = mapped_column(Sealed("draft"), comment="JSON: field of the form to text")
    by: Mapped[str] = mapped_column(SHORT)
    saved_at: Mapped[datetime]


class NumberBlock(Base):
    """The last serial given out on one day from one node's block: no counter that all nodes share."""

    __tablename__ = "number_block"

    day: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="YYMMDD in the city's zone")
    first: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="where the block begins"
    )
    last: Mapped[int]


class StatusTry(Base):
    """Wrong query codes, counted for a case number (existing or not) and for a caller."""

    __tablename__ = "status_try"

    subject: Mapped[str] = mapped_column(
        SealedAlike("subject"), primary_key=True, comment="case:<12 digits> or caller:<number>"
    )
    wrong: Mapped[int]
    since: Mapped[datetime] = mapped_column(comment="when counting began")
    locked_until: Mapped[datetime | None]
