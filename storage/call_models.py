"""Tables of calls: the raw lines, what they come to, and what is owed to those who were not served."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from cases.call_record import Channel, Direction, EndReason, RingBackReason, Who
from cases.call_segments import SegmentKind
from storage.types import NUMBER, SHORT, Base, Sealed


class RawFile(Base):
    """A file of Asterisk's, known by its inode and its first bytes, and how far it is read."""

    __tablename__ = "raw_file"
    __table_args__ = (UniqueConstraint("source", "inode", "head"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(SHORT, comment="node:file, e.g. hotline1:cel")
    inode: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[str] = mapped_column(
        SHORT, comment="length and hash of its first line: a new file may get an old inode"
    )
    offset: Mapped[int] = mapped_column(BigInteger, comment="first byte not yet read")


class RawLine(Base):
    """One line as it was written. Everything about calls can be made again from these."""

    __tablename__ = "raw_line"
    __table_args__ = (Index("ix_raw_line_of_call", "call"),)

    source: Mapped[str] = mapped_column(SHORT, primary_key=True)
    file: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="raw_file, 0 if in none")
    offset: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    form: Mapped[str] = mapped_column(SHORT, comment="cel or queue_log; bad if it cannot be understood")
    call: Mapped[str | None] = mapped_column(SHORT)
    line: Mapped[str] = mapped_column(Sealed("line"))


class AsteriskStart(Base):
    """Asterisk began anew: every call of the node that was open then is lost."""

    __tablename__ = "asterisk_start"

    node: Mapped[str] = mapped_column(SHORT, primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)


class Call(Base):
    """通话: one call, derived from its lines. Nothing else writes here but `recording_state`."""

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_of_number", "number", "offered_at"),
        Index("ix_call_by_day", "offered_at", "queued_at", "answered_at", "wait_seconds", "end_reason"),
        Index(
            "ix_call_open",
            "node",
            "offered_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_call_recording_due",
            "ended_at",
            sqlite_where=text("recording_state = 'due'"),
            postgresql_where=text("recording_state = 'due'"),
        ),
        Index(
            "ix_call_recording_missing",
            "ended_at",
            sqlite_where=text("recording_state = 'missing'"),
            postgresql_where=text("recording_state = 'missing'"),
        ),
        Index("ix_call_by_slot", "slot", "line"),
        Index(
            "ix_call_that_pays",
            "owed",
            "offered_at",
            sqlite_where=text("owed <> ''"),
            postgresql_where=text("owed <> ''"),
        ),
    )

    id: Mapped[str] = mapped_column(
        SHORT, primary_key=True, comment="node and unique id of the citizen's channel"
    )
    node: Mapped[str] = mapped_column(SHORT)
    number: Mapped[str] = mapped_column(NUMBER, comment="empty if withheld or unreadable")
    dialled: Mapped[str] = mapped_column(NUMBER)
    channel: Mapped[Channel]
    offered_at: Mapped[datetime]
    answered_by_line_at: Mapped[datetime | None] = mapped_column(comment="the greeting began")
    queued_at: Mapped[datetime | None] = mapped_column(comment="asked for a person, the first time")
    answered_at: Mapped[datetime | None] = mapped_column(comment="by a person")
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[EndReason | None]
    hung_up_by: Mapped[Who | None]
    cause: Mapped[int | None] = mapped_column(comment="Q.850")
    seat: Mapped[str] = mapped_column(SHORT, comment="of the last talk")
    answer_seconds: Mapped[float | None] = mapped_column(comment="from the first ring to a person's voice")
    wait_seconds: Mapped[float] = mapped_column(comment="from asking for a person")
    talk_seconds: Mapped[float]
    hold_seconds: Mapped[float]
    outcome: Mapped[str] = mapped_column(SHORT)
    case: Mapped[str] = mapped_column(SHORT, comment="number of the case it became")
    outcome_by: Mapped[str] = mapped_column(SHORT)
    survey: Mapped[int | None]
    keys: Mapped[str]
    fallback: Mapped[bool] = mapped_column(comment="our process was dead when it came")
    recording: Mapped[str] = mapped_column(comment="file below the folder of recordings")
    heard_until: Mapped[datetime]
    segments: Mapped[str] = mapped_column(SHORT, comment="digest of its segments, so that equal ones stay")
    recording_state: Mapped[str | None] = mapped_column(SHORT, comment="due, kept, missing")
    direction: Mapped[Direction] = mapped_column(server_default="incoming")
    line: Mapped[str] = mapped_column(
        SHORT, server_default="", comment="the number it counts under; '' for a call of ours"
    )
    skill: Mapped[str] = mapped_column(SHORT, server_default="")
    language: Mapped[str] = mapped_column(SHORT, server_default="")
    priority: Mapped[int] = mapped_column(server_default="0")
    event: Mapped[str] = mapped_column(SHORT, server_default="", comment="the event the caller was told of")
    refused: Mapped[str] = mapped_column(SHORT, server_default="", comment="why: calls, waiting, rate, …")
    wrap_up_seconds: Mapped[float] = mapped_column(server_default="0")
    purpose: Mapped[str] = mapped_column(SHORT, server_default="", comment="of a call of ours")
    owed: Mapped[str] = mapped_column(SHORT, server_default="", comment="the call whose debt it pays")
    by: Mapped[str] = mapped_column(SHORT, server_default="", comment="who had it made")
    dial_status: Mapped[str] = mapped_column(SHORT, server_default="", comment="Asterisk's word")
    slot: Mapped[int] = mapped_column(
        server_default="0", comment="quarter of an hour since 1970 in which it was offered"
    )
    pruned: Mapped[bool] = mapped_column(
        server_default=false(), comment="its lines are gone: this record is all that is left of it"
    )


class CallSegment(Base):
    """One stretch of a call. They touch, and together they are the call."""

    __tablename__ = "call_segment"
    __table_args__ = (
        Index(
            "ix_call_segment_of_seat",
            "slot",
            "seat",
            "kind",
            "last_slot",
            "seconds",
            sqlite_where=text("seat <> ''"),
            postgresql_where=text("seat <> ''"),
        ),
    )

    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[SegmentKind]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seat: Mapped[str] = mapped_column(SHORT)
    result: Mapped[str] = mapped_column(SHORT)
    cause: Mapped[int | None]
    detail: Mapped[str] = mapped_column(
        SHORT, server_default="", comment="why this seat; blind or attended; who else was in the talk"
    )
    slot: Mapped[int] = mapped_column(
        server_default="0", comment="quarter of an hour since 1970 in which it began"
    )
    last_slot: Mapped[int | None] = mapped_column(comment="in which it ended")
    seconds: Mapped[float] = mapped_column(server_default="0", comment="0 while it goes on")


class CallLink(Base):
    """A transfer has made two calls one: the lines of `other` tell of `call`, too."""

    __tablename__ = "call_link"

    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    other: Mapped[str] = mapped_column(SHORT, primary_key=True)


class RingBack(Base):
    """Somebody waits for our call. At most one for one call."""

    __tablename__ = "ring_back"
    __table_args__ = (
        Index(
            "ix_ring_back_of_number",
            "dial",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_ring_back_by_day", "asked_at"),
        Index("ix_ring_back_merged", "merged_into"),
        Index(
            "ix_ring_back_open",
            "due_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    number: Mapped[str] = mapped_column(NUMBER)
    reason: Mapped[RingBackReason]
    asked_at: Mapped[datetime] = mapped_column(comment="when the call ended, or the citizen asked")
    due_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(SHORT, comment="'' if it follows from the call itself")
    key: Mapped[str | None] = mapped_column(
        SHORT, unique=True, comment="of the request, so that a retry is one"
    )
    owner: Mapped[str | None] = mapped_column(SHORT)
    attempts: Mapped[int]
    last_attempt_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(SHORT)
    closing_reason: Mapped[str | None] = mapped_column(SHORT, comment="reached, unreachable, called_again, …")
    dial: Mapped[str | None] = mapped_column(
        NUMBER, comment="the number as dialled, '' if it may not be; none until planned"
    )
    since: Mapped[datetime | None] = mapped_column(
        comment="when he first asked for a person: the place he keeps"
    )
    wish: Mapped[str | None] = mapped_column(comment="what he needs of a seat, url-encoded")
    chosen_at: Mapped[datetime | None] = mapped_column(comment="when he wants to be rung")
    next_at: Mapped[datetime | None] = mapped_column(
        comment="not before this; none until planned, and when a supervisor decides"
    )
    ring_by: Mapped[datetime | None] = mapped_column(
        comment="due, after the night and his own choice; none until planned"
    )
    moved: Mapped[str | None] = mapped_column(SHORT, comment="why ring_by is not due_at: night, chosen")
    escalated_at: Mapped[datetime | None] = mapped_column(
        comment="tried as often as the rule says: a supervisor decides"
    )
    merged_into: Mapped[str | None] = mapped_column(SHORT, comment="the debt that pays this one, too")
    closing_note: Mapped[str | None] = mapped_column(comment="in the words of who closed it")


class Recording(Base):
    """录音: a finished file, with the hash that proves it unchanged."""

    __tablename__ = "recording"
    __table_args__ = (Index("ix_recording_of_call", "call"),)

    path: Mapped[str] = mapped_column(primary_key=True, comment="below the folder of recordings")
    call: Mapped[str] = mapped_column(SHORT)
    sha256: Mapped[str] = mapped_column(SHORT)
    seconds: Mapped[float]
    size: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class SpooledMessage(Base):
    """留言: what a caller left while our process was dead. Its file name makes it one."""

    __tablename__ = "spooled_message"

    file: Mapped[str] = mapped_column(primary_key=True)
    call: Mapped[str] = mapped_column(SHORT)
    number: Mapped[str] = mapped_column(NUMBER)
    sound: Mapped[str | None] = mapped_column(comment="file below the spool's done folder")
    seconds: Mapped[float]
    at: Mapped[datetime]


class SeatLog(Base):
    """座席状态: each change, as the engine confirmed it."""

    __tablename__ = "seat_log"
    __table_args__ = (Index("ix_seat_log_by_time", "at"),)

    seat: Mapped[str] = mapped_column(SHORT, primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(SHORT)
    state: Mapped[str] = mapped_column(SHORT)
    reason: Mapped[str] = mapped_column(SHORT)
    actor: Mapped[str] = mapped_column(
        SHORT, server_default="", comment="a login, or what in the machine did it; '' is not known"
    )


class SeatState(Base):
    """The newest line of a seat's log."""

    __tablename__ = "seat_state"

    seat: Mapped[str] = mapped_column(SHORT, primary_key=True)
    agent: Mapped[str] = mapped_column(SHORT)
    state: Mapped[str] = mapped_column(SHORT)
    reason: Mapped[str] = mapped_column(SHORT)
    actor: Mapped[str] = mapped_column(
        SHORT, server_default="", comment="a login, or what in the machine did it; '' is not known"
    )
    at: Mapped[datetime]
