"""What was said, as a draft: the final sentences of live transcripts and of messages."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from cases.transcripts import Party
from storage.types import SHORT, Base


class TranscriptLine(Base):
    """通话文字草稿: one sentence as the machine heard it. Nobody has checked it, and it is deleted after a while."""

    __tablename__ = "transcript_line"
    __table_args__ = (Index("ix_transcript_line_by_time", "at"),)

    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    party: Mapped[Party] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True, comment="when it began")
    seconds: Mapped[float]
    text: Mapped[str]
    score: Mapped[float] = mapped_column(comment="how sure the machine is, 0 to 1")


class MessageHearing(Base):
    """留言转写: how it stands with the words of a message; one that could not be heard is tried a few times."""

    __tablename__ = "message_hearing"

    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    tries: Mapped[int]
    next_at: Mapped[datetime | None] = mapped_column(comment="none: done, or given up")
