"""一线处置: what was found, how it is closed, how both sides judge each other, and whether it held."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from cases import frontline
from cases.frontline import Arrival, Closing, Side
from cases.limits import is_late, local_day
from cases.rules import Rules
from storage import notices, units
from storage.errors import Conflict, Invalid, Missing
from storage.forms import checked_text
from storage.frontline import AREA, LONGEST_TEXT
from storage.frontline_rows import (
    COMMAND_CENTRE,
    JUDGEMENT,
    RESPONDERS,
    TARGET,
    Action,
    change,
    end_clock,
    must_arbitrate,
    must_be_closed,
    must_lead,
    must_run,
    note,
    see,
    target_of,
)
from storage.notices import Notice
from storage.people import Actor
from storage.steps import TooLate, kept_refusals, must_be, put

_JUDGEMENT = (
    select(JUDGEMENT, TARGET.c.unit, TARGET.c.call)
    .join(TARGET, TARGET.c.id == JUDGEMENT.c.target)
    .where(JUDGEMENT.c.id == bindparam("row"))
)


@kept_refusals(AREA, "find")
def find(conn: Connection, number: int, findings: str, *, by: Actor, at: datetime) -> None:
    """现场会商: write down what was found together; it may be written anew until the action is closed."""
    action = see(conn, number)
    must_lead(action, by, "填写会商情况")
    must_run(action)
    told = checked_text("findings", findings, longest=LONGEST_TEXT)
    change(conn, action, findings=told, found_by=by.login, found_at=at)
    note(conn, action, "frontline.found", by=by, at=at, length=len(told))


@kept_refusals(AREA, "close")
def close(conn: Connection, number: int, closing: Closing, *, by: Actor, at: datetime, rules: Rules) -> None:
    """办结: with findings, root cause, measures and a day to look again; nobody is let off before his time has come."""
    action = see(conn, number)
    must_lead(action, by, "办结一线处置")
    must_run(action)
    texts = {name: getattr(closing, name).strip() for name in ("findings", "root_cause", "measures")}
    tidy = Closing(**texts, recheck_on=closing.recheck_on)
    if missing := frontline.lacks(tidy, local_day(at, rules.calendar)):
        raise Invalid(missing)
    targets = conn.execute(select(TARGET).where(TARGET.c.call == number)).all()
    if any(_coming(target, at) for target in targets):
        raise TooLate("还有部门未到报到时间 (a department is still on its way)")
    kept = {name: checked_text(name, text, longest=LONGEST_TEXT) for name, text in texts.items()}
    found = {} if action.found_at else {"found_by": by.login, "found_at": at}
    change(conn, action, **kept, **found, recheck_on=tidy.recheck_on, closed_by=by.login, closed_at=at)
    for target in targets:
        for clock in (target.accept_clock, target.respond_clock):
            end_clock(conn, clock, at)
        told = Notice(
            kind="frontline_judge", unit=target.unit, case=action.case, detail={"action": action.id}
        )
        notices.tell(conn, told, at=at, rules=rules)
    absent = sum(target.checked_in_at is None for target in targets)
    recheck = tidy.recheck_on.isoformat() if tidy.recheck_on else ""
    note(
        conn,
        action,
        "frontline.closed",
        by=by,
        at=at,
        departments=len(targets),
        absent=absent,
        recheck=recheck,
    )


@kept_refusals(AREA, "judge")
def judge(
    conn: Connection, number: int, score: int, reason: str, *, by: Actor, at: datetime, unit: str = ""
) -> None:
    """互相判定: the street rates the department's work, the department rates the call. Once each."""
    action = see(conn, number)
    side = Side.STREET if by.unit == action.unit else Side.DEPARTMENT
    if side is Side.STREET:
        must_lead(action, by, "判定")
        target = target_of(conn, action, unit)
    else:
        must_be(by, RESPONDERS, "判定")
        target = target_of(conn, action, by.unit)
    must_be_closed(action)
    words = reason.strip()
    if wrong := frontline.bad_score(score, words):
        raise Invalid(wrong)
    if words:
        words = checked_text("reason", words, longest=LONGEST_TEXT)
    given = select(JUDGEMENT.c.id).where(JUDGEMENT.c.target == target.id, JUDGEMENT.c.side == side)
    # The action's version lets one of two judgements that come at one moment lose.
    change(conn, action)
    if conn.execute(given).first():
        raise Conflict("已经判定过 (judged already)")
    row = {"target": target.id, "side": side, "score": score, "reason": words, "by": by.login, "at": at}
    conn.execute(insert(JUDGEMENT).values(row))
    note(conn, action, "frontline.judged", by=by, at=at, unit=target.unit, side=side, score=score)


@kept_refusals(AREA, "dispute")
def dispute(conn: Connection, judgement: int, words: str, *, by: Actor, at: datetime, rules: Rules) -> None:
    """不服判定: who was judged asks the command centre, within two working days."""
    given, action = _judged(conn, judgement)
    if given.side == Side.STREET:
        must_be(by, RESPONDERS, "申诉判定", given.unit)
    else:
        must_lead(action, by, "申诉判定")
    if is_late(at, frontline.dispute_until(given.at, rules.calendar, rules.hours)):
        raise TooLate("已过申诉期限 (the time for disputing is over)")
    told = checked_text("dispute", words, longest=LONGEST_TEXT)
    still = (JUDGEMENT.c.id == judgement, JUDGEMENT.c.disputed_at.is_(None))
    put(conn, JUDGEMENT, *still, dispute=told, disputed_by=by.login, disputed_at=at)
    _tell_centre(conn, action, "frontline_dispute", at=at, rules=rules)
    note(conn, action, "frontline.disputed", by=by, at=at, unit=given.unit, side=given.side)


@kept_refusals(AREA, "rule")
def rule(conn: Connection, judgement: int, score: int, words: str, *, by: Actor, at: datetime) -> None:
    """指挥中心裁定: the last word on a judgement that was disputed."""
    given, action = _judged(conn, judgement)
    must_arbitrate(conn, action, by, "裁定")
    if given.disputed_at is None:
        raise TooLate("双方没有争议，无需裁定 (nobody disputes it)")
    told = checked_text("ruling", words, longest=LONGEST_TEXT)
    if wrong := frontline.bad_score(score, told):
        raise Invalid(wrong)
    still = (JUDGEMENT.c.id == judgement, JUDGEMENT.c.ruled_at.is_(None))
    put(conn, JUDGEMENT, *still, ruled_score=score, ruling=told, ruled_by=by.login, ruled_at=at)
    note(conn, action, "frontline.ruled", by=by, at=at, unit=given.unit, side=given.side, score=score)


@kept_refusals(AREA, "recheck")
def recheck(conn: Connection, number: int, words: str, *, held: bool, by: Actor, at: datetime) -> None:
    """复查: the street looks again whether it has come back."""
    action = see(conn, number)
    must_lead(action, by, "复查")
    must_be_closed(action)
    if action.rechecked_at is not None:
        raise Conflict("已经复查过 (looked at again already)")
    told = checked_text("recheck_note", words, longest=LONGEST_TEXT)
    values: dict[str, Any] = {"recheck_held": held, "recheck_note": told}
    change(conn, action, **values, rechecked_by=by.login, rechecked_at=at)
    if not held:
        _tell_centre(conn, action, "frontline_came_back", at=at)
    note(conn, action, "frontline.rechecked", by=by, at=at, held=held)


def _tell_centre(
    conn: Connection, action: Action, kind: str, *, at: datetime, rules: Rules | None = None
) -> None:
    for unit in units.units(conn):
        if unit.kind == COMMAND_CENTRE:
            told = Notice(kind=kind, unit=unit.id, case=action.case, detail={"action": action.id})
            notices.tell(conn, told, at=at, rules=rules)


def _coming(target: Row[*tuple[Any, ...]], at: datetime) -> bool:
    here = frontline.arrival(target.report_at, target.checked_in_at, at=at, closed_at=None)
    return here is Arrival.COMING


def _judged(conn: Connection, judgement: int) -> tuple[Row[*tuple[Any, ...]], Action]:
    row = conn.execute(_JUDGEMENT, {"row": judgement}).one_or_none()
    if row is None:
        raise Missing(f"没有判定 {judgement} (no such judgement)")
    return row, see(conn, row.call)
