"""How good the suggestions are: how often agents took them, what the cases came to in the end, and what was learned when.

Context of suggestions.html: days, total, models, known, version, since.
"""

from datetime import date, timedelta
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.suggestions import SUGGESTIONS
from storage import suggestions
from storage.suggestions import Kept, Taken

SHOWN_DAYS: Final = timedelta(days=30)
SHOWN_MODELS: Final = 10

routes = web.RouteTableDef()


@routes.get("/suggestions")
@needs(Permission.REPORTS)
async def page(request: web.Request) -> web.Response:
    parts, service = request.app[PARTS], request.app[SUGGESTIONS]
    today = parts.now().astimezone(parts.settings.zone).date()
    since = today - SHOWN_DAYS

    def look(conn: Connection) -> tuple[list[Taken], list[Kept]]:
        return suggestions.taken_by_day(conn, since), suggestions.models(conn, SHOWN_MODELS)

    days, models = await parts.store.read(look)
    context = {
        "days": days,
        "total": _total(days, today),
        "models": models,
        "known": service.known,
        "version": service.version,
        "since": since,
    }
    return render(request, "suggestions.html", context)


def _total(days: list[Taken], today: date) -> Taken:
    return sum(days, start=Taken(today, *[0] * 9))
