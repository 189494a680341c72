"""A small server that shows every page with made-up data, so that their look is tested without the rest of the hotline.

The templates, scripts, styles and the security headers are the real ones; only what fills them is made up.
"""

import asyncio
import json
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from console.guard import CSP, HEADERS
from console.i18n import Catalogue, Language
from console.pages import TEMPLATES, environment
from console.watermark import DRAWN, HIGH, WIDE
from tests.browser import sample_data
from tests.browser.sample_site import FRAMING

ZONE = ZoneInfo("Asia/Shanghai")
AGENT = SimpleNamespace(login="1001", name="李燕", role="agent", unit="", seat="s1001")


class SamplePages:
    """Runs in a thread of its own; a test says what the next browser finds, and pushes messages into open pages."""

    def __init__(self) -> None:
        self.catalogue = Catalogue()
        self.templates = environment(SimpleNamespace(zone=ZONE, version="test"))
        self.loop = asyncio.new_event_loop()
        self.url = ""
        self.on_connect: list[Mapping[str, Any]] = []
        self.received: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.answers: dict[str, tuple[int, Any]] = {}
        self._sockets: set[web.WebSocketResponse] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started: Future[str] = Future()

    def start(self) -> None:
        self._thread.start()
        self.url = self._started.result(10)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def reset(self) -> None:
        self.on_connect, self.answers = [], {}
        self.received.clear()
        self.requests.clear()
        self.drop()

    def push(self, *messages: Mapping[str, Any]) -> None:
        """Send to every open page, as the live feed would."""
        asyncio.run_coroutine_threadsafe(self._push(messages), self.loop).result(5)

    def drop(self) -> None:
        """Cut every live connection, as a broken line would."""
        asyncio.run_coroutine_threadsafe(self._drop(), self.loop).result(5)

    async def _push(self, messages: tuple[Mapping[str, Any], ...]) -> None:
        for message in messages:
            for socket in list(self._sockets):
                await socket.send_str(_frame(message))

    async def _drop(self) -> None:
        for socket in list(self._sockets):
            transport = socket._req.transport if socket._req else None
            if transport:
                transport.abort()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            runner = self.loop.run_until_complete(self._open())
        except BaseException as error:
            self._started.set_exception(error)
            raise
        self.loop.run_forever()
        self.loop.run_until_complete(self._drop())
        self.loop.run_until_complete(runner.cleanup())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())

    async def _open(self) -> web.AppRunner:
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        self._started.set_result(f"http://{host}:{port}")
        return runner

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[_with_headers])
        app.router.add_static("/static", TEMPLATES.parent / "static")
        app.router.add_get("/live/{name}", self._live)
        app.router.add_get("/watermark.svg", _watermark)
        app.router.add_get("/kiosk/worker.js", _worker)
        app.router.add_route("*", "/api/{rest:.*}", self._api)
        for path in sample_data.PAGES:
            app.router.add_route("*", path, self._page)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        template, signed_in, context = sample_data.PAGES[request.path]
        lang = Language(request.query.get("lang", "zh"))
        common: dict[str, Any] = {
            "t": lambda key, **values: self.catalogue.text(lang, key, **values),
            "texts": self.catalogue.texts(lang),
            "lang": lang.value,
            "theme": request.query.get("theme", "light"),
            "size": request.query.get("size", "normal"),
            "contrast": request.query.get("contrast", ""),
            "csrf": "test-token" if signed_in else "",
            "account": AGENT if signed_in else None,
            "path": request.path,
            "zone": ZONE,
            "now": sample_data.NOW,
            "city": "榕海市",
            "may": lambda _: True,
        }
        text = self.templates.get_template(template).render(common | dict(context))
        return web.Response(text=text, content_type="text/html", charset="utf-8")

    async def _api(self, request: web.Request) -> web.Response:
        body = json.loads(await request.text() or "null")
        self.requests.append((request.method, request.path_qs, body))
        status, answer = self.answers.get(request.path, sample_data.ANSWERS.get(request.path, (204, None)))
        return web.json_response(answer, status=status) if answer is not None else web.Response(status=status)

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self._sockets.add(socket)
        for message in self.on_connect:
            await socket.send_str(_frame(message))
        async for frame in socket:
            self.received.append(json.loads(frame.data))
        self._sockets.discard(socket)
        return socket


STANDING: list[datetime] = []
"""While this holds an instant, the sample server's clock stands still at it."""


def _now() -> datetime:
    return STANDING[0] if STANDING else datetime.now(UTC)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


async def _watermark(_: web.Request) -> web.Response:
    text = DRAWN.format(wide=WIDE, high=HIGH, who="1001 李燕", at="2026-11-22 14:05")
    return web.Response(text=text, content_type="image/svg+xml")


async def _worker(_: web.Request) -> web.Response:
    """Nothing stands between these pages and this server: what is kept for a network is tested on the real one."""
    return web.Response(text="", content_type="text/javascript", headers={"Service-Worker-Allowed": "/kiosk"})


def _frame(message: Mapping[str, Any]) -> str:
    now: dict[str, Any] = {"now": _ms(_now())}
    return json.dumps(now | dict(message))


def ago(seconds: float) -> int:
    """Epoch milliseconds so many seconds before now, for timers that must show a known length."""
    return _ms(_now() - timedelta(seconds=seconds))


@web.middleware
async def _with_headers(request: web.Request, handler: Any) -> web.StreamResponse:
    response: web.StreamResponse = await handler(request)
    if not response.prepared:
        response.headers.update(HEADERS)
        if request.path == FRAMING:
            response.headers["Content-Security-Policy"] = f"{CSP}; frame-src data:"
    return response
