"""曝光 and 问责: what was published about a unit's work, and who was held to account for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from cases import workflow
from cases.oversight import MEASURES, TRIGGERS, Duty, check_duty
from cases.rules import Rules
from cases.workflow import Action
from storage import notices, spheres
from storage.errors import Invalid
from storage.forms import checked_text
from storage.moves import see
from storage.notices import Notice
from storage.oversight import answerable, noted
from storage.people import Actor
from storage.serials import next_no
from storage.supervision_models import Accountability, AccountablePerson, Exposure
from storage.types import table_of
from storage.units import unit as unit_named

EXPOSURE = table_of(Exposure)
ACCOUNTABILITY = table_of(Accountability)
PERSON = table_of(AccountablePerson)

GROUNDS = TRIGGERS | {"exposed": "媒体曝光", "other": "其他"}
MOST_PERSONS = 20


@dataclass(frozen=True, slots=True)
class Person:
    """Who is held to account, in which post, and what is done."""

    name: str
    post: str
    measure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureForm:
    """Where and when something was published, about which unit and perhaps which case."""

    unit: str
    media: str
    title: str
    dated: date
    case: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountabilityForm:
    """A matter 件 with the persons 人次 in it."""

    unit: str
    ground: str
    decided_by: str
    dated: date
    persons: Sequence[Person]
    case: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """H-17: matters and person-times are two figures."""

    matters: int
    persons: int


@answerable(Duty.EXPOSE)
def expose(conn: Connection, unit: str, form: ExposureForm, *, by: Actor, at: datetime, rules: Rules) -> str:
    """登记曝光: T27; return its number."""
    check_duty(by.role, Duty.EXPOSE)
    case, subject = _concerned(conn, form.case, unit, by, Action.EXPOSE)
    number = next_no(conn, "BG", at, rules.zone)
    row = {
        "no": number,
        "case": case,
        "unit": unit,
        "media": checked_text("media", form.media, longest=40),
        "title": checked_text("title", form.title, longest=200),
        "dated": form.dated,
    }
    conn.execute(insert(EXPOSURE).values(**row, by=by.login, at=at))
    told = Notice(kind="exposure.entered", unit=unit, case=case, detail={"exposure": number})
    notices.tell(conn, told, at=at, rules=rules)
    noted(conn, subject or f"exposure:{number}", "exposure.entered", by=by, at=at, exposure=number, unit=unit)
    return number


@answerable(Duty.HOLD_TO_ACCOUNT)
def hold_to_account(
    conn: Connection, unit: str, form: AccountabilityForm, *, by: Actor, at: datetime, rules: Rules
) -> str:
    """登记问责: one matter, each person in it with post and measure; return its number."""
    check_duty(by.role, Duty.HOLD_TO_ACCOUNT)
    _check(form)
    case, subject = _concerned(conn, form.case, unit, by, None)
    number = next_no(conn, "WZ", at, rules.zone)
    row = {"no": number, "case": case, "unit": unit, "ground": form.ground, "dated": form.dated}
    organ = checked_text("decided_by", form.decided_by, longest=60)
    matter: int = conn.execute(
        insert(ACCOUNTABILITY)
        .values(**row, decided_by=organ, by=by.login, at=at)
        .returning(ACCOUNTABILITY.c.id)
    ).scalar_one()
    conn.execute(
        insert(PERSON),
        [
            {"accountability": matter, "name": one.name, "post": one.post, "measure": one.measure}
            for one in form.persons
        ],
    )
    detail: dict[str, Any] = {"accountability": number, "unit": unit, "persons": len(form.persons)}
    noted(conn, subject or f"accountability:{number}", "accountability.entered", by=by, at=at, **detail)
    return number


def totals(conn: Connection, units: frozenset[str] | None = None) -> Totals:
    """Count matters and person-times, of all units or of these."""
    matters = select(func.count()).select_from(ACCOUNTABILITY)
    persons = (
        select(func.count())
        .select_from(PERSON)
        .join(ACCOUNTABILITY, ACCOUNTABILITY.c.id == PERSON.c.accountability)
    )
    if units is not None:
        matters = matters.where(ACCOUNTABILITY.c.unit.in_(units))
        persons = persons.where(ACCOUNTABILITY.c.unit.in_(units))
    return Totals(int(conn.execute(matters).scalar_one()), int(conn.execute(persons).scalar_one()))


def _concerned(
    conn: Connection, no: str, unit: str, by: Actor, action: Action | None
) -> tuple[int | None, str | None]:
    """Check the unit and the case, if one is named; return the case's row and number."""
    if unit_named(conn, unit) is None:
        raise Invalid({"unit": "没有这个单位 (no such unit)"})
    spheres.check_sphere(conn, by.unit, unit)
    if not no.strip():
        return None, None
    seen = see(conn, no.strip())
    if action is not None:
        workflow.check_role(by.role, action)
        workflow.move(seen.state, action)
    return seen.id, seen.no


def _check(form: AccountabilityForm) -> None:
    wrong = {}
    if form.ground not in GROUNDS:
        wrong["ground"] = f"请选择问责事由：{'、'.join(GROUNDS.values())} (choose a ground)"
    if not 1 <= len(form.persons) <= MOST_PERSONS:
        wrong["persons"] = f"请填写1–{MOST_PERSONS}人，每行“姓名 职务 处理” (one person a line)"
    elif any(not one.name or not one.post or one.measure not in MEASURES for one in form.persons):
        wrong["persons"] = f"处理方式：{'、'.join(MEASURES.values())} (a measure for each person)"
    if wrong:
        raise Invalid(wrong)
