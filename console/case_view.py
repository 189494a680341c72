"""What of a case a person may see: units see their own, unread texts stay closed, numbers stay masked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from aiohttp import web

from cases.workflow import Action, Role, Secrecy, actions_from, may
from console.case_facts import actor_name, told, word
from console.i18n import CATALOGUE, LANGUAGE, Language, say
from console.move_choices import OF_UNITS_BELOW, Choices, groups_of, unit_field
from console.move_forms import MOVE_FORMS, NO, YES, Field
from console.parts import PARTS
from console.sessions import SIGNED
from console.writing import epoch_ms, masked
from storage import people
from storage.cases import CaseView, Missing
from storage.people import Account, Actor

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
TAKES_IN: Final = frozenset({Role.AGENT, Role.REGISTRAR, Role.ANALYST, Role.PUBLICATION_OFFICER})
"""Posts of the centre that decide nothing about a case: what is secret is kept from them, but for their own."""
CHOSEN: Final = frozenset({"unit", "category", "person"})
"""Kinds of fields that are chosen from a list."""
PICKED: Final = frozenset({"unit", "units"})
"""Kinds of fields that are chosen from the units of the city, which no list shows at once."""
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
    if (
        not may_see_secret(account.role)
        and case.confidential is Secrecy.SECRET
        and not _took_in(account, case)
    ):
        raise Missing(case.no)
    if _hides(account.role, case):
        return _without_contact(case)
    return case if revealed else replace(case, contact_number=masked(case.contact_number))


def may_see_secret(role: Role) -> bool:
    """Say whether lists show this person the cases that are for named persons only 保密件."""
    return role not in TAKES_IN


def _took_in(account: Account, case: CaseView) -> bool:
    return any(fact.kind == "case.registered" and fact.actor == account.login for fact in case.events)


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


def moves_for(request: web.Request, case: CaseView, choices: Choices) -> list[dict[str, Any]]:
    """Return the moves this person's role may make now, with their fields; what is likely next comes first."""
    by = people.actor(request[SIGNED].account)
    possible = set(actions_from(case.state))
    if Action.MAKE_READY in possible:
        # What is required was checked when it was registered: who dispatches makes it ready in the same step.
        possible.add(Action.DISPATCH)
    return [
        {
            "name": action.value,
            "text": action.text,
            "hint": _hint(request, action),
            "danger": form.danger,
            "fields": [_field(request, field, action, choices) for field in form.fields],
        }
        for action, form in sorted(MOVE_FORMS.items(), key=lambda one: _is_done(one[0], case, by))
        if action in possible and may(by.role, action) and form.when(case, by)
    ]


def _is_done(action: Action, case: CaseView, by: Actor) -> bool:
    """Say whether the move has been made already and is only there to be made again: such ones come last."""
    own = [task for task in case.assignments if task.unit == by.unit and task.ended_at is None]
    if action is Action.NAME_PEOPLE:
        return any(task.handler for task in own)
    return action is Action.CONTACT_CITIZEN and any(task.contacted_at for task in own)


def _hint(request: web.Request, action: Action) -> str:
    """Return what the move does, for those whose name does not say it."""
    return request.app[CATALOGUE].texts(request[LANGUAGE]).get(f"move_hint.{action.value}", "")


def _field(request: web.Request, field: Field, action: Action, choices: Choices) -> dict[str, Any]:
    shown = {"name": field.name, "label": say(request, f"move.{field.name}"), "required": field.required}
    if field.kind in PICKED and action not in OF_UNITS_BELOW:
        many = field.kind == "units"
        return shown | {"kind": "pick"} | unit_field(field.name, action, choices, many=many)
    options, groups = field.options, []
    if field.kind in CHOSEN:
        groups = groups_of(field.kind, field.name, choices)
    elif field.kind == "yes_no":
        options = ((YES, say(request, "move.yes")), (NO, say(request, "move.no")))
    elif request[LANGUAGE] is Language.EN:
        options = tuple((value, word(request, value)) for value, _ in options)
    kind = "select" if field.kind == "yes_no" or field.kind in CHOSEN else field.kind
    return shown | {"kind": kind, "groups": groups, "options": options}


def timeline(
    request: web.Request, case: CaseView, names: Mapping[str, str], units: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return what has happened, oldest first. What was refused is for those who supervise."""
    refusals = request[SIGNED].account.role in SEES_REFUSALS
    return [
        {
            "at": fact.at,
            "actor": actor_name(request, fact.actor, names),
            "kind": fact.kind,
            "text": say(request, f"event.{fact.kind}"),
            "told": told(request, fact, units),
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
            for fact in timeline(request, case, {}, {})
        ],
        "moves": [{"name": move["name"], "text": move["text"]} for move in moves],
    }
