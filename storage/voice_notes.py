"""语音补充: what citizens said to their cases, and what a machine made of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from cases.workflow import Secrecy
from storage.call_models import Recording
from storage.keeping import keep_once
from storage.moves import CASE
from storage.phone_service_models import VoiceNote
from storage.types import table_of

NOTE = table_of(VoiceNote)
RECORDING = table_of(Recording)
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Said:
    """A finished sound, below the folder of recordings."""

    path: str
    sha256: str
    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class Unheard:
    """A note that no machine has listened to yet."""

    id: int
    path: str


_KEPT = select(NOTE.c.id).where(NOTE.c.path == bindparam("file"))
# What is confidential is heard by people only.
_UNHEARD = (
    select(NOTE.c.id, NOTE.c.path)
    .join(CASE, CASE.c.id == NOTE.c.case)
    .where(NOTE.c.transcript.is_(None), NOTE.c.at >= bindparam("since"), CASE.c.confidential == Secrecy.NONE)
    .order_by(NOTE.c.id)
    .limit(MOST_AT_ONCE)
)
_HEARD = update(NOTE).where(NOTE.c.id == bindparam("row")).values(transcript=bindparam("words"))


def kept_before(conn: Connection, said: Said) -> bool:
    """Tell whether this sound is kept already: the answer of the database was lost, and the unit runs again."""
    return conn.execute(_KEPT, {"file": said.path}).first() is not None


def keep_note(
    conn: Connection, said: Said, *, case: int, supplement: int | None, call: str, at: datetime
) -> None:
    """Keep the sound like any recording, hash and all, and say to which case it belongs."""
    sound = {"path": said.path, "sha256": said.sha256, "seconds": said.seconds, "size": said.size}
    keep_once(conn, RECORDING, {**sound, "call": call, "at": at})
    row = {"path": said.path, "case": case, "supplement": supplement, "seconds": said.seconds}
    conn.execute(insert(NOTE).values(**row, call=call, at=at))


def unheard(conn: Connection, *, since: datetime) -> list[Unheard]:
    """Return the notes of the last days that no machine has listened to, oldest first."""
    return [Unheard(*row) for row in conn.execute(_UNHEARD, {"since": since})]


def heard(conn: Connection, note: int, words: str) -> None:
    """Keep what the machine heard, '' if that was nothing."""
    conn.execute(_HEARD, {"row": note, "words": words})
