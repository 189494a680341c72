"""人员与角色: who may sign in. A password is made by the machine, shown once, and kept by nobody.

Context of org_people.html: filters, found, roles, units, entered, errors, told.
"""

import asyncio
import secrets
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.workflow import Role
from console.forms import Text, page_of
from console.org_forms import FLAG, asked, sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import factors, sign_on, staff, units
from storage.errors import Invalid
from storage.people import Account
from storage.staff import NEVER_SIGN_IN

ROLES: Final = tuple(role for role in Role if role not in NEVER_SIGN_IN)
ROLE: Final = Text(32, one_of=frozenset(ROLES))
LIST: Final = {"q": Text(40), "role": ROLE, "unit": Text(64), "disabled": FLAG, "edit": Text(32)}
FIELDS: Final = {
    "login": Text(32),
    "name": Text(30),
    "role": Text(32, required=True, one_of=frozenset(ROLES)),
    "unit": Text(64),
    "seat": Text(8),
    "known": FLAG,
}

routes = web.RouteTableDef()


@routes.get("/org/people")
@needs(Permission.ORG)
async def listing(request: web.Request) -> web.Response:
    return await _listing(request)


async def _listing(
    request: web.Request,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    told: tuple[str, str] | None = None,
) -> web.Response:
    filters = asked(request, LIST)
    page, edit = page_of(request, filters["page"]), filters["edit"]

    def look(conn: Connection) -> dict[str, Any]:
        texts: dict[str, str] = {}
        if edit:
            person = staff.person(conn, edit)
            texts = {
                name: str(getattr(person, name) or "") for name in ("login", "name", "role", "unit", "seat")
            }
        return {
            "found": staff.find(
                conn,
                filters["q"],
                role=filters["role"],
                unit=filters["unit"],
                disabled=bool(filters["disabled"]),
                page=page,
            ),
            "units": units.units(conn),
            "factors": factors.all_enrolled(conn),
            "bound": sign_on.bound(conn),
            "entered": entered or texts,
        }

    context = await request.app[PARTS].store.read(look)
    context |= {"filters": filters, "roles": ROLES, "errors": errors or {}, "told": told}
    return render(request, "org_people.html", context, status=status)


@routes.post("/org/people")
@needs(Permission.ORG)
async def keep(request: web.Request) -> web.Response:
    """Create an account and show its first password once, or change the one that is known."""
    sent, parts = await sent_texts(request, FIELDS), request.app[PARTS]
    at, by = parts.now(), request[SIGNED].account.login
    account = Account(sent["login"], sent["name"], Role(sent["role"]), sent["unit"], sent["seat"] or None)
    password = secrets.token_urlsafe(9)
    try:
        if sent["known"]:
            await parts.store.write(lambda conn: staff.change(conn, account, by=by, at=at))
            raise web.HTTPSeeOther("/org/people")
        hashed = await asyncio.to_thread(parts.hasher.hash, password)
        await parts.store.write(lambda conn: staff.add(conn, account, password_hash=hashed, by=by, at=at))
    except Invalid as error:
        return await _listing(request, status=400, entered=sent, errors=error.fields)
    return await _listing(request, told=(account.login, password))


@routes.post("/org/people/{login}/disable")
@needs(Permission.ORG)
async def disable(request: web.Request) -> web.Response:
    login, parts = request.match_info["login"], request.app[PARTS]
    at, by = parts.now(), request[SIGNED].account.login
    try:
        await parts.store.write(lambda conn: staff.disable(conn, login, by=by, at=at))
    except Invalid as error:
        return await _listing(request, status=400, errors=error.fields)
    raise web.HTTPSeeOther("/org/people")


@routes.post("/org/people/{login}/{what:enable|password}")
@needs(Permission.ORG)
async def new_password(request: web.Request) -> web.Response:
    """Let somebody in again, or give a new password; both are shown once."""
    login, parts = request.match_info["login"], request.app[PARTS]
    at, by = parts.now(), request[SIGNED].account.login
    give = staff.enable if request.match_info["what"] == "enable" else staff.set_password
    password = secrets.token_urlsafe(9)
    hashed = await asyncio.to_thread(parts.hasher.hash, password)
    await parts.store.write(lambda conn: give(conn, login, password_hash=hashed, by=by, at=at))
    return await _listing(request, told=(login, password))
