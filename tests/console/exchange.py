"""Asterisk as the console meets it: an ARI that remembers what was pushed, and a SIP socket that echoes."""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

PREFIX = "/ari/asterisk/config/dynamic/res_pjsip"


@dataclass
class FakeExchange:
    """What was asked of it, in order."""

    objects: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    broken: bool = False
    server: TestServer | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_put(PREFIX + "/{kind}/{id}", self._put)
        app.router.add_delete(PREFIX + "/{kind}/{id}", self._delete)
        app.router.add_get("/ws", self._socket)
        self.server = TestServer(app)
        await self.server.start_server()

    async def stop(self) -> None:
        assert self.server is not None
        await self.server.close()

    def url(self, path: str) -> str:
        assert self.server is not None
        return str(self.server.make_url(path))

    async def _put(self, request: web.Request) -> web.Response:
        if self.broken:
            raise web.HTTPServiceUnavailable
        self.headers.append(request.headers.get("Authorization", ""))
        key = f"{request.match_info['kind']}/{request.match_info['id']}"
        body: dict[str, Any] = await request.json()
        self.objects[key] = {each["attribute"]: each["value"] for each in body["fields"]}
        self.asked.append(f"PUT {key}")
        return web.json_response([])

    async def _delete(self, request: web.Request) -> web.Response:
        key = f"{request.match_info['kind']}/{request.match_info['id']}"
        self.asked.append(f"DELETE {key}")
        if self.objects.pop(key, None) is None:
            raise web.HTTPNotFound
        return web.Response(status=204)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
        return socket
