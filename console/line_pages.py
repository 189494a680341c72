"""The rules of the line: what is in force in words, and the form by which the city's own rules are changed.

Context of line.html: words, emergency, supports, closures, duties, coming, versions, groups, seats, entered, errors, form.
Of line_rules.html: texts, rows, tables, scalars, groups, follows, why, valid_from, errors.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from aiohttp import web
from sqlalchemy import Connection

from console import line_form
from console.forms import Refused, Text, posted, read_texts
from console.i18n import say
from console.line_words import in_words
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from routing import rulebook
from routing.opening import closed_groups
from routing.rules import LineRules
from storage import line_rules
from storage.errors import Conflict, Invalid
from storage.line_models import SpanKind
from storage.line_rules import Span, Version

T = TypeVar("T")

WEEK: Final = timedelta(days=7)
VERSIONS: Final = 10
OWN_FIELDS: Final = {
    "follows": Text(9, required=True),
    "why": Text(200, required=True),
    "valid_from": Text(16),
}

routes = web.RouteTableDef()


@routes.get("/line")
@needs(Permission.LINE)
async def overview(request: web.Request) -> web.Response:
    return await line_page(request)


async def line_page(
    request: web.Request,
    *,
    status: int = 200,
    form: str = "",
    errors: Mapping[str, str] | None = None,
    entered: Mapping[str, str] | None = None,
) -> web.Response:
    """Return the page of the line; after a refused form with the reason and with all that was typed."""
    at = request.app[PARTS].now()

    def look(conn: Connection) -> tuple[LineRules, LineRules, list[Span], list[Version], list[str]]:
        spans = line_rules.spans(conn, since=at, until=at + WEEK)
        seats = [each.seat or "" for each in line_rules.all_skilled(conn)]
        standing = rulebook.standing_rules(conn, at)
        return rulebook.rules(conn, at), standing, spans, line_rules.versions(conn, VERSIONS), seats

    rules, standing, spans, versions, seats = await request.app[PARTS].store.read(look)
    context: dict[str, Any] = {
        "words": in_words(standing, partial(say, request)),
        "emergency": next((s for s in spans if s.kind is SpanKind.EMERGENCY), None),
        "supports": _shown(spans, SpanKind.SUPPORT),
        "closures": _shown(spans, SpanKind.CLOSURE),
        "duties": _shown(spans, SpanKind.DUTY),
        "closed": sorted(closed_groups(rules, at)),
        "coming": [each for each in versions if each.valid_from > at],
        "versions": versions,
        "groups": [group.name for group in standing.groups],
        "skills": [skill.skill for skill in standing.skills],
        "seats": seats,
        "errors": errors or {},
        "entered": entered or {},
        "form": form,
    }
    return render(request, "line.html", context, status=status)


def _shown(spans: list[Span], kind: SpanKind) -> list[tuple[Span, dict[str, Any]]]:
    return [(span, line_rules.detail_of(span)) for span in spans if span.kind is kind]


@routes.get("/line/rules")
@needs(Permission.LINE)
async def rules_form(request: web.Request) -> web.Response:
    at = request.app[PARTS].now()

    def look(conn: Connection) -> tuple[LineRules, int]:
        # The newest, not the one in force: what is planned for later must not be lost by a change of today.
        return rulebook.newest_rules(conn), line_rules.newest(conn)

    rules, follows = await request.app[PARTS].store.read(look)
    own = {"follows": str(follows), "why": "", "valid_from": ""}
    return _rules_page(request, line_form.filled(rules), own, at=at)


def _rules_page(
    request: web.Request,
    texts: Mapping[str, str],
    own: Mapping[str, str],
    *,
    at: datetime,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
) -> web.Response:
    context = {
        "texts": texts,
        "rows": line_form.rows_shown(texts),
        "tables": line_form.TABLES,
        "scalars": line_form.SCALARS,
        "numbers": line_form.NUMBERS,
        "own": own,
        "errors": errors or {},
        "at": at,
    }
    return render(request, "line_rules.html", context, status=status)


@routes.post("/line/rules")
@needs(Permission.LINE)
async def save(request: web.Request) -> web.StreamResponse:
    """Keep the new rules and choose by them at once; a refusal is shown on the form with all that was typed."""
    sent = await posted(request)
    sent.pop("csrf", None)
    texts = {name: value for name, value in sent.items() if name not in OWN_FIELDS}
    own = dict.fromkeys(OWN_FIELDS, "") | {name: sent[name] for name in OWN_FIELDS if name in sent}
    if not (own["follows"].isascii() and own["follows"].isdigit()):
        raise Refused(say(request, "form.number"))  # no person types this field
    parts = request.app[PARTS]
    at = parts.now()
    try:
        await _save(request, texts, own, at)
    except Invalid as error:
        return _rules_page(request, texts, own, at=at, status=400, errors=error.fields)
    except Conflict as error:
        return _rules_page(request, texts, own, at=at, status=409, errors={"": str(error)})
    await put_into_force(request)
    raise web.HTTPSeeOther("/line")


async def _save(request: web.Request, texts: Mapping[str, str], own: Mapping[str, str], at: datetime) -> None:
    parts = request.app[PARTS]
    problems: dict[str, str] = {}
    filled = _or_say(problems, lambda: dict.fromkeys(OWN_FIELDS, "") | read_texts(request, OWN_FIELDS, own))
    rules = _or_say(problems, lambda: line_form.read(texts, zone=parts.settings.zone.key))
    typed = own["valid_from"].strip()
    valid_from = _or_say(problems, lambda: moment(request, "valid_from", typed) if typed else at)
    if filled is None or rules is None or valid_from is None:
        raise Invalid(problems)
    await parts.store.write(
        lambda conn: rulebook.save_rules(
            conn,
            rules,
            follows=int(filled["follows"]),
            why=filled["why"],
            by=request[SIGNED].account.login,
            valid_from=valid_from,
            at=at,
        )
    )


def _or_say(problems: dict[str, str], work: Callable[[], T]) -> T | None:
    """Return what the work gives, or note what is wrong: all of it is said at once."""
    try:
        return work()
    except Invalid as error:
        problems |= error.fields
        return None


async def put_into_force(request: web.Request) -> None:
    """Choose by what the store says now. Other processes see that something has changed when they look next."""
    parts = request.app[PARTS]
    at = parts.now()
    parts.engine.use_rules(await parts.store.read(lambda conn: rulebook.rules(conn, at)))


def moment(request: web.Request, name: str, text: str) -> datetime:
    """Return the time of the city that was typed as `2026-11-23 09:00`."""
    try:
        local = datetime.strptime(text.replace("T", " "), "%Y-%m-%d %H:%M").replace(
            tzinfo=request.app[PARTS].settings.zone
        )
    except ValueError:
        raise Invalid({name: say(request, "line.moment")}) from None
    if not 2000 <= local.year <= 2999:
        raise Invalid({name: say(request, "line.moment")})
    return local
