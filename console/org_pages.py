"""单位: the list of units and the page of one, where an administrator enters, moves, merges and dissolves them.

Context of org_units.html: filters, found, kinds, above, entered, errors. Of org_unit.html: unit, versions, below, rule,
leaders, units, kinds, entered, errors.
"""

from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, page_of
from console.org_forms import FLAG, asked, initials, sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import organisation, staff, unit_rules, units
from storage.errors import Invalid
from storage.organisation import KINDS, UnitForm, UnitLine
from storage.unit_rules import UnitRule

LIST: Final = {
    "q": Text(40),
    "kind": Text(20, one_of=frozenset(KINDS)),
    "below": Text(64),
    "ended": FLAG,
}
FIELDS: Final = {
    "id": Text(32),
    "name": Text(60),
    "short_name": Text(20),
    "initials": Text(20),
    "kind": Text(20),
    "parent": Text(64),
    "in_ranking": FLAG,
    "catch_all": FLAG,
    "keywords": Text(200),
    "duty_phone": Text(20),
    "night_phone": Text(20),
}
RULE: Final = {"leader_approves": FLAG, "reviews_below": FLAG, "leader": Text(64)}
FLAGS: Final = ("in_ranking", "catch_all")

routes = web.RouteTableDef()


@routes.get("/org")
@needs(Permission.ORG)
async def home(_: web.Request) -> web.Response:
    raise web.HTTPSeeOther("/org/units")


@routes.get("/org/units")
@needs(Permission.ORG)
async def listing(request: web.Request) -> web.Response:
    return await _listing(request)


async def _listing(
    request: web.Request,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    filters = asked(request, LIST)
    page = page_of(request, filters["page"])

    def look(conn: Connection) -> dict[str, Any]:
        return {
            "found": organisation.find(
                conn,
                filters["q"],
                kind=filters["kind"],
                below=filters["below"],
                ended=bool(filters["ended"]),
                page=page,
            ),
            "units": units.units(conn),
        }

    context = await request.app[PARTS].store.read(look)
    context |= {"filters": filters, "kinds": KINDS, "entered": entered or {}, "errors": errors or {}}
    return render(request, "org_units.html", context, status=status)


@routes.post("/org/units")
@needs(Permission.ORG)
async def enter(request: web.Request) -> web.Response:
    """Enter a new unit; without initials they are made of its short name."""
    sent, parts = await sent_texts(request, FIELDS), request.app[PARTS]
    at, by = parts.now(), request[SIGNED].account.login
    form = _form(sent)
    try:
        await parts.store.write(lambda conn: organisation.add(conn, form, by=by, at=at))
    except Invalid as error:
        return await _listing(request, status=400, entered=sent, errors=error.fields)
    raise web.HTTPSeeOther(f"/org/units/{form.id}")


def _form(sent: dict[str, str], unit_id: str | None = None) -> UnitForm:
    texts = {name: value for name, value in sent.items() if name not in {*FLAGS, "id", "parent", "initials"}}
    return UnitForm(
        id=unit_id or sent["id"].strip().lower(),
        initials=sent["initials"] or initials(sent["short_name"]),
        parent=sent["parent"] or None,
        in_ranking=bool(sent["in_ranking"]),
        catch_all=bool(sent["catch_all"]),
        **texts,
    )


@routes.get("/org/units/{id}")
@needs(Permission.ORG)
async def one(request: web.Request) -> web.Response:
    return await _one(request, request.match_info["id"])


async def _one(
    request: web.Request,
    unit_id: str,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    def look(conn: Connection) -> dict[str, Any]:
        line = organisation.line(conn, unit_id)
        return {
            "unit": line,
            "versions": organisation.versions(conn, unit_id),
            "below": organisation.find(conn, below=unit_id).rows,
            "rule": unit_rules.of(conn, unit_id),
            "leaders": staff.find(conn, role="unit_leader", unit=unit_id).rows,
            "units": units.units(conn),
            "entered": entered or _as_texts(line),
        }

    context = await request.app[PARTS].store.read(look)
    return render(request, "org_unit.html", context | {"kinds": KINDS, "errors": errors or {}}, status=status)


def _as_texts(line: UnitLine) -> dict[str, str]:
    texts = {name: str(getattr(line, name) or "") for name in FIELDS}
    return texts | {name: "1" if getattr(line, name) else "" for name in FLAGS}


@routes.post("/org/units/{id}")
@needs(Permission.ORG)
async def change(request: web.Request) -> web.Response:
    """Rename or move a unit, or change what is known of it."""
    unit_id, parts = request.match_info["id"], request.app[PARTS]
    sent = await sent_texts(request, FIELDS)
    at, by = parts.now(), request[SIGNED].account.login
    form = _form(sent, unit_id)
    try:
        await parts.store.write(lambda conn: organisation.change(conn, form, by=by, at=at))
    except Invalid as error:
        return await _one(request, unit_id, status=400, entered=sent, errors=error.fields)
    raise web.HTTPSeeOther(f"/org/units/{unit_id}")


@routes.post("/org/units/{id}/rule")
@needs(Permission.ORG)
async def set_rule(request: web.Request) -> web.Response:
    """Say whose signature the unit's replies need, and whether it reviews those below it."""
    unit_id, parts = request.match_info["id"], request.app[PARTS]
    sent = await sent_texts(request, RULE)
    at, by = parts.now(), request[SIGNED].account.login
    rule = UnitRule(
        leader_approves=bool(sent["leader_approves"]),
        reviews_below=bool(sent["reviews_below"]),
        leader=sent["leader"] or None,
    )
    try:
        await parts.store.write(lambda conn: unit_rules.put(conn, unit_id, rule, by=by, at=at))
    except Invalid as error:
        return await _one(request, unit_id, status=400, errors=error.fields)
    raise web.HTTPSeeOther(f"/org/units/{unit_id}")


@routes.post("/org/units/{id}/merge")
@needs(Permission.ORG)
async def merge(request: web.Request) -> web.Response:
    unit_id, parts = request.match_info["id"], request.app[PARTS]
    sent = await sent_texts(request, {"into": Text(64, required=True)})
    at, by = parts.now(), request[SIGNED].account.login
    try:
        await parts.store.write(lambda conn: organisation.merge(conn, unit_id, sent["into"], by=by, at=at))
    except Invalid as error:
        return await _one(request, unit_id, status=400, errors=error.fields)
    raise web.HTTPSeeOther(f"/org/units/{sent['into']}")


@routes.post("/org/units/{id}/dissolve")
@needs(Permission.ORG)
async def dissolve(request: web.Request) -> web.Response:
    unit_id, parts = request.match_info["id"], request.app[PARTS]
    await sent_texts(request, {})
    at, by = parts.now(), request[SIGNED].account.login
    try:
        await parts.store.write(lambda conn: organisation.dissolve(conn, unit_id, by=by, at=at))
    except Invalid as error:
        return await _one(request, unit_id, status=400, errors=error.fields)
    raise web.HTTPSeeOther(f"/org/units/{unit_id}")
