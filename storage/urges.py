"""催办: somebody tells the unit that leads a case to get on with it; by itself, the day after it ran out."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from cases.oversight import Duty, check_duty
from cases.rules import Rules
from cases.workflow import OPEN, Refusal, Role
from storage import notices
from storage.due import Due
from storage.errors import Invalid
from storage.forms import checked_text
from storage.moves import see
from storage.notices import Notice
from storage.oversight import answerable, noted
from storage.people import SYSTEM, Actor
from storage.serials import next_no
from storage.supervision_models import Urge
from storage.types import table_of

URGE = table_of(Urge)

ORIGINS = {"citizen": "诉求人催办", "centre": "中心催办", "ladder": "超期催办"}


class NothingToUrge(Refusal):
    """No unit has the case now."""

    def __init__(self) -> None:
        super().__init__("此件不在承办单位办理，不能催办 (no unit has the case now)")


@answerable(Duty.URGE)
def urge(conn: Connection, no: str, text: str, *, origin: str, by: Actor, at: datetime, rules: Rules) -> str:
    """催办: on behalf of the citizen or of the centre; return its number."""
    check_duty(by.role, Duty.URGE)
    if origin not in ("citizen", "centre"):
        raise Invalid({"origin": "请选择催办来源 (who urges)"})
    seen = see(conn, no)
    if seen.state not in OPEN or seen.unit is None:
        raise NothingToUrge
    said = checked_text("text", text, longest=1_000)
    row = {"case": seen.id, "unit": seen.unit, "clock": None, "origin": origin, "text": said}
    number = _add(conn, row, by=by, at=at, rules=rules)
    detail = {"urge": number, "origin": origin}
    notices.tell(conn, Notice(kind="urge", unit=seen.unit, case=seen.id, detail=detail), at=at, rules=rules)
    noted(conn, no, "urge.sent", by=by, at=at, urge=number, origin=origin, unit=seen.unit)
    return number


def by_ladder(conn: Connection, due: Due, *, at: datetime, rules: Rules) -> None:
    """催办通知: what is late since yesterday, with a copy to the unit's leader."""
    row = {"case": due.case, "unit": due.unit, "clock": due.clock, "origin": "ladder", "text": ""}
    number = _add(conn, row, by=SYSTEM, at=at, rules=rules)
    detail = {"urge": number, "clock": due.kind}
    for role in (None, Role.UNIT_LEADER):
        told = Notice(
            kind="urge.late", unit=due.unit, role=role, case=due.case, detail=detail, urgent=due.urgent
        )
        notices.tell(conn, told, at=at, rules=rules)


def _add(conn: Connection, row: dict[str, Any], *, by: Actor, at: datetime, rules: Rules) -> str:
    number = next_no(conn, "CB", at, rules.zone)
    conn.execute(insert(URGE).values(**row, no=number, by=by.login, at=at))
    return number
