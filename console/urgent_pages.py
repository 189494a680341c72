"""紧急件: what is going on and whom to ring, and one urgent case with what its unit does about it.

Context of urgent.html: found, ended, calls, results, rings (may note a call), now. Of urgent_one.html: rows, one (the
newest), acts (may act for the unit), entered, errors, error.
"""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.workflow import Refusal
from console.forms import Text, posted, read_texts
from console.moments import page_number
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import people, urgent, urgent_lists
from storage.errors import Conflict, Invalid, Missing
from storage.people import Account, Actor
from storage.urgent import CENTRE_ROLES, LONGEST_PLACE, LONGEST_TEXT, UNIT_ROLES

_WORDS = Text(LONGEST_TEXT, required=True, lines=True)
STEPS: Final[Mapping[str, dict[str, Text]]] = {
    "acknowledge": {},
    "contact": {},
    "check_in": {
        "evidence": Text(10, required=True, one_of=frozenset(urgent.EVIDENCE)),
        "where": Text(LONGEST_PLACE, required=True),
    },
    "promise": {"minutes": Text(5, required=True), "reason": _WORDS},
    "finish": {"finish_note": _WORDS},
}

routes = web.RouteTableDef()


@routes.get("/urgent")
@needs(Permission.URGENT)
async def listing(request: web.Request) -> web.Response:
    account, ended = request[SIGNED].account, request.query.get("ended") == "1"
    unit = account.unit if account.role in UNIT_ROLES else ""

    def look(conn: Connection) -> dict[str, Any]:
        page = page_number(request)
        rings = account.role in CENTRE_ROLES
        return {
            "found": urgent_lists.running(conn, unit=unit, page=page, ended=ended),
            "names": people.names(conn),
            "calls": urgent_lists.to_ring(conn) if rings else [],
            "rings": rings,
        }

    context = await request.app[PARTS].store.read(look)
    return render(request, "urgent.html", context | {"ended": ended, "results": urgent.RESULTS})


@routes.post(r"/urgent/calls/{ring:\d{1,9}}")
@needs(Permission.URGENT)
async def rang(request: web.Request) -> web.Response:
    """Note what came of a call to a unit's people on duty."""
    sent = await posted(request)
    sent.pop("csrf", None)
    texts = read_texts(request, {"result": Text(20, required=True, one_of=frozenset(urgent.RESULTS))}, sent)
    parts, by, number = request.app[PARTS], _actor(request), int(request.match_info["ring"])
    at = parts.now()
    await parts.store.write(lambda conn: urgent.rang(conn, number, texts["result"], by=by, at=at))
    raise web.HTTPSeeOther("/urgent")


@routes.get("/urgent/{no}")
@needs(Permission.URGENT)
async def one(request: web.Request) -> web.Response:
    return await _one(request)


async def _one(
    request: web.Request,
    *,
    status: int = 200,
    error: str = "",
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
) -> web.Response:
    account, no = request[SIGNED].account, request.match_info["no"]
    rows, names = await request.app[PARTS].store.read(
        lambda conn: (urgent_lists.of_case(conn, no), people.names(conn))
    )
    if account.role in UNIT_ROLES and all(row.unit != account.unit for row in rows):
        raise Missing(no)
    context = {
        "rows": rows,
        "one": rows[0],
        "names": names,
        "acts": _acts(account, rows[0]),
        "error": error,
        "errors": errors or {},
        "entered": entered or {},
    }
    return render(request, "urgent_one.html", context, status=status)


def _acts(account: Account, row: urgent_lists.UrgentView) -> bool:
    return account.role in UNIT_ROLES and account.unit == row.unit and row.ended_at is None


@routes.post("/urgent/{no}/{step:[a-z_]{3,12}}")
@needs(Permission.URGENT)
async def step(request: web.Request) -> web.Response:
    no, what = request.match_info["no"], request.match_info["step"]
    if what not in STEPS:
        raise web.HTTPNotFound
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, by, at = request.app[PARTS], _actor(request), request.app[PARTS].now()
    try:
        texts = dict.fromkeys(STEPS[what], "") | read_texts(request, STEPS[what], sent)
        minutes = int(texts["minutes"]) if texts.get("minutes", "").isdecimal() else 0

        def work(conn: Connection) -> None:
            match what:
                case "acknowledge":
                    urgent.acknowledge(conn, no, by=by, at=at)
                case "contact":
                    urgent.contact(conn, no, by=by, at=at)
                case "check_in":
                    urgent.check_in(conn, no, texts["evidence"], texts["where"], by=by, at=at)
                case "promise":
                    urgent.promise(conn, no, minutes, texts["reason"], by=by, at=at, rules=parts.rules)
                case _:
                    urgent.finish(conn, no, texts["finish_note"], by=by, at=at)

        await parts.store.write(work)
    except Invalid as error:
        return await _one(request, status=400, errors=error.fields, entered=sent | {"step": what})
    except (Refusal, Conflict) as error:
        return await _one(request, status=409, error=str(error), entered=sent | {"step": what})
    raise web.HTTPSeeOther(f"/urgent/{no}")


def _actor(request: web.Request) -> Actor:
    return people.actor(request[SIGNED].account)
