"""From when on the wall raises an alarm: each change is a version of its own, and says who made it and why."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select

from storage import history
from storage.errors import Conflict
from storage.keeping import keep_once
from storage.types import table_of
from storage.watch_models import WatchRules

RULES = table_of(WatchRules)
SUBJECT = "watch"
CHANGED_MEANWHILE = "刚才有人改过，请重新查看后再改 (somebody has changed this meanwhile; look again)"


@dataclass(frozen=True, slots=True)
class Version:
    """The rules as somebody left them."""

    id: int
    rules: str
    why: str
    by: str
    kept_at: datetime


def newest(conn: Connection) -> Version | None:
    """Return the version that holds; None before the first."""
    found = versions(conn, 1)
    return found[0] if found else None


def versions(conn: Connection, limit: int) -> list[Version]:
    """Return the newest versions, the newest first."""
    rows = conn.execute(select(RULES).order_by(RULES.c.id.desc()).limit(limit))
    return [_version(row) for row in rows]


def add_version(conn: Connection, rules: str, *, follows: int, why: str, by: str, at: datetime) -> int:
    """Keep new rules; raise Conflict if the ones they were made from are not the newest any more."""
    before = newest(conn)
    row = {"follows": follows, "rules": rules, "why": why, "by": by, "kept_at": at}
    if (before.id if before else 0) != follows or not keep_once(conn, RULES, row):
        raise Conflict(CHANGED_MEANWHILE)
    kept = newest(conn)
    number = kept.id if kept else 0
    detail = {"version": number, "why": why, "rules": rules}
    history.append(conn, subject=SUBJECT, kind="watch.rules", actor=by, detail=detail, at=at)
    return number


def _version(row: Row[tuple[object, ...]]) -> Version:
    return Version(row.id, row.rules, row.why, row.by, row.kept_at)
