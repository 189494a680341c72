"""改类: another intent, category, urgency or secrecy than at first; running clocks follow, pauses are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from cases import workflow
from cases.policies import Intent, Urgency
from cases.rules import Rules
from cases.workflow import Action, Role, Secrecy, State
from storage import promises, rebasing, reply_clocks, transcripts
from storage.errors import Invalid
from storage.moves import Seen, change, decide, note, recorded
from storage.people import Actor
from storage.units import CATEGORY

_BEFORE_DISPATCH = frozenset({State.REGISTERED, State.PENDING_DISPATCH})
_MAY_OPEN = frozenset({Role.TEAM_LEAD, Role.CENTRE_REVIEWER})
_DEGREE = {Secrecy.NONE: 0, Secrecy.HIDE_CONTACT: 1, Secrecy.SECRET: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclass:
    """What the case is from now on; what is None stays."""

    intent: str | None = None
    category: str | None = None
    urgency: str | None = None
    confidential: Secrecy | None = None
    hard: bool | None = None


@recorded(Action.RECLASSIFY)
def reclassify(conn: Connection, no: str, new: Reclass, *, by: Actor, at: datetime, rules: Rules) -> int:
    """改类: return how many clocks were counted again. Who took the case may do it until it is dispatched."""
    seen, state = decide(conn, no, Action.RECLASSIFY, by)
    if not may_reclassify(by.role, seen.state):
        raise workflow.NotAllowed(by.role, Action.RECLASSIFY)
    values = _changes(conn, seen, new, by)
    before = promises.traits_of(conn, seen.id)
    change(conn, seen, state, **values)
    if values.get("confidential", Secrecy.NONE) != Secrecy.NONE:
        transcripts.forget_of_case(conn, seen.id)
    counted = rebasing.reclassified(conn, seen.id, before, by=by.login, at=at, rules=rules)
    reply_clocks.drop_outlasting(conn, seen)
    was = {f"was_{name}": getattr(seen, name) for name in values}
    note(conn, seen, "case.reclassified", by=by, at=at, **values, **was)
    return counted


def may_reclassify(role: Role, state: State) -> bool:
    return role not in {Role.AGENT, Role.REGISTRAR} or state in _BEFORE_DISPATCH


def _changes(conn: Connection, seen: Seen, new: Reclass, by: Actor) -> dict[str, Any]:
    given = {name: getattr(new, name) for name in Reclass.__slots__}
    values = {
        name: value for name, value in given.items() if value is not None and value != getattr(seen, name)
    }
    wrong = {}
    if "intent" in values and values["intent"] not in list(Intent):
        wrong["intent"] = f"请选择诉求类型：{'、'.join(Intent)} (choose one)"
    if "urgency" in values and values["urgency"] not in list(Urgency):
        wrong["urgency"] = f"请选择紧急程度：{'、'.join(Urgency)} (choose one)"
    if "category" in values and not _known(conn, values["category"]):
        wrong["category"] = "没有这个类别 (no such category)"
    if not values:
        wrong["intent"] = "没有改动 (nothing is changed)"
    if wrong:
        raise Invalid(wrong)
    secrecy = values.get("confidential", seen.confidential)
    if _DEGREE[secrecy] < _DEGREE[seen.confidential] and by.role not in _MAY_OPEN:
        raise workflow.NotAllowed(by.role, Action.RECLASSIFY)
    return values


def _known(conn: Connection, code: str) -> bool:
    wanted = select(CATEGORY.c.code).where(CATEGORY.c.code == code, CATEGORY.c.ended_at.is_(None))
    return conn.execute(wanted).one_or_none() is not None
