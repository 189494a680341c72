"""Exports above the limit: who asked for what and why, who decided, and how long the file may be taken."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from storage import history
from storage.errors import Conflict, Invalid, Missing
from storage.security_models import ExportRequest
from storage.types import table_of

REQUEST = table_of(ExportRequest)
OPEN_FOR = timedelta(hours=24)
SHOWN = 200
GROWTH = 1.1
"""What was approved may have grown a little until it is taken."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One export that somebody asked for."""

    id: int
    name: str
    path: str
    rows: int
    reason: str
    by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    granted: bool | None
    note: str
    ends_at: datetime | None
    taken: int


def ask(conn: Connection, *, name: str, path: str, rows: int, reason: str, by: str, at: datetime) -> int:
    """Ask for an export; asking again while the first is undecided changes nothing."""
    if not reason.strip():
        raise Invalid({"reason": "请写明用途 (say what it is for)"})
    pending = select(REQUEST.c.id).where(
        REQUEST.c.by == by, REQUEST.c.path == path, REQUEST.c.granted.is_(None)
    )
    if (found := conn.execute(pending).scalar()) is not None:
        return int(found)
    values = {"name": name, "path": path, "rows": rows, "reason": reason, "by": by, "asked_at": at}
    number = int(conn.execute(insert(REQUEST).values(values).returning(REQUEST.c.id)).scalar_one())
    detail = {"export": name, "rows": rows, "request": number}
    history.append(conn, subject="exports", kind="export.asked", actor=by, detail=detail, at=at)
    return number


def decide(conn: Connection, number: int, *, granted: bool, note: str, by: str, at: datetime) -> None:
    """Grant or refuse. Nobody decides on what he asked for himself."""
    wish = one(conn, number)
    if wish.by == by:
        raise Conflict("不能审批自己的申请 (not your own request)")
    if not granted and not note.strip():
        raise Invalid({"note": "请说明理由 (say why)"})
    values = {
        "granted": granted,
        "note": note,
        "decided_by": by,
        "decided_at": at,
        "ends_at": at + OPEN_FOR if granted else None,
    }
    undecided = REQUEST.c.id == number, REQUEST.c.granted.is_(None)
    if conn.execute(update(REQUEST).where(*undecided).values(values)).rowcount != 1:
        raise Conflict("此申请已有人审批 (this was decided already)")
    kind = "export.granted" if granted else "export.refused"
    detail = {"export": wish.name, "rows": wish.rows, "request": number, "for": wish.by}
    history.append(conn, subject="exports", kind=kind, actor=by, detail=detail, at=at)


def take(conn: Connection, *, path: str, rows: int, by: str, at: datetime) -> int | None:
    """Return the number of the approval under which this person may take so many rows now, or None."""
    found = conn.execute(
        select(REQUEST.c.id, REQUEST.c.rows)
        .where(REQUEST.c.by == by, REQUEST.c.path == path, REQUEST.c.granted, REQUEST.c.ends_at > at)
        .order_by(REQUEST.c.id.desc())
    ).first()
    if found is None or rows > found.rows * GROWTH:
        return None
    conn.execute(update(REQUEST).where(REQUEST.c.id == found.id).values(taken=REQUEST.c.taken + 1))
    return int(found.id)


def one(conn: Connection, number: int) -> Wish:
    row = conn.execute(select(REQUEST).where(REQUEST.c.id == number)).one_or_none()
    if row is None:
        raise Missing(f"没有此申请 {number} (no such request)")
    return _wish(row)


def listed(conn: Connection, *, by: str | None) -> list[Wish]:
    """Return the newest requests: one's own, or for who decides all, undecided ones first."""
    mine = [REQUEST.c.by == by] if by is not None else []
    order = (REQUEST.c.granted.is_not(None), REQUEST.c.id.desc())
    return [_wish(row) for row in conn.execute(select(REQUEST).where(*mine).order_by(*order).limit(SHOWN))]


def _wish(row: Row[*tuple[Any, ...]]) -> Wish:
    return Wish(**row._asdict())
