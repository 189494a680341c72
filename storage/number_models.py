"""Tables of numbers: merged hotlines, events, known callers, nuisance."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import NUMBER, SHORT, Base


class MergeMode(StrEnum):
    """How an old hotline came to 12345 (国办发〔2020〕53号)."""

    WHOLE = "whole"  # 整体并入
    PARALLEL = "parallel"  # 双号并行
    BRANCH = "branch"  # 设分中心


class RestrictionState(StrEnum):
    """How far the two signatures have come. Whether it still holds is a matter of its expiry."""

    PROPOSED = "proposed"
    APPROVED = "approved"  # by the first of two
    IN_FORCE = "in_force"  # by both
    REFUSED = "refused"
    LIFTED = "lifted"


class Heard(StrEnum):
    """What came of an event's announcement for one caller."""

    ADDED = "added"
    PERSON = "person"
    HUNG_UP = "hung_up"


class OldHotline(Base):
    """合并热线: a number that leads to this hotline, and what is different for those who dial it."""

    __tablename__ = "old_hotline"

    dialled: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="as the carrier presents it")
    name: Mapped[str] = mapped_column(SHORT, comment="of the old hotline, as people know it")
    mode: Mapped[MergeMode]
    greeting: Mapped[str] = mapped_column(comment="what is said after the welcome; '' for the usual sentence")
    sound: Mapped[str | None] = mapped_column(
        SHORT, ForeignKey("announcement_sound.digest"), comment="the city's own recording of it"
    )
    skill: Mapped[str] = mapped_column(SHORT, comment="'' if any seat will do")
    language: Mapped[str] = mapped_column(SHORT)
    category: Mapped[str | None] = mapped_column(
        SHORT, ForeignKey("category.code"), comment="proposed for cases that come over this number"
    )
    statistics: Mapped[str] = mapped_column(SHORT, comment="numbers with the same word are counted together")
    parallel_until: Mapped[date | None] = mapped_column(comment="last day of the dual-number period")
    retired_on: Mapped[date | None] = mapped_column(comment="first day on which the new number is announced")
    kept_by: Mapped[str] = mapped_column(SHORT)
    kept_at: Mapped[datetime]


class AnnouncementSound(Base):
    """录音: a recording that the city uploaded, 8 kHz, 16 bit, mono. Never changed, known by its digest."""

    __tablename__ = "announcement_sound"

    digest: Mapped[str] = mapped_column(SHORT, primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    seconds: Mapped[float]
    kept_by: Mapped[str] = mapped_column(SHORT)
    kept_at: Mapped[datetime]


class Event(Base):
    """突发事件: what many citizens call about at once, as they are told of it. It always ends by itself."""

    __tablename__ = "event"
    __table_args__ = (
        Index(
            "ix_event_open",
            "expires_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    area: Mapped[str]
    announcement: Mapped[str] = mapped_column(comment="what callers hear after the greeting")
    sound: Mapped[str | None] = mapped_column(SHORT, ForeignKey("announcement_sound.digest"))
    banner: Mapped[str] = mapped_column(comment="what agents read")
    case: Mapped[str | None] = mapped_column(SHORT, comment="number of the master case, if there is one")
    key: Mapped[str] = mapped_column(SHORT, unique=True, comment="of the request, so that a retry is one")
    opened_by: Mapped[str] = mapped_column(SHORT)
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_by: Mapped[str | None] = mapped_column(SHORT)
    closed_at: Mapped[datetime | None]


class EventCall(Base):
    """One caller who heard the announcement."""

    __tablename__ = "event_call"
    __table_args__ = (Index("ix_event_call_by_hour", "event", "at"),)

    event: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True, autoincrement=False)
    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    at: Mapped[datetime]
    heard: Mapped[Heard]


class EventMember(Base):
    """并入事件: a citizen who is told how it ends. Once per number, however often it calls."""

    __tablename__ = "event_member"

    event: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(NUMBER, primary_key=True)
    call: Mapped[str] = mapped_column(SHORT, comment="the first in which it was added")
    at: Mapped[datetime]
    told_by: Mapped[str | None] = mapped_column(SHORT)
    told_at: Mapped[datetime | None]


class KnownNumber(Base):
    """重点号码: a number of which something is known that changes how it is received."""

    __tablename__ = "known_number"

    number: Mapped[str] = mapped_column(NUMBER, primary_key=True)
    elder: Mapped[bool] = mapped_column(comment="60 or older: goes to a person without menus")
    note: Mapped[str]
    kept_by: Mapped[str] = mapped_column(SHORT)
    kept_at: Mapped[datetime]


class Restriction(Base):
    """骚扰限制: what two people have agreed on about a number that misuses the line. It always expires."""

    __tablename__ = "restriction"
    __table_args__ = (
        Index("ix_restriction_of_number", "number", "expires_at"),
        Index(
            "uq_restriction_one_proposal",
            "number",
            unique=True,
            sqlite_where=text("state IN ('proposed', 'approved')"),
            postgresql_where=text("state IN ('proposed', 'approved')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(NUMBER)
    grade: Mapped[int] = mapped_column(comment="1 note for agents, 2 warning and last in line, 3 block")
    reason: Mapped[str] = mapped_column(SHORT)
    note: Mapped[str] = mapped_column(comment="what happened, in words")
    calls: Mapped[str] = mapped_column(comment="ids of the calls it rests on, separated by spaces")
    days: Mapped[int] = mapped_column(comment="how long it holds from the second signature on")
    state: Mapped[RestrictionState]
    proposed_by: Mapped[str] = mapped_column(SHORT)
    proposed_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(SHORT)
    approved_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(SHORT)
    confirmed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(SHORT, comment="who refused or lifted it")
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str]


class Appeal(Base):
    """申诉: what the citizen says against it. One is open at a time; somebody who did not sign decides."""

    __tablename__ = "restriction_appeal"
    __table_args__ = (UniqueConstraint("restriction", "no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    restriction: Mapped[int] = mapped_column(ForeignKey("restriction.id"))
    no: Mapped[int] = mapped_column(comment="1, 2, … for this restriction")
    words: Mapped[str]
    taken_by: Mapped[str] = mapped_column(SHORT)
    taken_at: Mapped[datetime]
    upheld: Mapped[bool | None] = mapped_column(comment="the citizen was right; empty while undecided")
    comment: Mapped[str]
    decided_by: Mapped[str | None] = mapped_column(SHORT)
    decided_at: Mapped[datetime | None]
