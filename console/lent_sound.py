"""Recordings between nodes: each lies where it was made, and is sent from there to the node whose page plays it.

Nodes know each other by a key that all of them have. What is asked for is one file with its hash, for a minute; who listens
and why has been asked and written down by then, where the person is.
"""

import hashlib
import hmac
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Final

import aiohttp
from aiohttp import web

from console import sound_files
from console.parts import PARTS
from console.permissions import Permission, needs
from routing.live import node_of
from storage.recordings import Kept

log = logging.getLogger(__name__)

OPEN_FOR: Final = timedelta(minutes=1)
ADDRESS: Final = "/api/nodes/recording"
PIECE: Final = 1 << 16
PASSED_ON: Final = ("Content-Length", "Content-Range", "Accept-Ranges")
PATIENCE: Final = aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=10)

routes = web.RouteTableDef()


class NotSent(Exception):
    """The other node could not be asked, or did not give it."""


class Lenders:
    """The way to the other nodes' pages."""

    def __init__(self) -> None:
        self._http: aiohttp.ClientSession | None = None

    async def ask(self, method: str, url: str, **how: Mapping[str, str]) -> aiohttp.ClientResponse:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=PATIENCE, auto_decompress=False)
        return await self._http.request(method, url, allow_redirects=False, **how)  # type: ignore[arg-type]

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()


LENDERS = web.AppKey("lenders", Lenders)


def elsewhere(request: web.Request, call: str) -> str:
    """Return the node that has the recordings of this call and cannot be asked for them; '' if it can, or they are here."""
    settings, node = request.app[PARTS].settings, node_of(call)
    away = settings.node and node not in ("", settings.node) and node not in settings.pages_of_nodes
    return node if away else ""


async def borrow(request: web.Request, call: str, kept: Kept) -> web.Response:
    """Return what the node of the call sends of the file, the piece that the player wants. Raises NotSent."""
    parts, node = request.app[PARTS], node_of(call)
    base = parts.settings.pages_of_nodes.get(node)
    if base is None:
        raise NotSent(node)
    until = str(int((parts.now() + OPEN_FOR).timestamp()))
    wish = {"path": kept.path, "sha256": kept.sha256, "until": until}
    wish["key"] = _key(parts.settings.seal, wish)
    piece = {name: request.headers[name] for name in ("Range", "If-Range") if name in request.headers}
    try:
        answer = await request.app[LENDERS].ask(request.method, base + ADDRESS, params=wish, headers=piece)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("a recording of node %s is not to be had: %r", node, error)
        raise NotSent(node) from error
    if answer.status not in (200, 206, 416):
        log.warning("node %s does not give a recording: %d", node, answer.status)
        answer.release()
        raise NotSent(node)
    headers = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
    body = _pieces(answer) if request.method != "HEAD" else None
    return web.Response(status=answer.status, headers=headers | sound_files.HEADERS, body=body)


async def _pieces(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.content.iter_chunked(PIECE):
            yield piece
    finally:
        answer.release()


@routes.get(ADDRESS)
@needs(Permission.PUBLIC, machine=True)
async def lend(request: web.Request) -> web.StreamResponse:
    """Send a file of ours to another node that proves to be one and knows the file's hash."""
    parts, wish = request.app[PARTS], dict(request.query)
    key, until = wish.pop("key", ""), wish.get("until", "")
    good = hmac.compare_digest(key.encode(), _key(parts.settings.seal, wish).encode())
    late = not until.isdecimal() or int(until) < parts.now().timestamp()
    if not parts.settings.seal or set(wish) != {"path", "sha256", "until"} or not good or late:
        raise web.HTTPForbidden
    file = sound_files.inside(parts.settings.recordings, wish["path"])
    if file is None:
        raise web.HTTPNotFound
    if await sound_files.digest(file) != wish["sha256"]:
        raise web.HTTPConflict
    return web.FileResponse(file, headers=sound_files.HEADERS)


def _key(seal: bytes, wish: Mapping[str, str]) -> str:
    """Return what only a node can make. Its own purpose stands in it, so that it opens nothing else."""
    purpose = hmac.digest(seal, b"recordings between nodes", "sha256")
    said = "\n".join(f"{name}={wish[name]}" for name in sorted(wish))
    return hmac.new(purpose, said.encode(), hashlib.sha256).hexdigest()


async def _clean_up(app: web.Application) -> None:
    await app[LENDERS].close()


def set_up(app: web.Application) -> None:
    app[LENDERS] = Lenders()
    app.on_cleanup.append(_clean_up)
