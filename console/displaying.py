"""A case is brought before an agent: a supervisor, or a program with a supervisor's account, has a desk offer to open it.

Only its number goes to the desk; what the agent sees of the case its own page decides. Nothing opens by itself: an agent who
types must not lose the form from under the hands.
"""

from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from console.desks import DESKS
from console.forms import Text, json_object, read_texts
from console.i18n import say
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import cases, history
from storage.errors import Conflict

FORM: Final = {"case": Text(40, required=True)}

routes = web.RouteTableDef()


@routes.post("/api/seats/{id}/display")
@needs(Permission.SUPERVISE)
async def display(request: web.Request) -> web.Response:
    """Offer the case at the seat, and write down who did."""
    parts, account, seat = request.app[PARTS], request[SIGNED].account, request.match_info["id"]
    no = read_texts(request, FORM, await json_object(request))["case"]
    desk = request.app[DESKS].at(seat)
    if desk is None:
        raise Conflict(say(request, "wall.seat_empty"))

    def note(conn: Connection) -> None:
        cases.case(conn, no)
        detail = {"seat": seat, "agent": desk.account.login}
        history.append(
            conn, subject=no, kind="case.displayed", actor=account.login, detail=detail, at=parts.now()
        )

    await parts.store.write(note)
    text = say(desk.request, "notice.display", by=account.name, no=no)
    if not await desk.tell("notice", level="warn", text=text, open=f"/cases/{no}"):
        raise Conflict(say(request, "wall.seat_empty"))
    return web.json_response({"seat": seat, "case": no})
