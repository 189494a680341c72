"""What citizens use: the status page (works without scripts) and the web telephone.

Context of status.html: digits, error (None, "bad_input", "not_found", "locked", "too_many"), status (storage's Status
or None), steps (name, state "done", "now" or "todo", at). Of call.html: boot (number), open.
"""

import asyncio
import re
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from cases.workflow import State
from console.forms import Text, json_object, posted, read_texts
from console.guard import address_of
from console.health import FIGURES
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.phones import EXPIRES, PhonesClosed
from console.tries import Tries, network_of
from storage.cases import Locked, Status, WrongCode, status_by_code
from storage.errors import Invalid

TRIES_A_MINUTE: Final = 5
SAME_TIME_SECONDS: Final = 0.3
"""Every answer takes this long, so that its time does not tell whether the number exists."""

FIELDS: Final = {"digits": Text(40), "code": Text(20)}
_DIGITS: Final = re.compile(r"[0-9]{12}")
_CODE: Final = re.compile(r"[0-9]{6}")
_NUMBER: Final = re.compile(r"\+?[0-9]{3,20}")
_SEPARATORS: Final = re.compile(r"[\s\-–—A-Za-z]")

TRIES = web.AppKey("status_tries", Tries)

STEPS: Final = ("received", "dispatched", "read", "handled", "answered", "called_back")
_NOW: Final = {
    State.REGISTERED: 1,
    State.PENDING_DISPATCH: 1,
    State.DISPATCHED: 2,
    State.HANDLING: 3,
    State.RETURN_REVIEW: 3,
    State.REPLIED: 3,
    State.FINAL_REVIEW: 3,
    State.FEEDBACK: 4,
    State.CALLBACK: 5,
}


def steps_of(request: web.Request, found: Status) -> list[dict[str, Any]]:
    """Return the way of a case as a citizen sees it; a case that has ended has all of it behind it."""
    now = _NOW.get(found.state, len(STEPS))
    return [
        {
            "name": say(request, f"step.{name}"),
            "state": "done" if place < now else "now" if place == now else "todo",
            "at": found.filed_at if place == 0 else None,
        }
        for place, name in enumerate(STEPS)
    ]


routes = web.RouteTableDef()

ANSWERS: Final = {None: 200, "bad_input": 400, "not_found": 404, "locked": 423, "too_many": 429}


def _page(request: web.Request, *, error: str | None = None, found: Status | None = None) -> web.Response:
    # What was keyed is not repeated, so a wrong code and an unknown number give the same page to the byte.
    context = {
        "digits": found.digits if found else "",
        "error": error,
        "status": found,
        "steps": steps_of(request, found) if found else [],
    }
    response = render(request, "status.html", context, status=ANSWERS[error])
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@routes.get("/")
@needs(Permission.PUBLIC)
async def status_page(request: web.Request) -> web.Response:
    return _page(request)


@routes.post("/")
@needs(Permission.PUBLIC)
async def ask_status(request: web.Request) -> web.Response:
    """Tell a citizen how their case stands."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    answer = await _look_up(request)
    await asyncio.sleep(max(0.0, started + SAME_TIME_SECONDS - loop.time()))
    outcome = answer if isinstance(answer, str) else "found"
    request.app[FIGURES].add("hotline_status_asked_total", f'outcome="{outcome}"')
    return _page(request, error=answer) if isinstance(answer, str) else _page(request, found=answer)


async def _look_up(request: web.Request) -> Status | str:
    """Return the status, or which error it is."""
    form = read_texts(request, FIELDS, await posted(request))
    digits, code = _SEPARATORS.sub("", form.get("digits", "")), form.get("code", "").replace(" ", "")
    at, caller = request.app[PARTS].now(), network_of(address_of(request))
    if not request.app[TRIES].take(caller, at):
        return "too_many"
    if not _DIGITS.fullmatch(digits) or not _CODE.fullmatch(code):
        return "bad_input"
    found = await request.app[PARTS].store.write(
        lambda conn: status_by_code(conn, digits, code, caller=f"web:{caller}", at=at)
    )
    if isinstance(found, WrongCode):
        return "not_found"
    return "locked" if isinstance(found, Locked) else found


@routes.get("/call")
@needs(Permission.PUBLIC)
async def call_page(request: web.Request) -> web.Response:
    context = {"boot": {"number": "12345"}, "open": request.app[PARTS].settings.allow_webphone}
    response = render(request, "call.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@routes.post("/api/webphone")
@needs(Permission.PUBLIC)
async def open_phone(request: web.Request) -> web.Response:
    """Give a citizen's page a telephone for one visit; it can dial nothing but the hotline."""
    parts, figures = request.app[PARTS], request.app[FIGURES]
    form = read_texts(request, {"number": Text(20)}, await json_object(request))
    number = form.get("number", "")
    if number and not _NUMBER.fullmatch(number):
        raise Invalid({"number": say(request, "form.phone")})
    if not parts.settings.allow_webphone:
        return web.json_response({"error": say(request, "call.closed")}, status=503)
    try:
        ticket, phone = await parts.phones.open_visit(
            number, address=network_of(address_of(request)), at=parts.now()
        )
    except PhonesClosed:
        figures.add("hotline_webphones_refused_total")
        return web.json_response({"error": say(request, "call.busy")}, status=503)
    figures.add("hotline_webphones_total")
    return web.json_response(
        {
            "user": phone.user,
            "secret": phone.secret,
            "uri": f"sip:{phone.user}@hotline",
            "ws": f"/sip?phone={ticket}",
            "expires": EXPIRES,
        }
    )


@routes.get("/robots.txt")
@needs(Permission.PUBLIC)
async def robots(_: web.Request) -> web.Response:
    return web.Response(text="User-agent: *\nDisallow: /\n")


def set_up(app: web.Application) -> None:
    app[TRIES] = Tries(TRIES_A_MINUTE, timedelta(minutes=1))
