"""What of a case a person may see: units see their own, unread texts stay closed, numbers stay masked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from cases.workflow import Action, Role, Secrecy, actions_from, may
from console.i18n import say
from console.move_forms import MOVE_FORMS, NO, YES, Field
from console.parts import PARTS
from console.sessions import SIGNED
from console.writing import epoch_ms, masked
from storage import people
from storage.cases import CaseView, Missing
from storage.people import Account
from storage.units import Unit

CENTRE: Final = frozenset(
    {
        Role.AGENT,
        Role.TEAM_LEAD,
        Role.REGISTRAR,
        Role.DISPATCHER,
        Role.ADJUDICATOR,
        Role.CENTRE_REVIEWER,
        Role.FINAL_REVIEWER,
        Role.CALLBACK_AGENT,
        Role.PUBLICATION_OFFICER,
        Role.SUPERVISOR,
        Role.LEADERS_OFFICE,
        Role.ANALYST,
        Role.AUDITOR,
    }
)
"""Posts of the hotline and of those who watch over it; everybody else belongs to a unit and finds its cases only."""
SPEAKS: Final = frozenset({Role.TEAM_LEAD, Role.CALLBACK_AGENT})
"""Who rings citizens must know whom."""
COUNTS: Final = frozenset({Role.PUBLICATION_OFFICER, Role.ANALYST, Role.AUDITOR})
"""Who works with texts and figures needs nobody's name."""
SEES_REFUSALS: Final = frozenset({Role.TEAM_LEAD, Role.SUPERVISOR, Role.AUDITOR})


def as_seen_by(request: web.Request, case: CaseView, *, revealed: bool = False) -> CaseView:
    """Return the case as this person may see it; a case of another unit does not exist for a unit.

    `revealed`: the person has asked for the whole number, and that was written down.
    """
    account = request[SIGNED].account
    if _has_on_the_line(request, account, case):
        return case
    if account.role not in CENTRE:
        # Who reviews what the units below have done sees their cases, too.
        reviews = account.role is Role.UPPER_REVIEWER
        own = [
            task
            for task in case.assignments
            if task.unit == account.unit or (reviews and task.unit_parent == account.unit)
        ]
        if not own:
            raise Missing(case.no)
        if all(task.read_at is None for task in own):
            # 查阅: the full text opens with the move that stops the reading clock.
            return _without_contact(replace(case, content=""))
    if _hides(account.role, case):
        return _without_contact(case)
    return case if revealed else replace(case, contact_number=masked(case.contact_number))


def may_reveal(request: web.Request, case: CaseView) -> bool:
    """Say whether this person, who sees the number masked, may ask for the whole of it."""
    role = request[SIGNED].account.role
    return bool(case.contact_number) and (role not in CENTRE or role in SPEAKS or role is Role.AGENT)


def _hides(role: Role, case: CaseView) -> bool:
    """保密: hidden from every unit; what is secret from the centre too, but for those who ring the citizen."""
    if role in COUNTS:
        return True
    if case.confidential is Secrecy.SECRET:
        return role not in SPEAKS
    return case.confidential is not Secrecy.NONE and role not in CENTRE


def _without_contact(case: CaseView) -> CaseView:
    return replace(case, contact_name="", contact_number="")


def _has_on_the_line(request: web.Request, account: Account, case: CaseView) -> bool:
    """Say whether the agent is talking to this citizen right now."""
    talk = request.app[PARTS].engine.line.talk_of(account.seat) if account.seat else None
    return talk is not None and bool(talk.number) and talk.number == case.contact_number


def moves_for(request: web.Request, case: CaseView, units: list[Unit]) -> list[dict[str, Any]]:
    """Return the moves this person's role may make now, with their fields."""
    by = people.actor(request[SIGNED].account)
    possible = set(actions_from(case.state))
    if Action.MAKE_READY in possible:
        # What is required was checked when it was registered: who dispatches makes it ready in the same step.
        possible.add(Action.DISPATCH)
    return [
        {
            "name": action.value,
            "text": action.text,
            "hint": "",
            "danger": form.danger,
            "fields": [_field(request, field, units) for field in form.fields],
        }
        for action, form in MOVE_FORMS.items()
        if action in possible and may(by.role, action) and form.when(case, by)
    ]


def _field(request: web.Request, field: Field, units: list[Unit]) -> dict[str, Any]:
    options = field.options
    if field.kind == "unit":
        options = tuple((unit.id, unit.name) for unit in units)
    elif field.kind == "yes_no":
        options = ((YES, say(request, "move.yes")), (NO, say(request, "move.no")))
    return {
        "name": field.name,
        "label": say(request, f"move.{field.name}"),
        "kind": "select" if field.kind == "yes_no" else field.kind,
        "required": field.required,
        "options": options,
    }


def timeline(request: web.Request, case: CaseView, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what has happened, oldest first. What was refused is for those who supervise."""
    refusals = request[SIGNED].account.role in SEES_REFUSALS
    return [
        {
            "at": fact.at,
            "actor": names.get(fact.actor, fact.actor),
            "kind": fact.kind,
            "text": say(request, f"event.{fact.kind}"),
            "detail": fact.detail,
        }
        for fact in case.events
        if refusals or fact.kind != "refused"
    ]


def as_json(request: web.Request, case: CaseView, moves: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a case for scripts."""
    at = request.app[PARTS].now()
    return {
        "no": case.no,
        "digits": case.digits,
        "version": case.version,
        "state": case.state.value,
        "state_text": case.state_text,
        "intent": case.intent,
        "category": case.category,
        "category_name": case.category_name,
        "urgency": case.urgency,
        "title": case.title,
        "content": case.content,
        "address": case.address,
        "unit": case.unit_name,
        "contact_name": case.contact_name,
        "contact_number": case.contact_number,
        "confidential": case.confidential,
        "reply_way": case.reply_way,
        "received_at": epoch_ms(case.received_at),
        "due_at": epoch_ms(case.due_at),
        "overdue": case.overdue(at),
        "public_reply": case.public_reply,
        "timeline": [
            {"at": epoch_ms(fact["at"]), "actor": fact["actor"], "text": fact["text"]}
            for fact in timeline(request, case, {})
        ],
        "moves": [{"name": move["name"], "text": move["text"]} for move in moves],
    }
