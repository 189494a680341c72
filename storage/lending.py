"""一键支援: seats of one group can do for a while what they cannot by themselves, until an end time or until taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from storage import history, line_rules
from storage.errors import Missing
from storage.types import table_of
from storage.watch_models import LentSkill, LineHelp

HELP = table_of(LineHelp)
LENT = table_of(LentSkill)


@dataclass(frozen=True, slots=True)
class Help:
    """One group helps with a skill."""

    id: int
    skill: str
    helper: str
    since: datetime
    until: datetime
    by: str
    seats: int
    """So many seats can do more for it."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is to be lent: to whom at which level, and until when."""

    skill: str
    helper: str
    levels: Mapping[str, int]
    until: datetime
    span: int | None = None
    """What lets the helpers take another group's callers."""


def begin(conn: Connection, given: Given, *, why: str, by: str, at: datetime) -> int:
    """Lend these people the skill from now on."""
    row = {
        "skill": given.skill,
        "helper": given.helper,
        "span": given.span,
        "since": at,
        "until": given.until,
        "why": why,
        "by": by,
    }
    number = int(conn.execute(insert(HELP).values(**row).returning(HELP.c.id)).scalar_one())
    lent = [{"help": number, "login": login, "level": level} for login, level in sorted(given.levels.items())]
    if lent:
        conn.execute(insert(LENT), lent)
    detail = {"id": number, "skill": given.skill, "helper": given.helper, "logins": sorted(given.levels)}
    _note(conn, "line.help", detail | {"until": given.until.isoformat(), "why": why}, by=by, at=at)
    return number


def end(conn: Connection, number: int, *, why: str, by: str, at: datetime) -> None:
    """Take the help back before its time; taking it back twice changes nothing."""
    row = conn.execute(select(HELP.c.span).where(HELP.c.id == number)).one_or_none()
    if row is None:
        raise Missing(number)
    going_on = update(HELP).where(HELP.c.id == number, HELP.c.ended_at.is_(None))
    if conn.execute(going_on.values(ended_at=at, ended_by=by)).rowcount:
        if row.span is not None:
            line_rules.end_span(conn, row.span, why=why, by=by, at=at)
        _note(conn, "line.help_ended", {"id": number, "why": why}, by=by, at=at)


def going_on(conn: Connection, at: datetime) -> list[Help]:
    """Return the help that is given now, the oldest first."""
    seats = select(LENT.c.help, func.count().label("seats")).group_by(LENT.c.help).subquery()
    rows = conn.execute(
        select(HELP, seats.c.seats)
        .outerjoin(seats, seats.c.help == HELP.c.id)
        .where(HELP.c.ended_at.is_(None), HELP.c.since <= at, HELP.c.until > at)
        .order_by(HELP.c.id)
    )
    return [Help(r.id, r.skill, r.helper, r.since, r.until, r.by, int(r.seats or 0)) for r in rows]


def lent(conn: Connection, at: datetime, logins: Iterable[str] | None = None) -> dict[str, dict[str, int]]:
    """Return who can do what more now: login to skill to level. With `logins` only these people are looked at."""
    asked = select(LENT.c.login, LENT.c.level, HELP.c.skill).join(HELP, HELP.c.id == LENT.c.help)
    asked = asked.where(HELP.c.ended_at.is_(None), HELP.c.since <= at, HELP.c.until > at)
    if logins is not None:
        asked = asked.where(LENT.c.login.in_([*logins]))
    found: dict[str, dict[str, int]] = {}
    for row in conn.execute(asked):
        mine = found.setdefault(row.login, {})
        mine[row.skill] = max(mine.get(row.skill, 0), row.level)
    return found


def mark(conn: Connection, at: datetime) -> str:
    """Return what differs whenever the help given differs, also because its time is over."""
    active = (HELP.c.ended_at.is_(None), HELP.c.since <= at, HELP.c.until > at)
    row = conn.execute(
        select(func.count().label("n"), func.max(HELP.c.id).label("last")).where(*active)
    ).one()
    return f"{row.n}:{row.last or 0}"


def _note(conn: Connection, kind: str, detail: Mapping[str, object], *, by: str, at: datetime) -> None:
    history.append(conn, subject=line_rules.SUBJECT, kind=kind, actor=by, detail=detail, at=at)
