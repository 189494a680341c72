"""自助终端 for the administrator: which there are, which are silent; entering, locking, and another token.

Context of kiosks.html: rows, now, token (shown once), entered, errors.
"""

from typing import Any, Final

from aiohttp import web

from console.forms import Text, posted, read_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from storage import kiosks, people
from storage.errors import Conflict, Invalid
from storage.kiosks import KioskForm
from storage.people import Actor

KIOSK: Final = {
    "id": Text(40, required=True),
    "name": Text(60, required=True),
    "address": Text(120, required=True),
}

routes = web.RouteTableDef()


@routes.get("/kiosks")
@needs(Permission.ORG)
async def listing(request: web.Request) -> web.Response:
    return await _listing(request)


async def _listing(
    request: web.Request,
    *,
    status: int = 200,
    token: str = "",
    errors: dict[str, str] | None = None,
    entered: dict[str, str] | None = None,
) -> web.Response:
    parts = request.app[PARTS]
    at, zone = parts.now(), parts.settings.zone
    rows = await parts.store.read(lambda conn: kiosks.kiosks(conn, at=at, zone=zone))
    context: dict[str, Any] = {"rows": rows, "token": token, "errors": errors or {}, "entered": entered or {}}
    return render(request, "kiosks.html", context, status=status)


@routes.post("/kiosks")
@needs(Permission.ORG)
async def add(request: web.Request) -> web.Response:
    """Enter a kiosk. Its token is on the answer to this very request and nowhere else."""
    sent = await posted(request)
    sent.pop("csrf", None)
    parts, by, at = request.app[PARTS], _actor(request), request.app[PARTS].now()
    try:
        form = KioskForm(**read_texts(request, KIOSK, sent))
        token = await parts.store.write(lambda conn: kiosks.add(conn, form, by=by, at=at))
    except Invalid as error:
        return await _listing(request, status=400, errors=error.fields, entered=sent)
    except Conflict as error:
        return await _listing(request, status=409, errors={"id": str(error)}, entered=sent)
    return await _listing(request, token=token, entered={"kiosk": form.id})


@routes.post("/kiosks/{kiosk}/{step:disable|renew}")
@needs(Permission.ORG)
async def change(request: web.Request) -> web.Response:
    parts, by, at = request.app[PARTS], _actor(request), request.app[PARTS].now()
    kiosk = request.match_info["kiosk"]
    if request.match_info["step"] == "disable":
        await parts.store.write(lambda conn: kiosks.disable(conn, kiosk, by=by, at=at))
        raise web.HTTPSeeOther("/kiosks")
    token = await parts.store.write(lambda conn: kiosks.renew(conn, kiosk, by=by, at=at))
    return await _listing(request, token=token, entered={"kiosk": kiosk})


def _actor(request: web.Request) -> Actor:
    return people.actor(request[SIGNED].account)
