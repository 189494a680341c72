"""修改口令: a person changes the password that a machine gave, and every other session of theirs ends.

Context of own_password.html: errors, shortest, must (somebody else knows the one in use).
"""

import asyncio
import re
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from cases.passwords import SHORTEST, problem
from console.auth import authenticate
from console.forms import Text
from console.i18n import say
from console.org_forms import sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from ivr import pinyin
from storage import people, staff
from storage.people import Account

FIELDS: Final = {
    "old": Text(256, verbatim=True),
    "new": Text(256, verbatim=True),
    "again": Text(256, verbatim=True),
}

routes = web.RouteTableDef()


@routes.get("/account/password")
@needs(Permission.SIGNED_IN)
async def page(request: web.Request) -> web.Response:
    return _page(request)


@routes.post("/account/password")
@needs(Permission.SIGNED_IN)
async def change(request: web.Request) -> web.Response:
    """Take a new password from whoever knows the old one; the person signs in again with it."""
    sent, account, parts = await sent_texts(request, FIELDS), request[SIGNED].account, request.app[PARTS]
    if (why := _wrong(request, account, sent)) is not None:
        return _page(request, status=400, new=why)
    found = await authenticate(request, account.login, sent["old"])
    if isinstance(found, int):
        text = say(request, "login.wait", seconds=found) if found else say(request, "password.old_wrong")
        return _page(request, status=429 if found else 401, old=text)
    hashed, at = await asyncio.to_thread(parts.hasher.hash, sent["new"]), parts.now()

    def work(conn: Connection) -> None:
        staff.set_password(conn, account.login, password_hash=hashed, by=account.login, at=at)
        people.close_sessions_of(conn, account.login, at=at)

    await parts.store.write(work)
    raise web.HTTPSeeOther("/login")


def _wrong(request: web.Request, account: Account, sent: dict[str, str]) -> str | None:
    if sent["new"] != sent["again"]:
        return say(request, "password.differ")
    if sent["new"] == sent["old"]:
        return say(request, "password.same")
    spoken = re.sub("[^a-z]", "", pinyin.of(account.name))
    city = request.app[PARTS].settings.city
    own = (account.login, account.name, spoken, "12345", city)
    why = problem(sent["new"], own)
    return say(request, f"password.{why}", least=SHORTEST) if why else None


def _page(request: web.Request, *, status: int = 200, **errors: str) -> web.Response:
    context = {"errors": errors, "shortest": SHORTEST, "must": request[SIGNED].account.must_change}
    return render(request, "own_password.html", context, status=status)
