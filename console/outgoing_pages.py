"""外呼: what the hotline rings people for by itself. Supervisors switch each kind on and off, and see what came of it.

Context of outgoing.html: switches, found, filters, states, kinds, error.
"""

from functools import partial
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.outgoing import Kind
from console.forms import Text, page_of, posted, read_texts
from console.i18n import say
from console.pages import PREFERENCES, render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import outgoing_lists
from storage.outgoing_lists import STATES

FILTERS: Final = {
    "state": Text(10, one_of=frozenset(STATES)),
    "kind": Text(10, one_of=frozenset(Kind)),
    "page": Text(4),
}
SWITCH: Final = {"on": Text(1, required=True, one_of=frozenset("01"))}

routes = web.RouteTableDef()


@routes.get("/outgoing")
@needs(Permission.SUPERVISE)
async def listing(request: web.Request) -> web.Response:
    return await _page(request)


async def _page(request: web.Request, *, status: int = 200, error: str = "") -> web.Response:
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    asked = dict.fromkeys(FILTERS, "") | read_texts(request, FILTERS, sent)
    state, page = asked["state"] or STATES[0], page_of(request, asked["page"])

    def look(conn: Connection) -> dict[str, Any]:
        return {
            "switches": outgoing_lists.switches(conn),
            "found": outgoing_lists.search(conn, state=state, kind=asked["kind"], page=page),
        }

    context = await request.app[PARTS].store.read(look)
    context |= {
        "filters": asked | {"state": state},
        "states": STATES,
        "kinds": list(Kind),
        "error": error,
    }
    return render(request, "outgoing.html", context, status=status)


@routes.post("/outgoing/{kind:duty|feedback|revisit}/switch")
@needs(Permission.SUPERVISE)
async def switch(request: web.Request) -> web.Response:
    """Make this kind of call from now on, or make none; what is out goes on to its end."""
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, kind = request.app[PARTS], Kind(request.match_info["kind"])
    on = read_texts(request, SWITCH, sent)["on"] == "1"
    by, at = request[SIGNED].account.login, parts.now()
    await parts.store.write(partial(outgoing_lists.switch, kind=kind, on=on, by=by, at=at))
    raise web.HTTPSeeOther("/outgoing")


@routes.post(r"/outgoing/{task:\d{1,12}}/{step:cancel|again}")
@needs(Permission.SUPERVISE)
async def step(request: web.Request) -> web.Response:
    """Leave one to people, or have it rung anew."""
    await posted(request)
    parts, task = request.app[PARTS], int(request.match_info["task"])
    does = outgoing_lists.cancel if request.match_info["step"] == "cancel" else outgoing_lists.again
    by, at = request[SIGNED].account.login, parts.now()
    if not await parts.store.write(partial(does, task=task, by=by, at=at)):
        return await _page(request, status=409, error=say(request, "outgoing.too_late"))
    raise web.HTTPSeeOther("/outgoing")
