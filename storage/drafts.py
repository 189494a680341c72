"""Drafts: what an agent has typed during a call, kept every two seconds so that a reload loses nothing."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from storage.hot import Hot
from storage.keeping import keep
from storage.models import Draft
from storage.types import table_of

DRAFT = table_of(Draft)

_DROP = Hot(lambda _: delete(DRAFT).where(DRAFT.c.call == bindparam("about")))


def save_draft(conn: Connection, *, call: str, by: str, fields: Mapping[str, str], at: datetime) -> None:
    """Keep the newest state of the form. Drafts are not history: nobody has said yet that it is true."""
    # Escaped, so that whatever a browser sends can be kept as it came.
    text = json.dumps(dict(fields))
    keep(conn, DRAFT, {"call": call}, {"fields": text, "by": by, "saved_at": at})


def draft(conn: Connection, call: str) -> dict[str, str] | None:
    text = conn.execute(select(DRAFT.c.fields).where(DRAFT.c.call == call)).scalar_one_or_none()
    return None if text is None else dict(json.loads(text))


def drop_draft(conn: Connection, call: str) -> None:
    _DROP(conn, about=call)
