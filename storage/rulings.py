"""裁定: the adjudication group decides who has the duty. Its ruling binds, and may become a row of the directory."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from cases.rules import Rules
from cases.workflow import Action
from storage import returns
from storage.circuit_models import Adjudication
from storage.errors import Invalid
from storage.forms import checked_text
from storage.lines import Line, lines
from storage.moves import Seen, decide, note, recorded
from storage.people import Actor
from storage.returns import MOVE, SHARE, UPHOLD
from storage.types import table_of
from storage.units import DIRECTORY

ADJUDICATION = table_of(Adjudication)

DECISIONS = {UPHOLD: "维持原承办", MOVE: "改由他单位主办", SHARE: "部分调整"}
FEWEST_MEMBERS = 3
FIRST_ASKED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """Who sat, what was said, and what was decided."""

    decision: str
    members: tuple[str, ...]
    minutes: str
    unit: str | None = None
    directory: bool = False


@recorded(Action.ADJUDICATE)
def adjudicate(conn: Connection, no: str, ruling: Ruling, *, by: Actor, at: datetime, rules: Rules) -> None:
    """裁定: uphold, move to another unit, or let another unit join; with members and minutes."""
    seen, _ = decide(conn, no, Action.ADJUDICATE, by)
    minutes = _checked(ruling)
    unit = None if ruling.decision == UPHOLD else ruling.unit
    request = returns.settle(
        conn,
        seen,
        ruling.decision,
        unit,
        comment=minutes,
        action=Action.ADJUDICATE,
        by=by,
        at=at,
        rules=rules,
    )
    values = {"members": json.dumps(ruling.members, ensure_ascii=False), "minutes": minutes, "unit": unit}
    place = {"case": seen.id, "request": request, "decision": ruling.decision, "by": by.login, "at": at}
    conn.execute(insert(ADJUDICATION).values(**place, **values, directory=ruling.directory))
    if ruling.directory and unit is not None:
        _into_directory(conn, seen, unit, at)
    note(conn, seen, "return.ruled", by=by, at=at, decision=ruling.decision, directory=ruling.directory)


def lines_of(conn: Connection, case_id: int) -> list[Line]:
    return lines(conn, select(ADJUDICATION).where(ADJUDICATION.c.case == case_id), "adjudication")


def _checked(ruling: Ruling) -> str:
    if ruling.decision not in DECISIONS:
        raise Invalid({"decision": f"请选择：{'、'.join(DECISIONS.values())} (choose one)"})
    if len(set(ruling.members)) < FEWEST_MEMBERS:
        raise Invalid({"members": f"裁定小组至少{FEWEST_MEMBERS}人 (at least three members)"})
    if ruling.decision != UPHOLD and not ruling.unit:
        raise Invalid({"unit": "请选择单位 (choose the unit)"})
    return checked_text("minutes", ruling.minutes, longest=4_000)


def _into_directory(conn: Connection, seen: Seen, unit: str, at: datetime) -> None:
    """The next such case goes to the right unit at once."""
    held = select(DIRECTORY.c.id).where(
        DIRECTORY.c.category == seen.category, DIRECTORY.c.unit == unit, DIRECTORY.c.ended_at.is_(None)
    )
    if conn.execute(held.limit(1)).one_or_none() is None:
        row = {"category": seen.category, "unit": unit, "basis": f"裁定 {seen.no}"}
        conn.execute(insert(DIRECTORY).values(**row, priority=FIRST_ASKED, started_at=at))
