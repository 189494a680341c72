"""终端指南: the columns and classes of the guide on kiosks, for the editors of the knowledge base.

Context of guide_edit.html: columns, held (articles by class), categories, writes, entered, errors, error.
"""

from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.workflow import Refusal
from console.forms import Text, posted, read_texts
from console.knowledge_pages import actor_of, today_of
from console.moments import number_of
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from storage import guide, units
from storage.errors import Conflict, Invalid
from storage.guide import KEEPERS, ClassForm

COLUMN: Final = {"name": Text(20, required=True), "name_en": Text(40)}
CLASS: Final = {
    "column": Text(9, required=True),
    "name": Text(20, required=True),
    "name_en": Text(40),
    "category": Text(64),
    "words": Text(60),
}

routes = web.RouteTableDef()


@routes.get("/knowledge/guide")
@needs(Permission.KNOWLEDGE_GAPS)
async def listing(request: web.Request) -> web.Response:
    return await _listing(request)


async def _listing(
    request: web.Request,
    *,
    status: int = 200,
    error: str = "",
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
) -> web.Response:
    today = today_of(request)

    def look(conn: Connection) -> dict[str, Any]:
        columns = guide.columns(conn)
        kinds = [one for column in columns for one in column.classes]
        found = {one.id: guide.articles(conn, one.id, today=today) for one in kinds}
        return {
            "columns": columns,
            "held": {number: len(each[1]) for number, each in found.items() if each},
            "categories": [(one.code, one.name) for one in units.categories(conn)],
        }

    context = await request.app[PARTS].store.read(look)
    context |= {"writes": actor_of(request).role in KEEPERS, "error": error}
    context |= {"errors": errors or {}, "entered": entered or {}}
    return render(request, "guide_edit.html", context, status=status)


@routes.post("/knowledge/guide/{what:column|class}")
@needs(Permission.KNOWLEDGE_GAPS)
async def add(request: web.Request) -> web.Response:
    """Add a column, or a class to one."""
    what, sent = request.match_info["what"], await posted(request)
    sent.pop("csrf", None)
    parts, by, fields = request.app[PARTS], actor_of(request), COLUMN if what == "column" else CLASS
    at = parts.now()

    def work(conn: Connection) -> None:
        if what == "column":
            guide.add_column(conn, texts["name"], texts["name_en"], by=by, at=at)
        else:
            number = number_of(texts.pop("column"))
            guide.add_class(conn, number, ClassForm(**texts), by=by, at=at)

    try:
        texts = dict.fromkeys(fields, "") | read_texts(request, fields, sent)
        await parts.store.write(work)
    except Invalid as error:
        return await _listing(request, status=400, errors=error.fields, entered=sent | {"step": what})
    except Refusal as error:
        return await _listing(request, status=409, error=str(error))
    raise web.HTTPSeeOther("/knowledge/guide")


@routes.post("/knowledge/guide/{what:column|class}/{id:[0-9]{1,9}}/drop")
@needs(Permission.KNOWLEDGE_GAPS)
async def drop(request: web.Request) -> web.Response:
    what, number = request.match_info["what"], int(request.match_info["id"])
    parts, by = request.app[PARTS], actor_of(request)
    at, take = parts.now(), guide.drop_column if what == "column" else guide.drop_class
    try:
        await parts.store.write(lambda conn: take(conn, number, by=by, at=at))
    except (Refusal, Conflict) as error:
        return await _listing(request, status=409, error=str(error))
    raise web.HTTPSeeOther("/knowledge/guide")
