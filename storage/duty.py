"""值班表: whom to ring in a unit, day and night. What the rota does not say, the unit's own duty number does."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from cases.telephone import canonical
from cases.workflow import Role
from storage import history
from storage.errors import Invalid, Missing
from storage.forms import checked_text
from storage.frontline_models import DutyRota
from storage.people import Actor
from storage.steps import must_be, put
from storage.types import table_of
from storage.units import UNIT

ROTA = table_of(DutyRota)

DUTY, LEADER = "duty", "leader"
RANKS = (DUTY, LEADER)
CENTRE_ROLES = frozenset({Role.TEAM_LEAD, Role.SUPERVISOR, Role.DISPATCHER, Role.ADMINISTRATOR})
OWN_ROLES = frozenset({Role.LIAISON, Role.UNIT_LEADER, Role.STREET_COMMANDER})
_SHORTEST, _LONGEST = 3, 20
MOST = 200

_NOW = (
    select(ROTA)
    .where(
        ROTA.c.unit == bindparam("whose"),
        ROTA.c.rank == bindparam("which"),
        ROTA.c.withdrawn_at.is_(None),
        ROTA.c.begins_at <= bindparam("now"),
        ROTA.c.ends_at.is_(None) | (ROTA.c.ends_at > bindparam("now")),
    )
    # A row for some hours stands before one that holds until further notice.
    .order_by(ROTA.c.ends_at.is_(None), ROTA.c.begins_at.desc(), ROTA.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who is to be rung. Without a name it is the unit's own number, without a number nobody is known."""

    name: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyForm:
    """A row of the rota as it is filled in."""

    unit: str
    rank: str
    name: str
    number: str
    begins_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A row of the rota."""

    id: int
    unit: str
    unit_name: str
    rank: str
    name: str
    number: str
    begins_at: datetime
    ends_at: datetime | None


def on_duty(conn: Connection, unit: str, rank: str, at: datetime) -> OnDuty:
    row = conn.execute(_NOW, {"whose": unit, "which": rank, "now": at}).one_or_none()
    if row is not None:
        return OnDuty(row.name, row.number)
    phones = conn.execute(select(UNIT.c.duty_phone, UNIT.c.night_phone).where(UNIT.c.id == unit)).one()
    return OnDuty("", phones.duty_phone or phones.night_phone or "")


def plan(conn: Connection, form: DutyForm, *, by: Actor, at: datetime) -> int:
    """排班: put somebody on the rota of one's own unit; the centre may for every unit."""
    _may(form.unit, by)
    number = canonical(re.sub(r"[ ()（）-]", "", form.number))
    wrong = {}
    if form.rank not in RANKS:
        wrong["rank"] = "请选择值班员或值班领导 (choose one)"
    if not (_SHORTEST <= len(number) <= _LONGEST and number.lstrip("+").isdigit()):
        wrong["number"] = "电话号码不对 (not a telephone number)"
    if form.ends_at is not None and form.ends_at <= form.begins_at:
        wrong["ends_at"] = "结束应晚于开始 (it ends before it begins)"
    if wrong:
        raise Invalid(wrong)
    row = {
        "unit": form.unit,
        "rank": form.rank,
        "name": checked_text("name", form.name, longest=40),
        "number": number,
        "begins_at": form.begins_at,
        "ends_at": form.ends_at,
        "set_by": by.login,
        "set_at": at,
    }
    added: int = conn.execute(insert(ROTA).values(row).returning(ROTA.c.id)).scalar_one()
    detail = {"unit": form.unit, "rank": form.rank}
    history.append(conn, subject=f"duty:{added}", kind="duty.planned", actor=by.login, detail=detail, at=at)
    return added


def withdraw(conn: Connection, row: int, *, by: Actor, at: datetime) -> None:
    unit = conn.execute(select(ROTA.c.unit).where(ROTA.c.id == row)).scalar()
    if unit is None:
        raise Missing(f"没有值班记录 {row} (no such row)")
    _may(unit, by)
    put(conn, ROTA, ROTA.c.id == row, ROTA.c.withdrawn_at.is_(None), withdrawn_at=at)
    history.append(conn, subject=f"duty:{row}", kind="duty.withdrawn", actor=by.login, detail={}, at=at)


def rota(conn: Connection, at: datetime, *, unit: str = "", most: int = MOST) -> list[DutyRow]:
    """Return what holds now or later, by unit."""
    still = (ROTA.c.withdrawn_at.is_(None), ROTA.c.ends_at.is_(None) | (ROTA.c.ends_at > at))
    rows = (
        select(ROTA, UNIT.c.short_name.label("unit_name")).join(UNIT, UNIT.c.id == ROTA.c.unit).where(*still)
    )
    if unit:
        rows = rows.where(ROTA.c.unit == unit)
    found = conn.execute(rows.order_by(ROTA.c.unit, ROTA.c.rank, ROTA.c.begins_at).limit(most))
    return [DutyRow(**{name: getattr(row, name) for name in DutyRow.__slots__}) for row in found]


def _may(unit: str, by: Actor) -> None:
    if by.role not in CENTRE_ROLES:
        must_be(by, OWN_ROLES, "维护值班表", unit)
