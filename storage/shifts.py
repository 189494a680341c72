"""Planned shifts and quotas of breaks: what was planned, by whom; nothing is edited, only withdrawn and planned anew."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from storage import history
from storage.errors import Conflict, Invalid, Missing
from storage.keeping import keep
from storage.people_models import Account
from storage.shift_models import BreakQuota, ShiftPlan
from storage.types import table_of

PLAN = table_of(ShiftPlan)
QUOTA = table_of(BreakQuota)
ACCOUNT = table_of(Account)
LONGEST_SHIFT = timedelta(hours=16)
LONGEST_BREAK = 24 * 60


@dataclass(frozen=True, slots=True)
class Planned:
    """One planned shift of an agent who has a seat."""

    id: int
    login: str
    name: str
    seat: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Minutes:
    """How long a break may last, at once and in a day; None stands for as long as it takes."""

    once: int | None
    day: int | None


def plan(
    conn: Connection, login: str, *, begins_at: datetime, ends_at: datetime, by: str, at: datetime
) -> None:
    """Plan a shift for an agent. Two shifts of one agent may not overlap."""
    if not begins_at < ends_at <= begins_at + LONGEST_SHIFT:
        raise Invalid(
            {"ends_at": "下班时间应在上班之后16小时以内 (it must end within 16 hours of its beginning)"}
        )
    if conn.execute(select(ACCOUNT.c.seat).where(ACCOUNT.c.login == login)).scalar() is None:
        raise Invalid({"login": "此账号没有座席 (this account has no seat)"})
    overlaps = select(PLAN.c.id).where(
        PLAN.c.login == login,
        PLAN.c.withdrawn_at.is_(None),
        PLAN.c.begins_at < ends_at,
        PLAN.c.ends_at > begins_at,
    )
    if conn.execute(overlaps).first() is not None:
        raise Conflict("此时段已有班次 (another shift is planned then)")
    conn.execute(
        insert(PLAN).values(login=login, begins_at=begins_at, ends_at=ends_at, planned_by=by, planned_at=at)
    )
    detail = {"begins": begins_at.isoformat(), "ends": ends_at.isoformat()}
    history.append(conn, subject=login, kind="shift.planned", actor=by, detail=detail, at=at)


def withdraw(conn: Connection, number: int, *, by: str, at: datetime) -> None:
    """Withdraw a planned shift; the row stays."""
    standing = update(PLAN).where(PLAN.c.id == number, PLAN.c.withdrawn_at.is_(None))
    if conn.execute(standing.values(withdrawn_at=at)).rowcount != 1:
        raise Missing(str(number))
    login = conn.execute(select(PLAN.c.login).where(PLAN.c.id == number)).scalar_one()
    history.append(conn, subject=login, kind="shift.withdrawn", actor=by, detail={"shift": number}, at=at)


def planned(conn: Connection, *, after: datetime, until: datetime) -> list[Planned]:
    """Return the shifts that touch the time, in the order of their beginning."""
    rows = conn.execute(
        select(PLAN, ACCOUNT.c.name, ACCOUNT.c.seat)
        .join(ACCOUNT, ACCOUNT.c.login == PLAN.c.login)
        .where(
            PLAN.c.withdrawn_at.is_(None),
            PLAN.c.begins_at < until,
            PLAN.c.ends_at > after,
            ACCOUNT.c.seat.is_not(None),
        )
        .order_by(PLAN.c.begins_at, PLAN.c.login)
    )
    return [Planned(row.id, row.login, row.name, row.seat, row.begins_at, row.ends_at) for row in rows]


def agents(conn: Connection) -> list[tuple[str, str]]:
    """Return login and name of everybody who has a seat."""
    rows = conn.execute(
        select(ACCOUNT.c.login, ACCOUNT.c.name)
        .where(ACCOUNT.c.seat.is_not(None), ACCOUNT.c.disabled_at.is_(None))
        .order_by(ACCOUNT.c.login)
    )
    return [(row.login, row.name) for row in rows]


def quotas(conn: Connection) -> dict[str, Minutes]:
    """Return the quotas the city has set, by the reason of the break."""
    rows = conn.execute(select(QUOTA))
    return {row.reason: Minutes(row.once_minutes, row.day_minutes) for row in rows}


def set_quota(conn: Connection, reason: str, minutes: Minutes, *, by: str, at: datetime) -> None:
    """Set how long breaks of this reason may last from now on."""
    wrong = {
        name: f"须为 1 至 {LONGEST_BREAK} 分钟 (1 to {LONGEST_BREAK} minutes)"
        for name, value in (("once", minutes.once), ("day", minutes.day))
        if value is not None and not 0 < value <= LONGEST_BREAK
    }
    if wrong:
        raise Invalid(wrong)
    values = {"once_minutes": minutes.once, "day_minutes": minutes.day, "set_by": by, "set_at": at}
    keep(conn, QUOTA, {"reason": reason}, values)
    detail = {"once": minutes.once, "day": minutes.day}
    history.append(conn, subject=f"break:{reason}", kind="break.quota", actor=by, detail=detail, at=at)
