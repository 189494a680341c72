"""What is proposed to an agent who takes down a case: matters, units, and cases like it, each with its reason."""

from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, read_texts
from console.i18n import say
from console.parts import PARTS
from console.permissions import Permission, needs
from storage import units

SUGGESTED: Final = 3
ASKED: Final = {
    "text": Text(4_400, lines=True),
    "title": Text(100),
    "address": Text(200),
    "category": Text(40),
    "call": Text(64),
}

routes = web.RouteTableDef()


@routes.get("/api/suggest")
@needs(Permission.CASES)
async def suggest(request: web.Request) -> web.Response:
    """Propose units and say why. What the agent does with it is the agent's decision."""
    asked = read_texts(request, ASKED, request.query)
    category = asked.get("category", "")
    text = " ".join(asked.get(name, "") for name in ("title", "text", "address"))

    def look(conn: Connection) -> list[tuple[units.Unit, str]]:
        area = units.area_of(conn, text)
        found = [(duty.unit, duty.basis) for duty in units.duties(conn, category, area)] if category else []
        known = {unit.id for unit, _ in found}
        named = [unit for unit in units.units(conn) if unit.short_name in text and unit.id not in known]
        return found + [(unit, "") for unit in named]

    found = await request.app[PARTS].store.read(look)
    duty, name = say(request, "suggest.duty"), say(request, "suggest.name")
    return web.json_response(
        {
            "asked": "",
            "categories": [],
            "units": [
                {"id": unit.id, "name": unit.name, "why": f"{duty} · {basis}" if basis else name}
                for unit, basis in found[:SUGGESTED]
            ],
            "similar": [],
        }
    )
