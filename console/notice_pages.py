"""提醒: the in-box of the person and of the unit.

Context of notices.html: inbox, texts_of and links (by id), shown ('' or all), held (the moment the sweep did not believe).
"""

from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.oversight import MAY, Duty
from console import unread
from console.forms import Text, page_of
from console.i18n import say
from console.org_forms import asked
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import notices, people, sweep
from storage.notices import Told

FILTERS: Final = {"shown": Text(3, one_of=frozenset({"all"}))}
REGISTERS: Final = {
    "warning": "/supervision/warnings",
    "supervision": "/supervision/orders",
    "circular": "/supervision/circulars",
    "exposure": "/supervision/exposures",
    "follow": "/follows",
}
WORDS: Final = {"clock": "clock", "trigger": "trigger", "origin": "urge.origin"}

routes = web.RouteTableDef()


@routes.get("/notices")
@needs(Permission.SIGNED_IN)
async def page(request: web.Request) -> web.Response:
    wanted = asked(request, FILTERS)
    number = page_of(request, wanted["page"])
    parts, account = request.app[PARTS], request[SIGNED].account
    at, releases = parts.now(), account.role in MAY[Duty.RELEASE_SWEEP]

    def look(conn: Connection) -> dict[str, Any]:
        box = notices.inbox(
            conn, people.actor(account), at, page=number, unread_only=wanted["shown"] != "all"
        )
        return {"inbox": box, "names": people.names(conn), "held": sweep.held_at(conn) if releases else None}

    context = await parts.store.read(look)
    context["links"] = {told.id: link for told in context["inbox"].rows if (link := link_of(told))}
    context["texts_of"] = {told.id: text_of(request, told) for told in context["inbox"].rows}
    return render(request, "notices.html", context | {"shown": wanted["shown"]})


@routes.post(r"/notices/{id:\d{1,12}}/read")
@needs(Permission.SIGNED_IN)
async def read_one(request: web.Request) -> web.Response:
    parts, by, number = request.app[PARTS], _actor(request), int(request.match_info["id"])
    await parts.store.write(lambda conn: notices.mark_read(conn, number, by=by, at=parts.now()))
    unread.forget(request)
    raise web.HTTPSeeOther("/notices")


@routes.post("/notices/read")
@needs(Permission.SIGNED_IN)
async def read_all(request: web.Request) -> web.Response:
    parts, by = request.app[PARTS], _actor(request)
    await parts.store.write(lambda conn: notices.mark_all_read(conn, by=by, at=parts.now()))
    unread.forget(request)
    raise web.HTTPSeeOther("/notices")


@routes.post("/notices/release-sweep")
@needs(Permission.SIGNED_IN)
async def release(request: web.Request) -> web.Response:
    """Let the clocks of the cases act again; the store says who may."""
    parts, by = request.app[PARTS], _actor(request)
    await parts.store.write(lambda conn: sweep.release(conn, "sweep", by=by, at=parts.now()))
    raise web.HTTPSeeOther("/notices")


def link_of(told: Told) -> str:
    """Return where one does what the notice asks for, if that is not the case itself."""
    about = told.kind.replace("_", ".").partition(".")[0]
    if about == "finding" and "finding" in told.detail:
        return f"/supervision/findings/{told.detail['finding']}"
    if about == "frontline" and "action" in told.detail:
        return f"/frontline/{told.detail['action']}"
    if about == "urgent" and told.no:
        return f"/urgent/{told.no}"
    if about == "knowledge":
        return f"/knowledge/{told.detail['article']}" if "article" in told.detail else "/knowledge/new"
    return REGISTERS.get(about, "")


def text_of(request: web.Request, told: Told) -> str:
    """Return a notice in the reader's language: its codes become words, its numbers stay."""
    words = {
        name: say(request, f"{WORDS[name]}.{value}") if name in WORDS else value
        for name, value in told.detail.items()
    }
    return say(request, f"notice.{told.kind}", **words)


def _actor(request: web.Request) -> people.Actor:
    return people.actor(request[SIGNED].account)
