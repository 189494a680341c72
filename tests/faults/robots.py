"""Agents that need no browser: a desk's socket and a SIP telephone that answers, talks for a moment and hangs up."""

import asyncio
import base64
import contextlib
import json
import re
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from hotline.phone import Hook, Line, Phone, PhoneError, phone
from tests.town import Town

TALK_SECONDS = 1.0
AGAIN_SECONDS = 0.3
GOES_ON = (aiohttp.ClientError, OSError, AssertionError, TimeoutError, PhoneError, RuntimeError)
COOKIE = re.compile(r"__Host-hotline=[^;]+")


async def sign_in(http: aiohttp.ClientSession, town: Town, login: str) -> dict[str, str]:
    """Sign in as a browser would; return the headers that the session needs from then on."""
    form = {"login": login, "password": town.password}
    origin = {"Origin": town.url}
    async with http.post(f"{town.url}/login", data=form, headers=origin, allow_redirects=False) as answer:
        found = COOKIE.search(answer.headers.get("Set-Cookie", ""))
        assert found, f"{login} could not sign in: {answer.status}"
    return {"Cookie": found[0], **origin}


@dataclass
class Robot:
    """One agent. Goes on through every fault: signs in again, registers again, takes the next call."""

    town: Town
    login: str
    folder: Path
    talk_seconds: float = TALK_SECONDS
    talked: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    state: str = ""
    telephone: Phone | None = None
    deaf: bool = False
    """Its telephone is registered, and refuses whatever Asterisk offers it."""
    _secret: str = field(default_factory=lambda: secrets.token_hex(8))
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _call: str = ""
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def seat(self) -> str:
        return f"s{self.login}"

    async def run(self) -> None:
        """Work until cancelled."""
        async with self._stack, aiohttp.ClientSession() as http, asyncio.TaskGroup() as group:
            group.create_task(self._talk())
            group.create_task(self._stay_plain(http))
            while True:
                try:
                    await self._sit(http)
                except GOES_ON as trouble:
                    self.troubles.append(repr(trouble))
                self._socket = None
                await asyncio.sleep(AGAIN_SECONDS)

    async def _sit(self, http: aiohttp.ClientSession) -> None:
        headers = await sign_in(http, self.town, self.login)
        async with http.ws_connect(f"{self.town.url}/live/desk", headers=headers, heartbeat=2) as socket:
            self._socket = socket
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return  # the server was silent for too long
                await self._hear(http, json.loads(message.data))

    async def _hear(self, http: aiohttp.ClientSession, message: dict[str, Any]) -> None:
        if message["t"] == "phone":
            await self._register(http)
            await self._say(do="phone", registered=True, mic=True)
        elif message["t"] == "desk":
            self.state = message["seat"]["state"]
            self._call = (message["call"] or {}).get("id", self._call)
            if self.state == "wrap_up":
                await self._say(do="outcome", call=self._call, code="answered", case=None)
                await self._say(do="wrapped")
            elif self.state in {"break", "offline"}:
                await self._say(do="ready")

    async def _say(self, **command: object) -> None:
        if self._socket is not None:
            await self._socket.send_json(command)

    async def _register(self, http: aiohttp.ClientSession) -> None:
        """Put a plain telephone in the place of the browser's, and switch it on unless somebody talks in it."""
        await self._push(http)
        if self.telephone is None or self.telephone.hook is not Hook.UP:
            await self._stack.aclose()
            line = Line(user=self.seat, server=self.town.sip, secret=self._secret)
            folder = self.folder / f"{self.seat}-{secrets.token_hex(3)}"
            with contextlib.suppress(PhoneError, TimeoutError):
                self.telephone = await self._stack.enter_async_context(phone(line, folder))
                await self.telephone.until_registered()

    async def deafen(self) -> None:
        """Have Asterisk take the plain telephone for a browser's: it is shown, and cannot be rung."""
        self.deaf = True
        fields = [{"attribute": "webrtc", "value": "yes"}]
        async with aiohttp.ClientSession() as http:
            await self._put(http, "endpoint", fields)

    async def hear_again(self) -> None:
        """Register anew, as a page does that is loaded again."""
        self.deaf = False
        async with aiohttp.ClientSession() as http:
            await self._register(http)

    async def _stay_plain(self, http: aiohttp.ClientSession) -> None:
        """The console pushes a browser's telephone again whenever it finds Asterisk anew; ours goes over it."""
        while True:
            await asyncio.sleep(1)
            if self.telephone is None or self.deaf:
                continue
            try:
                async with http.get(f"{self._ari}/endpoint/{self.seat}", headers=self._key) as answer:
                    fields = {each["attribute"]: each["value"] for each in await answer.json()}
                if fields.get("webrtc") == "yes":
                    await self._register(http)
            except (*GOES_ON, TypeError) as trouble:
                self.troubles.append(repr(trouble))

    @property
    def _ari(self) -> str:
        port = self.town.config.asterisk_http_port
        return f"http://127.0.0.1:{port}/ari/asterisk/config/dynamic/res_pjsip"

    @property
    def _key(self) -> dict[str, str]:
        key = base64.b64encode(f"hotline:{self.town.config.ari_secret}".encode()).decode()
        return {"Authorization": f"Basic {key}"}

    async def _push(self, http: aiohttp.ClientSession) -> None:
        plain = {
            "webrtc": "no",
            "media_encryption": "no",
            "use_avpf": "no",
            "ice_support": "no",
            "rtcp_mux": "no",
            "media_use_received_transport": "no",
            "context": "hotline-seats",
            "disallow": "all",
            "allow": "alaw",
            "direct_media": "no",
            "device_state_busy_at": "1",
            "aors": self.seat,
            "auth": self.seat,
        }
        auth = {"auth_type": "digest", "username": self.seat, "password": self._secret}
        for kind, values in (("auth", auth), ("endpoint", plain)):
            fields = [{"attribute": name, "value": value} for name, value in values.items()]
            await self._put(http, kind, fields)

    async def _put(self, http: aiohttp.ClientSession, kind: str, fields: list[dict[str, str]]) -> None:
        async with http.put(
            f"{self._ari}/{kind}/{self.seat}",
            json={"fields": fields},
            headers=self._key,
            timeout=aiohttp.ClientTimeout(total=5),
        ) as answer:
            assert answer.status == 200, await answer.text()

    async def _talk(self) -> None:
        """Answer what rings, talk, hang up."""
        while True:
            telephone = self.telephone
            if telephone is None or telephone.hook is not Hook.RINGING:
                await asyncio.sleep(0.05)
                continue
            try:
                await telephone.answer()
                if await telephone.until(Hook.UP, Hook.CLOSED, seconds=5) is Hook.UP:
                    self.talked.append(self._call)
                    with contextlib.suppress(TimeoutError):
                        await telephone.until(Hook.CLOSED, seconds=self.talk_seconds)
                    await telephone.hang_up()
                    await telephone.until(Hook.CLOSED, Hook.IDLE, seconds=5)
            except (PhoneError, TimeoutError) as trouble:
                self.troubles.append(repr(trouble))
                # One that was switched off while it rang says so at once, and would for ever.
                await asyncio.sleep(AGAIN_SECONDS)
