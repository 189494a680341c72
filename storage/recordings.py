"""Recordings 录音: which calls still miss theirs, and the hash that proves a finished file unchanged."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from cases.call_facts import BadLine, Fact, read_queue_log
from cases.recording_pauses import AGAIN, PAUSED, Pause, pauses_of
from storage.call_models import Call, RawLine, Recording
from storage.keeping import keep_once
from storage.records import Form
from storage.types import table_of

CALL = table_of(Call)
RECORDING = table_of(Recording)
LINE = table_of(RawLine)
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class RecordingDue:
    """A call that was talked in and whose file nobody has hashed yet."""

    call: str
    offered_at: datetime
    ended_at: datetime
    file: str  # as the dialplan named it; '' if it did not say


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished recording, below the folder of recordings of the node that made it."""

    path: str
    sha256: str
    seconds: float


_OF_CALL = (
    select(RECORDING.c.path, RECORDING.c.sha256, RECORDING.c.seconds)
    .where(RECORDING.c.call == bindparam("call"))
    .order_by(RECORDING.c.path)
)
_DUE = (
    select(CALL.c.id, CALL.c.offered_at, CALL.c.ended_at, CALL.c.recording)
    .where(CALL.c.recording_state == "due", CALL.c.ended_at <= bindparam("before"))
    .order_by(CALL.c.ended_at)
    .limit(bindparam("most"))
)
_STATE = update(CALL).where(CALL.c.id == bindparam("call")).values(recording_state=bindparam("state"))


def recordings_due(conn: Connection, *, before: datetime, limit: int = 50) -> list[RecordingDue]:
    """Return calls that ended before then and were talked in, oldest first."""
    return [RecordingDue(*row) for row in conn.execute(_DUE, {"before": before, "most": limit})]


def add_recording(
    conn: Connection, call: str, *, path: str, sha256: str, seconds: float, size: int, at: datetime
) -> None:
    """Keep the hash of a finished file. The first hash stands: a file that changes later is then noticed."""
    row = {"path": path, "call": call, "sha256": sha256, "seconds": seconds, "size": size, "at": at}
    keep_once(conn, RECORDING, row)
    conn.execute(_STATE, {"call": call, "state": "kept"})


def of_call(conn: Connection, call: str) -> list[Kept]:
    """Return the recordings of a call in their order."""
    return [Kept(*row) for row in conn.execute(_OF_CALL, {"call": call})]


def pauses(conn: Connection, call: str) -> list[Pause]:
    """Return which stretches of a call are silent in its recording, as long as its lines are kept."""
    said = select(LINE.c.line).where(LINE.c.call == call, LINE.c.form == Form.QUEUE_LOG)
    ours = (line for line in conn.execute(said).scalars() if PAUSED in line or AGAIN in line)
    return pauses_of(fact for line in ours if (fact := _fact(line)) is not None)


def _fact(line: str) -> Fact | None:
    try:
        return read_queue_log(line)
    except BadLine:
        return None


def miss_recording(conn: Connection, call: str) -> None:
    """Flag a call that was talked in and has no file."""
    conn.execute(_STATE, {"call": call, "state": "missing"})


def missing(conn: Connection) -> int:
    """Return how many recordings were not found, as far as it is worth counting."""
    some = select(CALL.c.id).where(CALL.c.recording_state == "missing").limit(MOST_COUNTED).subquery()
    return int(conn.execute(select(func.count()).select_from(some)).scalar_one())
