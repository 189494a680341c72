"""Drafts: what an agent has typed during a call, kept every two seconds so that a reload loses nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from storage.hot import Hot
from storage.keeping import keep
from storage.models import Draft
from storage.types import table_of

DRAFT = table_of(Draft)
NUMBER = "no"
"""Among the fields: the number that the case will have. No page sends or is sent it as a field."""

_DROP = Hot(lambda _: delete(DRAFT).where(DRAFT.c.call == bindparam("about")))
_TAKE = delete(DRAFT).where(DRAFT.c.call == bindparam("about")).returning(DRAFT.c.fields)


def save_draft(
    conn: Connection, *, call: str, by: str, fields: Mapping[str, str], at: datetime, no: str = ""
) -> None:
    """Keep the newest state of the form. Drafts are not history: nobody has said yet that it is true."""
    # Escaped, so that whatever a browser sends can be kept as it came.
    text = json.dumps({**fields, NUMBER: no} if no else dict(fields))
    keep(conn, DRAFT, {"call": call}, {"fields": text, "by": by, "saved_at": at})


def draft(conn: Connection, call: str) -> dict[str, str] | None:
    text = conn.execute(select(DRAFT.c.fields).where(DRAFT.c.call == call)).scalar_one_or_none()
    if text is None:
        return None
    fields = dict(json.loads(text))
    fields.pop(NUMBER, None)
    return fields


def number_of(conn: Connection, call: str) -> str:
    """Return the number that this draft's case will have; '' if it has none yet."""
    text = conn.execute(select(DRAFT.c.fields).where(DRAFT.c.call == call)).scalar_one_or_none()
    return _number_in(text)


def take_draft(conn: Connection, call: str) -> str:
    """Drop the draft, and return the number that was promised with it. Of two who do so at once one gets it."""
    return _number_in(conn.execute(_TAKE, {"about": call}).scalar_one_or_none())


def _number_in(text: str | None) -> str:
    return str(json.loads(text).get(NUMBER, "")) if text is not None else ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A form that was begun and not filed."""

    call: str
    title: str
    saved_at: datetime


def begun_by(conn: Connection, login: str, limit: int) -> list[Begun]:
    """Return what a person has typed and not filed, the newest first, from whatever computer."""
    mine = select(DRAFT).where(DRAFT.c.by == login).order_by(DRAFT.c.saved_at.desc()).limit(limit)
    found = []
    for row in conn.execute(mine):
        fields = json.loads(row.fields)
        if title := (fields.get("title") or fields.get("content") or "")[:60]:
            found.append(Begun(row.call, title, row.saved_at))
    return found


def begun_is_by(conn: Connection, call: str, login: str) -> bool:
    """Tell whether this person has typed this draft: nobody goes on with another's."""
    return conn.execute(select(DRAFT.c.by).where(DRAFT.c.call == call)).scalar_one_or_none() == login


def drop_draft(conn: Connection, call: str) -> None:
    _DROP(conn, about=call)
