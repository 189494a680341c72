"""政策: the time limits in force and those of before and later, and the form by which a city changes its own.

Context of rules_policies.html: shown, holds, versions, profiles, base, intents, urgencies, missing_year.
Of rules_policy.html: texts, rows, own, errors, clocks, units, preview.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.limits import Limit, Unit, due_at
from cases.policies import POLICIES, ClockKind, Intent, Policy, Row, Urgency
from cases.policy_check import changes
from cases.rules import Rules
from console import rule_form
from console.forms import Refused, Text, posted, read_texts
from console.i18n import say
from console.line_pages import moment
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import rebasing, rulebooks
from storage.errors import Conflict, Invalid
from storage.rebasing import Moved
from storage.rulebooks import NewPolicy, PolicyKept

VERSIONS: Final = 20
OWN_FIELDS: Final = {
    "follows": Text(9, required=True),
    "origin": Text(64, required=True),
    "title": Text(60, required=True),
    "why": Text(200, required=True),
    "valid_from": Text(16),
    "valid_to": Text(16),
    "clocks": Text(1, one_of=frozenset("1")),
}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Shift:
    """How many running clocks a change moves, and which way."""

    earlier: int = 0
    later: int = 0
    other: int = 0

    @classmethod
    def of(cls, moved: Sequence[Moved]) -> "Shift":
        dues = [(each.kept.clock.due, each.clock.due) for each in moved]
        earlier = sum(1 for was, due in dues if was and due and due < was)
        later = sum(1 for was, due in dues if was and due and due > was)
        return cls(earlier, later, len(dues) - earlier - later)

    @property
    def total(self) -> int:
        return self.earlier + self.later + self.other


@routes.get("/rules")
@needs(Permission.RULES_SEEN)
async def first(_: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther("/rules/policies")


@routes.get("/rules/policies")
@needs(Permission.RULES_SEEN)
async def listing(request: web.Request) -> web.Response:
    parts, at = request.app[PARTS], request.app[PARTS].now()
    rules, wanted = parts.rules, request.query.get("version", "")[:64]

    def look(conn: Connection) -> tuple[Policy | None, list[PolicyKept]]:
        shown = rulebooks.policy_named(conn, wanted) if wanted else rules.policy
        return shown, rulebooks.policy_versions(conn, VERSIONS)

    shown, versions = await parts.store.read(look)
    if shown is None:
        raise web.HTTPNotFound
    context = {
        "shown": shown,
        "holds": rules.policy.version,
        "versions": versions,
        "profiles": list(POLICIES.values()),
        "base": parts.case_rules.configured.policy.version,
        "intents": list(Intent),
        "urgencies": list(Urgency),
        "missing_year": rules.calendar.year_missing(at.astimezone(rules.zone).date()),
    }
    return render(request, "rules_policies.html", context)


@routes.get("/rules/policies/edit")
@needs(Permission.RULES)
async def form(request: web.Request) -> web.Response:
    parts, wanted = request.app[PARTS], request.query.get("from", "")[:64]

    def look(conn: Connection) -> tuple[Policy | None, int]:
        if wanted:
            return rulebooks.policy_named(conn, wanted), rulebooks.newest_policy(conn)
        # The newest, not the one in force: what is planned for later must not be lost by a change of today.
        newest = rulebooks.policy_versions(conn, 1)
        policy = newest[0].policy if newest else parts.case_rules.configured.policy
        return policy, rulebooks.newest_policy(conn)

    policy, follows = await parts.store.read(look)
    if policy is None:
        raise web.HTTPNotFound
    own = dict.fromkeys(OWN_FIELDS, "") | {
        "follows": str(follows),
        "origin": policy.version,
        "title": policy.title,
    }
    return _page(request, rule_form.filled(policy.rows), own)


def _page(
    request: web.Request,
    texts: Mapping[str, str],
    own: Mapping[str, str],
    *,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    preview: Mapping[str, Any] | None = None,
) -> web.Response:
    context = {
        "texts": texts,
        "rows": rule_form.rows_shown(texts),
        "own": own,
        "errors": errors or {},
        "clocks": list(ClockKind),
        "units": list(Unit),
        "preview": preview,
    }
    return render(request, "rules_policy.html", context, status=status)


@routes.post("/rules/policies/edit")
@needs(Permission.RULES)
async def change(request: web.Request) -> web.StreamResponse:
    """Show what the new limits would change, or keep them; a refusal is shown on the form with all that was typed."""
    sent = await posted(request)
    sent.pop("csrf", None)
    keep = sent.pop("go", "") == "keep"
    texts = {name: value for name, value in sent.items() if name not in OWN_FIELDS}
    own = dict.fromkeys(OWN_FIELDS, "") | {name: sent[name] for name in OWN_FIELDS if name in sent}
    if not (own["follows"].isascii() and own["follows"].isdigit()):
        raise Refused(say(request, "form.number"))  # no person types this field
    at = request.app[PARTS].now()
    try:
        new, why = _read(request, texts, own, at)
        if keep:
            await _keep(request, new, int(own["follows"]), why, at)
            raise web.HTTPSeeOther("/rules/policies")
        return _page(request, texts, own, preview=await _preview(request, new, at))
    except Invalid as error:
        return _page(request, texts, own, status=400, errors=error.fields)
    except Conflict as error:
        return _page(request, texts, own, status=409, errors={"": str(error)})


def _read(
    request: web.Request, texts: Mapping[str, str], own: Mapping[str, str], at: datetime
) -> tuple[NewPolicy, str]:
    """Return what the form says; all that is wrong is said at once."""
    problems: dict[str, str] = {}
    filled, valid_from = dict(own), at
    rows: tuple[Row, ...] = ()
    valid_to: datetime | None = None
    try:
        filled |= read_texts(request, OWN_FIELDS, own)
    except Invalid as error:
        problems |= error.fields
    try:
        rows = rule_form.read(request, texts)
    except Invalid as error:
        problems |= error.fields
    try:
        valid_from = moment(request, "valid_from", own["valid_from"]) if own["valid_from"].strip() else at
        valid_to = moment(request, "valid_to", own["valid_to"]) if own["valid_to"].strip() else None
    except Invalid as error:
        problems |= error.fields
    if problems:
        raise Invalid(problems)
    new = NewPolicy(filled["origin"], filled["title"], rows, valid_from, valid_to, bool(filled["clocks"]))
    rulebooks.check_validity(new, at)
    return new, filled["why"]


async def _keep(request: web.Request, new: NewPolicy, follows: int, why: str, at: datetime) -> None:
    parts, by = request.app[PARTS], request[SIGNED].account.login

    def keep(conn: Connection) -> None:
        rulebooks.keep_policy(conn, new, follows=follows, why=why, by=by, at=at)
        rebasing.settle(conn, rulebooks.in_force(conn, parts.case_rules.configured, at), at)

    await parts.store.write(keep)
    await parts.case_rules.look(parts.store, at)


async def _preview(request: web.Request, new: NewPolicy, at: datetime) -> dict[str, Any]:
    parts = request.app[PARTS]
    rules = parts.rules
    policy = Policy("", new.title, new.rows)
    moved = await parts.store.read(lambda conn: rebasing.by_policy(conn, rules, policy, at))
    return {
        "changes": changes(rules.policy, policy),
        "moved": Shift.of(moved),
        "examples": [_example(rules, policy, intent, at) for intent in Intent],
        "intents": len(Intent),
        "urgencies": len(Urgency),
    }


def _example(rules: Rules, policy: Policy, intent: Intent, at: datetime) -> dict[str, Any]:
    """Return until when a case of this intent that is dispatched now is to be answered, by both."""
    was, will = (each.limit(ClockKind.REPLY, intent) for each in (rules.policy, policy))
    return {"intent": intent, "was": _due(rules, was, at), "will": _due(rules, will, at)}


def _due(rules: Rules, limit: Limit | None, at: datetime) -> datetime | None:
    return due_at(at, limit, rules.calendar, rules.hours) if limit else None
