"""From the centre to a unit: ready, dispatched, read, and in the hands of named persons who speak with the citizen."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, Role, State
from storage import assignments, clocks
from storage.clocks import Obligation
from storage.dispatching import hand_out
from storage.errors import Invalid
from storage.forms import checked_text
from storage.models import Part, Stage
from storage.moves import change, decide, note, recorded, see, touch
from storage.people import ACCOUNT, SYSTEM, Actor


@recorded(Action.MAKE_READY)
def make_ready(conn: Connection, no: str, *, by: Actor, at: datetime) -> None:
    """提交批转: what is required was checked when the case was registered."""
    seen, state = decide(conn, no, Action.MAKE_READY, by)
    change(conn, seen, state)
    note(conn, seen, "case.ready", by=by, at=at)


@recorded(Action.DISPATCH)
def dispatch(
    conn: Connection,
    no: str,
    *,
    lead: str,
    assist: Sequence[str] = (),
    instruction: str = "",
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    """批转: give the case to one lead unit and any number of others; their clocks start."""
    if see(conn, no).state is State.REGISTERED:
        make_ready(conn, no, by=SYSTEM, at=at)
    seen, state = decide(conn, no, Action.DISPATCH, by)
    assignments.check_targets(conn, seen.category, lead, assist)
    units = [(lead, Part.LEAD), *((unit, Part.ASSIST) for unit in assist)]
    hand_out(conn, seen, state, units, instruction=instruction, by=by, at=at, rules=rules)


@recorded(Action.READ)
def read(conn: Connection, no: str, *, by: Actor, at: datetime) -> None:
    """查阅: the named reader opens the full text, and the unit's reading clock stops."""
    task = assignments.task_of(conn, see(conn, no), by, Action.READ)
    if task.part is Part.LEAD:
        seen, state = decide(conn, no, Action.READ, by)
        change(conn, seen, state)
    else:
        seen = assignments.beside_the_lead(conn, no, task, by, Action.READ)
    handler = {"handler": by.login} if by.role is Role.HANDLER else {}
    assignments.put(conn, task.id, Stage.HANDLING, read_by=by.login, read_at=at, **handler)
    clocks.stop(conn, Obligation(seen.id, ClockKind.READ, task.id), at)
    note(conn, seen, "assignment.read", by=by, at=at, unit=by.unit)


@recorded(Action.NAME_PEOPLE)
def name_people(
    conn: Connection, no: str, *, handler: str, leader: str = "", by: Actor, at: datetime
) -> None:
    """指定承办人: both who handles it and who answers for it are on record with their names."""
    seen, _ = decide(conn, no, Action.NAME_PEOPLE, by)
    task = assignments.task_of(conn, seen, by, Action.NAME_PEOPLE)
    named = {"handler": _of_unit(conn, "handler", handler, by.unit, {Role.HANDLER, Role.LIAISON})}
    if leader:
        named["leader"] = _of_unit(conn, "leader", leader, by.unit, {Role.UNIT_LEADER})
    touch(conn, seen)
    assignments.put(conn, task.id, task.stage, **named)
    note(conn, seen, "assignment.people", by=by, at=at, unit=by.unit, **named)


def _of_unit(conn: Connection, field: str, login: str, unit: str, roles: set[Role]) -> str:
    person = select(ACCOUNT.c.login).where(
        ACCOUNT.c.login == login,
        ACCOUNT.c.unit == unit,
        ACCOUNT.c.role.in_(roles),
        ACCOUNT.c.disabled_at.is_(None),
    )
    if conn.execute(person).one_or_none() is None:
        raise Invalid({field: "不是本单位的相应人员 (nobody of this unit and post)"})
    return login


@recorded(Action.CONTACT_CITIZEN)
def contact_citizen(
    conn: Connection, no: str, result: str, *, call: str | None = None, by: Actor, at: datetime
) -> None:
    """联系诉求人: write down what came of speaking with the citizen."""
    seen, state = decide(conn, no, Action.CONTACT_CITIZEN, by)
    task = assignments.task_of(conn, seen, by, Action.CONTACT_CITIZEN)
    told = checked_text("result", result, longest=2_000)
    change(conn, seen, state)
    assignments.put(conn, task.id, task.stage, contacted_by=by.login, contacted_at=at, contact_result=told)
    clocks.stop(conn, Obligation(seen.id, ClockKind.CONTACT, task.id), at)
    note(conn, seen, "citizen.contacted", by=by, at=at, unit=by.unit, call=call)
