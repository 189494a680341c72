"""The sockets of desks and walls. The server is the truth about calls, the browser only carries sound."""

import asyncio
import logging

from aiohttp import web

from console.commands import obey
from console.desks import DESKS, SIGNED_OUT, TRY_ANOTHER, Desk, Desks
from console.health import FIGURES
from console.orders import Watcher, carry_out
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SESSIONS, SIGNED
from console.sockets import accept, heard
from console.wall import WALL
from console.wall_phones import WALL_PHONES
from console.word_desk import deliver_words
from routing.engine import Refused

log = logging.getLogger(__name__)

routes = web.RouteTableDef()


@routes.get("/live/desk")
@needs(Permission.DESK, socket=True)
async def live(request: web.Request) -> web.StreamResponse:
    """Keep one agent's page up to date until it goes, is replaced, or its session ends."""
    if request[SIGNED].account.seat is None:
        raise web.HTTPForbidden
    socket, listener = await accept(request)
    if not request.app[PARTS].engine.leads:
        await socket.close(code=TRY_ANOTHER)
        return socket
    desk, desks = Desk(request, listener), request.app[DESKS]
    delivering, words = asyncio.create_task(desk.deliver()), asyncio.create_task(deliver_words(desk))
    # A page that hears nothing more must not look alive: it connects again and starts afresh.
    delivering.add_done_callback(lambda task: None if task.cancelled() else listener.drop())
    try:
        try:
            await desks.join(desk)
        except Refused as refused:
            await desk.tell("bye", text=str(refused))
            return socket
        async for text in heard(socket, listener, still=lambda: _still(desk)):
            await obey(desk, text)
    finally:
        # First what needs no waiting: this task itself may be cancelled at the next await.
        desks.leave(desk)
        listener.let_go()
        delivering.cancel()
        words.cancel()
        ended, _ = await asyncio.gather(delivering, words, return_exceptions=True)
        if isinstance(ended, Exception):
            log.error("desk of seat %s stopped hearing", desk.seat, exc_info=ended)
    await listener.close()
    return socket


async def _still(desk: Desk) -> bool:
    if await desk.request.app[SESSIONS].still(desk.signed, desk.parts.now()):
        return True
    await desk.parts.phones.close_seat(desk.seat)
    await desk.end("desk.signed_out", SIGNED_OUT)
    return False


@routes.get("/live/wall")
@needs(Permission.WALL, socket=True)
async def wall(request: web.Request) -> web.StreamResponse:
    """Let a supervisor's page listen, and take its orders, until it goes or its session ends."""
    shown, signed = request.app[WALL], request[SIGNED]
    socket, listener = await accept(request)
    watcher = Watcher(request, listener)
    await shown.join(listener)
    try:
        async for text in heard(
            socket, listener, still=lambda: request.app[SESSIONS].still(signed, request.app[PARTS].now())
        ):
            await carry_out(watcher, text)
    finally:
        shown.leave(listener)
        listener.let_go()
        request.app[WALL_PHONES].leave(watcher)
        if listener.missed and listener.gone:
            request.app[FIGURES].add("hotline_ws_dropped_total")
    await listener.close()
    return socket


def set_up(app: web.Application) -> None:
    desks = app[DESKS] = Desks(app[PARTS])
    if (watching := app[PARTS].watching) is not None:
        watching.on_end(lambda watch: desks.wake(watch.seat))
