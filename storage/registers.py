"""The registers of supervision as lists: what is open, of which units, newest first; and what of them is one case's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    func,
    not_,
    select,
    text,
)

from storage.accountability import ACCOUNTABILITY, EXPOSURE, PERSON
from storage.assignments import ASSIGNMENT
from storage.circulars import CIRCULAR
from storage.circulars import ITEM as CIRCULAR_ITEM
from storage.clocks import CLOCK
from storage.errors import Missing
from storage.findings import FINDING
from storage.moves import CASE
from storage.supervision import INSTRUCTION, ORDER, REPORT
from storage.supervision_models import FindingState, WarningState
from storage.units import UNIT
from storage.urges import URGE
from storage.views import Line
from storage.warnings import ITEM as WARNING_ITEM
from storage.warnings import WARNING

PAGE = 30
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# As the index of running clocks says it: otherwise SQLite would read all clocks there ever were.
RUNNING: ColumnElement[bool] = and_(text("clock.result = 'running'"), CLOCK.c.due_at > _LONG_AGO)


class Register(StrEnum):
    """A list that is kept."""

    CLOCKS = "clocks"
    ORDERS = "orders"
    INSTRUCTIONS = "instructions"
    URGES = "urges"
    FINDINGS = "findings"
    WARNINGS = "warnings"
    CIRCULARS = "circulars"
    EXPOSURES = "exposures"
    ACCOUNTABILITY = "accountability"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the lines of a register come from."""

    rows: Select[*tuple[Any, ...]]
    number: ColumnElement[int]
    unit: ColumnElement[str] | None
    open: ColumnElement[bool] | None
    order: tuple[ColumnElement[Any], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a register."""

    rows: list[dict[str, Any]]
    total: int
    page: int
    pages: int


def listed(
    conn: Connection,
    register: Register,
    *,
    units: frozenset[str] | None = None,
    standing: str = "",
    where: Mapping[str, str] | None = None,
    page: int = 1,
) -> Found:
    """Return a page of a register: of all units or of these; `standing` is open, closed or both ('')."""
    source = SOURCES[register]
    rows = source.rows
    if units is not None and source.unit is not None:
        rows = rows.where(source.unit.in_(units))
    if standing and source.open is not None:
        rows = rows.where(source.open if standing == "open" else not_(source.open))
    for name, value in (where or {}).items():
        rows = rows.where(rows.selected_columns[name] == value)
    total: int = conn.execute(select(func.count()).select_from(rows.subquery())).scalar_one()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    cut = rows.order_by(*source.order).limit(PAGE).offset((page - 1) * PAGE)
    return Found([row._asdict() for row in conn.execute(cut)], total, page, pages)


def one(conn: Connection, register: Register, number: int) -> dict[str, Any]:
    """Return one line of a register with all its columns; or raise Missing."""
    source = SOURCES[register]
    row = conn.execute(source.rows.where(source.number == number)).one_or_none()
    if row is None:
        raise Missing(f"没有此项 {number} (no such line)")
    return row._asdict()


def reports_on(conn: Connection, order: int) -> list[dict[str, Any]]:
    rows = conn.execute(select(REPORT).where(REPORT.c.supervision == order).order_by(REPORT.c.id))
    return [row._asdict() for row in rows]


def orders_of(conn: Connection, instruction: int) -> list[dict[str, Any]]:
    rows = conn.execute(
        SOURCES[Register.ORDERS].rows.where(ORDER.c.instruction == instruction).order_by(ORDER.c.id)
    )
    return [row._asdict() for row in rows]


def persons_in(conn: Connection, matter: int) -> list[dict[str, Any]]:
    rows = conn.execute(select(PERSON).where(PERSON.c.accountability == matter).order_by(PERSON.c.id))
    return [row._asdict() for row in rows]


def lines_of(conn: Connection, case_id: int) -> list[Line]:
    """Return what of all registers is about one case, oldest first. Persons who were held to account are not named."""
    lines: list[Line] = []
    for kind, table, hidden in _ON_A_CASE:
        for row in conn.execute(select(table).where(table.c.case == case_id)):
            fields = row._asdict()
            by, at = fields.pop("by"), fields.pop("at")
            lines.append(Line(kind, at, by, {name: fields[name] for name in fields if name not in hidden}))
    return sorted(lines, key=lambda line: line.at)


_HIDDEN = frozenset({"id", "case", "clock"})
_ON_A_CASE: tuple[tuple[str, Table, frozenset[str]], ...] = (
    ("supervision", ORDER, _HIDDEN | {"instruction"}),
    ("urge", URGE, _HIDDEN),
    ("exposure", EXPOSURE, _HIDDEN),
    ("accountability", ACCOUNTABILITY, _HIDDEN),
    ("finding", FINDING, _HIDDEN),
)


def _of_case(table: Table, *more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Select a register's own columns with the names of its unit and its case."""
    return (
        select(
            table,
            UNIT.c.short_name.label("unit_name"),
            CASE.c.no.label("case_no"),
            CASE.c.title.label("case_title"),
            *more,
        )
        .outerjoin(UNIT, UNIT.c.id == table.c.unit)
        .outerjoin(CASE, CASE.c.id == table.c.case)
    )


def _count(counted: Table, column: ColumnElement[Any], whole: ColumnElement[Any]) -> ColumnElement[Any]:
    return (
        select(func.count())
        .select_from(counted)
        .where(column == whole)
        .correlate_except(counted)
        .scalar_subquery()
    )


_CLOCKS = (
    select(
        CLOCK.c.id,
        CLOCK.c.kind,
        CLOCK.c.step,
        CLOCK.c.due_at,
        CLOCK.c.started_at,
        CLOCK.c.provisional,
        ASSIGNMENT.c.unit,
        ASSIGNMENT.c.part,
        ASSIGNMENT.c.handler,
        ASSIGNMENT.c.leader,
        UNIT.c.short_name.label("unit_name"),
        CASE.c.no.label("case_no"),
        CASE.c.title.label("case_title"),
        CASE.c.urgency,
    )
    .join(CASE, CASE.c.id == CLOCK.c.case)
    .outerjoin(ASSIGNMENT, ASSIGNMENT.c.id == CLOCK.c.assignment)
    .outerjoin(UNIT, UNIT.c.id == ASSIGNMENT.c.unit)
    .where(RUNNING)
)
_ORDERS = _of_case(ORDER, CLOCK.c.due_at, CLOCK.c.step, CLOCK.c.result.label("clock_result")).outerjoin(
    CLOCK, CLOCK.c.id == ORDER.c.clock
)
_INSTRUCTIONS = select(INSTRUCTION, _count(ORDER, ORDER.c.instruction, INSTRUCTION.c.id).label("orders"))
_FINDINGS = _of_case(FINDING, CLOCK.c.kind.label("clock_kind"), CLOCK.c.due_at).outerjoin(
    CLOCK, CLOCK.c.id == FINDING.c.clock
)
_WARNINGS = select(
    WARNING,
    UNIT.c.short_name.label("unit_name"),
    _count(WARNING_ITEM, WARNING_ITEM.c.warning, WARNING.c.id).label("items"),
).join(UNIT, UNIT.c.id == WARNING.c.unit)
_CIRCULARS = select(CIRCULAR, _count(CIRCULAR_ITEM, CIRCULAR_ITEM.c.circular, CIRCULAR.c.id).label("items"))
_ACCOUNTABILITY = _of_case(
    ACCOUNTABILITY, _count(PERSON, PERSON.c.accountability, ACCOUNTABILITY.c.id).label("persons")
)

SOURCES: Mapping[Register, Source] = {
    Register.CLOCKS: Source(_CLOCKS, CLOCK.c.id, ASSIGNMENT.c.unit, None, (CLOCK.c.due_at, CLOCK.c.id)),
    Register.ORDERS: Source(
        _ORDERS, ORDER.c.id, ORDER.c.unit, ORDER.c.closed_at.is_(None), (ORDER.c.id.desc(),)
    ),
    Register.INSTRUCTIONS: Source(
        _INSTRUCTIONS, INSTRUCTION.c.id, None, INSTRUCTION.c.closed_at.is_(None), (INSTRUCTION.c.id.desc(),)
    ),
    Register.URGES: Source(_of_case(URGE), URGE.c.id, URGE.c.unit, None, (URGE.c.id.desc(),)),
    Register.FINDINGS: Source(
        _FINDINGS,
        FINDING.c.id,
        FINDING.c.unit,
        FINDING.c.state.in_([FindingState.OPEN, FindingState.ANSWERED, FindingState.APPEALED]),
        (FINDING.c.id.desc(),),
    ),
    Register.WARNINGS: Source(
        _WARNINGS,
        WARNING.c.id,
        WARNING.c.unit,
        WARNING.c.state.in_([WarningState.DRAFT, WarningState.ISSUED]),
        (WARNING.c.id.desc(),),
    ),
    Register.CIRCULARS: Source(
        _CIRCULARS, CIRCULAR.c.id, None, CIRCULAR.c.issued_at.is_(None), (CIRCULAR.c.period.desc(),)
    ),
    Register.EXPOSURES: Source(
        _of_case(EXPOSURE), EXPOSURE.c.id, EXPOSURE.c.unit, None, (EXPOSURE.c.id.desc(),)
    ),
    Register.ACCOUNTABILITY: Source(
        _ACCOUNTABILITY, ACCOUNTABILITY.c.id, ACCOUNTABILITY.c.unit, None, (ACCOUNTABILITY.c.id.desc(),)
    ),
}
