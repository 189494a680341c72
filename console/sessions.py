"""Who is signed in: a random token in the cookie, its hash in the store, and a short memory in between."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from cases.workflow import Role
from storage import people, sign_on
from storage.engine import Store
from storage.people import Account

COOKIE: Final = "__Host-hotline"
TOKEN_BYTES: Final = 32
TRUSTED_FOR: Final = timedelta(seconds=10)
"""How long another process may take to notice that a session was ended here."""
REMEMBERED: Final = 5_000

SHIFT: Final = timedelta(hours=10)
IDLE: Final[Mapping[Role, timedelta]] = {
    Role.ADMINISTRATOR: timedelta(minutes=15),
    # A desk is open all day and its socket counts as use; these limits catch the forgotten browser.
    Role.AGENT: SHIFT,
    Role.TEAM_LEAD: SHIFT,
    Role.CALLBACK_AGENT: SHIFT,
}
OTHERS_IDLE: Final = timedelta(minutes=60)


@dataclass(slots=True)
class Signed:
    """A signed-in person, as this request knows them."""

    account: Account
    token_hash: str
    csrf: str
    checked_at: datetime
    used_at: datetime


def hash_of(token: str) -> str:
    """Return what is stored: who reads the database cannot sign in with it. A cookie may hold any bytes."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(token: str) -> str:
    """Return the token for forms, known only to who holds the session."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


class Sessions:
    """Sessions of this process, read from the store at most every ten seconds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Signed] = {}

    async def find(self, token: str, at: datetime) -> Signed | None:
        """Return who holds this token, or None if it is wrong, ended or was left idle too long."""
        token_hash = hash_of(token)
        signed = self._known.get(token_hash)
        if signed is not None and at - signed.used_at > idle_limit(signed.account):
            await self.end(token_hash, at)
            return None
        if signed is None or at - signed.checked_at > TRUSTED_FOR:
            signed = await self._look_up(token, token_hash, at)
        if signed is not None:
            signed.used_at = at
        return signed

    async def _look_up(self, token: str, token_hash: str, at: datetime) -> Signed | None:
        account = await self._store.read(lambda conn: people.session(conn, token_hash, at))
        if account is None:
            self._known.pop(token_hash, None)
            return None
        signed = self._known.get(token_hash)
        if signed is None:
            while len(self._known) >= REMEMBERED:
                self._known.pop(next(iter(self._known)))
            signed = self._known[token_hash] = Signed(account, token_hash, csrf_of(token), at, at)
        signed.account, signed.checked_at = account, at
        return signed

    async def open(
        self, login: str, *, address: str, at: datetime, signed_on: Mapping[str, Any] | None = None
    ) -> str:
        """Start a session and return its token; an older session of this browser is never continued."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        token_hash = hash_of(token)

        def work(conn: Connection) -> None:
            people.open_session(conn, login=login, token_hash=token_hash, address=address, at=at)
            if signed_on is not None:
                sign_on.keep_session(conn, token_hash, signed_on, at=at)

        await self._store.write(work)
        return token

    async def end(self, token_hash: str, at: datetime) -> None:
        """End a session, here at once and in other processes within seconds."""
        self._known.pop(token_hash, None)
        await self._store.write(lambda conn: people.close_session(conn, token_hash, at=at))

    async def still(self, signed: Signed, at: datetime) -> bool:
        """Say whether a long-lived socket's session is still good; the socket itself counts as use."""
        if await self._store.read(lambda conn: people.session(conn, signed.token_hash, at)) is None:
            self._known.pop(signed.token_hash, None)
            return False
        signed.used_at = signed.checked_at = at
        return True

    def seen_at(self, token_hash: str) -> datetime | None:
        """Return when this process last saw the session used."""
        signed = self._known.get(token_hash)
        return signed.used_at if signed is not None else None


def idle_limit(account: Account) -> timedelta:
    return IDLE.get(account.role, OTHERS_IDLE)


SESSIONS = web.AppKey("sessions", Sessions)
SIGNED = web.RequestKey("signed", Signed)
