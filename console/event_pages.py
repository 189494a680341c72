"""突发事件: one page to see what many call about and to open an event with a click, one page for each event.

Context of events.html: now, suggested, templates, past, totals, entered, errors, hours. Of event.html: event, ended,
totals, hours, members, error.
"""

import secrets
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.event_templates import TEMPLATES
from cases.surge import Surge, surges
from console.forms import Text, read_texts
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from console.uploads import BODY, form_with_sound, seconds_of
from console.writing import epoch_ms
from storage import events, numbers, units
from storage.errors import Conflict, Invalid, Missing
from storage.events import Event, EventForm

HOURS: Final = ("1", "2", "4", "6", "8", "12", "24", "48", "72")
FORM: Final = {
    "key": Text(64, required=True),
    "name": Text(events.LONGEST_NAME, required=True),
    "area": Text(events.LONGEST_NAME),
    "announcement": Text(events.LONGEST_WORDS, required=True, lines=True),
    "banner": Text(events.LONGEST_WORDS, lines=True),
    "hours": Text(2, required=True, one_of=frozenset(HOURS)),
    "case": Text(64),
}
MOST_SUGGESTED: Final = 5

routes = web.RouteTableDef()


@routes.get("/events")
@needs(Permission.EVENTS)
async def listing(request: web.Request) -> web.Response:
    return await _listing(request)


async def _listing(
    request: web.Request,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    parts, at = request.app[PARTS], request.app[PARTS].now()

    def look(conn: Connection) -> dict[str, Any]:
        newest = events.newest(conn)
        names = {category.code: category.name for category in units.categories(conn)}
        found = surges(events.recent_reports(conn, at), at)[:MOST_SUGGESTED]
        return {
            "on": [one for one in newest if one.ended_at(at) is None],
            "past": [one for one in newest if one.ended_at(at) is not None],
            "totals": events.totals(conn, [one.id for one in newest]),
            "suggested": [_suggestion(one, names) for one in found],
        }

    context = await parts.store.read(look)
    blank = {"key": secrets.token_hex(8), "hours": "4"}
    context |= {
        "templates": TEMPLATES,
        "hours": HOURS,
        "entered": blank | (entered or _proposed(request)),
        "errors": errors or {},
    }
    return render(request, "events.html", context, status=status)


def _suggestion(surge: Surge, names: dict[str, str]) -> dict[str, Any]:
    return {
        "category": names.get(surge.category, surge.category),
        "area": surge.area,
        "count": surge.count,
        "usual": surge.usual,
        "first_at": surge.first_at,
        "case": surge.cases[0],
    }


def _proposed(request: web.Request) -> dict[str, str]:
    """Return a form that is filled in by a suggestion's link; nothing happens before it is sent."""
    known = {"name", "area", "case"}
    return {name: value[:64] for name, value in request.query.items() if name in known}


@routes.post("/events")
@needs(Permission.SUPERVISE, body=BODY)
async def open_by_hand(request: web.Request) -> web.Response:
    """Open what was written by hand, with the city's own recording if there is one."""
    sent, data = await form_with_sound(request, "sound")
    sent.pop("csrf", None)
    try:
        texts = dict.fromkeys(FORM, "") | read_texts(request, FORM, sent)
        number = await _open(request, texts, data)
    except Invalid as error:
        return await _listing(request, status=400, entered=sent, errors=error.fields)
    raise web.HTTPSeeOther(f"/events/{number}")


async def _open(request: web.Request, texts: dict[str, str], data: bytes | None) -> int:
    parts, at, by = request.app[PARTS], request.app[PARTS].now(), request[SIGNED].account.login
    seconds = seconds_of(request, data)

    def work(conn: Connection) -> int:
        sound = numbers.keep_sound(conn, data, seconds=seconds, by=by, at=at) if data else None
        form = EventForm(
            name=texts["name"],
            area=texts["area"],
            announcement=texts["announcement"],
            banner=texts["banner"],
            sound=sound,
            lasts=timedelta(hours=int(texts["hours"])),
            case=texts["case"],
        )
        return events.open_event(conn, form, key=texts["key"], by=by, at=at)

    return await parts.store.write(work, retryable=True)


@routes.post("/events/templates/{code}")
@needs(Permission.SUPERVISE)
async def open_template(request: web.Request) -> web.Response:
    """One click: the words are there, only the area may be named."""
    template = next((one for one in TEMPLATES if one.code == request.match_info["code"]), None)
    if template is None:
        raise Missing(request.match_info["code"])
    fields = {"csrf": Text(200), "key": Text(64, required=True), "area": Text(events.LONGEST_NAME)}
    texts = {"area": ""} | read_texts(request, fields, dict(await request.post()))
    area = texts["area"]
    filled = {
        "key": texts["key"],
        "name": f"{area}{template.name}",
        "area": area,
        "announcement": template.filled(template.announcement, area),
        "banner": template.banner,
        "hours": str(template.hours),
        "case": "",
    }
    raise web.HTTPSeeOther(f"/events/{await _open(request, filled, None)}")


@routes.get(r"/events/{event:\d{1,9}}")
@needs(Permission.EVENTS)
async def one(request: web.Request) -> web.Response:
    number, parts = _number(request), request.app[PARTS]

    def look(conn: Connection) -> dict[str, Any]:
        return {
            "event": events.event(conn, number),
            "totals": events.totals(conn, [number])[number],
            "hours": events.by_hour(conn, number, parts.settings.zone),
            "members": events.members(conn, number),
        }

    context = await parts.store.read(look)
    ended = context["event"].ended_at(parts.now())
    return render(request, "event.html", context | {"ended": ended, "spans": HOURS})


@routes.post(r"/events/{event:\d{1,9}}/{what:off|on|case|told}")
@needs(Permission.EVENTS)
async def change(request: web.Request) -> web.Response:
    """End it, let it go on, name its master case, or note that a member was told."""
    number, what = _number(request), request.match_info["what"]
    account, parts = request[SIGNED].account, request.app[PARTS]
    if what != "told" and not allowed(account.role, Permission.SUPERVISE):
        raise web.HTTPForbidden
    fields = {"csrf": Text(200), "value": Text(64)}
    value = read_texts(request, fields, dict(await request.post())).get("value", "")
    at, by = parts.now(), account.login

    def work(conn: Connection) -> None:
        match what:
            case "off":
                events.close_event(conn, number, by=by, at=at)
            case "on":
                lasts = timedelta(hours=int(value)) if value in HOURS else events.USUAL
                events.reopen_event(conn, number, lasts=lasts, by=by, at=at)
            case "case":
                events.link_case(conn, number, value, by=by, at=at)
            case _:
                if not events.tell_member(conn, number, value, by=by, at=at):
                    raise Conflict(say(request, "event.told_already"))

    await parts.store.write(work)
    raise web.HTTPSeeOther(f"/events/{number}")


def _number(request: web.Request) -> int:
    return int(request.match_info["event"])


@routes.get("/api/events/now")
@needs(Permission.EVENTS)
async def now_on(request: web.Request) -> web.Response:
    """What the desks show above the form while an event is on."""
    parts = request.app[PARTS]
    found = await parts.store.read(lambda conn: events.now_on(conn, parts.now(), most=5))
    return web.json_response({"events": [_banner(one) for one in found]})


def _banner(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "name": event.name,
        "area": event.area,
        "banner": event.banner,
        "until_ms": epoch_ms(event.expires_at),
    }
