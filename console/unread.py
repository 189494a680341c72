"""How many notices wait for the person: counted for pages only, and not for each of them anew."""

from datetime import datetime, timedelta
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from console.parts import PARTS
from console.sessions import SIGNED
from storage import notices, people
from storage.errors import StoreDown

COUNTED_FOR: Final = timedelta(seconds=10)
UNREAD = web.RequestKey("unread", int)
KNOWN = web.AppKey("unread counts", dict[str, tuple[datetime, int]])


def set_up(app: web.Application) -> None:
    app[KNOWN] = {}


def forget(request: web.Request) -> None:
    """Count again: the person has read something."""
    request.app[KNOWN].pop(request[SIGNED].account.login, None)


@web.middleware
async def count_unread(request: web.Request, handler: Handler) -> web.StreamResponse:
    wants_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
    if wants_page and (signed := request.get(SIGNED)) is not None:
        try:
            request[UNREAD] = await _count(request, people.actor(signed.account))
        except StoreDown:
            request[UNREAD] = 0  # the page itself says that the store does not answer
    return await handler(request)


async def _count(request: web.Request, actor: people.Actor) -> int:
    parts, known = request.app[PARTS], request.app[KNOWN]
    at = parts.now()
    if (before := known.get(actor.login)) is not None and timedelta() <= at - before[0] < COUNTED_FOR:
        return before[1]
    count = await parts.store.read(lambda conn: notices.unread(conn, actor, at))
    known[actor.login] = (at, count)
    return count
