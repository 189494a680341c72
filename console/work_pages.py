"""待办: what waits for the person who has signed in, the most pressing first.

Context of work.html: piles, chosen (a queue or None), list (a worklist or None).
"""

from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from console.case_pages import PREFERENCES, page_number
from console.forms import Text, read_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import worklists
from storage.worklists import Pile, Queue, Worklist

FILTERS: Final = {"queue": Text(32, one_of=frozenset(Queue)), "page": Text(4)}

routes = web.RouteTableDef()


@routes.get("/work")
@needs(Permission.CASES)
async def work(request: web.Request) -> web.Response:
    """Show the piles of this post, and one of them opened; another post's pile opens as one's own first."""
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    asked = dict.fromkeys(FILTERS, "") | read_texts(request, FILTERS, sent)
    account, at = request[SIGNED].account, request.app[PARTS].now()
    mine = worklists.QUEUES.get(account.role, ())
    page = page_number(request, asked["page"])
    chosen = Queue(asked["queue"]) if asked["queue"] in mine else next(iter(mine), None)

    def look(conn: Connection) -> tuple[list[Pile], Worklist | None]:
        piles = worklists.piles(conn, account, at)
        return piles, worklists.worklist(conn, chosen, account.unit, page) if chosen else None

    piles, found = await request.app[PARTS].store.read(look)
    return render(request, "work.html", {"piles": piles, "chosen": chosen, "list": found})
