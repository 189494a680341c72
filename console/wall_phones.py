"""Supervisors' telephones: one for each who has a wall open and wants to hear, taken away when the page stays away."""

import asyncio
import logging
from typing import Final

from aiohttp import web

from console.parts import PARTS, Parts
from console.permissions import Permission, allowed
from console.phones import EXPIRES
from console.sessions import SIGNED
from console.watcher import Watcher
from routing.watching import telephone_of

log = logging.getLogger(__name__)

PATIENCE: Final = 20.0
"""A page that is loaded again is back within two seconds; its sound dies by itself after ten."""


class WallPhones:
    """Who has a telephone on a wall."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._holders: dict[str, Watcher] = {}
        self._closing: dict[str, asyncio.Task[None]] = {}

    async def open(self, watcher: Watcher) -> None:
        """Hand over a fresh secret, on this socket and nowhere else; another wall of the same person loses its own."""
        telephone = telephone_of(watcher.login)
        if (closing := self._closing.pop(watcher.login, None)) is not None:
            closing.cancel()
        self._holders[watcher.login] = watcher
        phone, pushed = await self._parts.phones.open_seat(telephone)
        await watcher.send(
            "phone",
            user=phone.user,
            secret=phone.secret,
            uri=f"sip:{phone.user}@hotline",
            ws="/sip?wall=1",
            expires=EXPIRES,
        )
        if not pushed:
            await watcher.tell("warn", "desk.no_phone")

    def leave(self, watcher: Watcher) -> None:
        """The page is gone. If it does not come back, its telephone goes, and with it the supervisor from the talk."""
        if self._holders.get(watcher.login) is watcher:
            del self._holders[watcher.login]
            self._closing[watcher.login] = asyncio.create_task(self._close(watcher.login))

    async def _close(self, login: str) -> None:
        await asyncio.sleep(PATIENCE)
        self._closing.pop(login, None)
        if (watching := self._parts.watching) is not None:
            await watching.leave(login)
        await self._parts.phones.close_seat(telephone_of(login))

    async def close(self) -> None:
        for task in [*self._closing.values()]:
            task.cancel()
        await asyncio.gather(*self._closing.values(), return_exceptions=True)


def telephone_at(request: web.Request) -> str | None:
    """Return the telephone that this socket may carry as a supervisor's; None if it is nobody's wall."""
    signed = request.get(SIGNED)
    if "wall" not in request.query or signed is None:
        return None
    account = signed.account
    return telephone_of(account.login) if allowed(account.role, Permission.SUPERVISE) else None


WALL_PHONES = web.AppKey("wall_phones", WallPhones)


async def _clean_up(app: web.Application) -> None:
    await app[WALL_PHONES].close()


def set_up(app: web.Application) -> None:
    app[WALL_PHONES] = WallPhones(app[PARTS])
    app.on_cleanup.append(_clean_up)
