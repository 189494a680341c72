"""评分表: the sheet by which calls are scored. A change is a new version; scores keep the one they were given by.

Context of quality_sheet.html: sheet, versions, names, entered, errors, may_keep.
"""

from collections.abc import Iterator
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.quality import Item
from console.forms import Text
from console.i18n import say
from console.org_forms import sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import SIGNED
from storage import people, quality_sheets
from storage.errors import Invalid

FIELDS: Final = {"name": Text(60), "items": Text(8_000, lines=True)}
FATAL_WORD: Final = "否决"
FATAL: Final = frozenset({FATAL_WORD, "fatal"})

routes = web.RouteTableDef()


@routes.get("/quality/sheet")
@needs(Permission.QUALITY)
async def page(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post("/quality/sheet")
@needs(Permission.QUALITY_RULES)
async def keep(request: web.Request) -> web.Response:
    """Keep a new version: one item in a line, points, name and what it means, parted by bars."""
    sent = await sent_texts(request, FIELDS)
    parts, by = request.app[PARTS], request[SIGNED].account.login
    try:
        items = list(_items(request, sent["items"]))
        await parts.store.write(
            lambda conn: quality_sheets.keep(conn, sent["name"], items, by=by, at=parts.now())
        )
    except Invalid as error:
        return await _page(request, status=400, entered=sent, errors=error.fields)
    raise web.HTTPSeeOther("/quality/sheet")


async def _page(
    request: web.Request,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    def look(conn: Connection) -> dict[str, Any]:
        return {
            "sheet": quality_sheets.newest(conn),
            "versions": quality_sheets.versions(conn),
            "names": people.names(conn),
        }

    context = await request.app[PARTS].store.read(look)
    sheet = context["sheet"]
    lines = [
        f"{FATAL_WORD if item.fatal else item.points}|{item.name}|{item.guidance}".rstrip("|")
        for item in sheet.items
    ]
    context |= {
        "entered": entered or {"name": sheet.name, "items": "\n".join(lines)},
        "errors": errors or {},
        "may_keep": allowed(request[SIGNED].account.role, Permission.QUALITY_RULES),
    }
    return render(request, "quality_sheet.html", context, status=status)


def _items(request: web.Request, text: str) -> Iterator[Item]:
    for number, line in enumerate(filter(str.strip, text.splitlines()), start=1):
        points, _, rest = line.replace("｜", "|").partition("|")
        name, _, guidance = rest.partition("|")
        points = points.strip()
        if points in FATAL:
            yield Item(name.strip(), 0, fatal=True, guidance=guidance.strip())
        elif points.isascii() and points.isdigit() and len(points) <= 3:
            yield Item(name.strip(), int(points), guidance=guidance.strip())
        else:
            raise Invalid({"items": say(request, "quality.line_wrong", n=number)})
