"""To find a unit by what comes to mind first: a part of its name, its initials, its abbreviation, or its duties."""

from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, read_texts
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import units
from storage.units import Unit

FOUND_AT_MOST: Final = 10
ASKED: Final = {"q": Text(40), "below": Text(1, one_of=frozenset("1"))}

routes = web.RouteTableDef()


@routes.get("/api/units")
@needs(Permission.CASES)
async def find(request: web.Request) -> web.Response:
    """Return the units that fit what was typed, best first; with `below` only those under one's own unit."""
    asked = read_texts(request, ASKED, request.query)
    below = request[SIGNED].account.unit if asked.get("below") else ""

    def look(conn: Connection) -> list[Unit]:
        return units.search_units(conn, asked.get("q", ""), FOUND_AT_MOST, below)

    found = await request.app[PARTS].store.read(look)
    return web.json_response(
        {"units": [{"id": one.id, "name": one.name, "short": one.short_name} for one in found]}
    )
