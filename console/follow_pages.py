"""跟件单: the cases that an agent follows to the end, and handing them over before going home. And 值班表, whom to ring.

Context of follows.html: rows, colleagues, leaving, others (for a team lead), entered, errors. Of duty.html: rows, units,
ranks, own (the unit whose rota one keeps, empty for all), entered, errors.
"""

from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.workflow import Refusal, Role
from console.forms import Text, posted, read_texts
from console.moments import moment
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import duty, follows, people, units
from storage.duty import DutyForm
from storage.errors import Conflict, Invalid
from storage.people import Actor

HAND_OVER: Final = {"to": Text(64, required=True), "note": Text(follows.LONGEST_NOTE, lines=True)}
ROW: Final = {
    "unit": Text(64),
    "rank": Text(10, required=True, one_of=frozenset(duty.RANKS)),
    "name": Text(40, required=True),
    "number": Text(21, required=True),
    "begins_at": Text(16, required=True),
    "ends_at": Text(16),
}

routes = web.RouteTableDef()


@routes.get("/follows")
@needs(Permission.FOLLOW)
async def listing(request: web.Request) -> web.Response:
    return await _listing(request)


async def _listing(
    request: web.Request,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
) -> web.Response:
    account = request[SIGNED].account

    def look(conn: Connection) -> dict[str, Any]:
        lead = account.role is Role.TEAM_LEAD
        return {
            "rows": follows.mine(conn, account.login),
            "others": [one for one in follows.everybodys(conn) if one.login != account.login] if lead else [],
            "colleagues": [one for one in people.accounts(conn) if one.role in follows.FOLLOWERS],
        }

    context = await request.app[PARTS].store.read(look)
    context |= {
        "leaving": request.query.get("leaving") == "1",
        "errors": errors or {},
        "entered": entered or {},
    }
    return render(request, "follows.html", context, status=status)


@routes.post("/follows/{no}/take")
@needs(Permission.FOLLOW)
async def take(request: web.Request) -> web.Response:
    parts, by, no = request.app[PARTS], _actor(request), request.match_info["no"]
    at = parts.now()
    await parts.store.write(lambda conn: follows.take(conn, no, by=by, at=at))
    raise web.HTTPSeeOther("/follows")


@routes.post("/follows/{no}/hand-over")
@needs(Permission.FOLLOW)
async def hand_over(request: web.Request) -> web.Response:
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, by, no = request.app[PARTS], _actor(request), request.match_info["no"]
    at = parts.now()
    try:
        texts = dict.fromkeys(HAND_OVER, "") | read_texts(request, HAND_OVER, sent)
        await parts.store.write(
            lambda conn: follows.hand_over(conn, no, texts["to"], texts["note"], by=by, at=at)
        )
    except Invalid as error:
        return await _listing(request, status=400, errors=error.fields, entered=sent | {"no": no})
    except (Refusal, Conflict) as error:
        return await _listing(request, status=409, errors={"to": str(error)}, entered=sent | {"no": no})
    raise web.HTTPSeeOther("/follows")


@routes.get("/duty")
@needs(Permission.DUTY)
async def rota(request: web.Request) -> web.Response:
    return await _rota(request)


async def _rota(
    request: web.Request,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
) -> web.Response:
    own, at = _own(request), request.app[PARTS].now()

    def look(conn: Connection) -> dict[str, Any]:
        return {"rows": duty.rota(conn, at, unit=own), "units": units.units(conn)}

    context = await request.app[PARTS].store.read(look)
    context |= {"own": own, "ranks": duty.RANKS, "errors": errors or {}, "entered": entered or {}}
    return render(request, "duty.html", context, status=status)


@routes.post("/duty")
@needs(Permission.DUTY)
async def plan(request: web.Request) -> web.Response:
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, by = request.app[PARTS], _actor(request)
    at = parts.now()
    try:
        texts = dict.fromkeys(ROW, "") | read_texts(request, ROW, sent)
        form = DutyForm(
            unit=_own(request) or texts["unit"].split(" ")[0],
            rank=texts["rank"],
            name=texts["name"],
            number=texts["number"],
            begins_at=moment(request, "begins_at", texts["begins_at"]),
            ends_at=moment(request, "ends_at", texts["ends_at"]) if texts["ends_at"] else None,
        )
        await parts.store.write(lambda conn: duty.plan(conn, form, by=by, at=at))
    except Invalid as error:
        return await _rota(request, status=400, errors=error.fields, entered=sent)
    raise web.HTTPSeeOther("/duty")


@routes.post(r"/duty/{row:\d{1,9}}/withdraw")
@needs(Permission.DUTY)
async def withdraw(request: web.Request) -> web.Response:
    parts, by, number = request.app[PARTS], _actor(request), int(request.match_info["row"])
    at = parts.now()
    await parts.store.write(lambda conn: duty.withdraw(conn, number, by=by, at=at))
    raise web.HTTPSeeOther("/duty")


def _own(request: web.Request) -> str:
    account = request[SIGNED].account
    return "" if account.role in duty.CENTRE_ROLES else account.unit


def _actor(request: web.Request) -> Actor:
    return people.actor(request[SIGNED].account)
