"""告警阈值: from when on the wall raises an alarm, for the whole line and for each skill; and what agents are told.

Context of watch_rules.html: rows, rules, follows, versions, entered, errors.
Context of wall_desk.html: boot, as of wall.html.
"""

from dataclasses import replace
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, posted, read_texts
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from console.wall import WALL
from routing import rulebook, watch_rules
from routing.watch_rules import BadRules, Threshold, WatchRules
from storage import watch_rules as kept
from storage.errors import Conflict, Invalid

NUMBER: Final = Text(4)
SHOWN: Final = 20

routes = web.RouteTableDef()


@routes.get("/wall/desk")
@needs(Permission.SUPERVISE)
async def desk(request: web.Request) -> web.Response:
    """Show the wall on a supervisor's own screen, with what can be done to each seat beside it."""
    boot = {"supervise": True, "desk": True, "login": request[SIGNED].account.login}
    return render(request, "wall_desk.html", {"boot": boot})


@routes.get("/wall/rules")
@needs(Permission.SUPERVISE)
async def page(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post("/wall/rules")
@needs(Permission.SUPERVISE)
async def save(request: web.Request) -> web.Response:
    """Keep the limits as a new version; they hold within seconds."""
    parts, by = request.app[PARTS], request[SIGNED].account.login
    sent = await posted(request)
    skills = await parts.store.read(lambda conn: _skills(conn, request))
    try:
        rules, follows, why = _read(request, skills, sent)
        await parts.store.write(
            lambda conn: kept.add_version(
                conn, watch_rules.dump(rules), follows=follows, why=why, by=by, at=parts.now()
            )
        )
    except (Invalid, BadRules) as wrong:
        return await _page(request, status=400, entered=sent, errors=dict(wrong.fields))
    except Conflict as meanwhile:
        return await _page(request, status=409, entered=sent, errors={"why": str(meanwhile)})
    request.app[WALL].recount()
    raise web.HTTPSeeOther("/wall/rules")


def _read(request: web.Request, skills: list[str], sent: dict[str, str]) -> tuple[WatchRules, int, str]:
    fields = {f"{kind}-{row}": NUMBER for row in range(len(skills)) for kind in ("longest", "waiting")}
    fields |= {
        "csrf": Text(64),
        "follows": Text(9, required=True),
        "raise_seconds": Text(4, required=True),
        "clear_seconds": Text(4, required=True),
        "unread_seconds": Text(4),
        "tell_listening": Text(3, one_of=frozenset({"yes"})),
        "why": Text(200, required=True),
    }
    texts = read_texts(request, fields, sent)

    def number(name: str) -> int:
        text = texts.get(name) or "0"
        if not (text.isascii() and text.isdecimal()):
            raise Invalid({name: say(request, "form.number")})
        return int(text)

    thresholds = [
        Threshold(skill, number(f"longest-{row}"), number(f"waiting-{row}"))
        for row, skill in enumerate(skills)
    ]
    rules = WatchRules(
        tuple(each for each in thresholds if each.longest_seconds or each.waiting),
        number("raise_seconds"),
        number("clear_seconds"),
        texts.get("tell_listening") == "yes",
        number("unread_seconds"),
    )
    try:
        return watch_rules.checked(rules), number("follows"), texts["why"]
    except BadRules as wrong:
        rows = {skill: row for row, skill in enumerate(skills)}
        raise Invalid({_field(name, rows): text for name, text in wrong.fields.items()}) from None


def _field(name: str, rows: dict[str, int]) -> str:
    """Return the form's name of what is wrong."""
    kind, dot, skill = name.partition(".")
    return f"{kind}-{rows[skill]}" if dot else name


def _skills(conn: Connection, request: web.Request) -> list[str]:
    """Return what can have limits: the whole line, the skills of the line, and whatever has some already."""
    at = request.app[PARTS].now()
    version = kept.newest(conn)
    limited = [each.skill for each in _rules(version).thresholds]
    return [*dict.fromkeys(["", *(each.skill for each in rulebook.rules(conn, at).skills), *limited])]


def _rules(version: kept.Version | None) -> WatchRules:
    if version is None:
        return WatchRules()
    try:
        return watch_rules.parse(version.rules)
    except BadRules:
        return replace(WatchRules(), thresholds=())


async def _page(
    request: web.Request,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    def look(conn: Connection) -> dict[str, Any]:
        version = kept.newest(conn)
        rules = _rules(version)
        return {
            "rules": rules,
            "rows": [rules.of(skill) for skill in _skills(conn, request)],
            "follows": version.id if version else 0,
            "versions": kept.versions(conn, SHOWN),
        }

    context = await request.app[PARTS].store.read(look)
    return render(
        request,
        "watch_rules.html",
        context | {"entered": entered or {}, "errors": errors or {}},
        status=status,
    )
