"""What the desk's form becomes: one order, carried out in one transaction."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.limits import due_at
from cases.policies import ClockKind, Intent, Urgency
from cases.rules import Rules
from cases.workflow import Secrecy, State
from console.forms import Text, mapping, read_texts, text_list
from console.i18n import say
from storage import cases, promises, suggestions
from storage.cases import Actor, CaseForm
from storage.errors import Invalid
from storage.forms import checked
from storage.suggestions import Shown

REPLY_WAYS: Final = ("电话", "短信", "书面", "无需回复")
UNITS_AT_MOST: Final = 8

CASE_FIELDS: Final = {
    "title": Text(100),
    "content": Text(4000, lines=True),
    "intent": Text(10, one_of=frozenset(Intent)),
    "category": Text(40),
    "unit": Text(64),
    "address": Text(200),
    "contact_name": Text(60),
    "contact_number": Text(40),
    "reply_way": Text(10, one_of=frozenset(REPLY_WAYS)),
    "urgency": Text(10, one_of=frozenset(Urgency)),
    "confidential": Text(1, one_of=frozenset("1")),
}
WORDS: Final = {"answer": Text(4000, lines=True), "instruction": Text(500, lines=True)}
KEY: Final = re.compile(r"[A-Za-z0-9._:-]{8,100}")
CALL: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


FIRST: Final = {
    "register": (State.REGISTERED, ClockKind.DISPATCH),
    "answer": (State.ANSWERED, None),
    "dispatch": (State.DISPATCHED, ClockKind.REPLY),
}
"""Where a case stands when it is filed, and what runs out next for the citizen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an agent wants done with one form. The key makes it happen once, however often it is sent."""

    key: str
    action: str
    form: CaseForm
    answer: str
    units: tuple[str, ...]
    instruction: str
    suggestion: Shown | None = None


def read_order(request: web.Request, body: dict[str, Any]) -> Order:
    """Return the order, or raise Invalid naming everything in it that is wrong."""
    action, key, call = body.get("action"), body.get("key"), body.get("call") or ""
    problems: dict[str, str] = {}
    if action not in FIRST:
        problems["action"] = say(request, "form.choice")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        problems["key"] = say(request, "form.key")
    if not isinstance(call, str) or (call and not CALL.fullmatch(call)):
        problems["call"] = say(request, "form.key")
    if problems:
        raise Invalid(problems)
    words = read_texts(request, WORDS, {name: body[name] for name in WORDS if name in body})
    if action == "answer" and not words.get("answer"):
        raise Invalid({"answer": say(request, "form.required")})
    return Order(
        key=str(key),
        action=str(action),
        form=case_form(
            str(call), read_texts(request, CASE_FIELDS, mapping(request, "fields", body.get("fields")))
        ),
        answer=words.get("answer", ""),
        units=tuple(text_list(request, "units", body.get("units"), at_most=UNITS_AT_MOST)),
        instruction=words.get("instruction", ""),
        # What is wrong with it harms a figure only: no case is refused for that.
        suggestion=Shown.read(str(body.get("suggestion") or "")),
    )


def case_form(call: str, sent: dict[str, str], *, channel: str = "phone") -> CaseForm:
    """Return the store's form; what was not sent is empty, and the store says what it needs or takes from the category."""
    texts = {name: sent.get(name, "") for name in ("intent", "category", "title", "content", "address")}
    optional = {
        name: sent[name] for name in ("contact_name", "contact_number", "reply_way") if sent.get(name)
    }
    return CaseForm(
        **texts,
        **optional,
        call=call or None,
        channel=channel,
        urgency=sent.get("urgency", ""),
        unit=sent.get("unit") or None,
        confidential=Secrecy.HIDE_CONTACT if sent.get("confidential") == "1" else None,
    )


@dataclass(frozen=True, slots=True)
class Filed:
    """What the agent tells the citizen."""

    no: str
    digits: str
    code: str
    again: bool
    due_at: datetime | None
    state_text: str


def carry_out(conn: Connection, order: Order, *, by: Actor, at: datetime, rules: Rules) -> Filed:
    """Do what the order says, all of it or nothing; a repeated order finds the case it made."""
    form, key = checked(conn, order.form), order.key
    if order.action == "answer":
        done = cases.answer_on_call(conn, form, order.answer, key=key, by=by, at=at, rules=rules)
    elif order.action == "dispatch":
        done = cases.dispatch_on_call(
            conn, form, order.units, instruction=order.instruction, key=key, by=by, at=at, rules=rules
        )
    else:
        done = cases.register(conn, form, key=key, by=by, at=at, rules=rules)
    if done.again:
        # It may have gone on since it was first sent.
        found = cases.case(conn, done.no)
        return Filed(
            done.no, done.digits, done.code, again=True, due_at=found.due_at, state_text=found.state_text
        )
    if order.suggestion is not None:
        suggestions.record(
            conn, done.no, order.suggestion, units=order.units, by=by.login, at=at, rules=rules
        )
    state, kind = FIRST[order.action]
    case = {"category": form.category, "intent": form.intent, "urgency": form.urgency}
    limit = promises.limit_for_new(conn, rules.policy, kind, **case) if kind else None
    due = due_at(at, limit, rules.calendar, rules.hours) if limit else None
    return Filed(done.no, done.digits, done.code, again=False, due_at=due, state_text=state.text)
