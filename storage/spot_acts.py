"""What follows when minutes have run out: nobody on the spot, a promise broken, a street's call not taken up."""

from datetime import datetime

from sqlalchemy import Connection, or_, select

from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Role
from storage import duty, findings, follows, history, notices, units
from storage.due import Due
from storage.frontline_rows import COMMAND_CENTRE, TARGET
from storage.notices import Notice
from storage.people import SYSTEM
from storage.urgent_rows import NOT_THERE, PROMISE, URGENT, Ring, ring


def on_site_ran_out(conn: Connection, due: Due, at: datetime, rules: Rules) -> None:
    """第31分钟未到场: the duty leader of the unit is to be rung and told, and so is who follows the case."""
    row = conn.execute(select(URGENT).where(URGENT.c.assignment == due.assignment)).one_or_none()
    if not due.ran_out or row is None or row.ended_at is not None or row.arrived_at is not None:
        return
    findings.late(conn, due, at=at, rules=rules)
    ring(conn, row.id, row.unit, Ring(NOT_THERE, duty.LEADER), at=at)
    _tell(conn, "urgent_not_there", due, row.unit, at)
    _note(conn, due, "urgent.not_there", row.unit, at)


def promise_ran_out(conn: Connection, due: Due, at: datetime, _: Rules) -> None:
    """承诺时限已过: the leader is to be rung once for each promise that was broken."""
    promised = select(PROMISE.c.no, URGENT).join(URGENT, URGENT.c.id == PROMISE.c.urgent)
    row = conn.execute(promised.where(PROMISE.c.clock == due.clock)).one_or_none()
    if not due.ran_out or row is None or row.ended_at is not None:
        return
    ring(conn, row.id, row.unit, Ring(f"promise_{row.no}", duty.LEADER), at=at)
    _tell(conn, "urgent_promise_broken", due, row.unit, at)
    _note(conn, due, "urgent.promise_broken", row.unit, at)


def frontline_ran_out(conn: Connection, due: Due, at: datetime, _: Rules) -> None:
    """一线呼叫未按时接单或响应: the department's leader and the command centre are told."""
    of_clock = or_(TARGET.c.accept_clock == due.clock, TARGET.c.respond_clock == due.clock)
    row = conn.execute(select(TARGET).where(of_clock)).one_or_none()
    done = row is None or (row.accepted_at if row.accept_clock == due.clock else row.responded_at)
    if not due.ran_out or row is None or done is not None or row.checked_in_at is not None:
        return
    kind = "not_accepted" if due.kind is ClockKind.FRONTLINE_ACCEPT else "not_responded"
    detail = {"action": row.call}
    named = Notice(kind=f"frontline_{kind}", unit=row.unit, case=due.case, detail=detail, urgent=True)
    notices.tell(conn, named, at=at)
    for unit in units.units(conn):
        if unit.kind == COMMAND_CENTRE:
            told = Notice(kind=f"frontline_{kind}", unit=unit.id, case=due.case, detail=detail, urgent=True)
            notices.tell(conn, told, at=at)
    _note(conn, due, f"frontline.{kind}", row.unit, at)


def _tell(conn: Connection, kind: str, due: Due, unit: str, at: datetime) -> None:
    leader = Notice(kind=kind, unit=unit, role=Role.UNIT_LEADER, case=due.case, urgent=True)
    notices.tell(conn, leader, at=at)
    login = follows.follower(conn, due.case)
    watching = {"login": login} if login else {"role": Role.TEAM_LEAD}
    notices.tell(conn, Notice(kind=kind, case=due.case, urgent=True, **watching), at=at)


def _note(conn: Connection, due: Due, kind: str, unit: str, at: datetime) -> None:
    history.append(conn, subject=due.no, kind=kind, actor=SYSTEM.login, detail={"unit": unit}, at=at)
