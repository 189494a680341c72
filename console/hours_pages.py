"""办公时间: the hours that each class of units keeps over the year, and who keeps which.

Context of rules_hours.html: classes, texts, rows, own, scope, scopes, versions, kinds, shipped, city_hours, today, errors.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.calendar import BadHours, OfficeHours, OfficeRule
from console.forms import Refused, Text, posted, read_texts
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import office_hours, rebasing, rulebooks, units
from storage.errors import Conflict, Invalid
from storage.office_hours import NewHours, Scope
from storage.rebasing import Why

VERSIONS: Final = 20
SEASONS: Final = 6
SHIPPED: Final = frozenset({"fuzhou", "fuzhou-county", "plain"})
KINDS: Final = (
    *("centre", "bureau", "efficiency", "command", "dept", "district", "town", "village", "community"),
    *("utility", "enterprise", "external"),
)
OWN_FIELDS: Final = {
    "name": Text(32, required=True),
    "follows": Text(9, required=True),
    "title": Text(40, required=True),
    "since": Text(10),
    "why": Text(200, required=True),
}
SCOPE_FIELDS: Final = {
    "scope": Text(8, required=True, one_of=frozenset(Scope)),
    "kind": Text(64),
    "unit": Text(64),
    "hours": Text(64),
}
_KEY: Final = re.compile(r"seasons\.([0-9]{1,2})\.(first|last|intervals)")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_DAY: Final = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")

routes = web.RouteTableDef()


@routes.get("/rules/hours")
@needs(Permission.RULES_SEEN)
async def shown(request: web.Request) -> web.Response:
    return await _page(request)


async def _page(
    request: web.Request,
    *,
    status: int = 200,
    texts: Mapping[str, str] | None = None,
    own: Mapping[str, str] | None = None,
    scope: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> web.Response:
    parts = request.app[PARTS]
    today = parts.now().astimezone(parts.rules.zone).date()

    def look(conn: Connection) -> dict[str, Any]:
        classes, titles = office_hours.all_hours(conn), office_hours.titles(conn)
        name = (own or {}).get("name") or request.query.get("name", "") or parts.rules.hours.name
        edited = classes.get(name)
        return {
            "classes": [(hours, titles.get(hours.name, "")) for hours in classes.values()],
            "texts": _filled(edited) if texts is None else texts,
            "own": own or _own(conn, name, titles.get(name, "")),
            "scopes": _scopes(conn),
            "versions": office_hours.versions(conn, VERSIONS),
        }

    context = await parts.store.read(look)
    context |= {"today": today, "city_hours": parts.rules.hours.name, "shipped": SHIPPED, "kinds": KINDS}
    context |= {"rows": range(SEASONS), "scope": scope or {}, "errors": errors or {}}
    return render(request, "rules_hours.html", context, status=status)


def _scopes(conn: Connection) -> list[tuple[Scope, str, str, str]]:
    """Return who keeps hours other than the centre's: scope, code, name of the unit, hours."""
    kinds = [(Scope.KIND, kind, "", hours) for kind, hours in office_hours.scopes(conn, Scope.KIND).items()]
    found = [
        (Scope.UNIT, code, (unit.name if (unit := units.unit(conn, code)) else ""), hours)
        for code, hours in office_hours.scopes(conn, Scope.UNIT).items()
    ]
    return sorted(kinds) + sorted(found)


def _own(conn: Connection, name: str, title: str) -> dict[str, str]:
    follows = office_hours.newest(conn, name)
    return {"name": name, "follows": str(follows), "title": title, "since": "", "why": ""}


def _filled(hours: OfficeHours | None) -> dict[str, str]:
    """Return the seasons as the fields of the form: those that hold last, also if they are only planned."""
    texts: dict[str, str] = {}
    for number, rule in enumerate(hours.rules if hours else ()):
        spans = " ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in rule.intervals)
        values = {"first": rule.first, "last": rule.last, "intervals": spans}
        texts |= {f"seasons.{number}.{name}": value for name, value in values.items()}
    return texts


@routes.post("/rules/hours")
@needs(Permission.RULES)
async def change(request: web.Request) -> web.StreamResponse:
    """Keep new hours of a class; a refusal is shown on the form with all that was typed."""
    sent = await posted(request)
    sent.pop("csrf", None)
    texts = {name: value for name, value in sent.items() if name not in OWN_FIELDS}
    own = dict.fromkeys(OWN_FIELDS, "") | {name: sent[name] for name in OWN_FIELDS if name in sent}
    if not (own["follows"].isascii() and own["follows"].isdigit()):
        raise Refused(say(request, "form.number"))  # no person types this field
    parts, by, at = request.app[PARTS], request[SIGNED].account.login, request.app[PARTS].now()
    try:
        new, why = _read(request, texts, own, at.astimezone(parts.rules.zone).date())

        def keep(conn: Connection) -> None:
            office_hours.keep_hours(conn, new, follows=int(own["follows"]), why=why, by=by, at=at)
            _recount(request, conn, by, at)

        await parts.store.write(keep)
    except Invalid as error:
        return await _page(request, status=400, texts=texts, own=own, errors=error.fields)
    except Conflict as error:
        return await _page(request, status=409, texts=texts, own=own, errors={"": str(error)})
    await parts.case_rules.look(parts.store, at)
    raise web.HTTPSeeOther(f"/rules/hours?name={new.name}")


@routes.post("/rules/hours/of")
@needs(Permission.RULES)
async def assign(request: web.Request) -> web.StreamResponse:
    """Say who keeps which hours."""
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, by, at = request.app[PARTS], request[SIGNED].account.login, request.app[PARTS].now()
    try:
        filled = dict.fromkeys(SCOPE_FIELDS, "") | read_texts(request, SCOPE_FIELDS, sent)
        scope = Scope(filled["scope"])
        subject = _subject(request, scope, filled[scope])

        def keep(conn: Connection) -> None:
            office_hours.assign(conn, scope, subject, filled["hours"], by=by, at=at)
            _recount(request, conn, by, at)

        await parts.store.write(keep)
    except Invalid as error:
        return await _page(request, status=400, scope=sent, errors=error.fields)
    await parts.case_rules.look(parts.store, at)
    raise web.HTTPSeeOther("/rules/hours")


def _subject(request: web.Request, scope: Scope, subject: str) -> str:
    if not subject or (scope is Scope.KIND and subject not in KINDS):
        raise Invalid({scope: say(request, "form.choice")})
    return subject


def _recount(request: web.Request, conn: Connection, by: str, at: datetime) -> None:
    rules = rulebooks.in_force(conn, request.app[PARTS].case_rules.configured, at)
    rebasing.recount(conn, rules, Why.HOURS, by=by, at=at)


def _read(
    request: web.Request, texts: Mapping[str, str], own: Mapping[str, str], today: date
) -> tuple[NewHours, str]:
    filled = read_texts(request, OWN_FIELDS, own)
    problems: dict[str, str] = {}
    if not _NAME.fullmatch(filled["name"]):
        problems["name"] = say(request, "rules.name_form")
    since = _since(request, problems, filled["since"], today)
    rules = _seasons(request, problems, texts)
    try:
        if not problems:
            OfficeHours(filled["name"], rules)
    except BadHours as bad:
        problems["seasons"] = str(bad)
    if problems:
        raise Invalid(problems)
    return NewHours(filled["name"], filled["title"], since, rules), filled["why"]


def _since(request: web.Request, problems: dict[str, str], text: str, today: date) -> date:
    """Return the first day of the new hours: what is over was worked by the old ones."""
    try:
        since = date.fromisoformat(text) if text else today
    except ValueError:
        since = date.min
    if since < today:
        problems["since"] = say(request, "rules.since_form")
    return since


def _seasons(
    request: web.Request, problems: dict[str, str], texts: Mapping[str, str]
) -> tuple[OfficeRule, ...]:
    if unknown := [key for key in texts if not _KEY.fullmatch(key)]:
        raise Invalid({key[:40]: say(request, "form.unknown") for key in unknown})
    rules: list[OfficeRule] = []
    for number in range(SEASONS):
        first, last, spans = (
            texts.get(f"seasons.{number}.{name}", "").strip() for name in ("first", "last", "intervals")
        )
        if not (first or last or spans):
            continue
        for name, text in (("first", first), ("last", last)):
            if not _DAY.fullmatch(text):
                problems[f"seasons.{number}.{name}"] = say(request, "rules.month_day")
        try:
            rules.append(OfficeRule(first, last, tuple(_interval(word) for word in spans.split())))
        except BadHours as bad:
            problems[f"seasons.{number}.intervals"] = str(bad)
        except ValueError:
            problems[f"seasons.{number}.intervals"] = say(request, "rules.intervals_form")
    return tuple(rules)


def _interval(word: str) -> tuple[time, time]:
    opens, closes = (datetime.strptime(part, "%H:%M").time() for part in re.split("[-–~]", word))  # noqa: DTZ007 - a time of day
    return opens, closes
