"""紧急件: the unit acknowledges, speaks with the citizen, is on the spot, promises a time, and says when it is done."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from cases.limits import Limit, Unit, is_late
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Role
from storage import clocks, follows, history, notices
from storage.clocks import Obligation
from storage.errors import Invalid, Missing
from storage.forms import checked_text
from storage.moves import CASE, Seen, see
from storage.notices import Notice
from storage.people import Actor
from storage.steps import TooLate, kept_refusals, must_be, put
from storage.urgent_rows import PROMISE, RING, URGENT, end, open_of

AREA = "urgent"
UNIT_ROLES = frozenset({Role.LIAISON, Role.HANDLER, Role.UNIT_LEADER, Role.FRONTLINE_RESPONDER})
CENTRE_ROLES = frozenset({Role.AGENT, Role.TEAM_LEAD, Role.DISPATCHER, Role.CALLBACK_AGENT, Role.SYSTEM})
EVIDENCE = ("gps", "seen")
RESULTS = ("reached", "no_answer", "wrong_number")
LONGEST_TEXT, LONGEST_PLACE = 500, 200
LONGEST_PROMISE = timedelta(days=7)

Running = Row[*tuple[Any, ...]]
_NO = select(CASE.c.no).where(CASE.c.id == bindparam("of"))


@kept_refusals(AREA, "acknowledge")
def acknowledge(conn: Connection, no: str, *, by: Actor, at: datetime) -> None:
    """接警: the unit knows of it and has set out."""
    seen, row = _running(conn, no, by, "接警")
    put(
        conn,
        URGENT,
        *_still(row),
        URGENT.c.acknowledged_at.is_(None),
        acknowledged_by=by.login,
        acknowledged_at=at,
    )
    _note(conn, seen, "urgent.acknowledged", by=by, at=at, unit=row.unit)


@kept_refusals(AREA, "contact")
def contact(conn: Connection, no: str, *, by: Actor, at: datetime) -> None:
    """联系诉求人: the unit has spoken with the citizen, before it is there."""
    seen, row = _running(conn, no, by, "联系诉求人")
    put(conn, URGENT, *_still(row), URGENT.c.contacted_at.is_(None), contacted_by=by.login, contacted_at=at)
    _note(conn, seen, "urgent.contacted", by=by, at=at, unit=row.unit)


@kept_refusals(AREA, "check_in")
def check_in(conn: Connection, no: str, evidence: str, where: str, *, by: Actor, at: datetime) -> None:
    """到场: who was on the spot, when, and where that was; the clock stops at that moment, late or not."""
    seen, row = _running(conn, no, by, "到场报到")
    if evidence not in EVIDENCE:
        raise Invalid({"evidence": "请选择到场方式 (choose how you show that you are there)"})
    place = checked_text("where", where, longest=LONGEST_PLACE)
    known = {} if row.acknowledged_at else {"acknowledged_by": by.login, "acknowledged_at": at}
    here = {"arrived_by": by.login, "arrived_at": at, "evidence": evidence, "where": place}
    put(conn, URGENT, *_still(row), URGENT.c.arrived_at.is_(None), **known, **here)
    clocks.stop(conn, Obligation(seen.id, ClockKind.ON_SITE, row.assignment), at)
    conn.execute(update(RING).where(RING.c.urgent == row.id, RING.c.done_at.is_(None)).values(done_at=at))
    minutes = int((at - row.opened_at).total_seconds() // 60)
    _tell_follower(conn, seen, "urgent_arrived", at=at, minutes=minutes)
    _note(conn, seen, "urgent.arrived", by=by, at=at, unit=row.unit, minutes=minutes, evidence=evidence)


@kept_refusals(AREA, "promise")
def promise(
    conn: Connection, no: str, minutes: int, reason: str, *, by: Actor, at: datetime, rules: Rules
) -> None:
    """承诺时限: not finished yet; so long is still needed. A new promise does not undo that the last one was broken."""
    seen, row = _running(conn, no, by, "承诺时限")
    if not 1 <= minutes <= LONGEST_PROMISE // timedelta(minutes=1):
        raise Invalid(
            {"minutes": f"应为1分钟至{LONGEST_PROMISE.days}天 (from a minute to {LONGEST_PROMISE.days} days)"}
        )
    why = checked_text("reason", reason, longest=LONGEST_TEXT)
    owed = Obligation(seen.id, ClockKind.PROMISE, row.assignment)
    before = clocks.running(conn, owed)
    if before is not None and before.clock.due is not None:
        if is_late(at, before.clock.due):
            clocks.stop_row(conn, before.id, at)
        else:
            clocks.change(conn, before, lambda clock: clock.void("promised_anew"))
    limit = Limit(minutes, Unit.MINUTE)
    kept = clocks.start(conn, owed, seen.intent, seen.urgency, at=at, rules=rules, limit=limit)
    if kept is None:
        raise AssertionError("a clock with a limit of its own always starts")
    newest = select(func.coalesce(func.max(PROMISE.c.no), 0) + 1).where(PROMISE.c.urgent == row.id)
    number: int = conn.execute(newest).scalar_one()
    conn.execute(
        insert(PROMISE).values(
            urgent=row.id,
            no=number,
            minutes=minutes,
            reason=why,
            by=by.login,
            at=at,
            until=kept.clock.last_instant,
            clock=kept.id,
        )
    )
    _tell_follower(conn, seen, "urgent_promised", at=at, minutes=minutes)
    _note(conn, seen, "urgent.promised", by=by, at=at, unit=row.unit, minutes=minutes, no=number)


@kept_refusals(AREA, "finish")
def finish(conn: Connection, no: str, words: str, *, by: Actor, at: datetime) -> None:
    """处置完毕: the danger is over. The case itself goes on to its reply."""
    seen, row = _running(conn, no, by, "报告处置完毕")
    if row.arrived_at is None:
        raise TooLate("请先到场报到 (be on the spot first)")
    told = checked_text("finish_note", words, longest=LONGEST_TEXT)
    put(conn, URGENT, *_still(row), finish_note=told)
    end(conn, row, "done", by=by, at=at)
    _tell_follower(conn, seen, "urgent_done", at=at)
    _note(conn, seen, "urgent.done", by=by, at=at, unit=row.unit)


def replied(conn: Connection, seen: Seen, *, by: Actor, at: datetime) -> None:
    """The unit has handed in its reply: what it promised for the spot is settled with it."""
    row = open_of(conn, seen.id)
    if row is not None:
        end(conn, row, "replied", by=by, at=at)


@kept_refusals(AREA, "ring")
def rang(conn: Connection, number: int, result: str, *, by: Actor, at: datetime) -> None:
    """Write down what came of a call to a unit's people on duty."""
    must_be(by, CENTRE_ROLES, "登记电话结果")
    if result not in RESULTS:
        raise Invalid({"result": "请选择通话结果 (choose a result)"})
    row = conn.execute(
        select(RING.c.purpose, RING.c.unit, URGENT.c.case)
        .join(URGENT, URGENT.c.id == RING.c.urgent)
        .where(RING.c.id == number)
    ).one_or_none()
    if row is None:
        raise Missing(f"没有电话任务 {number} (no such call)")
    done = at if result == "reached" else None
    values = {"attempts": RING.c.attempts + 1, "tried_by": by.login, "tried_at": at, "result": result}
    put(conn, RING, RING.c.id == number, RING.c.done_at.is_(None), **values, done_at=done)
    no = conn.execute(_NO, {"of": row.case}).scalar_one()
    detail = {"unit": row.unit, "purpose": row.purpose, "result": result}
    history.append(conn, subject=no, kind="urgent.rang", actor=by.login, detail=detail, at=at)


def _running(conn: Connection, no: str, by: Actor, what: str) -> tuple[Seen, Running]:
    seen = see(conn, no)
    row = open_of(conn, seen.id)
    if row is None:
        raise TooLate("此件没有正在进行的紧急处置 (nothing urgent is going on with it)")
    must_be(by, UNIT_ROLES, what, row.unit)
    return seen, row


def _still(row: Running) -> tuple[Any, ...]:
    return (URGENT.c.id == row.id, URGENT.c.ended_at.is_(None))


def _tell_follower(conn: Connection, seen: Seen, kind: str, *, at: datetime, **detail: int) -> None:
    login = follows.follower(conn, seen.id)
    if login is not None:
        notice = Notice(kind=kind, login=login, case=seen.id, detail=detail, urgent=True)
        notices.tell(conn, notice, at=at)


def _note(conn: Connection, seen: Seen, kind: str, *, by: Actor, at: datetime, **detail: Any) -> None:
    history.append(conn, subject=seen.no, kind=kind, actor=by.login, detail=detail, at=at)
