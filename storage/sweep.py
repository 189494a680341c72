"""The sweep: every running clock acts at each step of its ladder, once, whoever sweeps and however often.

A clock's row names the moment at which it acts next. Who sweeps takes the rows whose moment has come, oldest first,
and claims each with an update that holds only if nobody else has claimed it: any number of processes may sweep. The
act is in the transaction of the claim, so a process that dies in between has neither claimed nor acted.

After an outage every clock acts once: the highest step that is due tells, those it overtook are only written down.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update
from sqlalchemy.exc import DBAPIError

from cases.clocks import Result
from cases.ladder import ONLY_RUNS_OUT, Climb, Step, climb, rungs, steps_of
from cases.oversight import Duty, check_duty
from cases.policies import ClockKind, Urgency
from cases.rules import Rules
from cases.workflow import Role
from storage import acts, findings, history, notices, office_hours, spheres
from storage.assignments import ASSIGNMENT
from storage.clocks import CLOCK, Kept, kept
from storage.due import Due
from storage.keeping import keep
from storage.moves import CASE
from storage.notices import Notice
from storage.oversight import answerable, noted
from storage.people import SYSTEM, Actor
from storage.supervision_models import SweepMark
from storage.types import table_of

log = logging.getLogger(__name__)

MARK = table_of(SweepMark)
MOST = 25
"""So many clocks in one transaction: on SQLite, who files a case on the telephone waits for it."""
LONGEST_ABSENCE = timedelta(days=7)
"""A longer gap since the last sweep is no outage: the machine's clock has jumped, and nothing is believed."""
AGAIN_AFTER = timedelta(hours=1)
_MARK_EVERY = timedelta(minutes=1)
_THE_MARK = 1
_BUREAU_KINDS = frozenset(
    {
        ClockKind.DISPATCH,
        ClockKind.RETURN_DECISION,
        ClockKind.REQUEST_DECISION,
        ClockKind.FINAL_REVIEW,
    }
)

_DUE = (
    select(
        CLOCK,
        CASE.c.no,
        CASE.c.urgency,
        ASSIGNMENT.c.unit.label("at_unit"),
        ASSIGNMENT.c.handler,
        ASSIGNMENT.c.leader,
    )
    .join(CASE, CASE.c.id == CLOCK.c.case)
    .outerjoin(ASSIGNMENT, ASSIGNMENT.c.id == CLOCK.c.assignment)
    .where(CLOCK.c.acts_at <= bindparam("now"))
    .order_by(CLOCK.c.acts_at, CLOCK.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=CLOCK, skip_locked=True)
)
_CLAIM = (
    update(CLOCK)
    .where(CLOCK.c.id == bindparam("row"))
    .where(CLOCK.c.step == bindparam("seen_step"), CLOCK.c.acts_at == bindparam("seen_at"))
    .values(step=bindparam("new_step"), acts_at=bindparam("new_at"))
)
_LAG = select(func.min(CLOCK.c.acts_at)).where(CLOCK.c.acts_at.is_not(None))


@dataclass(frozen=True, slots=True)
class Institutions:
    """Whose the steps are that no unit was given."""

    bureau: str | None
    centre: str | None

    def of(self, kind: ClockKind) -> str | None:
        return self.bureau if kind in _BUREAU_KINDS else self.centre


def sweep(conn: Connection, at: datetime, rules: Rules, most: int = MOST) -> int:
    """Act on clocks whose moment has come, oldest first; return how many were looked at."""
    rows = conn.execute(_DUE, {"now": at, "most": most}).all()
    if not rows:
        return 0
    whose = Institutions(
        spheres.institution(conn, spheres.BUREAU, spheres.CENTRE),
        spheres.institution(conn, spheres.CENTRE, spheres.BUREAU),
    )
    for row in rows:
        _one(conn, row, at=at, rules=rules, whose=whose)
    return len(rows)


def due_since(conn: Connection) -> datetime | None:
    """Return the moment of the clock that acts next."""
    moment: datetime | None = conn.execute(_LAG).scalar()
    return moment


def believes(conn: Connection, at: datetime) -> bool:
    """Keep the mark of the last sweep; say whether this moment can be right. If not, tell who can release it."""
    mark = conn.execute(select(MARK).where(MARK.c.id == _THE_MARK).with_for_update()).one_or_none()
    if mark is not None and at - mark.swept_at > LONGEST_ABSENCE:
        if mark.held_at is None:
            _put_mark(conn, mark.swept_at, held_at=at)
            _alarm(conn, mark.swept_at, at)
        return False
    if mark is None or mark.held_at is not None or at - mark.swept_at > _MARK_EVERY:
        _put_mark(conn, at)
    return True


@answerable(Duty.RELEASE_SWEEP)
def release(conn: Connection, what: str, *, by: Actor, at: datetime) -> None:
    """恢复巡检: somebody has looked at the machine's clock, and it is right after all."""
    check_duty(by.role, Duty.RELEASE_SWEEP)
    _put_mark(conn, at)
    noted(conn, what, "sweep.released", by=by, at=at)


def held_at(conn: Connection) -> datetime | None:
    """Return the moment that the sweep did not believe, None while it works."""
    moment: datetime | None = conn.execute(select(MARK.c.held_at).where(MARK.c.id == _THE_MARK)).scalar()
    return moment


def _one(
    conn: Connection, row: Row[*tuple[Any, ...]], *, at: datetime, rules: Rules, whose: Institutions
) -> None:
    """Do one clock. A clock that cannot be worked out is put off, so that it does not stop all others."""
    try:
        with conn.begin_nested():
            _climb(conn, row, at=at, rules=rules, whose=whose)
    except DBAPIError:
        raise
    except Exception:
        log.exception("clock %d of %s cannot act now, it is looked at again later", row.id, row.no)
        _claim(conn, row, row.step, at + AGAIN_AFTER)


def _climb(
    conn: Connection, row: Row[*tuple[Any, ...]], *, at: datetime, rules: Rules, whose: Institutions
) -> None:
    clock = kept(row)
    if clock.clock.result is Result.PAUSED or clock.clock.void_reason:
        _claim(conn, row, row.step, None)
        return
    urgent = Urgency(row.urgency) is not Urgency.NORMAL or clock.kind in ONLY_RUNS_OUT
    found = _due_step(conn, clock, at, rules, urgent=urgent)
    step = found.step or clock.step
    if not _claim(conn, row, step, found.next_at):
        return
    if step.height < Step.RED.height:
        findings.no_longer_late(conn, clock.id, at=at, rules=rules)
    if found.step is None:
        return
    due = Due(
        clock=clock.id,
        kind=clock.kind,
        case=row.case,
        no=row.no,
        assignment=clock.assignment,
        unit=row.at_unit if clock.assignment is not None else whose.of(clock.kind),
        handler=row.handler,
        leader=row.leader,
        urgent=urgent,
        step=found.step,
        skipped=found.skipped,
        due_at=clock.clock.last_instant,
    )
    acts.act(conn, due, at, rules)
    if found.step is not Step.HALF:
        _note(conn, due, at)


def _due_step(conn: Connection, clock: Kept, at: datetime, rules: Rules, *, urgent: bool) -> Climb:
    if clock.clock.stopped:
        # It ran out and was stopped before anybody swept: the lateness is a fact, and nothing follows from it.
        return Climb(Step.RED if clock.clock.result is Result.MISSED else None, (), None)
    hours = office_hours.of_assignment(conn, rules, clock.assignment)
    ladder = rungs(clock.clock, steps_of(clock.kind), rules.calendar, hours, urgent=urgent)
    return climb(ladder, clock.step, at)


def _claim(conn: Connection, row: Row[*tuple[Any, ...]], step: str, acts_at: datetime | None) -> bool:
    """Put the clock where it comes to, unless somebody got there first."""
    seen = {"row": row.id, "seen_step": row.step, "seen_at": row.acts_at}
    return conn.execute(_CLAIM, {**seen, "new_step": step, "new_at": acts_at}).rowcount == 1


def _note(conn: Connection, due: Due, at: datetime) -> None:
    detail: dict[str, Any] = {"clock": due.kind, "unit": due.unit}
    if due.skipped:
        detail["skipped"] = list(due.skipped)
    history.append(conn, subject=due.no, kind=f"clock.{due.step}", actor=SYSTEM.login, detail=detail, at=at)


def _put_mark(conn: Connection, swept_at: datetime, held_at: datetime | None = None) -> None:
    keep(conn, MARK, {"id": _THE_MARK}, {"swept_at": swept_at, "held_at": held_at})


def _alarm(conn: Connection, swept_at: datetime, at: datetime) -> None:
    days = (at - swept_at).days
    log.error(
        "the clock of this machine is %d days ahead of the last sweep: no clock acts until released", days
    )
    for role in (Role.ADMINISTRATOR, Role.SUPERVISOR):
        told = Notice(kind="sweep.held", role=role, detail={"days": days}, urgent=True)
        notices.tell(conn, told, at=at)
    history.append(conn, subject="sweep", kind="sweep.held", actor=SYSTEM.login, detail={"days": days}, at=at)
