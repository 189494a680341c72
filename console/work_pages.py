"""待办: what waits for the person who has signed in, the most pressing first.

Context of work.html: piles, chosen (a queue or None), list (a worklist or None).
"""

from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from console.case_pages import PREFERENCES
from console.forms import Text, page_of, read_texts
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
    """Show the piles of this post, and one of them opened; the first that is not empty, if none is asked for."""
    sent = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    asked = dict.fromkeys(FILTERS, "") | read_texts(request, FILTERS, sent)
    account, at = request[SIGNED].account, request.app[PARTS].now()
    mine = worklists.QUEUES.get(account.role, ())
    page = page_of(request, asked["page"])
    wanted = Queue(asked["queue"]) if asked["queue"] in mine else None

    def look(conn: Connection) -> tuple[list[Pile], Queue | None, Worklist | None]:
        piles = worklists.piles(conn, account, at)
        first = next((pile.queue for pile in piles if pile.total), next(iter(mine), None))
        chosen = wanted or first
        return piles, chosen, worklists.worklist(conn, chosen, account.unit, page) if chosen else None

    piles, chosen, found = await request.app[PARTS].store.read(look)
    return render(request, "work.html", {"piles": piles, "chosen": chosen, "list": found})
