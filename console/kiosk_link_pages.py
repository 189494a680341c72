"""终端链接: pages of somebody else's inside the frame of a kiosk, and their declaration by the administrator.

Context of kiosk_links.html: frame, prefix, kiosk, groups (slot, links). Of kiosk_link.html: the same without groups, and
link. Of links.html: rows, kiosks, categories, slots, entered, errors.
"""

from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, posted, read_texts
from console.guard import FRAMES
from console.machines import actor_of
from console.moments import number_of
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.site import site_of, unindexed
from storage import kiosk_links, kiosks, units
from storage.errors import Invalid
from storage.kiosk_links import LONGEST_ADDRESS, LinkForm, Slot

FORM: Final = {
    "slot": Text(10, required=True),
    "name": Text(40, required=True),
    "name_en": Text(60),
    "address": Text(LONGEST_ADDRESS, required=True),
    "kiosk": Text(64),
    "category": Text(64),
}

routes = web.RouteTableDef()


@routes.get("/kiosk/links")
@needs(Permission.PUBLIC)
async def offered(request: web.Request) -> web.Response:
    """Show what may be opened here, bills and the rest apart."""
    site = await site_of(request)
    kiosk = site.kiosk
    assert kiosk is not None
    links = await request.app[PARTS].store.read(lambda conn: kiosk_links.offered(conn, kiosk.id))
    groups = [(slot.value, [one for one in links if one.slot == slot]) for slot in Slot]
    return unindexed(render(request, "kiosk_links.html", site.context() | {"groups": groups}))


@routes.get("/kiosk/links/{id:[0-9]{1,9}}")
@needs(Permission.PUBLIC)
async def framed(request: web.Request) -> web.Response:
    """Show the other's page in ours: without its own windows, without our address, without a way out of the frame."""
    site, number = await site_of(request), int(request.match_info["id"])
    kiosk = site.kiosk
    assert kiosk is not None
    link = await request.app[PARTS].store.read(lambda conn: kiosk_links.offered_one(conn, kiosk.id, number))
    if link is None:
        raise web.HTTPNotFound
    request[FRAMES] = link.origin
    return unindexed(render(request, "kiosk_link.html", site.context() | {"link": link}))


@routes.get("/kiosks/links")
@needs(Permission.ORG)
async def listing(request: web.Request) -> web.Response:
    return await _listing(request)


async def _listing(
    request: web.Request,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
) -> web.Response:
    parts = request.app[PARTS]
    at, zone = parts.now(), parts.settings.zone

    def look(conn: Connection) -> dict[str, Any]:
        return {
            "rows": kiosk_links.links(conn),
            "kiosks": [(one.id, one.name) for one in kiosks.kiosks(conn, at=at, zone=zone)],
            "categories": [(one.code, one.name) for one in units.categories(conn) if one.parent],
        }

    context = await parts.store.read(look)
    context |= {"slots": [slot.value for slot in Slot], "errors": errors or {}, "entered": entered or {}}
    return render(request, "links.html", context, status=status)


@routes.post("/kiosks/links")
@needs(Permission.ORG)
async def declare(request: web.Request) -> web.Response:
    parts, by, sent = request.app[PARTS], actor_of(request), await posted(request)
    sent.pop("csrf", None)
    try:
        texts = dict.fromkeys(FORM, "") | read_texts(request, FORM, sent)
        form, at = LinkForm(**texts), parts.now()
        await parts.store.write(lambda conn: kiosk_links.add(conn, form, by=by, at=at))
    except Invalid as error:
        return await _listing(request, status=400, errors=error.fields, entered=sent)
    raise web.HTTPSeeOther("/kiosks/links")


@routes.post("/kiosks/links/{id:[0-9]{1,9}}/end")
@needs(Permission.ORG)
async def end(request: web.Request) -> web.Response:
    parts, by, link = request.app[PARTS], actor_of(request), number_of(request.match_info["id"])
    at = parts.now()
    await parts.store.write(lambda conn: kiosk_links.end(conn, link, by=by, at=at))
    raise web.HTTPSeeOther("/kiosks/links")
