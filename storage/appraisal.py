"""What an efficiency office sees of every unit it oversees: clocks by colour, lateness of the quarter, warnings."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select

from cases.clocks import Result
from cases.ladder import Period, Step
from storage.assignments import ASSIGNMENT
from storage.clocks import CLOCK
from storage.findings import FINDING
from storage.registers import RUNNING, SOURCES, Register
from storage.supervision_models import FindingState, WarningState
from storage.units import UNIT
from storage.warnings import WARNING

_LATE = (Step.RED, Step.URGED, Step.CIRCULAR)


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit. Lateness counts where it holds; units outside the city's command are shown apart."""

    unit: str
    name: str
    kind: str
    running: int
    half: int
    yellow: int
    red: int
    late_read: int
    late_handle: int
    other_findings: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many lines a register has, and how many of them are open."""

    register: Register
    open: int | None
    total: int


def of_units(conn: Connection, units: frozenset[str] | None, period: Period) -> list[UnitLine]:
    """Return the units that have anything to show, worst first."""
    counts: defaultdict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in conn.execute(_running()):
        counts[row.unit] |= {name: int(getattr(row, name)) for name in ("running", "half", "yellow", "red")}
    for row in conn.execute(_found(period)):
        name = row.trigger if row.trigger in ("late_read", "late_handle") else "other_findings"
        counts[row.unit][name] += int(row.n)
    for row in conn.execute(_warned(period)):
        counts[row.unit]["warnings"] = int(row.n)
    named = {row.id: row for row in conn.execute(select(UNIT.c.id, UNIT.c.short_name, UNIT.c.kind))}
    fields = [name for name in UnitLine.__slots__ if name not in ("unit", "name", "kind")]
    lines = [
        UnitLine(
            unit, named[unit].short_name, named[unit].kind, **{name: found.get(name, 0) for name in fields}
        )
        for unit, found in counts.items()
        if units is None or unit in units
    ]
    return sorted(lines, key=lambda line: (-line.red, -line.late_read - line.late_handle, line.unit))


def tallies(conn: Connection, units: frozenset[str] | None) -> list[Tally]:
    """Count the lines of every register."""
    found = []
    for register, source in SOURCES.items():
        rows = source.rows
        if units is not None and source.unit is not None:
            rows = rows.where(source.unit.in_(units))
        total = conn.execute(select(func.count()).select_from(rows.subquery())).scalar_one()
        left = None
        if source.open is not None:
            left = conn.execute(
                select(func.count()).select_from(rows.where(source.open).subquery())
            ).scalar_one()
        found.append(Tally(register, left, int(total)))
    return found


def _running() -> Any:
    def those(*steps: Step) -> Any:
        return func.sum(case((CLOCK.c.step.in_(steps), 1), else_=0))

    return (
        select(
            ASSIGNMENT.c.unit,
            func.count().label("running"),
            those(Step.HALF).label("half"),
            those(Step.YELLOW).label("yellow"),
            those(*_LATE).label("red"),
        )
        .select_from(CLOCK)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == CLOCK.c.assignment)
        .where(RUNNING)
        .group_by(ASSIGNMENT.c.unit)
    )


def _found(period: Period) -> Any:
    return (
        select(FINDING.c.unit, FINDING.c.trigger, func.count().label("n"))
        .outerjoin(CLOCK, CLOCK.c.id == FINDING.c.clock)
        .where(
            FINDING.c.at >= period.begins,
            FINDING.c.at < period.ends,
            FINDING.c.state != FindingState.DROPPED,
            func.coalesce(CLOCK.c.result, "") != Result.VOID,
        )
        .group_by(FINDING.c.unit, FINDING.c.trigger)
    )


def _warned(period: Period) -> Any:
    issued = (WarningState.ISSUED, WarningState.ACKNOWLEDGED)
    return (
        select(WARNING.c.unit, func.count().label("n"))
        .where(WARNING.c.period == period.name, WARNING.c.state.in_(issued))
        .group_by(WARNING.c.unit)
    )
