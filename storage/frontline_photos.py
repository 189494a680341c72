"""现场照片: pictures from the spot, for those who have a part in the action and for the command centre."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.errors import Invalid, Missing
from storage.forms import checked_text
from storage.frontline import AREA
from storage.frontline_models import FrontlinePhoto
from storage.frontline_rows import COMMANDERS, RESPONDERS, TARGET, must_run, note, see
from storage.keeping import keep_once
from storage.people import Actor
from storage.steps import kept_refusals, must_be
from storage.types import table_of

PHOTO = table_of(FrontlinePhoto)

MOST, LARGEST, LONGEST_NOTE = 12, 1_500_000, 100
_BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture, without its bytes."""

    id: int
    note: str
    by: str
    at: datetime


@kept_refusals(AREA, "photo")
def add(conn: Connection, number: int, data: bytes, words: str, *, by: Actor, at: datetime) -> None:
    """Keep a picture; the same one is kept once."""
    action = see(conn, number)
    called = conn.execute(select(TARGET.c.unit).where(TARGET.c.call == number)).scalars()
    must_be(by, COMMANDERS | RESPONDERS, "上传现场照片", action.unit, *called)
    must_run(action)
    media = next((media for begins, media in _BEGINNINGS.items() if data.startswith(begins)), None)
    if media is None or len(data) > LARGEST:
        raise Invalid(
            {"photo": f"请上传{LARGEST // 1000}KB以内的JPEG或PNG照片 (a JPEG or PNG picture, not larger)"}
        )
    told = checked_text("note", words, longest=LONGEST_NOTE)
    kept = conn.execute(select(func.count()).where(PHOTO.c.call == number)).scalar_one()
    if kept >= MOST:
        raise Invalid({"photo": f"一次处置最多{MOST}张照片 (at most so many pictures)"})
    digest = hashlib.sha256(data).hexdigest()
    row = {
        "call": number,
        "digest": digest,
        "media": media,
        "data": data,
        "note": told,
        "by": by.login,
        "at": at,
    }
    if keep_once(conn, PHOTO, row):
        note(conn, action, "frontline.photo", by=by, at=at, digest=digest, size=len(data))


def photos(conn: Connection, number: int) -> list[Photo]:
    rows = select(PHOTO.c.id, PHOTO.c.note, PHOTO.c.by, PHOTO.c.at).where(PHOTO.c.call == number)
    return [Photo(*row) for row in conn.execute(rows.order_by(PHOTO.c.id))]


def picture(conn: Connection, number: int, photo: int) -> tuple[str, bytes]:
    """Return the media type and the bytes of a picture of this action."""
    wanted = select(PHOTO.c.media, PHOTO.c.data).where(PHOTO.c.call == number, PHOTO.c.id == photo)
    row = conn.execute(wanted).one_or_none()
    if row is None:
        raise Missing(f"没有照片 {photo} (no such picture)")
    return row.media, bytes(row.data)
