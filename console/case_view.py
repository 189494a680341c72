"""What of a case a person may see: units see their own, unread texts stay closed, numbers stay masked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from cases.workflow import Role, actions_from, may
from console.i18n import say
from console.move_forms import MOVE_FORMS, NO, YES, Field
from console.parts import PARTS
from console.sessions import SIGNED
from console.writing import epoch_ms, masked
from storage.cases import CaseView, Missing
from storage.people import Account
from storage.units import Unit

OF_A_UNIT: Final = frozenset({Role.LIAISON, Role.HANDLER, Role.UNIT_LEADER, Role.UPPER_REVIEWER})
SEES_REFUSALS: Final = frozenset({Role.TEAM_LEAD, Role.SUPERVISOR, Role.AUDITOR})


def as_seen_by(request: web.Request, case: CaseView) -> CaseView:
    """Return the case as this person may see it; a case of another unit does not exist for a unit."""
    account = request[SIGNED].account
    if account.role not in OF_A_UNIT:
        return case if _has_on_the_line(request, account, case) else _with_masked_number(case)
    own = [task for task in case.assignments if task.unit == account.unit]
    if not own:
        raise Missing(case.no)
    if all(task.read_at is None for task in own):
        # 查阅: the full text opens with the move that stops the reading clock.
        case = replace(case, content="", contact_name="", contact_number="")
    if case.confidential:
        case = replace(case, contact_name="", contact_number="")
    return _with_masked_number(case)


def _with_masked_number(case: CaseView) -> CaseView:
    return replace(case, contact_number=masked(case.contact_number))


def _has_on_the_line(request: web.Request, account: Account, case: CaseView) -> bool:
    """Say whether the agent is talking to this citizen right now."""
    talk = request.app[PARTS].engine.line.talk_of(account.seat) if account.seat else None
    return talk is not None and bool(talk.number) and talk.number == case.contact_number


def moves_for(request: web.Request, case: CaseView, units: list[Unit]) -> list[dict[str, Any]]:
    """Return the moves this person's role may make now, with their fields."""
    role = request[SIGNED].account.role
    possible = actions_from(case.state)
    return [
        {
            "name": action.value,
            "text": action.text,
            "hint": "",
            "danger": form.danger,
            "fields": [_field(request, field, units) for field in form.fields],
        }
        for action, form in MOVE_FORMS.items()
        if action in possible and may(role, action)
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
