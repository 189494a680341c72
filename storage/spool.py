"""Messages left while our process was dead: each becomes a call record, a call back and a draft, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import Connection

from cases.call_record import RING_BACK_WITHIN
from storage import records
from storage.call_models import SpooledMessage as Kept
from storage.drafts import draft, save_draft
from storage.keeping import keep_once
from storage.types import table_of

KEPT = table_of(Kept)


@dataclass(frozen=True, slots=True)
class SpooledMessage:
    """One file of the spool: who called, and what was said if anything was."""

    file: str
    call: str
    number: str
    dialled: str
    sound: str | None
    seconds: float
    at: datetime


def take_message(
    conn: Connection, message: SpooledMessage, *, at: datetime, within: timedelta = RING_BACK_WITHIN
) -> bool:
    """Take a message in; False if the file was taken before."""
    row = {
        "file": message.file,
        "call": message.call,
        "number": message.number,
        "sound": message.sound,
        "seconds": message.seconds,
        "at": message.at,
    }
    if not keep_once(conn, KEPT, row):
        return False
    moment = round(message.at.timestamp() * 1000)
    said = urlencode(
        {"number": message.number, "dialled": message.dialled, "file": message.file, "at": moment}
    )
    line = f"{moment // 1000}|{message.call}|hotline|NONE|HOTLINE_MESSAGE|{said}"
    records.note(conn, "spool", line, within=within)
    if draft(conn, message.call) is None:
        save_draft(conn, call=message.call, by="spool", fields=_fields(message), at=at)
    return True


def _fields(message: SpooledMessage) -> dict[str, str]:
    """Return what is known of the case: an agent listens and fills in the rest."""
    fields = {
        "call": message.call,
        "channel": "phone",
        "title": "留言",
        "contact_number": message.number,
    }
    return {**fields, "message": message.sound} if message.sound else fields
