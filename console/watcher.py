"""A supervisor at a wall: who it is, and how the page is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from console.forms import Text, read_texts
from console.i18n import say
from console.parts import PARTS, Parts
from console.sessions import SIGNED
from console.sockets import Listener, encode
from console.writing import epoch_ms
from storage.people import Account


@dataclass(frozen=True, slots=True, eq=False)
class Watcher:
    """One open wall."""

    request: web.Request
    listener: Listener

    @property
    def account(self) -> Account:
        account: Account = self.request[SIGNED].account
        return account

    @property
    def login(self) -> str:
        return self.account.login

    @property
    def name(self) -> str:
        return self.account.name

    @property
    def parts(self) -> Parts:
        return self.request.app[PARTS]

    async def send(self, kind: str, **content: Any) -> None:
        await self.listener.send(encode({"t": kind, "now": epoch_ms(self.parts.now())} | content))

    async def tell(self, level: str, key: str, **values: str) -> None:
        await self.send("notice", level=level, text=say(self.request, key, **values))

    def form(self, said: Mapping[str, Any], **fields: Text) -> dict[str, str]:
        return read_texts(self.request, fields, {name: said.get(name) or "" for name in fields})
