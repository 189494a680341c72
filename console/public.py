"""The web telephone: for citizens whose only telephone is a browser.

Context of call.html: boot (number), open.
"""

import re
from typing import Final

from aiohttp import web

from console.forms import Text, json_object, read_texts
from console.guard import address_of
from console.health import FIGURES
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.phones import EXPIRES, PhonesClosed
from console.site import unindexed
from console.tries import network_of
from storage.errors import Invalid

_NUMBER: Final = re.compile(r"\+?[0-9]{3,20}")

routes = web.RouteTableDef()


@routes.get("/call")
@needs(Permission.PUBLIC)
async def call_page(request: web.Request) -> web.Response:
    context = {"boot": {"number": "12345"}, "open": request.app[PARTS].settings.allow_webphone}
    return unindexed(render(request, "call.html", context))


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
    return web.Response(text="User-agent: *\nDisallow: /\nAllow: /published\nAllow: /guide\n")
