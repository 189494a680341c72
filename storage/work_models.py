"""Tables of what is written while a case is handled: replies, reviews, returns, feedback, call-backs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class Reply(Base):
    """答复: what the unit did, and what it proposes to tell the citizen. Versions are never edited."""

    __tablename__ = "reply"
    __table_args__ = (UniqueConstraint("case", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    assignment: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    version: Mapped[int]
    handled_text: Mapped[str] = mapped_column(comment="办理情况, internal")
    public_text: Mapped[str] = mapped_column(comment="公开答复, public only after the final review")
    factual: Mapped[str] = mapped_column(SHORT, comment="属实, 部分属实, 不属实")
    resolution: Mapped[str] = mapped_column(SHORT, comment="full, part, no, n/a")
    unresolved_reason: Mapped[str | None]
    contacted: Mapped[bool] = mapped_column(comment="the unit spoke with the citizen")
    signed_by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
    submitted_at: Mapped[datetime | None] = mapped_column(
        comment="when it left the unit; empty while its leader has not signed"
    )


class Review(Base):
    """审核: one verdict on one reply."""

    __tablename__ = "review"
    __table_args__ = (Index("ix_review_of_reply", "reply"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reply: Mapped[int] = mapped_column(ForeignKey("reply.id"))
    level: Mapped[str] = mapped_column(
        SHORT, comment="unit 分管领导, upper 上级, centre 回复审核 or final 终审"
    )
    passed: Mapped[bool]
    findings: Mapped[str] = mapped_column(comment="coded faults, separated by spaces: 答非所问 推诿 …")
    comment: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class ReturnRequest(Base):
    """退件: a unit says that the case is not its own, and somebody decides."""

    __tablename__ = "return_request"
    __table_args__ = (Index("ix_return_request_of_case", "case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    assignment: Mapped[int] = mapped_column(
        ForeignKey("assignment.id"), unique=True, comment="once per assignment"
    )
    reason: Mapped[str] = mapped_column(SHORT, comment="area, duty, duplicate, not_enough_info, other")
    basis: Mapped[str] = mapped_column(comment="the law or document it rests on")
    suggested_unit: Mapped[str | None] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    asked_by: Mapped[str] = mapped_column(SHORT)
    asked_at: Mapped[datetime]
    granted: Mapped[bool | None] = mapped_column(comment="empty while nobody has decided")
    comment: Mapped[str | None]
    decided_by: Mapped[str | None] = mapped_column(SHORT)
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None] = mapped_column(SHORT, comment="uphold, move or share")
    moved_to: Mapped[str | None] = mapped_column(
        SHORT, ForeignKey("org_unit.id"), comment="the unit that has it now, or that joins"
    )


class Feedback(Base):
    """反馈: one attempt to tell the citizen the result."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_of_case", "case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    channel: Mapped[str] = mapped_column(SHORT)
    delivered: Mapped[bool]
    round: Mapped[int] = mapped_column(server_default="0", comment="0, then the number of the rework")
    content: Mapped[str]
    call: Mapped[str | None] = mapped_column(SHORT)
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class CallbackAttempt(Base):
    """回访: one attempt to ask whether it is solved, with the evaluation 评价 if the citizen was reached."""

    __tablename__ = "callback_attempt"
    __table_args__ = (Index("ix_callback_attempt_of_case", "case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    result: Mapped[str] = mapped_column(SHORT, comment="reached, no_answer, refused, wrong_number, later")
    solved: Mapped[str | None] = mapped_column(
        SHORT, comment="full, part, no, or unanswered; empty where nobody was reached"
    )
    satisfied: Mapped[str | None] = mapped_column(SHORT, comment="满意, 基本满意, 不满意, 不评价")
    attitude: Mapped[str | None] = mapped_column(
        SHORT, comment="of the unit: good, fair, poor; empty: not asked"
    )
    reason: Mapped[str | None] = mapped_column(
        SHORT, comment="why not satisfied: slow, attitude, unsolved, policy …"
    )
    source: Mapped[str] = mapped_column(
        SHORT, server_default="phone", comment="phone, dtmf, sms, web, app or kiosk"
    )
    round: Mapped[int] = mapped_column(server_default="0", comment="0, then the number of the rework")
    is_first: Mapped[bool] = mapped_column(server_default=false(), comment="the first evaluation of the case")
    is_final: Mapped[bool] = mapped_column(server_default=false(), comment="the newest one")
    comment: Mapped[str]
    call: Mapped[str | None] = mapped_column(SHORT)
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
