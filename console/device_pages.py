"""智能设备: the list for the administrator, and the address to which devices send their alarms.

Context of devices.html: rows, categories, token (shown once, after adding), added, entered, errors.
"""

import logging
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, json_object, read_texts
from console.guard import address_of
from console.machines import Machines, actor_of
from console.parts import PARTS
from console.permissions import Permission, needs
from console.tries import Tries, network_of
from storage import devices, units
from storage.devices import LONGEST_WORDS, MOST_HOURLY, Alarm, DeviceForm, TooManyAlarms, UnknownDevice
from storage.people import Actor

log = logging.getLogger(__name__)

WRONG_TOKENS: Final = 10
"""In a minute, from one address: tokens cannot be guessed, and a device that was forgotten does not fill the log."""
BEARER: Final = "Bearer "
ALARM: Final = {
    "id": Text(64, required=True),
    "what": Text(LONGEST_WORDS, required=True),
    "urgent": Text(1, one_of=frozenset("01")),
}
DEVICE: Final = {
    "id": Text(40, required=True),
    "name": Text(60, required=True),
    "category": Text(64, required=True),
    "address": Text(200, required=True),
    "hourly": Text(3, required=True, one_of=frozenset(str(n) for n in range(1, MOST_HOURLY + 1))),
}

GUESSES = web.AppKey("device_guesses", Tries)

routes = web.RouteTableDef()


@routes.post("/api/alarms")
@needs(Permission.PUBLIC, machine=True)
async def alarm(request: web.Request) -> web.Response:
    """Take an alarm: `Authorization: Bearer <token>`, a JSON object with `id`, `what` and, if need be, `urgent`: "1"."""
    parts, here = request.app[PARTS], network_of(address_of(request))
    at, header = parts.now(), request.headers.get("Authorization", "")
    if not header.startswith(BEARER):
        raise web.HTTPUnauthorized
    texts = dict.fromkeys(ALARM, "") | read_texts(request, ALARM, await json_object(request))
    sent = Alarm(key=texts["id"], words=texts["what"], urgent=texts["urgent"] == "1")
    token = header.removeprefix(BEARER).strip()
    try:
        taken = await parts.store.write(
            lambda conn: devices.alarm(conn, token, sent, at=at, rules=parts.rules)
        )
    except UnknownDevice:
        if not request.app[GUESSES].take(here, at):
            raise web.HTTPTooManyRequests from None
        log.warning("an alarm with an unknown token from %s", here)
        raise web.HTTPUnauthorized from None
    except TooManyAlarms:
        raise web.HTTPTooManyRequests(headers={"Retry-After": "600"}) from None
    return web.json_response({"case": taken.no, "again": taken.again}, status=200 if taken.again else 201)


def _look(_: web.Request, conn: Connection) -> dict[str, Any]:
    return {"rows": devices.devices(conn), "categories": units.categories(conn)}


def _enter(conn: Connection, texts: dict[str, str], by: Actor, request: web.Request) -> str:
    words = {name: texts[name] for name in ("id", "name", "category", "address")}
    form = DeviceForm(**words, hourly=int(texts["hourly"]))
    return devices.add(conn, form, by=by, at=request.app[PARTS].now())


LIST: Final = Machines("device", "devices.html", DEVICE, _look, _enter)


@routes.get("/devices")
@needs(Permission.ORG)
async def listing(request: web.Request) -> web.Response:
    return await LIST.listing(request)


@routes.post("/devices")
@needs(Permission.ORG)
async def add(request: web.Request) -> web.Response:
    return await LIST.add(request)


@routes.post("/devices/{device}/disable")
@needs(Permission.ORG)
async def disable(request: web.Request) -> web.Response:
    parts, by, device = request.app[PARTS], actor_of(request), request.match_info["device"]
    at = parts.now()
    await parts.store.write(lambda conn: devices.disable(conn, device, by=by, at=at))
    raise web.HTTPSeeOther("/devices")


def set_up(app: web.Application) -> None:
    app[GUESSES] = Tries(WRONG_TOKENS, timedelta(minutes=1))
