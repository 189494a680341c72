"""自助终端断网: the page a kiosk shows without a network, what it needs to seal what is typed there, and its taking.

Context of kiosk_offline.html: kiosk, branches (name, leaves), frame, prefix, entered and errors
(both empty: it is nobody's answer).
"""

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from console import kept
from console.forms import Text, json_object, read_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sealing import Unsealed
from console.site import known, site_of, unindexed
from console.tries import Tries
from storage import kiosk_reports, units
from storage.kiosk_reports import Kept, Report

log = logging.getLogger(__name__)

WORKER: Final = Path(__file__).parent / "static" / "js" / "kiosk-worker.js"
TAKEN_A_MINUTE: Final = 60
"""From one kiosk; it keeps fewer than this."""
KEPT: Final = {
    "kiosk": Text(40, required=True),
    "key": Text(40, required=True),
    "sealed": Text(16_000, required=True),
}

TAKEN = web.AppKey("kiosk_kept", Tries)

routes = web.RouteTableDef()


@routes.get("/kiosk/offline")
@needs(Permission.PUBLIC)
async def offline_page(request: web.Request) -> web.Response:
    """Give the page that the kiosk's browser keeps for the time without a network."""
    site = await site_of(request)
    every = await request.app[PARTS].store.read(units.categories)
    branches = [
        (branch.name, [one for one in every if one.parent == branch.code])
        for branch in every
        if branch.parent is None
    ]
    context = site.context() | {"branches": branches, "entered": {}, "errors": {}}
    return unindexed(render(request, "kiosk_offline.html", context))


@routes.get("/kiosk/pack")
@needs(Permission.PUBLIC)
async def pack(request: web.Request) -> web.Response:
    """Tell a kiosk who it is and with what it seals."""
    kiosk = (await site_of(request)).kiosk
    assert kiosk is not None
    half = kept.open_half(request.app[PARTS].settings.seal, kiosk.id)
    return web.json_response({"kiosk": kiosk.id, "key": half})


@routes.get("/kiosk/worker.js")
@needs(Permission.PUBLIC)
async def worker(_: web.Request) -> web.FileResponse:
    """Give the script that stands between a kiosk's pages and the network; it may only look after those."""
    headers = {"Service-Worker-Allowed": "/kiosk", "Content-Type": "text/javascript; charset=utf-8"}
    return web.FileResponse(WORKER, headers=headers)


@routes.post("/api/kiosk/kept")
@needs(Permission.PUBLIC)
async def take(request: web.Request) -> web.Response:
    """Take one submission that waited. Whatever is answered with 200 the kiosk forgets, so all else may come again."""
    parts, kiosk = request.app[PARTS], await known(request)
    if kiosk is None:
        raise web.HTTPForbidden
    at, rules = parts.now(), parts.rules
    if not request.app[TAKEN].take(kiosk.id, at):
        raise web.HTTPTooManyRequests
    sent = read_texts(request, KEPT, await json_object(request))
    try:
        # A machine that was given another name meanwhile still has what was sealed under the old one.
        told = _read(kept.opened(parts.settings.seal, sent["kiosk"], sent["key"], sent["sealed"]))
    except (Unsealed, ValueError, RecursionError):
        log.error("kiosk %s sent what cannot be opened", kiosk.id)  # noqa: TRY400 - the cause says nothing more
        await parts.store.write(lambda conn: kiosk_reports.unreadable(conn, kiosk.id, at=at))
        return web.json_response({"taken": False})
    made = await parts.store.write(
        lambda conn: kiosk_reports.late(conn, kiosk, told, key=sent["key"], at=at, rules=rules)
    )
    return web.json_response({"taken": True, "again": made.again})


def _read(plain: bytes) -> Kept:
    """Return what somebody typed; any text, for nobody is there to be asked again."""
    value: Any = json.loads(plain)
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004 - it is treated like any other text that cannot be read
    category, place, words, number = (
        str(value.get(name) or "") for name in ("category", "place", "words", "number")
    )
    moment = value.get("at")
    seconds = moment / 1000 if isinstance(moment, int | float) and 0 <= moment < 1e14 else 0
    slip = "".join(sign for sign in str(value.get("slip") or "") if sign.isascii() and sign.isdigit())[:6]
    return Kept(
        report=Report(category=category, place=place, words=words, number=number),
        slip=slip,
        kept_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds),
    )


def set_up(app: web.Application) -> None:
    app[TAKEN] = Tries(TAKEN_A_MINUTE, timedelta(minutes=1))
