"""A console for tests: a real store, a real line model, a hand-written switchboard, no Asterisk."""

import asyncio
import base64
import http.cookies
import io
import json
import os
import socket as sockets
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from cases.rules import Rules, rules_for
from cases.workflow import Role
from console.app import background, build
from console.exports import XLSX
from console.parts import Parts, Settings
from console.phones import Phones
from console.sessions import csrf_of
from routing.case_rules import CaseRules
from routing.engine import Engine, LineSettings
from routing.line import Line, Seat
from routing.watching import Watching
from storage import people
from storage.engine import Store
from storage.people import Account
from tests.console.exchange import FakeExchange
from tests.console.floor import FakeSwitch
from tests.makers import MORNING

ZONE = ZoneInfo("Asia/Shanghai")
PASSWORD = "路灯-鳌峰-12"
# Real argon2, only cheap: the product's own setting takes a quarter of a second each time.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASH = QUICK.hash(PASSWORD)

_CENTRE, _WORKS, _WATER = "rxzx", "szgc", "swjt"
STAFF = {
    account.login: account
    for account in (
        Account("1001", "李燕", Role.AGENT, _CENTRE, "s1001"),
        Account("1002", "陈静", Role.AGENT, _CENTRE, "s1002"),
        Account("lead", "王班长", Role.TEAM_LEAD, _CENTRE, None),
        Account("supervisor", "值班主任", Role.SUPERVISOR, _CENTRE, None),
        Account("dispatcher", "批转员", Role.DISPATCHER, _CENTRE, None),
        Account("liaison", "市政联络员", Role.LIAISON, _WORKS, None),
        Account("handler", "市政承办人", Role.HANDLER, _WORKS, None),
        Account("water", "水务联络员", Role.LIAISON, _WATER, None),
        Account("reviewer", "回复审核员", Role.CENTRE_REVIEWER, _CENTRE, None),
        Account("final", "终审员", Role.FINAL_REVIEWER, _CENTRE, None),
        Account("callback", "回访员", Role.CALLBACK_AGENT, _CENTRE, "s1003"),
        Account("admin", "管理员", Role.ADMINISTRATOR, _CENTRE, None),
    )
}


@dataclass
class Clock:
    """A time that stands still until a test moves it."""

    at: datetime = MORNING

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Browser:
    """One browser: keeps its session cookie and token, sends the Origin a browser would send."""

    world: "World"
    cookie: str = ""
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def _headers(self, extra: dict[str, str] | None) -> dict[str, str]:
        sent = {"Origin": self.world.origin, **self.headers}
        if self.cookie:
            sent["Cookie"] = self.cookie
        return {name: value for name, value in (sent | (extra or {})).items() if value}

    async def get(self, path: str, headers: dict[str, str] | None = None) -> "Seen":
        return await self.world.ask("GET", path, headers=self._headers(headers))

    async def post_form(
        self, path: str, form: dict[str, str], headers: dict[str, str] | None = None
    ) -> "Seen":
        token = {"csrf": self.csrf} if self.csrf else {}
        return await self.world.ask("POST", path, headers=self._headers(headers), data=token | form)

    async def post_fields(self, path: str, fields: list[tuple[str, str]]) -> "Seen":
        """Send a form in which a field may stand more than once."""
        return await self.world.ask(
            "POST", path, headers=self._headers(None), data=[("csrf", self.csrf), *fields]
        )

    async def send_json(
        self, method: str, path: str, body: Any, headers: dict[str, str] | None = None
    ) -> "Seen":
        sent = self._headers({"X-CSRF": self.csrf, "Content-Type": "application/json"} | (headers or {}))
        return await self.world.ask(method, path, headers=sent, data=json.dumps(body))

    async def sign_in(self, login: str, password: str = PASSWORD) -> "Seen":
        seen = await self.post_form("/login", {"login": login, "password": password})
        jar = http.cookies.SimpleCookie(seen.headers.get("Set-Cookie", ""))
        if "__Host-hotline" in jar and jar["__Host-hotline"].value:
            self.cookie = f"__Host-hotline={jar['__Host-hotline'].value}"
            self.csrf = csrf_of(jar["__Host-hotline"].value)
        return seen

    def socket(self, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        """Open a WebSocket; use with `async with`."""
        return self.world.client.ws_connect(self.world.url(path), headers=self._headers(headers), **more)


@dataclass(frozen=True)
class Seen:
    """An answer, read to the end."""

    status: int
    headers: Any
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class World:
    """Everything around one console."""

    store: Store
    engine: Engine
    switch: FakeSwitch
    exchange: FakeExchange
    phones: Phones
    clock: Clock
    rules: Rules
    app: web.Application
    server: TestServer
    client: aiohttp.ClientSession

    @property
    def origin(self) -> str:
        return str(self.server.make_url("/")).rstrip("/")

    def url(self, path: str) -> str:
        return f"{self.origin}{path}"

    def browser(self, **headers: str) -> Browser:
        return Browser(self, headers=headers)

    async def signed_in(self, login: str) -> Browser:
        browser = self.browser()
        assert (await browser.sign_in(login)).status == 303
        return browser

    async def ask(self, method: str, path: str, **more: Any) -> Seen:
        async with self.client.request(method, self.url(path), allow_redirects=False, **more) as answer:
            text = await answer.text() if answer.content_type != XLSX else _cells(await answer.read())
            return Seen(answer.status, answer.headers.copy(), text)


def _cells(book: bytes) -> str:
    """Return all that a workbook says, so that what must not leave is looked for in workbooks, too."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return "\n".join(
            unescape(parts.read(name).decode()) for name in parts.namelist() if name.endswith(".xml")
        )


async def hear(socket: aiohttp.ClientWebSocketResponse, kind: str, **wanted: Any) -> dict[str, Any]:
    """Return the next message of this kind that has these values; what comes before is passed over."""
    async with asyncio.timeout(10):
        while True:
            message: dict[str, Any] = await socket.receive_json()
            if message["t"] == kind and wanted.items() <= message.items():
                return message


async def settled(condition: Callable[[], object]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for is another's state, without an event
            await asyncio.sleep(0.02)


def connect_and_never_read(world: World, browser: Browser, path: str) -> sockets.socket:
    """Complete a WebSocket handshake by hand, with a tiny buffer, and read nothing more."""
    connection = sockets.socket()
    connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", world.server.port))
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{world.server.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        f"Origin: {world.origin}",
        f"Cookie: {browser.cookie}",
    )
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
    return connection


@asynccontextmanager
async def world_of(store: Store, policy: str = "fuzhou-2017", **settings: Any) -> AsyncIterator[World]:
    """Open a console on the store, with the demo staff in it and one city's promises in force."""
    await store.write(_add_staff)
    clock, exchange = Clock(), FakeExchange()
    await exchange.start()
    phones = Phones(ari_url=exchange.url("/ari"), user="hotline", password="ari secret")
    switch = FakeSwitch()
    engine = Engine(Line(), switch, LineSettings(), now=clock, record=_note_nothing)
    engine.line.link(linked=True, at=clock())
    rules = rules_for("RH", policy=policy)
    parts = Parts(
        store=store,
        engine=engine,
        phones=phones,
        case_rules=CaseRules(rules),
        settings=Settings(city="榕海市", zone=ZONE, asterisk_ws=exchange.url("/ws"), **settings),
        now=clock,
        watching=Watching(engine, switch.spies),
        hasher=QUICK,
    )
    app = build(parts)
    server = TestServer(app)
    await server.start_server()
    working = asyncio.gather(engine.run(), background(app))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        try:
            yield World(store, engine, switch, exchange, phones, clock, rules, app, server, client)
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await server.close()
            await phones.close()
            await exchange.stop()


async def _note_nothing(_: Seat) -> None:
    """The states of seats are written down by the service."""


def _add_staff(conn: Any) -> None:
    for account in STAFF.values():
        people.add_account(conn, account, password_hash=HASH, by="test", at=MORNING)
