"""Ends articles on their last day, and reminds the units that answer for them. Any number of processes may sweep."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from cases.knowledge import REMIND_BEFORE, KnowledgeState, Reminder, reminder
from cases.rules import Rules
from cases.workflow import Role
from storage import knowledge, notices
from storage.knowledge import VERSION
from storage.notices import Notice
from storage.people import SYSTEM

MOST = 50
_WANTED = (
    select(VERSION)
    .where(VERSION.c.state == KnowledgeState.LIVE, VERSION.c.reminded != Reminder.OVERDUE)
    .order_by(VERSION.c.id)
)


def sweep(conn: Connection, *, today: date, at: datetime, rules: Rules) -> int:
    """Do what today asks for, a bounded number at one go; return how many articles it was."""
    ended = conn.execute(
        select(VERSION)
        .where(VERSION.c.state == KnowledgeState.LIVE, VERSION.c.valid_until < today)
        .order_by(VERSION.c.id)
        .limit(MOST)
    ).all()
    done = sum(_expire(conn, row, at, rules) for row in ended)
    soon = today + REMIND_BEFORE
    nearing = or_(VERSION.c.review_by <= soon, VERSION.c.valid_until <= soon)
    still_valid = or_(VERSION.c.valid_until.is_(None), VERSION.c.valid_until >= today)
    for row in conn.execute(_WANTED.where(nearing, still_valid)).all():
        if done >= MOST:
            break
        done += _remind(conn, row, today=today, at=at, rules=rules)
    return done


def _expire(conn: Connection, row: Row[Any], at: datetime, rules: Rules) -> bool:
    if not knowledge.end(conn, row, SYSTEM, at):
        return False
    _tell(conn, row, "knowledge.expired", at, rules, editors=True)
    return True


def _remind(conn: Connection, row: Row[Any], *, today: date, at: datetime, rules: Rules) -> bool:
    what = reminder(today, review_by=row.review_by, valid_until=row.valid_until, told=row.reminded)
    if what is None:
        return False
    still = (VERSION.c.id == row.id, VERSION.c.reminded == row.reminded)
    if conn.execute(update(VERSION).where(*still).values(reminded=what)).rowcount != 1:
        return False
    _tell(conn, row, f"knowledge.{what}", at, rules, editors=what is Reminder.OVERDUE)
    return True


def _tell(conn: Connection, row: Row[Any], kind: str, at: datetime, rules: Rules, *, editors: bool) -> None:
    """Tell the unit, and the editors of what the unit has let slip."""
    day = row.valid_until if kind.endswith(("expired", "expires_soon")) else row.review_by
    detail = {"article": row.article, "title": row.title, "day": day.isoformat()}
    notices.tell(conn, Notice(kind=kind, unit=row.owner, detail=detail), at=at, rules=rules)
    if editors:
        notices.tell(conn, Notice(kind=kind, role=Role.KNOWLEDGE_EDITOR, detail=detail), at=at, rules=rules)
