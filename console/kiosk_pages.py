"""自助终端: what a kiosk shows first, how it is made known, what is filed at it, and its sign of life.

Context of kiosk.html: frame, prefix, kiosk, links. Of kiosk_enrol.html: error, refused. Of kiosk_report.html: kiosk,
matters, matter, filed (number and code, once), key, entered, errors, link. Of kiosk_call.html: boot, open.
"""

import logging
import secrets
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, json_object, posted, read_texts
from console.guard import address_of
from console.i18n import say
from console.moments import number_of
from console.pages import YEAR, render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.site import COOKIE, KIOSK, Site, known, site_of, unindexed
from console.tries import Tries, network_of
from storage import kiosk_links, kiosk_reports, kiosks, units
from storage.errors import Invalid
from storage.kiosk_links import Link
from storage.kiosk_reports import Report
from storage.kiosks import VISIT, Kiosk

log = logging.getLogger(__name__)

TOKENS_A_MINUTE: Final = 5
REPORTS_AN_HOUR: Final = 20
"""From one kiosk: a queue of people never comes to this, a child who presses a button does."""
ENROL: Final = {"token": Text(64, required=True)}
REPORT: Final = {
    "key": Text(40, required=True),
    "category": Text(16, required=True),
    "place": Text(80),
    "words": Text(1_000, lines=True),
    "number": Text(20),
    "link": Text(9),
}
BEAT: Final = {"kept": Text(4)}

TOKENS = web.AppKey("kiosk_tokens", Tries)
REPORTS = web.AppKey("kiosk_reports", Tries)

routes = web.RouteTableDef()


@routes.get("/kiosk")
@needs(Permission.PUBLIC)
async def home(request: web.Request) -> web.Response:
    """Show the three large buttons; what the last visitor left in the browser is wiped with it."""
    kiosk = await known(request)
    if kiosk is None:
        return _enrol(request)
    await _alive(request, kiosk)
    links = await request.app[PARTS].store.read(lambda conn: kiosk_links.offered(conn, kiosk.id))
    site = Site("_kiosk_base.html", KIOSK, "kiosk", kiosk)
    response = unindexed(render(request, "kiosk.html", site.context() | {"links": links}))
    # Not "storage": what waits sealed for the network lies there. The page's script empties the rest of it.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _enrol(request: web.Request, *, error: bool = False, status: int = 200) -> web.Response:
    context = {"error": error, "refused": COOKIE in request.cookies}
    return unindexed(render(request, "kiosk_enrol.html", context, status=status))


@routes.post("/kiosk")
@needs(Permission.PUBLIC)
async def enrol(request: web.Request) -> web.Response:
    """Make this machine the kiosk whose token is typed into it, once, by who sets it up."""
    parts, here = request.app[PARTS], network_of(address_of(request))
    if not request.app[TOKENS].take(here, parts.now()):
        raise web.HTTPTooManyRequests
    form = read_texts(request, ENROL, await posted(request))
    kiosk = await parts.store.read(lambda conn: kiosks.known(conn, form["token"]))
    if kiosk is None:
        log.warning("a kiosk with an unknown token from %s", here)
        return _enrol(request, error=True, status=403)
    log.info("kiosk %s is set up", kiosk.id)
    response = web.HTTPSeeOther(KIOSK)
    response.set_cookie(
        COOKIE, form["token"], max_age=10 * YEAR, path="/", secure=True, httponly=True, samesite="Strict"
    )
    raise response


@routes.post("/api/kiosk/beat")
@needs(Permission.PUBLIC)
async def beat(request: web.Request) -> web.Response:
    """Take a sign of life, and how many submissions wait there; a kiosk that was locked learns of it here."""
    kiosk = await known(request)
    if kiosk is None:
        raise web.HTTPForbidden
    said = read_texts(request, BEAT, await json_object(request)).get("kept", "")
    await _alive(request, kiosk, int(said) if said.isdecimal() else None)
    return web.json_response({"kiosk": kiosk.id})


async def _alive(request: web.Request, kiosk: Kiosk, kept: int | None = None) -> None:
    parts = request.app[PARTS]
    at = parts.now()
    await parts.store.write(lambda conn: kiosks.alive(conn, kiosk.id, at=at, kept=kept))


@routes.post("/kiosk/begin")
@needs(Permission.PUBLIC)
async def begin(request: web.Request) -> web.Response:
    """Count a visit and go where the visitor wants to go."""
    site, parts = await site_of(request), request.app[PARTS]
    to = frozenset({"status", "report", "guide", "call", "published", "links"})
    form = read_texts(request, {"to": Text(12, required=True, one_of=to)}, await posted(request))
    at, zone, kiosk = parts.now(), parts.settings.zone, site.kiosk
    assert kiosk is not None
    await parts.store.write(lambda conn: kiosks.used(conn, kiosk.id, VISIT, at=at, zone=zone))
    raise web.HTTPSeeOther(f"{KIOSK}/{form['to']}")


@routes.get("/kiosk/report")
@needs(Permission.PUBLIC)
async def report_page(request: web.Request) -> web.Response:
    """Begin with the matters, or with a bill that could not be paid: then kiosk and bill are written down already."""
    site, asked = await site_of(request), request.query.get("link", "")[:9]
    link = await _link(request, site, asked)
    if link is None or link.category is None:
        return await _report(request, site, matter=request.query.get("matter", "")[:16])
    assert site.kiosk is not None
    words = say(request, "kiosk.failed_words", name=link.name, kiosk=site.kiosk.name, id=site.kiosk.id)
    return await _report(request, site, matter=link.category, link=asked, entered={"words": words})


async def _link(request: web.Request, site: Site, asked: str) -> Link | None:
    kiosk, number = site.kiosk, number_of(asked)
    if kiosk is None or not number:
        return None
    return await request.app[PARTS].store.read(lambda conn: kiosk_links.offered_one(conn, kiosk.id, number))


async def _report(
    request: web.Request, site: Site, *, matter: str = "", status: int = 200, **more: Any
) -> web.Response:
    def look(conn: Connection) -> list[units.Category]:
        return units.categories(conn)

    every = await request.app[PARTS].store.read(look)
    chosen = next((one for one in every if one.code == matter), None)
    context = {
        "matters": [one for one in every if one.parent == (matter or None)],
        "matter": chosen,
        "key": secrets.token_hex(16),
        "filed": None,
        "entered": {},
        "errors": {},
        "link": "",
        **more,
    }
    response = render(request, "kiosk_report.html", site.context() | context, status=status)
    return unindexed(response)


@routes.post("/kiosk/report")
@needs(Permission.PUBLIC)
async def report(request: web.Request) -> web.Response:
    """File a case; number and code are on this answer and nowhere else."""
    site, parts, sent = await site_of(request), request.app[PARTS], await posted(request)
    kiosk, at = site.kiosk, parts.now()
    assert kiosk is not None
    if not request.app[REPORTS].take(kiosk.id, at):
        raise web.HTTPTooManyRequests
    try:
        texts = dict.fromkeys(REPORT, "") | read_texts(request, REPORT, sent)
        key, link = texts.pop("key"), await _link(request, site, texts.pop("link"))
        form = Report(**texts, link=link.id if link else None)
        filed = await parts.store.write(
            lambda conn: kiosk_reports.report(conn, kiosk, form, key=key, at=at, rules=parts.rules)
        )
    except Invalid as error:
        more = {"errors": error.fields, "entered": sent, "link": sent.get("link", "")[:9]}
        return await _report(request, site, matter=sent.get("category", "")[:16], status=400, **more)
    return await _report(request, site, filed=filed)


@routes.get("/kiosk/call")
@needs(Permission.PUBLIC)
async def call_page(request: web.Request) -> web.Response:
    """A telephone that can dial nothing but 12345, for whoever stands here: no number is asked for or sent."""
    site = await site_of(request)
    context = {
        "boot": {"number": "12345", "anonymous": True},
        "open": request.app[PARTS].settings.allow_webphone,
    }
    return unindexed(render(request, "call.html", site.context() | context))


def set_up(app: web.Application) -> None:
    app[TOKENS] = Tries(TOKENS_A_MINUTE, timedelta(minutes=1))
    app[REPORTS] = Tries(REPORTS_AN_HOUR, timedelta(hours=1))
