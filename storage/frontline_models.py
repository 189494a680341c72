"""Tables of what happens on the spot: front-line action, urgent cases, duty rota, devices."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import NAME, NUMBER, SHORT, Base

_OPEN_ACTION = text("closed_at IS NULL")
_STILL = text("ended_at IS NULL")
_TO_BE_MADE = text("done_at IS NULL")


class FrontlineCall(Base):
    """一线呼叫: a street calls departments to a place. How far it has come is worked out from its columns."""

    __tablename__ = "frontline_call"
    __table_args__ = (
        Index("ix_frontline_call_of_case", "case"),
        Index("ix_frontline_call_of_unit", "unit", "id"),
        Index("ix_frontline_call_by_time", "called_at"),
        Index("ix_frontline_call_open", "id", sqlite_where=_OPEN_ACTION, postgresql_where=_OPEN_ACTION),
        Index("ix_frontline_call_recheck", "recheck_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"), comment="the street that calls")
    kind: Mapped[str] = mapped_column(SHORT, comment="pressing 急, hard 难, worrying 愁 or great 大")
    reason: Mapped[str]
    tried: Mapped[str] = mapped_column(comment="what the street has tried itself")
    place: Mapped[str]
    report_at: Mapped[datetime] = mapped_column(comment="when the called report at the place")
    site_code: Mapped[str] = mapped_column(SHORT, comment="shown on the spot; who types it was there")
    called_by: Mapped[str] = mapped_column(SHORT)
    called_at: Mapped[datetime]
    findings: Mapped[str | None] = mapped_column(comment="what was found together on the spot")
    found_by: Mapped[str | None] = mapped_column(SHORT)
    found_at: Mapped[datetime | None]
    root_cause: Mapped[str | None]
    measures: Mapped[str | None]
    recheck_on: Mapped[date | None] = mapped_column(comment="when the street looks again")
    closed_by: Mapped[str | None] = mapped_column(SHORT)
    closed_at: Mapped[datetime | None]
    recheck_held: Mapped[bool | None] = mapped_column(comment="it has not come back")
    recheck_note: Mapped[str | None]
    rechecked_by: Mapped[str | None] = mapped_column(SHORT)
    rechecked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(comment="grows with each change; the loser of a race sees it")


class FrontlineTarget(Base):
    """One department that was called: it cannot refuse, only dispute the call afterwards."""

    __tablename__ = "frontline_target"
    __table_args__ = (
        UniqueConstraint("call", "unit"),
        Index("ix_frontline_target_of_unit", "unit", "call"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[int] = mapped_column(ForeignKey("frontline_call.id"))
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    called_by: Mapped[str] = mapped_column(SHORT)
    called_at: Mapped[datetime]
    joined_later: Mapped[bool] = mapped_column(comment="pulled in during the action")
    report_at: Mapped[datetime]
    accept_clock: Mapped[int | None] = mapped_column(ForeignKey("clock.id"))
    respond_clock: Mapped[int | None] = mapped_column(ForeignKey("clock.id"))
    accepted_by: Mapped[str | None] = mapped_column(SHORT)
    accepted_at: Mapped[datetime | None]
    handler: Mapped[str | None] = mapped_column(SHORT, comment="who handles it, by name")
    leader: Mapped[str | None] = mapped_column(SHORT, comment="responsible leader 分管领导, by name")
    responded_by: Mapped[str | None] = mapped_column(SHORT)
    responded_at: Mapped[datetime | None]
    response: Mapped[str | None]
    checked_in_by: Mapped[str | None] = mapped_column(SHORT)
    checked_in_at: Mapped[datetime | None]
    evidence: Mapped[str | None] = mapped_column(SHORT, comment="code, gps or seen")
    where: Mapped[str | None] = mapped_column(comment="coordinates, or what was said of the place")


class FrontlinePhoto(Base):
    """现场照片: what it looked like on the spot. Never changed, known by its digest."""

    __tablename__ = "frontline_photo"
    __table_args__ = (UniqueConstraint("call", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call: Mapped[int] = mapped_column(ForeignKey("frontline_call.id"))
    digest: Mapped[str] = mapped_column(SHORT, comment="SHA-256")
    media: Mapped[str] = mapped_column(SHORT, comment="image/jpeg or image/png")
    data: Mapped[bytes]
    note: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class FrontlineJudgement(Base):
    """互相判定: the street on a department's work, or a department on the call; the command centre has the last word."""

    __tablename__ = "frontline_judgement"
    __table_args__ = (UniqueConstraint("target", "side"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    target: Mapped[int] = mapped_column(ForeignKey("frontline_target.id"))
    side: Mapped[str] = mapped_column(SHORT, comment="who judges: street (the work) or department (the call)")
    score: Mapped[int] = mapped_column(comment="1 to 5")
    reason: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
    dispute: Mapped[str | None]
    disputed_by: Mapped[str | None] = mapped_column(SHORT)
    disputed_at: Mapped[datetime | None]
    ruled_score: Mapped[int | None]
    ruling: Mapped[str | None]
    ruled_by: Mapped[str | None] = mapped_column(SHORT)
    ruled_at: Mapped[datetime | None]


class UrgentCase(Base):
    """紧急件: one dispatch of an urgent case, from the alarm until the unit says that it is done."""

    __tablename__ = "urgent_case"
    __table_args__ = (
        Index("ix_urgent_case_of_case", "case"),
        Index("ix_urgent_case_by_time", "opened_at"),
        Index("ix_urgent_case_open", "id", sqlite_where=_STILL, postgresql_where=_STILL),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    assignment: Mapped[int] = mapped_column(ForeignKey("assignment.id"), unique=True)
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    opened_at: Mapped[datetime]
    acknowledged_by: Mapped[str | None] = mapped_column(SHORT)
    acknowledged_at: Mapped[datetime | None]
    contacted_by: Mapped[str | None] = mapped_column(SHORT)
    contacted_at: Mapped[datetime | None]
    arrived_by: Mapped[str | None] = mapped_column(SHORT)
    arrived_at: Mapped[datetime | None]
    evidence: Mapped[str | None] = mapped_column(SHORT, comment="gps or seen")
    where: Mapped[str | None]
    finish_note: Mapped[str | None]
    ended_by: Mapped[str | None] = mapped_column(SHORT)
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str | None] = mapped_column(SHORT, comment="done, replied or moved")


class UrgentPromise(Base):
    """承诺时限: so long the unit says that it still needs. Promises are added, never changed."""

    __tablename__ = "urgent_promise"
    __table_args__ = (UniqueConstraint("urgent", "no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    urgent: Mapped[int] = mapped_column(ForeignKey("urgent_case.id"))
    no: Mapped[int] = mapped_column(comment="1, 2, … within the urgent case")
    minutes: Mapped[int]
    reason: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
    until: Mapped[datetime]
    clock: Mapped[int] = mapped_column(ForeignKey("clock.id"))


class DutyCall(Base):
    """A telephone call to a unit's people on duty that is to be made, by a person or, later, by the machine."""

    __tablename__ = "duty_call"
    __table_args__ = (
        UniqueConstraint("urgent", "purpose"),
        Index("ix_duty_call_to_make", "wanted_at", sqlite_where=_TO_BE_MADE, postgresql_where=_TO_BE_MADE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    urgent: Mapped[int] = mapped_column(ForeignKey("urgent_case.id"))
    purpose: Mapped[str] = mapped_column(SHORT, comment="alarm, not_there, or promise_1, promise_2, …")
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    rank: Mapped[str] = mapped_column(SHORT, comment="duty or leader, as in duty_rota")
    name: Mapped[str] = mapped_column(NAME, comment="empty where the rota names nobody")
    number: Mapped[str] = mapped_column(NUMBER)
    wanted_at: Mapped[datetime]
    attempts: Mapped[int]
    tried_by: Mapped[str | None] = mapped_column(SHORT)
    tried_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(SHORT, comment="reached, no_answer, wrong_number")
    done_at: Mapped[datetime | None] = mapped_column(comment="reached, or no longer needed")


class DutyRota(Base):
    """值班表: whom to ring in a unit, day and night. Rows are withdrawn, never edited."""

    __tablename__ = "duty_rota"
    __table_args__ = (Index("ix_duty_rota_of_unit", "unit", "rank", "begins_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    rank: Mapped[str] = mapped_column(SHORT, comment="duty 值班员 or leader 值班领导")
    name: Mapped[str] = mapped_column(NAME)
    number: Mapped[str] = mapped_column(NUMBER)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime | None] = mapped_column(comment="empty: until further notice")
    set_by: Mapped[str] = mapped_column(SHORT)
    set_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class CaseFollow(Base):
    """跟件: which agent keeps an eye on a case until it is closed. Handing over ends one row and begins another."""

    __tablename__ = "case_follow"
    __table_args__ = (
        Index("uq_case_follow_one", "case", unique=True, sqlite_where=_STILL, postgresql_where=_STILL),
        Index("ix_case_follow_of_agent", "login", sqlite_where=_STILL, postgresql_where=_STILL),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    login: Mapped[str] = mapped_column(SHORT)
    since: Mapped[datetime]
    given_by: Mapped[str] = mapped_column(SHORT, comment="who handed it over, or the agent himself")
    note: Mapped[str]
    ended_by: Mapped[str | None] = mapped_column(SHORT)
    ended_at: Mapped[datetime | None]


class Device(Base):
    """A sensor that reports by itself. It signs in with a token of which only the hash is kept."""

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(SHORT, primary_key=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(SHORT, unique=True)
    category: Mapped[str] = mapped_column(SHORT, ForeignKey("category.code"))
    address: Mapped[str]
    hourly: Mapped[int] = mapped_column(comment="alarms an hour that are taken from it")
    added_by: Mapped[str] = mapped_column(SHORT)
    added_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class DeviceAlarm(Base):
    """One alarm of a device. What it repeats belongs to the case that is open already."""

    __tablename__ = "device_alarm"
    __table_args__ = (UniqueConstraint("device", "key"), Index("ix_device_alarm_lately", "device", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(SHORT, ForeignKey("device.id"))
    key: Mapped[str] = mapped_column(SHORT, comment="the device's own number of the alarm")
    at: Mapped[datetime]
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))


class PublicCopy(Base):
    """公开文本: a version of a case for everybody's eyes, made by one officer and signed by another."""

    __tablename__ = "public_copy"
    __table_args__ = (
        UniqueConstraint("case", "version"),
        Index("ix_public_copy_by_state", "state", "id"),
        Index(
            "uq_public_copy_in_force",
            "case",
            unique=True,
            sqlite_where=text("state = 'in_force'"),
            postgresql_where=text("state = 'in_force'"),
        ),
        Index(
            "uq_public_copy_proposed",
            "case",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    version: Mapped[int] = mapped_column(comment="1, 2, … within the case")
    decision: Mapped[str] = mapped_column(SHORT, comment="publish, part, hold or never")
    reason: Mapped[str] = mapped_column(SHORT, comment="why not all of it; empty for publish")
    title: Mapped[str]
    content: Mapped[str]
    reply: Mapped[str]
    state: Mapped[str] = mapped_column(SHORT, comment="proposed, in_force, refused, replaced or taken_down")
    made_by: Mapped[str] = mapped_column(SHORT)
    made_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(SHORT)
    decided_at: Mapped[datetime | None]
    comment: Mapped[str] = mapped_column(comment="of who decided")
    ended_by: Mapped[str | None] = mapped_column(SHORT)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(comment="why it was taken down")
