"""How a case comes in: registered, answered on the call, or registered and dispatched at once. Exactly once each."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ClauseElement, Connection, bindparam, insert, select, update

from cases import workflow
from cases.limits import local_day
from cases.numbers import BadNumber, CaseNumber, NumbersUsedUp, new_code, parse
from cases.places import place_key
from cases.policies import ClockKind, Intent
from cases.rules import Rules
from cases.workflow import Action, Secrecy, State
from storage import clocks, codes, drafts, history, recurrence, search, transcripts
from storage.assignments import check_targets
from storage.circuit import dispatch
from storage.forms import CaseForm, checked, checked_text
from storage.hot import Hot
from storage.keeping import insert_into
from storage.models import CaseContact, CaseFile, CaseText, NumberBlock, TextKind
from storage.people import Actor
from storage.types import table_of

CASE = table_of(CaseFile)
CONTACT = table_of(CaseContact)
TEXT = table_of(CaseText)
BLOCK = table_of(NumberBlock)

_BY_KEY = Hot(
    lambda _: select(CASE.c.id, CASE.c.no, CASE.c.digits).where(CASE.c.intake_key == bindparam("key"))
)
_NEW_CODE = update(CASE).where(CASE.c.id == bindparam("row")).values(code_hash=bindparam("hashed"))
_ADD_CONTACT = Hot(lambda _: insert(CONTACT))
_ADD_TEXT = Hot(lambda _: insert(TEXT))


def _take_number(dialect: str) -> ClauseElement:
    statement = insert_into(dialect, BLOCK)
    more = {"last": BLOCK.c.last + 1}
    return statement.on_conflict_do_update(index_elements=["day", "first"], set_=more).returning(BLOCK.c.last)


def _add_case(dialect: str) -> ClauseElement:
    statement = insert_into(dialect, CASE)
    return statement.on_conflict_do_nothing(index_elements=["intake_key"]).returning(CASE.c.id)


_TAKE_NUMBER = Hot(_take_number)
_ADD_CASE = Hot(_add_case)


@dataclass(frozen=True, slots=True)
class Registered:
    """What the agent tells the citizen. The code is nowhere else: it cannot be looked up again."""

    no: str
    digits: str
    code: str
    again: bool
    """A request with this key was here before. The case is the same; the code is a new one and replaces it."""


def register(
    conn: Connection, form: CaseForm, *, key: str, by: Actor, at: datetime, rules: Rules
) -> Registered:
    """登记: keep the case, give it its number and its query code."""
    workflow.check_role(by.role, Action.REGISTER)
    state = workflow.move(State.DRAFT, Action.REGISTER)
    filed = _file(conn, form, key=key, state=state, by=by, at=at, rules=rules)
    if isinstance(filed, Registered):
        return filed
    owed = clocks.Obligation(filed.id, ClockKind.DISPATCH)
    clocks.start(conn, owed, filed.form.intent, filed.form.urgency, at=at, rules=rules)
    _record(conn, filed, "case.registered", by=by, at=at)
    no, place, category = filed.registered.no, place_key(filed.form.address), filed.form.category
    recurrence.watch(conn, filed.id, no, place=place, category=category, at=at)
    return filed.registered


def answer_on_call(
    conn: Connection, form: CaseForm, answer: str, *, key: str, by: Actor, at: datetime, rules: Rules
) -> Registered:
    """电话即答: keep the case together with the answer that the citizen heard. Nothing more is owed."""
    workflow.check_role(by.role, Action.ANSWER_DIRECTLY)
    state = workflow.move(State.DRAFT, Action.ANSWER_DIRECTLY)
    told = checked_text("answer", answer)
    filed = _file(conn, form, key=key, state=state, by=by, at=at, rules=rules)
    if isinstance(filed, Registered):
        return filed
    # The citizen has heard it, so it is public to them; no review stands between.
    add_text(conn, filed.id, told, kind=TextKind.PUBLIC, version=2, by=by.login, at=at)
    _record(conn, filed, "case.answered_direct", by=by, at=at)
    return filed.registered


def dispatch_on_call(
    conn: Connection,
    form: CaseForm,
    units: Sequence[str],
    *,
    instruction: str = "",
    key: str,
    by: Actor,
    at: datetime,
    rules: Rules,
) -> Registered:
    """登记并批转: keep the case and give it to the first of the units as lead, the others assist; both or neither."""
    workflow.check_role(by.role, Action.DISPATCH)
    lead, *assist = units or [""]
    form = checked(conn, form)
    check_targets(conn, form.category, lead, assist)
    registered = register(conn, form, key=key, by=by, at=at, rules=rules)
    if not registered.again:
        no = registered.no
        dispatch(conn, no, lead=lead, assist=assist, instruction=instruction, by=by, at=at, rules=rules)
    return registered


def keep_draft(
    conn: Connection, *, call: str, by: str, fields: Mapping[str, str], at: datetime, rules: Rules
) -> str:
    """Keep what is typed for a call, and return the number of its case to be: it can be told before the call ends.

    The number of a form that is never filed stays unused.
    """
    no = drafts.number_of(conn, call)
    if not no and any(fields.get(name) for name in ("title", "content")):
        with suppress(NumbersUsedUp):  # what is typed is kept all the same
            no = str(_next_number(conn, at, rules))
    drafts.save_draft(conn, call=call, by=by, fields=fields, at=at, no=no)
    return no


def add_text(
    conn: Connection, case: int, words: str, *, kind: TextKind, version: int, by: str, at: datetime
) -> None:
    _ADD_TEXT(conn, case=case, version=version, kind=kind, text=words, author=by, at=at)


@dataclass(frozen=True, slots=True)
class _Filed:
    id: int
    form: CaseForm
    registered: Registered


def _file(
    conn: Connection, form: CaseForm, *, key: str, state: State, by: Actor, at: datetime, rules: Rules
) -> _Filed | Registered:
    hashed_key = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
    if (before := _BY_KEY(conn, key=hashed_key).fetchone()) is not None:
        return _again(conn, *before)
    form = checked(conn, form)
    number = _promised(conn, form.call, rules) or _next_number(conn, at, rules)
    no, digits = number.display, number.digits
    code = new_code(secrets.randbelow)
    row = {
        "no": no,
        "digits": digits,
        "intake_key": hashed_key,
        "code_hash": codes.hashed(conn, code),
        "state": state,
        "received_at": at,
        "closed_at": at if state in workflow.ENDED else None,
        **_of_form(form),
    }
    added = _ADD_CASE(conn, **row).fetchone()
    if added is None:
        # On PostgreSQL the same key came in twice at one moment, and the other was first; a serial is lost.
        return _again(conn, *_BY_KEY(conn, key=hashed_key).fetchone())
    case = int(added[0])
    _ADD_CONTACT(conn, case=case, name=form.contact_name, number=form.contact_number)
    add_text(conn, case, form.content, kind=TextKind.ORIGINAL, version=1, by=by.login, at=at)
    search.add(conn, case, form.title, form.content, form.address)
    if form.call and _secrecy(form) != Secrecy.NONE:
        transcripts.forget(conn, form.call)
    return _Filed(case, form, Registered(no, digits, code, again=False))


def _of_form(form: CaseForm) -> dict[str, Any]:
    return {
        "version": 1,
        "intent": form.intent,
        "category": form.category,
        "urgency": form.urgency,
        "channel": form.channel,
        "call": form.call,
        "title": form.title,
        "address": form.address,
        "reply_way": form.reply_way,
        "confidential": _secrecy(form),
        "origin": form.origin,
        "party": form.party,
        "place_key": place_key(form.address),
        "wanted_unit": form.unit,
        "rework_no": 0,
    }


def _secrecy(form: CaseForm) -> Secrecy:
    """举报: the units do not learn who reports a wrong, unless somebody decided otherwise."""
    if form.confidential is not None:
        return form.confidential
    return Secrecy.HIDE_CONTACT if form.intent == Intent.REPORT else Secrecy.NONE


def _again(conn: Connection, case: int, no: str, digits: str) -> Registered:
    """Give the code anew: the answer with the first one was lost, or the request would not have come again."""
    code = new_code(secrets.randbelow)
    conn.execute(_NEW_CODE, {"row": case, "hashed": codes.hashed(conn, code)})
    return Registered(no, digits, code, again=True)


def _promised(conn: Connection, call: str | None, rules: Rules) -> CaseNumber | None:
    """Return the number that the draft of this call has, which is none any more; None if it has none that can be used."""
    no = drafts.take_draft(conn, call) if call else ""
    if not no or conn.execute(select(CASE.c.id).where(CASE.c.no == no)).first() is not None:
        return None
    try:
        return parse(no, rules.city_code)
    except BadNumber:
        return None  # another city's letters: they were changed meanwhile


def _next_number(conn: Connection, at: datetime, rules: Rules) -> CaseNumber:
    day, block = local_day(at, rules.calendar), rules.node_block
    taken = _TAKE_NUMBER(conn, day=f"{day:%y%m%d}", first=block.first, last=block.first)
    serial = int(taken.fetchone()[0])
    if serial > block.last:
        raise NumbersUsedUp(block)
    return CaseNumber(rules.city_code, day, serial)


def _record(conn: Connection, filed: _Filed, kind: str, *, by: Actor, at: datetime) -> None:
    form = filed.form
    detail: dict[str, Any] = {
        name: getattr(form, name) for name in ("intent", "category", "urgency", "channel", "call", "origin")
    }
    detail["confidential"] = _secrecy(form)
    history.append(conn, subject=filed.registered.no, kind=kind, actor=by.login, detail=detail, at=at)
