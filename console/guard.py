"""What stands before every view: headers, limits, sessions, origin, tokens, permissions, and errors put into words.

One middleware for each, so that each rule can be read alone; `app.build` gives their order.
"""

import asyncio
import hmac
import logging
from typing import Final
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from cases.clocks import ClockRefused
from cases.oversight import NotYourDuty
from cases.workflow import NotAllowed, Refusal
from console.forms import Refused
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Demand, Permission, allowed, demand_of
from console.sessions import COOKIE, SESSIONS, SIGNED
from storage.errors import Conflict, Invalid, Missing, StoreDown

log = logging.getLogger(__name__)

BODY_LIMIT: Final = 64 * 1024
SECONDS: Final = 15.0
"""No page of ours takes this long; a store that does is answered with 503 while the form is still on the screen."""

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: a browser would then send `Origin: null` with our own forms, and the check below would fail.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(self)",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FRAMES: Final = web.RequestKey("frames", str)
"""The one origin that the page of this request may frame: what an administrator declared for the kiosk that asks."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
TOLD: Final = frozenset({400, 401, 403, 404, 405, 413, 415, 429, 503})
OPEN: Final = frozenset({"/account/password", "/logout"})
"""Where somebody may go who has to choose a password of his own first."""
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on every answer, whoever made it (a signal: errors and files pass here too)."""
    response.headers.update(HEADERS)
    if (framed := request.get(FRAMES)) is not None:
        response.headers["Content-Security-Policy"] = f"{CSP}; frame-src {framed}"
    if request.path.startswith("/static/"):
        lasting = "v" in request.query
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
    else:
        # Pages carry citizens' words and a token.
        response.headers.setdefault("Cache-Control", "no-store")


def _wants_json(request: web.Request) -> bool:
    return request.path.startswith(("/api/", "/live/", "/sip"))


def answer(request: web.Request, status: int, text: str) -> web.Response:
    """Return a refusal as the asker reads it: JSON for scripts, a page for people."""
    if _wants_json(request):
        return web.json_response({"error": text}, status=status)
    context = {
        "status": status,
        "title": say(request, f"error.{status}.title"),
        "why": text,
        "next": say(request, "error.next"),
        "next_url": "/login" if status == web.HTTPUnauthorized.status_code else "/",
    }
    return render(request, "error.html", context, status=status)


REFUSALS: Final = (Refused, Refusal, ClockRefused, Conflict, Missing, StoreDown, TimeoutError)


def _put_in_words(request: web.Request, error: Exception) -> tuple[int, str]:
    match error:
        case Refused():
            return 400, str(error)
        case NotAllowed() | NotYourDuty():
            return 403, str(error)
        case Refusal() | ClockRefused() | Conflict():
            return 409, str(error)
        case Missing():
            return 404, say(request, "error.404")
        case _:
            log.error("%s %s failed: %r", request.method, request.path, error)
            return 503, say(request, "error.503")


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put what the store and the core refuse into an answer; views never do this themselves."""
    try:
        return await handler(request)
    except Invalid as error:
        if not _wants_json(request):
            return answer(request, 400, "; ".join(dict.fromkeys(error.fields.values())))
        return web.json_response({"errors": error.fields}, status=400)
    except REFUSALS as error:
        return answer(request, *_put_in_words(request, error))
    except web.HTTPException as error:
        if error.status < web.HTTPBadRequest.status_code:
            raise
        key = f"error.{error.status}"
        return answer(request, error.status, say(request, key if error.status in TOLD else "error.400"))


@web.middleware
async def limits(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a body that says it is too large before reading it, and give up on a view that takes too long."""
    demand = demand_of(request.match_info.route)
    most = max(BODY_LIMIT, demand.body if demand else 0)
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    if most > BODY_LIMIT and COOKIE in request.cookies:
        # Only a route that takes recordings, and only from somebody who seems to be signed in.
        request = request.clone(client_max_size=most)
    if demand is not None and demand.socket:
        return await handler(request)
    async with asyncio.timeout(SECONDS):
        return await handler(request)


def address_of(request: web.Request) -> str:
    """Return the browser's address, as the proxy tells it if there is one."""
    if request.app[PARTS].settings.behind_proxy:
        last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if last:
            return last
    return request.remote or ""


def from_our_pages(request: web.Request) -> bool:
    """Say whether a page of ours sent this, by what the browser itself says about it."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    ours = request.app[PARTS].settings.origins
    return origin in ours if ours else origin == f"{request.scheme}://{request.host}"


@web.middleware
async def origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse unsafe methods and sockets that a foreign page started."""
    demand = demand_of(request.match_info.route)
    guarded = request.method not in SAFE_METHODS or (demand is not None and demand.socket)
    machine = demand is not None and demand.machine
    if guarded and not machine and not from_our_pages(request):
        log.warning("%s %s refused: foreign origin", request.method, request.path)
        raise web.HTTPForbidden
    return await handler(request)


@web.middleware
async def session(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who is signed in."""
    token = request.cookies.get(COOKIE)
    if token:
        signed = await request.app[SESSIONS].find(token, request.app[PARTS].now())
        if signed is not None:
            request[SIGNED] = signed
    return await handler(request)


async def _sent_token(request: web.Request) -> str:
    header = request.headers.get("X-CSRF")
    if header is not None:
        return header
    if request.content_type in FORMS:
        return str((await request.post()).get("csrf", ""))
    return ""


@web.middleware
async def csrf(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the session's token with every unsafe method of a signed-in person."""
    signed = request.get(SIGNED)
    if signed is None or request.method in SAFE_METHODS:
        return await handler(request)
    demand = demand_of(request.match_info.route)
    # A public form carries no token: the citizen's page is the same whether or not an agent is signed in.
    if demand is not None and demand.permission is Permission.PUBLIC:
        return await handler(request)
    sent = await _sent_token(request)
    if not hmac.compare_digest(sent.encode(), signed.csrf.encode()):
        log.warning("%s %s by %s refused: no valid token", request.method, request.path, signed.account.login)
        raise web.HTTPForbidden
    return await handler(request)


def _before_change(request: web.Request, demand: Demand) -> bool:
    """Say whether this is open to somebody whose password another person knows."""
    return demand.permission is Permission.PUBLIC or request.path in OPEN


def _to_password(request: web.Request, demand: Demand) -> web.Response:
    if request.method in SAFE_METHODS and not demand.socket and not _wants_json(request):
        raise web.HTTPSeeOther("/account/password")
    return answer(request, web.HTTPForbidden.status_code, say(request, "password.must"))


@web.middleware
async def permit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let through who has the permission the route declares; a route that declares none is for nobody."""
    if request.match_info.http_exception is not None:
        return await handler(request)
    demand = demand_of(request.match_info.route)
    signed = request.get(SIGNED)
    if demand is None:
        log.error("%s declares no permission", request.path)
        raise web.HTTPForbidden
    if allowed(signed.account.role if signed else None, demand.permission):
        if signed is not None and signed.account.must_change and not _before_change(request, demand):
            return _to_password(request, demand)
        return await handler(request)
    if signed is not None:
        log.warning("%s may not use %s", signed.account.login, request.path)
        raise web.HTTPForbidden
    if request.method in SAFE_METHODS and not demand.socket and not _wants_json(request):
        raise web.HTTPSeeOther(f"/login?next={quote(request.path_qs, safe='/')}")
    raise web.HTTPUnauthorized
