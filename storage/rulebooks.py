"""The rules in force: what the configuration names, and on top of it what the city has kept."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from cases import policies
from cases.policies import POLICIES, Policy
from cases.rule_text import policy_of, rows_to_text
from cases.rules import Rules
from storage import history, office_hours, work_calendars
from storage.errors import Conflict, Invalid
from storage.keeping import keep_once
from storage.office_hours import CHANGED_MEANWHILE, SUBJECT, Scope
from storage.rule_models import PolicyVersion
from storage.types import table_of

POLICY = table_of(PolicyVersion)


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """Limits that somebody made from those of `origin`."""

    origin: str
    title: str
    rows: tuple[policies.Row, ...]
    valid_from: datetime
    valid_to: datetime | None = None
    moves_clocks: bool = False


@dataclass(frozen=True, slots=True)
class PolicyKept:
    """A policy as somebody left it."""

    id: int
    policy: Policy
    valid_from: datetime
    valid_to: datetime | None
    moves_clocks: bool
    moved_at: datetime | None
    why: str
    by: str
    kept_at: datetime


def in_force(conn: Connection, base: Rules, at: datetime) -> Rules:
    """Return the rules that hold at this time. `base` is what the configuration says."""
    hours = office_hours.all_hours(conn)
    kept = policy_in_force(conn, at)
    return replace(
        base,
        calendar=work_calendars.calendar(conn, base.zone),
        hours=hours.get(base.hours.name, base.hours),
        policy=kept.policy if kept else base.policy,
        hours_of_kind=_known(office_hours.scopes(conn, Scope.KIND), hours),
        hours_of_unit=_known(office_hours.scopes(conn, Scope.UNIT), hours),
    )


def mark(conn: Connection, at: datetime) -> str:
    """Return a mark that differs whenever what is in force may differ: poll it, and read again when it changes."""
    last = select(func.max(history.HISTORY.c.id)).where(history.HISTORY.c.subject == SUBJECT)
    held = conn.execute(_held(at)).first()
    return f"{conn.execute(last).scalar_one() or 0}.{held.id if held else 0}"


# Policies


def policy_in_force(conn: Connection, at: datetime) -> PolicyKept | None:
    """Return the kept policy that holds at this time: of those that are valid, the one that began last."""
    row = conn.execute(_held(at)).first()
    return _kept(row) if row else None


def policy_versions(conn: Connection, limit: int) -> list[PolicyKept]:
    """Return the newest policies, also those that do not hold yet."""
    return [_kept(row) for row in conn.execute(select(POLICY).order_by(POLICY.c.id.desc()).limit(limit))]


def newest_policy(conn: Connection) -> int:
    """Return the id of the policy that was kept last; 0 before the first."""
    return int(conn.execute(select(func.max(POLICY.c.id))).scalar_one() or 0)


def policy_named(conn: Connection, version: str) -> Policy | None:
    """Return a policy by the name that clocks have for it, None if nobody knows it any more."""
    row = conn.execute(select(POLICY).where(POLICY.c.version == version)).one_or_none()
    return _kept(row).policy if row else POLICIES.get(version)


def keep_policy(conn: Connection, new: NewPolicy, *, follows: int, why: str, by: str, at: datetime) -> str:
    """Keep new limits and return the name that clocks will have for them."""
    check_validity(new, at)
    version = _name(conn, new.origin)
    row = {
        "follows": follows,
        "version": version,
        "title": new.title,
        "rows": rows_to_text(new.rows),
        "valid_from": new.valid_from,
        "valid_to": new.valid_to,
        "moves_clocks": new.moves_clocks,
        "why": why,
        "by": by,
        "kept_at": at,
    }
    if newest_policy(conn) != follows or not keep_once(conn, POLICY, row):
        raise Conflict(CHANGED_MEANWHILE)
    detail: dict[str, Any] = {"version": version, "valid_from": new.valid_from.isoformat(), "why": why}
    detail |= {"clocks": True} if new.moves_clocks else {}
    detail |= {"valid_to": new.valid_to.isoformat()} if new.valid_to else {}
    history.append(conn, subject=SUBJECT, kind="rules.policy", actor=by, detail=detail, at=at)
    return version


def claim_move(conn: Connection, kept: PolicyKept, at: datetime) -> bool:
    """Say that running clocks follow this policy now; True for the one who may see to it, of however many ask."""
    claim = update(POLICY).where(POLICY.c.id == kept.id, POLICY.c.moves_clocks, POLICY.c.moved_at.is_(None))
    return conn.execute(claim.values(moved_at=at)).rowcount == 1


def check_validity(new: NewPolicy, at: datetime) -> None:
    """Refuse what would say afterwards that other limits held than those by which clocks were started."""
    if new.valid_from < at:
        raise Invalid({"valid_from": "生效时间不能早于现在 (it cannot begin in the past)"})
    if new.valid_to is not None and new.valid_to <= new.valid_from:
        raise Invalid({"valid_to": "失效时间应晚于生效时间 (it must end after it begins)"})


def _name(conn: Connection, origin: str) -> str:
    """Return `fuzhou-2017+3` for the third policy that this city has kept, whatever the second was made from."""
    count = conn.execute(select(func.count()).select_from(POLICY)).scalar_one()
    return f"{origin.partition('+')[0]}+{count + 1}"


def _held(at: datetime) -> Any:
    valid = (POLICY.c.valid_from <= at, or_(POLICY.c.valid_to.is_(None), POLICY.c.valid_to > at))
    return select(POLICY).where(*valid).order_by(POLICY.c.valid_from.desc(), POLICY.c.id.desc()).limit(1)


def _known(named: dict[str, str], hours: dict[str, Any]) -> dict[str, Any]:
    return {subject: hours[name] for subject, name in named.items() if name in hours}


def _kept(row: Row[*tuple[Any, ...]]) -> PolicyKept:
    return PolicyKept(
        id=row.id,
        policy=policy_of(row.version, row.title, row.rows),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        moves_clocks=row.moves_clocks,
        moved_at=row.moved_at,
        why=row.why,
        by=row.by,
        kept_at=row.kept_at,
    )
