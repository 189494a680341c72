"""The rules of the line and what seats can do, as they were kept: who changed what, why, and from when it holds.

The rules themselves are text here; `routing.rulebook` reads them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from storage import history, work_calendars
from storage.errors import Conflict, Missing
from storage.keeping import keep, keep_once
from storage.line_models import LineRulesVersion, LineSpan, SeatProfile, SpanKind
from storage.people import ACCOUNT
from storage.types import table_of

RULES = table_of(LineRulesVersion)
SPAN = table_of(LineSpan)
PROFILE = table_of(SeatProfile)

SUBJECT = "line"
"""All that is changed about the line has this subject in the history: its newest line is the newest change."""

CHANGED_MEANWHILE = "刚才有人改过，请重新查看后再改 (somebody has changed this meanwhile; look again)"


@dataclass(frozen=True, slots=True)
class Version:
    """The rules as somebody left them."""

    id: int
    valid_from: datetime
    rules: str
    why: str
    by: str
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Something that holds for a while."""

    id: int
    kind: SpanKind
    since: datetime
    until: datetime
    detail: str
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class Skilled:
    """A person and what is kept of the person's skills."""

    login: str
    name: str
    seat: str | None
    group: str = ""
    skills: tuple[tuple[str, int], ...] = ()
    languages: frozenset[str] = frozenset()
    busy_at_most: float = 1.0


# The rules


def in_force(conn: Connection, at: datetime) -> Version | None:
    """Return the rules that hold at this time: of those whose time has come, the last one kept for the latest time."""
    newest = select(RULES).where(RULES.c.valid_from <= at)
    row = conn.execute(newest.order_by(RULES.c.valid_from.desc(), RULES.c.id.desc()).limit(1)).one_or_none()
    return _version(row) if row else None


def versions(conn: Connection, limit: int) -> list[Version]:
    """Return the newest versions, also those that do not hold yet."""
    return [_version(row) for row in conn.execute(select(RULES).order_by(RULES.c.id.desc()).limit(limit))]


def newest(conn: Connection) -> int:
    """Return the id of the version that was kept last; 0 before the first."""
    return int(conn.execute(select(func.max(RULES.c.id))).scalar_one() or 0)


def add_version(
    conn: Connection,
    rules: str,
    *,
    follows: int,
    valid_from: datetime,
    why: str,
    by: str,
    at: datetime,
    changed: list[str],
) -> int:
    """Keep new rules; raise Conflict if the ones they were made from are not the newest any more."""
    row = {
        "follows": follows,
        "valid_from": valid_from,
        "rules": rules,
        "why": why,
        "by": by,
        "kept_at": at,
    }
    if newest(conn) != follows or not keep_once(conn, RULES, row):
        raise Conflict(CHANGED_MEANWHILE)
    number = newest(conn)
    detail = {"version": number, "valid_from": valid_from.isoformat(), "why": why, "changed": changed}
    history.append(conn, subject=SUBJECT, kind="line.rules", actor=by, detail=detail, at=at)
    return number


def newest_version(conn: Connection, at: datetime) -> str:
    """Return a mark that differs whenever what is in force may differ: poll it, and read again when it changes."""
    last = select(func.max(history.HISTORY.c.id)).where(history.HISTORY.c.subject == SUBJECT)
    held, year = in_force(conn, at), work_calendars.newest(conn)
    # With the hour, because spans that begin later are read ahead for a day only.
    return f"{conn.execute(last).scalar_one() or 0}.{held.id if held else 0}.{year}.{at:%Y%m%d%H}"


# What holds for a while


def spans(conn: Connection, *, since: datetime, until: datetime) -> list[Span]:
    """Return what holds at any time between the two, in the order in which it begins."""
    rows = conn.execute(
        select(SPAN)
        .where(SPAN.c.ended_at.is_(None), SPAN.c.until > since, SPAN.c.since < until)
        .order_by(SPAN.c.since, SPAN.c.id)
    )
    return [Span(r.id, r.kind, r.since, r.until, r.detail, r.why, r.by) for r in rows]


def detail_of(span: Span) -> dict[str, Any]:
    """Return what was said of it beyond its times."""
    detail: dict[str, Any] = json.loads(span.detail)
    return detail


def add_span(
    conn: Connection,
    kind: SpanKind,
    detail: Mapping[str, Any],
    *,
    since: datetime,
    until: datetime,
    why: str,
    by: str,
    at: datetime,
) -> int:
    """Put something into force for a while."""
    text = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    statement = insert(SPAN).values(
        kind=kind, since=since, until=until, detail=text, why=why, by=by, kept_at=at, ended_at=None
    )
    number = int(conn.execute(statement.returning(SPAN.c.id)).scalar_one())
    told = {
        "id": number,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "why": why,
        "detail": dict(detail),
    }
    history.append(conn, subject=SUBJECT, kind=f"line.{kind}", actor=by, detail=told, at=at)
    return number


def end_span(conn: Connection, number: int, *, why: str, by: str, at: datetime) -> None:
    """Switch off or take back what has not ended by itself; ending it twice changes nothing."""
    row = conn.execute(select(SPAN.c.kind, SPAN.c.ended_at).where(SPAN.c.id == number)).one_or_none()
    if row is None:
        raise Missing(number)
    still = update(SPAN).where(SPAN.c.id == number, SPAN.c.ended_at.is_(None))
    if conn.execute(still.values(ended_at=at, ended_by=by)).rowcount:
        detail = {"id": number, "why": why}
        history.append(conn, subject=SUBJECT, kind=f"line.{row.kind}_ended", actor=by, detail=detail, at=at)


# What seats can do


def skilled(conn: Connection, login: str) -> Skilled | None:
    """Return what the person can do, None if there is no such person."""
    row = conn.execute(_PEOPLE.where(ACCOUNT.c.login == login)).one_or_none()
    return _skilled(row) if row else None


def all_skilled(conn: Connection) -> list[Skilled]:
    """Return everybody who has a seat, in the order of the seats."""
    seated = _PEOPLE.where(ACCOUNT.c.seat.is_not(None), ACCOUNT.c.disabled_at.is_(None))
    return [_skilled(row) for row in conn.execute(seated.order_by(ACCOUNT.c.seat))]


def keep_skilled(conn: Connection, skilled: Skilled, *, why: str, by: str, at: datetime) -> None:
    """Keep what the person can do from now on."""
    if conn.execute(select(ACCOUNT.c.login).where(ACCOUNT.c.login == skilled.login)).one_or_none() is None:
        raise Missing(skilled.login)
    detail = {
        "group": skilled.group,
        "skills": dict(skilled.skills),
        "languages": sorted(skilled.languages),
        "busy_at_most": skilled.busy_at_most,
    }
    kept = {**detail, "skills": json.dumps(detail["skills"], ensure_ascii=False)}
    kept["languages"] = json.dumps(detail["languages"], ensure_ascii=False)
    keep(conn, PROFILE, {"login": skilled.login}, {**kept, "by": by, "kept_at": at})
    told = {"login": skilled.login, "why": why, **detail}
    history.append(conn, subject=SUBJECT, kind="line.profile", actor=by, detail=told, at=at)


_PEOPLE = select(
    ACCOUNT.c.login,
    ACCOUNT.c.name,
    ACCOUNT.c.seat,
    PROFILE.c.group,
    PROFILE.c.skills,
    PROFILE.c.languages,
    PROFILE.c.busy_at_most,
).select_from(ACCOUNT.outerjoin(PROFILE, PROFILE.c.login == ACCOUNT.c.login))


def _skilled(row: Row[*tuple[Any, ...]]) -> Skilled:
    if row.skills is None:
        return Skilled(row.login, row.name, row.seat)
    skills = tuple(json.loads(row.skills).items())
    languages = frozenset(json.loads(row.languages))
    return Skilled(row.login, row.name, row.seat, row.group, skills, languages, row.busy_at_most)


def _version(row: Row[*tuple[Any, ...]]) -> Version:
    return Version(row.id, row.valid_from, row.rules, row.why, row.by, row.kept_at)
