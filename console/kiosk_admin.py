"""自助终端 for the administrator: which there are, which are silent; entering, moving, locking, and another token.

Context of kiosks.html: rows, counts, now, token (shown once), entered, errors.
"""

from collections import Counter
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text
from console.machines import Machines, actor_of
from console.org_forms import sent_texts
from console.parts import PARTS
from console.permissions import Permission, needs
from storage import kiosks
from storage.errors import Invalid
from storage.kiosks import KioskForm
from storage.people import Actor

KIOSK: Final = {
    "id": Text(40, required=True),
    "name": Text(60, required=True),
    "address": Text(120, required=True),
    "grid": Text(64),
}
GRID: Final = {"grid": Text(64)}

routes = web.RouteTableDef()


def _look(request: web.Request, conn: Connection) -> dict[str, Any]:
    parts = request.app[PARTS]
    at = parts.now()
    rows = kiosks.kiosks(conn, at=at, zone=parts.settings.zone)
    counts = Counter("locked" if one.disabled_at else "silent" if one.silent(at) else "alive" for one in rows)
    return {"rows": rows, "counts": counts | Counter(kept=sum(one.kept for one in rows))}


def _enter(conn: Connection, texts: dict[str, str], by: Actor, request: web.Request) -> str:
    return kiosks.add(conn, KioskForm(**texts), by=by, at=request.app[PARTS].now())


LIST: Final = Machines("kiosk", "kiosks.html", KIOSK, _look, _enter)


@routes.get("/kiosks")
@needs(Permission.ORG)
async def listing(request: web.Request) -> web.Response:
    return await LIST.listing(request)


@routes.post("/kiosks")
@needs(Permission.ORG)
async def add(request: web.Request) -> web.Response:
    return await LIST.add(request)


@routes.post("/kiosks/{kiosk}/{step:disable|renew|move}")
@needs(Permission.ORG)
async def change(request: web.Request) -> web.Response:
    parts, by, at = request.app[PARTS], actor_of(request), request.app[PARTS].now()
    kiosk, step = request.match_info["kiosk"], request.match_info["step"]
    if step == "renew":
        token = await parts.store.write(lambda conn: kiosks.renew(conn, kiosk, by=by, at=at))
        return await LIST.listing(request, token=token, entered={"kiosk": kiosk})
    if step == "disable":
        await parts.store.write(lambda conn: kiosks.disable(conn, kiosk, by=by, at=at))
        raise web.HTTPSeeOther("/kiosks")
    grid = (await sent_texts(request, GRID))["grid"]
    try:
        await parts.store.write(lambda conn: kiosks.move(conn, kiosk, grid, by=by, at=at))
    except Invalid as error:
        moved = {f"move-{kiosk}": message for message in error.fields.values()}
        return await LIST.listing(request, status=400, errors=moved, entered={f"move-{kiosk}": grid})
    raise web.HTTPSeeOther("/kiosks")
