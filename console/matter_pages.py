"""类别与派单目录: the tree of matters, and the directory that leads from a matter and a place to a unit.

Context of org_matters.html: tree, editing, versions, intents, urgencies, entered, errors. Of org_directory.html: filters,
found, areas, entered, errors.
"""

import csv
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.policies import Intent, Urgency
from console import exports
from console.forms import Text, page_of
from console.i18n import say
from console.org_forms import FLAG, asked, sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import directory, matters, units
from storage.directory import COLUMNS, DutyForm
from storage.errors import Invalid
from storage.matters import MatterForm

MATTER: Final = {
    "code": Text(4),
    "name": Text(30),
    "intents": Text(40),
    "keywords": Text(200),
    "urgency": Text(10),
    "confidential": FLAG,
    "public": FLAG,
    "list_item": Text(20),
    "gbt39666": Text(20),
    "petition": Text(20),
    "provincial": Text(20),
    "seen": Text(6),
}
FLAGS: Final = ("confidential", "public")
LIST: Final = {"q": Text(40), "area": Text(64), "ended": FLAG, "edit": Text(10)}
DUTY: Final = {
    "category": Text(8),
    "area": Text(64),
    "unit": Text(64),
    "basis": Text(60),
    "priority": Text(1),
    "keywords": Text(200),
    "instead_of": Text(10),
}
MOST_ROWS: Final = 5_000
TABLE: Final = Text(600_000, required=True, lines=True)
BODY: Final = 2_000_000

routes = web.RouteTableDef()


@routes.get("/org/matters")
@needs(Permission.ORG)
async def tree(request: web.Request) -> web.Response:
    return await _tree(request, asked(request, {"edit": Text(4)})["edit"])


async def _tree(
    request: web.Request,
    editing: str,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    def look(conn: Connection) -> dict[str, Any]:
        found = {"tree": matters.tree(conn), "versions": [], "entered": entered or {}}
        if editing:
            line = matters.line(conn, editing)
            texts = {name: str(getattr(line, name, "")) for name in MATTER}
            flags = {name: "1" if getattr(line, name) else "" for name in FLAGS}
            found |= {
                "versions": matters.versions(conn, editing),
                "entered": entered or texts | flags | {"seen": str(line.version)},
            }
        return found

    context = await request.app[PARTS].store.read(look)
    context |= {
        "editing": editing,
        "intents": list(Intent),
        "urgencies": list(Urgency),
        "errors": errors or {},
    }
    return render(request, "org_matters.html", context, status=status)


@routes.post("/org/matters")
@needs(Permission.ORG)
async def keep_matter(request: web.Request) -> web.Response:
    """Enter a branch or leaf, or make a new version of the one that was seen."""
    sent, parts = await sent_texts(request, MATTER), request.app[PARTS]
    at, by = parts.now(), request[SIGNED].account.login
    texts = {name: value for name, value in sent.items() if name not in {*FLAGS, "seen"}}
    form = MatterForm(**texts, confidential=bool(sent["confidential"]), public=bool(sent["public"]))
    seen = int(sent["seen"]) if sent["seen"].isascii() and sent["seen"].isdigit() else 0

    def work(conn: Connection) -> None:
        if seen:
            matters.change(conn, form, seen=seen, by=by, at=at)
        else:
            matters.add(conn, form, by=by, at=at)

    try:
        await parts.store.write(work)
    except Invalid as error:
        editing = form.code if seen else ""
        return await _tree(request, editing, status=400, entered=sent, errors=error.fields)
    raise web.HTTPSeeOther(f"/org/matters?edit={form.code}#form")


@routes.post(r"/org/matters/{code:\d{2,4}}/end")
@needs(Permission.ORG)
async def end_matter(request: web.Request) -> web.Response:
    code, parts = request.match_info["code"], request.app[PARTS]
    at, by = parts.now(), request[SIGNED].account.login
    try:
        await parts.store.write(lambda conn: matters.end(conn, code, by=by, at=at))
    except Invalid as error:
        return await _tree(request, code, status=400, errors=error.fields)
    raise web.HTTPSeeOther("/org/matters")


@routes.get("/org/directory")
@needs(Permission.ORG)
async def rows(request: web.Request) -> web.Response:
    return await _rows(request)


async def _rows(
    request: web.Request,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    filters = asked(request, LIST)
    page, edit = page_of(request, filters["page"]), filters["edit"]

    def look(conn: Connection) -> dict[str, Any]:
        everything = units.units(conn)
        texts: dict[str, str] = {}
        if edit.isascii() and edit.isdigit():
            line = directory.line(conn, int(edit))
            texts = {name: str(getattr(line, name) or "") for name in COLUMNS} | {"instead_of": edit}
        return {
            "found": directory.find(
                conn, filters["q"], area=filters["area"], ended=bool(filters["ended"]), page=page
            ),
            "areas": [unit for unit in everything if unit.kind in units.AREAS],
            "units": everything,
            "categories": [one for one in units.categories(conn) if one.parent],
            "entered": entered or texts,
        }

    context = await request.app[PARTS].store.read(look)
    return render(
        request, "org_directory.html", context | {"filters": filters, "errors": errors or {}}, status=status
    )


@routes.post("/org/directory")
@needs(Permission.ORG)
async def keep_duty(request: web.Request) -> web.Response:
    """Enter a row, or let it follow the one that was edited, which ends."""
    sent, parts = await sent_texts(request, DUTY), request.app[PARTS]
    at, by = parts.now(), request[SIGNED].account.login
    before = (
        int(sent["instead_of"]) if sent["instead_of"].isascii() and sent["instead_of"].isdigit() else None
    )
    try:
        form = _duty(sent)
        await parts.store.write(lambda conn: directory.keep(conn, form, by=by, at=at, instead_of=before))
    except Invalid as error:
        return await _rows(request, status=400, entered=sent, errors=error.fields)
    raise web.HTTPSeeOther(f"/org/directory?q={form.category}")


def _duty(sent: dict[str, str]) -> DutyForm:
    priority = sent["priority"] or "1"
    return DutyForm(
        category=sent["category"],
        area=sent["area"] or None,
        unit=sent["unit"],
        basis=sent["basis"],
        priority=int(priority) if priority.isascii() and priority.isdigit() else 0,
        keywords=sent["keywords"],
    )


@routes.post(r"/org/directory/{id:\d{1,9}}/end")
@needs(Permission.ORG)
async def end_duty(request: web.Request) -> web.Response:
    duty, parts = int(request.match_info["id"]), request.app[PARTS]
    at, by = parts.now(), request[SIGNED].account.login
    await parts.store.write(lambda conn: directory.end(conn, duty, by=by, at=at))
    raise web.HTTPSeeOther("/org/directory")


@routes.get("/org/directory.{kind:csv|xlsx}")
@needs(Permission.ORG)
async def export(request: web.Request) -> web.Response:
    found = await request.app[PARTS].store.read(directory.all_rows)
    names = ("category_name", "area_name", "unit_name")
    body = ([getattr(row, name) for name in (*COLUMNS, *names)] for row in found)
    # Without a mark: it is made to be read in again.
    return await exports.send(request, "directory", [(*COLUMNS, *names), *body], marked=False)


@routes.post("/org/directory/import")
@needs(Permission.ORG, body=BODY)
async def take_in(request: web.Request) -> web.Response:
    """Take in a table: all its rows, or none and a word on the first that is wrong. What is there already stays."""
    sent, parts = await sent_texts(request, {"table": TABLE}), request.app[PARTS]
    at, by = parts.now(), request[SIGNED].account.login

    def work(conn: Connection) -> None:
        for number, row in _table(request, sent["table"]):
            try:
                directory.keep(conn, _duty(row), by=by, at=at)
            except Invalid as error:
                raise _in_row(request, number, error) from None

    try:
        await parts.store.write(work)
    except Invalid as error:
        return await _rows(request, status=400, entered=sent, errors=error.fields)
    raise web.HTTPSeeOther("/org/directory")


def _table(request: web.Request, table: str) -> list[tuple[int, dict[str, str]]]:
    lines = csv.reader(table.lstrip("\ufeff").replace("，", ",").replace("\t", ",").splitlines())
    found = []
    for number, row in enumerate(lines, start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0] == COLUMNS[0]:
            continue
        if number > MOST_ROWS or len(cells) < 4:
            raise _in_row(request, number, Invalid({"table": say(request, "org.columns")}))
        found.append((number, dict.fromkeys(COLUMNS, "") | dict(zip(COLUMNS, cells, strict=False))))
    return found


def _in_row(request: web.Request, number: int, error: Invalid) -> Invalid:
    why = "; ".join(f"{name}: {text}" for name, text in error.fields.items())
    return Invalid({"table": say(request, "numbers.in_row", n=number, why=why)})
