"""提醒: the in-box of a person and of a unit. What sends short messages later reads the same rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from cases.ladder import office_opens
from cases.rules import Rules
from storage import office_hours
from storage.errors import Missing
from storage.models import CaseFile
from storage.people import Actor
from storage.supervision_models import Notice as NoticeRow
from storage.types import table_of

NOTICE = table_of(NoticeRow)
CASE = table_of(CaseFile)

PAGE = 30
_ADD = insert(NOTICE).returning(NOTICE.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is to be told, and to whom: to a person, or to those of a unit, of a post, or of a post in a unit."""

    kind: str
    unit: str | None = None
    role: str | None = None
    login: str | None = None
    case: int | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it lies in an in-box."""

    id: int
    kind: str
    unit: str | None
    login: str | None
    no: str | None
    title: str | None
    detail: dict[str, Any]
    urgent: bool
    tell_at: datetime
    read_by: str | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of an in-box."""

    rows: list[Told]
    total: int
    page: int
    pages: int


def tell(conn: Connection, notice: Notice, *, at: datetime, rules: Rules | None = None) -> int:
    """Put a notice into an in-box: at once if it is urgent or no office hours are given, else when the office opens."""
    tell_at = at
    if rules is not None and not notice.urgent:
        hours = office_hours.of_unit(conn, rules, notice.unit) if notice.unit else rules.hours
        tell_at = office_opens(at, rules.calendar, hours)
    row = {
        "kind": notice.kind,
        "unit": notice.unit,
        "role": notice.role,
        "login": notice.login,
        "case": notice.case,
        "detail": json.dumps(dict(notice.detail), ensure_ascii=False, sort_keys=True),
        "urgent": notice.urgent,
    }
    number: int = conn.execute(_ADD, {**row, "at": at, "tell_at": tell_at}).scalar_one()
    return number


def unread(conn: Connection, actor: Actor, at: datetime) -> int:
    """Return how many notices this person could read now and nobody has."""
    count: int = conn.execute(
        select(func.count()).where(_for(actor), NOTICE.c.read_at.is_(None), NOTICE.c.tell_at <= at)
    ).scalar_one()
    return count


def inbox(conn: Connection, actor: Actor, at: datetime, *, page: int = 1, unread_only: bool = False) -> Inbox:
    """Return what this person may read, newest first."""
    which = [_for(actor), NOTICE.c.tell_at <= at]
    if unread_only:
        which.append(NOTICE.c.read_at.is_(None))
    total: int = conn.execute(select(func.count()).select_from(NOTICE).where(*which)).scalar_one()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = conn.execute(
        select(NOTICE, CASE.c.no, CASE.c.title)
        .outerjoin(CASE, CASE.c.id == NOTICE.c.case)
        .where(*which)
        .order_by(NOTICE.c.tell_at.desc(), NOTICE.c.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    names = [name for name in Told.__slots__ if name != "detail"]
    told = [
        Told(detail=json.loads(row.detail), **{name: getattr(row, name) for name in names}) for row in rows
    ]
    return Inbox(told, total, page, pages)


def mark_read(conn: Connection, notice: int, *, by: Actor, at: datetime) -> None:
    """Note who read it first; what is for others does not exist."""
    mine = (NOTICE.c.id == notice, _for(by))
    changed = conn.execute(
        update(NOTICE).where(*mine, NOTICE.c.read_at.is_(None)).values(read_by=by.login, read_at=at)
    )
    if changed.rowcount != 1 and conn.execute(select(NOTICE.c.id).where(*mine)).scalar() is None:
        raise Missing(f"没有提醒 {notice} (no such notice)")


def mark_all_read(conn: Connection, *, by: Actor, at: datetime) -> None:
    conn.execute(
        update(NOTICE)
        .where(_for(by), NOTICE.c.read_at.is_(None), NOTICE.c.tell_at <= at)
        .values(read_by=by.login, read_at=at)
    )


def _for(actor: Actor) -> ColumnElement[bool]:
    post = or_(NOTICE.c.role.is_(None), NOTICE.c.role == actor.role)
    return or_(
        NOTICE.c.login == actor.login,
        and_(NOTICE.c.login.is_(None), NOTICE.c.unit == actor.unit, post),
        and_(NOTICE.c.login.is_(None), NOTICE.c.unit.is_(None), NOTICE.c.role == actor.role),
    )
