"""How each unit handles its cases: whose signature a reply needs, whom it reviews, and who answers for it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from cases.workflow import Role
from storage import history
from storage.circuit_models import UnitCircuit
from storage.errors import Invalid, Missing
from storage.keeping import keep
from storage.people import ACCOUNT
from storage.types import table_of
from storage.units import UNIT

RULE = table_of(UnitCircuit)
STREETS = frozenset({"town", "village", "community"})

_OF = select(RULE.c.leader_approves, RULE.c.reviews_below, RULE.c.leader).where(
    RULE.c.unit == bindparam("of")
)
_LEADERS = (
    select(ACCOUNT.c.login)
    .where(
        ACCOUNT.c.unit == bindparam("of"), ACCOUNT.c.role == Role.UNIT_LEADER, ACCOUNT.c.disabled_at.is_(None)
    )
    .order_by(ACCOUNT.c.login)
    .limit(1)
)
_PLACE = select(UNIT.c.kind, UNIT.c.parent).where(UNIT.c.id == bindparam("of"))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRule:
    """What a unit has decided for itself, or the bureau for it."""

    leader_approves: bool = False
    reviews_below: bool = False
    leader: str | None = None


def of(conn: Connection, unit: str) -> UnitRule:
    row = conn.execute(_OF, {"of": unit}).one_or_none()
    return UnitRule(**row._asdict()) if row else UnitRule()


def put(conn: Connection, unit: str, rule: UnitRule, *, by: str, at: datetime) -> None:
    """Set how a unit handles its cases from now on; what runs keeps the signatures it has."""
    if conn.execute(_PLACE, {"of": unit}).one_or_none() is None:
        raise Missing(f"没有单位 {unit} (no such unit)")
    if rule.leader is not None:
        leader = select(ACCOUNT.c.login).where(
            ACCOUNT.c.login == rule.leader, ACCOUNT.c.unit == unit, ACCOUNT.c.role == Role.UNIT_LEADER
        )
        if conn.execute(leader).one_or_none() is None:
            raise Invalid({"leader": "不是本单位的分管领导 (not a leader of this unit)"})
    values = {
        "leader_approves": rule.leader_approves,
        "reviews_below": rule.reviews_below,
        "leader": rule.leader,
    }
    keep(conn, RULE, {"unit": unit}, {**values, "set_by": by, "set_at": at})
    history.append(conn, subject=unit, kind="unit.circuit", actor=by, detail=values, at=at)


def leader_of(conn: Connection, unit: str) -> str | None:
    """Return who answers for what the unit does: the leader it has named, else the first it has."""
    return of(conn, unit).leader or conn.execute(_LEADERS, {"of": unit}).scalar_one_or_none()


def needs_signature(conn: Connection, unit: str, rework: int) -> bool:
    """Tell whether the unit's leader signs its replies; what is reworked is always signed one level higher."""
    return rework > 0 or of(conn, unit).leader_approves


def reviewer_above(conn: Connection, unit: str, rework: int) -> str | None:
    """Return the unit that reviews this unit's reply before the centre does, if any."""
    place = conn.execute(_PLACE, {"of": unit}).one()
    if place.parent is None:
        return None
    again_from_a_street = rework > 0 and place.kind in STREETS
    return place.parent if again_from_a_street or of(conn, place.parent).reviews_below else None
