"""Signing in and out.

Context of login.html: see console.sign_on. Of account.html: sessions, each with id,
address, opened_at, seen_at (None if not in this process), current.
"""

import asyncio
import logging
from typing import Final

from aiohttp import web
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from console import entering, sign_on
from console.desks import DESKS
from console.entering import safe_next
from console.forms import Text, posted, read_texts
from console.guard import address_of
from console.health import FIGURES
from console.i18n import say
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, allowed, needs
from console.sessions import COOKIE, SESSIONS, SIGNED
from console.tries import network_of
from storage import follows, people
from storage import sign_on as store
from storage.people import Account

log = logging.getLogger(__name__)

AT_ONCE: Final = 2
"""One check takes a quarter of a second and 64 MB: at shift change everybody signs in, and calls go on meanwhile."""
WAITING: Final = 60

FIELDS: Final = {
    "login": Text(64, required=True),
    "password": Text(256, required=True, verbatim=True),
    "next": Text(500),
    "csrf": Text(200),
}


class Passwords:
    """Checks passwords in threads, few at once, in the same time for accounts that do not exist."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobody = ""

    async def prepare(self) -> None:
        """Make the hash that unknown accounts are checked against."""
        self._nobody = await asyncio.to_thread(self._hasher.hash, "nobody has this password")

    async def check(self, stored: str | None, password: str) -> bool:
        """Say whether the password is right; `stored` is None for an account that does not exist."""
        right = await asyncio.to_thread(self._verify, stored or self._nobody, password)
        return right and stored is not None

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        except VerificationError as error:
            # No memory for it: nobody may be locked out for a password that was right.
            log.error("a password cannot be checked: %s", error)  # noqa: TRY400 - its cause is not in our code
            raise web.HTTPServiceUnavailable from error

    async def __aenter__(self) -> None:
        if self._waiting >= WAITING:
            raise web.HTTPServiceUnavailable
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._turn.release()


PASSWORDS = web.AppKey("passwords", Passwords)


async def authenticate(request: web.Request, login: str, password: str) -> Account | int:
    """Return the account, or the seconds to wait before the next try (0: now)."""
    parts, passwords = request.app[PARTS], request.app[PASSWORDS]
    address = network_of(address_of(request))
    async with passwords:
        at = parts.now()
        # Read inside the turn, so that many tries at once cannot all be let through by the same count.
        wait = await parts.store.read(
            lambda conn: people.login_failures(conn, login=login, address=address, at=at)
        )
        if wait > 0:
            log.warning("login %r from %s must wait %d s", login[:20], address, wait)
            return wait
        found = await parts.store.read(lambda conn: people.credentials(conn, login))
        right = await passwords.check(found[1] if found else None, password)
        await parts.store.write(
            lambda conn: people.note_login(conn, login=login, address=address, ok=right, at=at)
        )
    if found is None or not right:
        log.warning("login %r from %s failed", login[:20], address)
        return 0
    return found[0]


routes = web.RouteTableDef()


@routes.get("/login")
@needs(Permission.PUBLIC)
async def login_page(request: web.Request) -> web.Response:
    return sign_on.show_login(request, next_path=safe_next(request.query.get("next", "")))


@routes.post("/login")
@needs(Permission.PUBLIC)
async def sign_in(request: web.Request) -> web.StreamResponse:
    """Check the password and start a new session, whatever session the browser had before."""
    form = read_texts(request, FIELDS, await posted(request))
    result = await authenticate(request, form["login"], form["password"])
    next_path = safe_next(form.get("next", ""))
    if isinstance(result, int):
        error = say(request, "login.wait", seconds=result) if result else say(request, "login.wrong")
        request.app[FIGURES].add("hotline_login_failed_total")
        status = 429 if result else 401
        return sign_on.show_login(
            request, error=error, login=form["login"], next_path=next_path, wait=result, status=status
        )
    if not sign_on.may_use_password(request, result.login):
        # Said only to who knows the password: nobody learns here which accounts are the emergency ones.
        error = say(request, "sso.only")
        return sign_on.show_login(request, error=error, next_path=next_path, status=403)
    return await entering.go_on(request, result, next_path)


@routes.post("/logout")
@needs(Permission.SIGNED_IN)
async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the session, the desk and the telephone that hang on it; cases still followed are to be handed over first."""
    signed = request[SIGNED]
    if await _still_follows(request) and "anyway" not in await posted(request):
        raise web.HTTPSeeOther("/follows?leaving=1")
    begun = await request.app[PARTS].store.read(lambda conn: store.session(conn, signed.token_hash))
    await request.app[DESKS].sign_off(signed.account)
    await request.app[SESSIONS].end(signed.token_hash, request.app[PARTS].now())
    log.info("%s signed out", signed.account.login)
    if begun is not None and (page := await sign_on.leave(request, begun, signed.account.login)) is not None:
        drop_session(page)
        return page
    response = web.HTTPSeeOther("/login")
    drop_session(response)
    raise response


def drop_session(response: web.StreamResponse) -> None:
    response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")


async def _still_follows(request: web.Request) -> bool:
    account = request[SIGNED].account
    if not allowed(account.role, Permission.FOLLOW):
        return False
    return await request.app[PARTS].store.read(lambda conn: follows.count(conn, account.login)) > 0


@routes.get("/account")
@needs(Permission.SIGNED_IN)
async def own_sessions(request: web.Request) -> web.Response:
    """Show where one is signed in."""
    signed = request[SIGNED]
    at = request.app[PARTS].now()
    found = await request.app[PARTS].store.read(
        lambda conn: people.sessions_of(conn, signed.account.login, at=at)
    )
    rows = [
        {
            "id": row.token_hash[:16],
            "address": row.address,
            "opened_at": row.opened_at,
            "seen_at": request.app[SESSIONS].seen_at(row.token_hash),
            "current": row.token_hash == signed.token_hash,
        }
        for row in found
    ]
    return render(request, "account.html", {"sessions": rows})


@routes.post("/account/sessions/{id}/revoke")
@needs(Permission.SIGNED_IN)
async def revoke(request: web.Request) -> web.StreamResponse:
    """End one of one's own sessions, for instance on a computer left open."""
    signed, at = request[SIGNED], request.app[PARTS].now()
    found = await request.app[PARTS].store.read(
        lambda conn: people.sessions_of(conn, signed.account.login, at=at)
    )
    wanted = request.match_info["id"]
    for row in found:
        if row.token_hash[:16] == wanted:
            await request.app[SESSIONS].end(row.token_hash, at)
            log.info("%s ended one of their sessions", signed.account.login)
            raise web.HTTPSeeOther("/account")
    raise web.HTTPNotFound


async def prepare(app: web.Application) -> None:
    await app[PASSWORDS].prepare()


def set_up(app: web.Application) -> None:
    app[PASSWORDS] = Passwords(app[PARTS].hasher)
    app.on_startup.append(prepare)
