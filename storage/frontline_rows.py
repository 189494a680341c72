"""一线处置: the rows of an action, and who may do what with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from cases.limits import is_late
from cases.workflow import Role
from storage import clocks, history, units
from storage.clocks import CLOCK, Kept
from storage.errors import Missing
from storage.frontline_models import FrontlineCall, FrontlineJudgement, FrontlineTarget
from storage.intake import CASE
from storage.people import Actor
from storage.steps import NotForYou, TooLate, put
from storage.types import table_of

CALL = table_of(FrontlineCall)
TARGET = table_of(FrontlineTarget)
JUDGEMENT = table_of(FrontlineJudgement)

COMMANDERS = frozenset({Role.STREET_COMMANDER})
RESPONDERS = frozenset({Role.FRONTLINE_RESPONDER, Role.HANDLER, Role.LIAISON, Role.UNIT_LEADER})
ARBITERS = frozenset({Role.STREET_COMMANDER, Role.ADJUDICATOR})
COMMAND_CENTRE = "command"

_ONE = select(CALL, CASE.c.no).join(CASE, CASE.c.id == CALL.c.case).where(CALL.c.id == bindparam("row"))
_OF_UNIT = select(TARGET).where(TARGET.c.call == bindparam("row"), TARGET.c.unit == bindparam("whose"))


@dataclass(frozen=True, slots=True)
class Action:
    """An action as it was when somebody did something about it."""

    id: int
    no: str
    case: int
    unit: str
    called_at: datetime
    report_at: datetime
    site_code: str
    closed_at: datetime | None
    closed_by: str | None
    found_at: datetime | None
    rechecked_at: datetime | None
    version: int


def see(conn: Connection, action: int) -> Action:
    row = conn.execute(_ONE, {"row": action}).one_or_none()
    if row is None:
        raise Missing(f"没有一线呼叫 {action} (no such action)")
    return Action(**{name: getattr(row, name) for name in Action.__slots__})


def must_run(action: Action) -> None:
    if action.closed_at is not None:
        raise TooLate("一线处置已办结 (the action is closed)")


def must_be_closed(action: Action) -> None:
    if action.closed_at is None:
        raise TooLate("一线处置尚未办结 (the action is not closed yet)")


def must_lead(action: Action, by: Actor, what: str) -> None:
    """Only the street that called leads the action."""
    if by.role not in COMMANDERS or by.unit != action.unit:
        raise NotForYou(what)


def must_arbitrate(conn: Connection, action: Action, by: Actor, what: str) -> None:
    """Only the command centre decides between the two sides, and never in its own matter."""
    unit = units.unit(conn, by.unit)
    if by.role not in ARBITERS or unit is None or unit.kind != COMMAND_CENTRE or unit.id == action.unit:
        raise NotForYou(what)


def target_of(conn: Connection, action: Action, unit: str) -> Row[*tuple[Any, ...]]:
    """Return the part of a called department, or raise NotForYou."""
    row = conn.execute(_OF_UNIT, {"row": action.id, "whose": unit}).one_or_none()
    if row is None:
        raise NotForYou("一线处置")
    return row


def change(conn: Connection, action: Action, **values: Any) -> None:
    """Put the columns of the action, unless somebody else changed it since it was seen."""
    still = (CALL.c.id == action.id, CALL.c.version == action.version)
    put(conn, CALL, *still, version=action.version + 1, **values)


def note(conn: Connection, action: Action, kind: str, *, by: Actor, at: datetime, **detail: Any) -> None:
    """Write it into the history of the case: codes and numbers only."""
    detail = {"action": action.id, **detail}
    history.append(conn, subject=action.no, kind=kind, actor=by.login, detail=detail, at=at)


def end_clock(conn: Connection, clock: int | None, at: datetime) -> None:
    """End what was still owed when the action ended: missed if it was late by then, else no longer counted."""
    if clock is None:
        return
    kept = _running(conn, clock)
    if kept is not None and kept.clock.due is not None and is_late(at, kept.clock.due):
        clocks.stop_row(conn, clock, at)
    elif kept is not None:
        clocks.change(conn, kept, lambda one: one.void("closed"))


def stop_clock(conn: Connection, clock: int | None, at: datetime) -> None:
    if clock is not None:
        clocks.stop_row(conn, clock, at)


def _running(conn: Connection, clock: int) -> Kept | None:
    case = conn.execute(select(CLOCK.c.case).where(CLOCK.c.id == clock)).scalar_one()
    return next((kept for kept in clocks.open_clocks(conn, case) if kept.id == clock), None)
