"""一线呼叫、一线报到: a street calls departments; they accept, answer and come. Refusing is not among it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select

from cases import frontline
from cases.frontline import LATEST_REPORT, MOST_TARGETS, Kind
from cases.policies import ClockKind
from cases.rules import Rules
from cases.workflow import Action as Move
from storage import assignments, clocks, notices, office_hours, units
from storage.clocks import Obligation
from storage.errors import Conflict, Invalid
from storage.forms import checked_text
from storage.frontline_rows import (
    CALL,
    COMMAND_CENTRE,
    RESPONDERS,
    TARGET,
    Action,
    change,
    must_lead,
    must_run,
    note,
    see,
    stop_clock,
    target_of,
)
from storage.moves import NotYours, Seen, decide, recorded
from storage.moves import change as change_case
from storage.moves import see as see_case
from storage.notices import Notice
from storage.people import Actor
from storage.steps import TooLate, kept_refusals, must_be, put

AREA = "frontline"
LONGEST_TEXT, LONGEST_NAME, LONGEST_PLACE = 2_000, 40, 200
EVIDENCE = ("code", "gps", "seen")
_CODE_SIGNS, _CODE_LENGTH = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CallForm:
    """呼叫单: why, what was tried, whom, where and when."""

    kind: str
    reason: str
    tried: str
    place: str
    report_at: datetime
    units: Sequence[str]


@recorded(Move.CALL_FRONTLINE)
def call(conn: Connection, no: str, form: CallForm, *, by: Actor, at: datetime, rules: Rules) -> int:
    """一线呼叫: call departments to a place; their clocks for accepting and answering start. Return the action."""
    seen, state = decide(conn, no, Move.CALL_FRONTLINE, by)
    _must_have_part(conn, seen, by)
    _check(form, at)
    # One of two calls that come at one moment loses here, so that no street has two open actions on a case.
    change_case(conn, seen, state)
    running = (CALL.c.case == seen.id, CALL.c.unit == by.unit, CALL.c.closed_at.is_(None))
    if conn.execute(select(CALL.c.id).where(*running)).first():
        raise Conflict(
            "本街镇在此件上已有未办结的一线呼叫，请在其中增加部门 (there is an open one; add to it)"
        )
    row = {
        "case": seen.id,
        "unit": by.unit,
        "kind": form.kind,
        "reason": checked_text("reason", form.reason, longest=LONGEST_TEXT),
        "tried": checked_text("tried", form.tried, longest=LONGEST_TEXT),
        "place": checked_text("place", form.place, longest=LONGEST_PLACE),
        "report_at": form.report_at,
        "site_code": "".join(secrets.choice(_CODE_SIGNS) for _ in range(_CODE_LENGTH)),
        "called_by": by.login,
        "called_at": at,
        "version": 1,
    }
    number: int = conn.execute(insert(CALL).values(row).returning(CALL.c.id)).scalar_one()
    action = see(conn, number)
    for unit in form.units:
        _add(conn, action, seen, unit, form.report_at, by=by, at=at, rules=rules)
    note(conn, action, "frontline.called", by=by, at=at, matter=form.kind, units=list(form.units))
    return number


@kept_refusals(AREA, "add")
def add(
    conn: Connection, number: int, unit: str, report_at: datetime, *, by: Actor, at: datetime, rules: Rules
) -> None:
    """Pull one more department in while the action goes on; its clocks start now."""
    action = see(conn, number)
    must_lead(action, by, "增加部门")
    must_run(action)
    called = set(conn.execute(select(TARGET.c.unit).where(TARGET.c.call == number)).scalars())
    if unit in called:
        raise Invalid({"unit": "该部门已在呼叫名单中 (it is called already)"})
    if len(called) >= MOST_TARGETS:
        raise Invalid({"unit": f"一次最多呼叫{MOST_TARGETS}个部门 (at most so many)"})
    _check_when(report_at, at)
    change(conn, action)
    seen = see_case(conn, action.no)
    _add(conn, action, seen, unit, report_at, by=by, at=at, rules=rules)
    note(conn, action, "frontline.joined", by=by, at=at, unit=unit)


@kept_refusals(AREA, "accept")
def accept(conn: Connection, number: int, handler: str, leader: str, *, by: Actor, at: datetime) -> None:
    """接单: who handles it and which leader answers for it are named; both are on record for the year's appraisal."""
    action = see(conn, number)
    target = target_of(conn, action, by.unit)
    must_be(by, RESPONDERS, "接单")
    must_run(action)
    names = {
        "handler": checked_text("handler", handler, longest=LONGEST_NAME),
        "leader": checked_text("leader", leader, longest=LONGEST_NAME),
    }
    if names["handler"] == names["leader"]:
        raise Invalid({"leader": "承办人与分管领导应为两人 (two different people)"})
    still = (TARGET.c.id == target.id, TARGET.c.accepted_at.is_(None))
    put(conn, TARGET, *still, accepted_by=by.login, accepted_at=at, **names)
    stop_clock(conn, target.accept_clock, at)
    note(conn, action, "frontline.accepted", by=by, at=at, unit=by.unit)


@kept_refusals(AREA, "respond")
def respond(conn: Connection, number: int, words: str, *, by: Actor, at: datetime) -> None:
    """响应: what the department brings, and how it comes."""
    action = see(conn, number)
    target = target_of(conn, action, by.unit)
    must_be(by, RESPONDERS, "响应")
    must_run(action)
    if target.accepted_at is None:
        raise TooLate("请先接单并写明承办人与分管领导 (accept first)")
    told = checked_text("response", words, longest=LONGEST_TEXT)
    still = (TARGET.c.id == target.id, TARGET.c.responded_at.is_(None))
    put(conn, TARGET, *still, responded_by=by.login, responded_at=at, response=told)
    stop_clock(conn, target.respond_clock, at)
    note(conn, action, "frontline.responded", by=by, at=at, unit=by.unit)


@kept_refusals(AREA, "check_in")
def check_in(
    conn: Connection, number: int, evidence: str, where: str, *, by: Actor, at: datetime, unit: str = ""
) -> None:
    """一线报到: who was there, when, and by what that shows: the code on the spot, a position, or the street's word."""
    action = see(conn, number)
    must_run(action)
    if evidence == "seen":
        must_lead(action, by, "确认到场")
    else:
        must_be(by, RESPONDERS, "报到")
        unit = by.unit
    target = target_of(conn, action, unit)
    place = _evidence(action, evidence, where)
    still = (TARGET.c.id == target.id, TARGET.c.checked_in_at.is_(None))
    put(conn, TARGET, *still, checked_in_by=by.login, checked_in_at=at, evidence=evidence, where=place)
    # Who stands on the spot has accepted and answered, whether he wrote it down or not.
    for clock in (target.accept_clock, target.respond_clock):
        stop_clock(conn, clock, at)
    late = frontline.arrival(target.report_at, at, at=at, closed_at=None)
    note(conn, action, "frontline.checked_in", by=by, at=at, unit=unit, evidence=evidence, arrival=late)


def check_settled(conn: Connection, case: int) -> None:
    """Raise TooLate while an action on the case is not closed: an answer is not yet a solution (杜绝答复即办结)."""
    if conn.execute(select(CALL.c.id).where(CALL.c.case == case, CALL.c.closed_at.is_(None))).first():
        raise TooLate("此件的一线处置尚未办结，不能终审通过 (its front-line action is still open)")


def _must_have_part(conn: Connection, seen: Seen, by: Actor) -> None:
    """A street calls about what it, or a unit below it, has to handle; the command centre about everything."""
    unit = units.unit(conn, by.unit)
    if unit is not None and unit.kind == COMMAND_CENTRE:
        return
    tasks = assignments.open_tasks(conn, seen.id)
    if not any(task.unit == by.unit or assignments.is_below(conn, task.unit, by.unit) for task in tasks):
        raise NotYours(Move.CALL_FRONTLINE)


def _check(form: CallForm, at: datetime) -> None:
    if form.kind not in list(Kind):
        raise Invalid({"kind": "请选择急、难、愁、大之一 (choose one of the four kinds)"})
    if not 1 <= len(form.units) <= MOST_TARGETS or len(set(form.units)) != len(form.units):
        raise Invalid({"units": f"请选择1–{MOST_TARGETS}个部门，每个一次 (call one or more, each once)"})
    _check_when(form.report_at, at)


def _check_when(report_at: datetime, at: datetime) -> None:
    if not at < report_at <= at + LATEST_REPORT:
        days = LATEST_REPORT.days
        raise Invalid(
            {"report_at": f"报到时间应在现在之后、{days}天之内 (later than now, within {days} days)"}
        )


def _evidence(action: Action, evidence: str, where: str) -> str:
    if evidence not in EVIDENCE:
        raise Invalid({"evidence": "请选择报到方式 (choose how you show that you are there)"})
    if evidence == "code" and where.strip().upper() != action.site_code:
        raise Invalid({"where": "现场码不对，请向现场指挥员索取 (not the code shown on the spot)"})
    return "" if evidence == "code" else checked_text("where", where, longest=LONGEST_PLACE)


def _add(
    conn: Connection,
    action: Action,
    seen: Seen,
    unit: str,
    report_at: datetime,
    *,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> None:
    if unit == by.unit or units.unit(conn, unit) is None:
        raise Invalid({"units": f"不能呼叫“{unit}” (no such department, or your own)"})
    theirs = replace(rules, hours=office_hours.of_unit(conn, rules, unit))
    owed = {}
    for column, kind in (
        ("accept_clock", ClockKind.FRONTLINE_ACCEPT),
        ("respond_clock", ClockKind.FRONTLINE_RESPOND),
    ):
        kept = clocks.start(conn, Obligation(seen.id, kind), seen.intent, seen.urgency, at=at, rules=theirs)
        owed[column] = kept.id if kept else None
    row = {
        "call": action.id,
        "unit": unit,
        "called_by": by.login,
        "called_at": at,
        "joined_later": at > action.called_at,
    }
    conn.execute(insert(TARGET).values(**row, report_at=report_at, **owed))
    told = Notice(kind="frontline_called", unit=unit, case=seen.id, detail={"action": action.id}, urgent=True)
    notices.tell(conn, told, at=at)
