"""批转 rows: which units have a part in a case, and how far each has come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from cases import workflow
from cases.limits import Limit
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action, IllegalMove
from storage import clocks, promises, unit_rules, urgent_rows
from storage.errors import Invalid
from storage.models import Assignment, Part, Stage
from storage.moves import NotYours, Seen, see
from storage.people import Actor
from storage.types import table_of
from storage.unit_rules import STREETS
from storage.units import DIRECTORY, UNIT

ASSIGNMENT = table_of(Assignment)

_OPEN = (
    select(ASSIGNMENT)
    .where(ASSIGNMENT.c.case == bindparam("of"), ASSIGNMENT.c.ended_at.is_(None))
    .order_by(ASSIGNMENT.c.position)
)
_PARENTS = select(UNIT.c.id, UNIT.c.parent)


@dataclass(frozen=True, slots=True)
class Task:
    """One unit's part in a case."""

    id: int
    unit: str
    part: Part
    stage: Stage
    sent_at: datetime
    read_by: str | None
    parent: int | None
    handler: str | None


@dataclass(frozen=True, slots=True)
class NewTask:
    """A part that is about to be given."""

    unit: str
    part: Part
    instruction: str = ""
    parent: int | None = None
    reply_limit: Limit | None = None
    stage: Stage = Stage.SENT
    owes: ClockKind | None = ClockKind.REPLY
    """The clock of its answer; none where the outer one leaves no time for an inner one."""


def open_tasks(conn: Connection, case: int) -> list[Task]:
    rows = conn.execute(_OPEN, {"of": case})
    return [Task(**{name: getattr(row, name) for name in Task.__slots__}) for row in rows]


def below(conn: Connection, seen: Seen, task: Task) -> list[Task]:
    """Return the open parts that this one was passed down into, at whatever depth."""
    tasks, found = open_tasks(conn, seen.id), {task.id}
    for other in tasks:  # a part is always given after the one it is part of
        if other.parent in found:
            found.add(other.id)
    return [other for other in tasks if other.id in found and other.id != task.id]


def task_of(conn: Connection, seen: Seen, by: Actor, action: Action) -> Task:
    """Return the part that the actor's unit has, or raise NotYours."""
    for task in open_tasks(conn, seen.id):
        if task.unit == by.unit:
            return task
    raise NotYours(action)


def lead_of(conn: Connection, seen: Seen, by: Actor, action: Action) -> Task:
    """Return the lead 主办 if it is the actor's unit; the state of the case follows the lead alone."""
    task = task_of(conn, seen, by, action)
    if task.part is not Part.LEAD:
        raise NotYours(action)
    return task


def beside_the_lead(conn: Connection, no: str, task: Task, by: Actor, action: Action) -> Seen:
    """Return the case for a unit that assists; what it does leaves the state of the case alone."""
    workflow.check_role(by.role, action)
    seen = see(conn, no)
    if seen.state not in workflow.OPEN or task.stage is not Stage.SENT:
        raise IllegalMove(seen.state, action)
    return seen


def lead(conn: Connection, seen: Seen) -> Task:
    return next(task for task in open_tasks(conn, seen.id) if task.part is Part.LEAD)


def send(conn: Connection, seen: Seen, new: NewTask, *, by: Actor, at: datetime, rules: Rules) -> int:
    """Give a unit its part, name who answers for it, and start its clocks for reading and replying."""
    position = conn.execute(
        select(func.coalesce(func.max(ASSIGNMENT.c.position), 0) + 1).where(ASSIGNMENT.c.case == seen.id)
    ).scalar_one()
    values: dict[str, Any] = {
        "case": seen.id,
        "position": position,
        "parent": new.parent,
        "unit": new.unit,
        "part": new.part,
        "stage": new.stage,
        "instruction": new.instruction.strip()[:2_000],
        "sent_by": by.login,
        "sent_at": at,
        "leader": unit_rules.leader_of(conn, new.unit),
    }
    task: int = conn.execute(insert(ASSIGNMENT).values(values).returning(ASSIGNMENT.c.id)).scalar_one()
    if new.stage is Stage.SENT:
        start(conn, seen, ClockKind.READ, at=at, rules=rules, task=task)
    if new.owes is not None:
        start(conn, seen, new.owes, at=at, rules=rules, task=task, limit=new.reply_limit)
    if new.part is Part.LEAD and new.stage is Stage.SENT:
        urgent_rows.opened(conn, seen, new.unit, task, by=by, at=at, rules=rules)
    return task


def start(
    conn: Connection,
    seen: Seen,
    kind: ClockKind,
    *,
    at: datetime,
    rules: Rules,
    task: int | None = None,
    limit: Limit | None = None,
) -> int | None:
    """Start what is owed for a case as it was promised, and return the clock; none where nothing was promised."""
    limit = limit or promises.limit_of(conn, rules.policy, kind, seen.id, seen.intent, seen.urgency)
    if limit is None:
        return None
    owed = clocks.Obligation(seen.id, kind, task)
    kept = clocks.start(conn, owed, seen.intent, seen.urgency, at=at, rules=rules, limit=limit)
    return kept.id if kept else None


def put(conn: Connection, task: int, stage: Stage, **values: Any) -> None:
    conn.execute(update(ASSIGNMENT).where(ASSIGNMENT.c.id == task).values(stage=stage, **values))


def end_all(conn: Connection, case: int, stage: Stage, at: datetime) -> None:
    open_ones = (ASSIGNMENT.c.case == case, ASSIGNMENT.c.ended_at.is_(None))
    conn.execute(update(ASSIGNMENT).where(*open_ones).values(stage=stage, ended_at=at))


def check_targets(conn: Connection, category: str, lead_unit: str, assist: Sequence[str]) -> None:
    """Raise Invalid unless there is one lead that may have it and every other unit is there once."""
    rows = conn.execute(select(UNIT.c.id, UNIT.c.kind).where(UNIT.c.ended_at.is_(None)))
    known: dict[str, str] = {row.id: row.kind for row in rows}
    if not lead_unit:
        raise Invalid({"units": "请选择主办单位 (choose the unit that leads)"})
    if unknown := [unit for unit in (lead_unit, *assist) if unit not in known]:
        raise Invalid({"units": f"没有这个单位：{'、'.join(unknown)} (no such unit)"})
    if len({lead_unit, *assist}) != 1 + len(assist):
        raise Invalid({"units": "同一单位只能列一次 (each unit once)"})
    held = (DIRECTORY.c.category == category, DIRECTORY.c.ended_at.is_(None))
    duties = set(conn.execute(select(DIRECTORY.c.unit).where(*held)).scalars())
    departments = {unit for unit in duties if unit in known and known[unit] not in STREETS}
    if known[lead_unit] in STREETS and departments and lead_unit not in duties:
        raise Invalid({"units": "目录规定由部门主办，不能批转到镇街 (the directory names a department)"})


def is_below(conn: Connection, unit: str, upper: str) -> bool:
    """Tell whether a unit stands under another one, at whatever depth."""
    parents: dict[str, str | None] = {row.id: row.parent for row in conn.execute(_PARENTS)}
    return upper in _line_up(unit, parents)


def _line_up(unit: str, parents: dict[str, str | None]) -> Iterable[str]:
    seen = {unit}
    while (above := parents.get(unit)) and above not in seen:
        yield above
        seen.add(above)
        unit = above
