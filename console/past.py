"""What the citizen on the line has asked for before, page by page: the pop shows only the newest of it.

Only to the seat that has the call, and only of the number that calls: nobody looks through the past of a number at will.
"""

from functools import partial
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from console.desks import DESKS
from console.forms import Text, page_of, read_texts
from console.i18n import say
from console.parts import PARTS
from console.permissions import Permission, needs
from console.pop import brief, recent
from console.sessions import SIGNED
from storage import calls, cases
from storage.briefs import CaseBrief
from storage.calls import CallBrief
from storage.errors import Missing

TOGETHER: Final = 20
ASKED: Final = {"call": Text(64, required=True), "page": Text(4)}

routes = web.RouteTableDef()


@routes.get("/api/past")
@needs(Permission.DESK)
async def past(request: web.Request) -> web.Response:
    """Return a page of the cases and of the calls of whoever is on this seat's line, the newest first."""
    asked = read_texts(request, ASKED, request.query)
    page = page_of(request, asked.get("page", ""))
    shown = request.app[DESKS].last.get(request[SIGNED].account.seat or "")
    if shown is None or shown.id != asked["call"]:
        raise Missing(asked["call"])
    number, skip = shown.number, (page - 1) * TOGETHER

    def look(conn: Connection) -> tuple[list[CaseBrief], list[CallBrief]]:
        # One more than is shown says whether there are more; the call in hand is no past.
        return (
            cases.cases_of_caller(conn, number, TOGETHER + 1, skip=skip),
            calls.calls_of(conn, number, TOGETHER + 1, skip=skip),
        )

    found, called = await request.app[PARTS].store.read(look)
    at = request.app[PARTS].now()
    return web.json_response(
        {
            "cases": [brief(one, at) for one in found[:TOGETHER]],
            "calls": [recent(one, partial(say, request)) for one in called[:TOGETHER] if one.id != shown.id],
            "more": max(len(found), len(called)) > TOGETHER,
        }
    )
