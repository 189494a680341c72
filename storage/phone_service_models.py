"""What callers did about their cases by themselves: urging and adding by voice."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class PhoneUrge(Base):
    """催办: a case that its citizen urged by key or word. Its key makes it one a day, however often he calls."""

    __tablename__ = "phone_urge"

    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"), primary_key=True, autoincrement=False)
    day: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="YYMMDD in the city's zone")
    call: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class VoiceNote(Base):
    """语音补充: what a citizen said to his case by himself. The sound lies among the recordings, with its hash there."""

    __tablename__ = "voice_note"
    __table_args__ = (
        Index("ix_voice_note_of_case", "case"),
        Index(
            "ix_voice_note_unheard",
            "id",
            sqlite_where=text("transcript IS NULL"),
            postgresql_where=text("transcript IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(unique=True, comment="of its row in `recording`")
    case: Mapped[int] = mapped_column(ForeignKey("case_file.id"), comment="the case that is handled")
    supplement: Mapped[int | None] = mapped_column(
        ForeignKey("supplement.id"), comment="empty: it is the reason of an evaluation"
    )
    call: Mapped[str] = mapped_column(SHORT)
    seconds: Mapped[float]
    at: Mapped[datetime]
    transcript: Mapped[str | None] = mapped_column(
        comment="as a machine heard it, unchecked; empty while none has listened"
    )
