"""不合理诉求: a unit asks that a case not count in the scores; the centre decides. In the volume it always counts."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from cases.rules import Rules
from cases.workflow import Action
from storage import requests
from storage.assignments import ASSIGNMENT
from storage.errors import Invalid
from storage.forms import checked_text
from storage.models import Part
from storage.moves import NotYours, Seen, change, decide, note, recorded, touch
from storage.people import Actor
from storage.requests import EXCLUSION, Ask

REASONS: Final = {
    "beyond_law": "超出法律政策规定",
    "no_facts": "无事实依据",
    "repeated": "同一事项已依法答复仍反复",
    "private_dispute": "属当事人之间民事纠纷",
    "malicious": "恶意或虚假反映",
    "impossible": "客观上无法实现",
    "outside": "非本市职权范围",
    "in_procedure": "已进入法定程序",
}


@recorded(Action.ASK_EXCLUSION)
def ask_exclusion(
    conn: Connection, no: str, reason: str, *, words: str, by: Actor, at: datetime, rules: Rules
) -> None:
    """申请不合理诉求: by the unit that leads, or led, with what shows it."""
    seen, _ = decide(conn, no, Action.ASK_EXCLUSION, by)
    task = _newest_lead(conn, seen, by)
    if reason not in REASONS:
        raise Invalid({"reason": f"请选择原因：{'、'.join(REASONS.values())} (choose a reason)"})
    if seen.excluded:
        raise Invalid({"reason": "已认定 (it is decided already)"})
    why = checked_text("words", words, longest=2_000)
    touch(conn, seen)
    wish = Ask(kind=EXCLUSION, reason=reason, words=why)
    requests.ask(conn, seen, wish, task=task, by=by, at=at, rules=rules)
    note(conn, seen, "exclusion.asked", by=by, at=at, unit=by.unit, reason=reason)


@recorded(Action.EXCLUDE)
def exclude(conn: Connection, no: str, told: str, *, by: Actor, at: datetime) -> None:
    """认定不合理: and write down what the citizen was told about it."""
    seen, state = decide(conn, no, Action.EXCLUDE, by)
    row = requests.to_decide(conn, seen, EXCLUSION, Action.EXCLUDE, by)
    said = checked_text("told", told, longest=2_000)
    change(conn, seen, state, excluded=row.reason)
    requests.settle(conn, row, granted=True, comment=said, by=by, at=at)
    note(conn, seen, "exclusion.decided", by=by, at=at, reason=row.reason)


@recorded(Action.REFUSE_EXCLUSION)
def refuse_exclusion(conn: Connection, no: str, comment: str, *, by: Actor, at: datetime) -> None:
    """不予认定."""
    seen, state = decide(conn, no, Action.REFUSE_EXCLUSION, by)
    why = checked_text("comment", comment, longest=2_000)
    row = requests.to_decide(conn, seen, EXCLUSION, Action.REFUSE_EXCLUSION, by)
    change(conn, seen, state)
    requests.settle(conn, row, granted=False, comment=why, by=by, at=at)
    note(conn, seen, "exclusion.refused", by=by, at=at)


def _newest_lead(conn: Connection, seen: Seen, by: Actor) -> int:
    if by.unit != seen.unit:
        raise NotYours(Action.ASK_EXCLUSION)
    led = (ASSIGNMENT.c.case == seen.id, ASSIGNMENT.c.unit == by.unit, ASSIGNMENT.c.part == Part.LEAD)
    return int(conn.execute(select(func.max(ASSIGNMENT.c.id)).where(*led)).scalar_one())
