"""How often published cases are read: one for each visitor and case a day, and nothing about the visitor is kept.

An address is mixed with a secret of the day and hashed; the hash stays in this process, and with the day both are gone.
"""

import asyncio
import hashlib
import logging
import secrets
from collections import Counter, OrderedDict
from datetime import date
from typing import Final

from aiohttp import web

from console.guard import address_of
from console.parts import PARTS
from console.tries import network_of
from storage.errors import StoreDown
from storage.public_site import add_views

log = logging.getLogger(__name__)

WRITTEN_EVERY: Final = 10.0
MOST_VISITORS: Final = 50_000
MOST_WAITING: Final = 5_000


class Views:
    """Counts views and writes them down in lots."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._secret = b""
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._waiting: Counter[str] = Counter()

    def note(self, case: str, visitor: str, day: date) -> None:
        """Count a view of a published case unless this visitor has read it today."""
        if day != self._day:
            self._day, self._secret = day, secrets.token_bytes(32)
            self._seen.clear()
        words = f"{case}\n{visitor}".encode(errors="replace")
        mark = hashlib.blake2b(words, key=self._secret, digest_size=16).digest()
        if mark in self._seen or (case not in self._waiting and len(self._waiting) >= MOST_WAITING):
            return
        self._seen[mark] = None
        if len(self._seen) > MOST_VISITORS:
            self._seen.popitem(last=False)
        self._waiting[case] += 1

    def take(self) -> dict[str, int]:
        """Return what is to be written down."""
        waiting, self._waiting = dict(self._waiting), Counter()
        return waiting

    def give_back(self, views: dict[str, int]) -> None:
        self._waiting.update(views)


VIEWS = web.AppKey("site_views", Views)


def note(request: web.Request, case: str) -> None:
    parts = request.app[PARTS]
    day = parts.now().astimezone(parts.settings.zone).date()
    request.app[VIEWS].note(case, network_of(address_of(request)), day)


async def run(app: web.Application) -> None:
    """Write down every ten seconds what was counted, until cancelled; and then once more."""
    try:
        while True:
            await asyncio.sleep(WRITTEN_EVERY)
            await flush(app)
    finally:
        await flush(app)


async def flush(app: web.Application) -> None:
    parts, views = app[PARTS], app[VIEWS].take()
    if not views:
        return
    at, zone = parts.now(), parts.settings.zone
    try:
        await parts.store.write(lambda conn: add_views(conn, views, at=at, zone=zone))
    except StoreDown as error:
        log.warning("%d views wait for the store: %r", sum(views.values()), error)
        app[VIEWS].give_back(views)


def set_up(app: web.Application) -> None:
    app[VIEWS] = Views()
