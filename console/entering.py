"""From the right password to the session: a second factor where one is asked for, then a new session and the way on."""

import logging
import secrets
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from cases.workflow import Role
from console.guard import address_of
from console.parts import PARTS
from console.permissions import Permission, allowed
from console.sessions import COOKIE, SESSIONS, SIGNED, TOKEN_BYTES, hash_of
from console.tries import network_of
from storage import factors
from storage.people import Account
from storage.worklists import QUEUES

log = logging.getLogger(__name__)

STEP_COOKIE: Final = "__Host-hotline-step"
STEP_SECONDS: Final = int(factors.STEP_LASTS.total_seconds())

OUTSIDE: Final = frozenset({Role.STREET_COMMANDER, Role.FRONTLINE_RESPONDER})
"""Who works on the spot, mostly by telephone."""


def home_of(role: Role) -> str:
    """Return where a person of this role begins."""
    if allowed(role, Permission.DESK) and role is not Role.TEAM_LEAD:
        return "/desk"
    if allowed(role, Permission.WALL):
        return "/wall"
    if role in QUEUES:
        return "/work"
    if allowed(role, Permission.PUBLICATION):
        return "/publication"
    if role in OUTSIDE:
        return "/frontline"
    return "/cases" if allowed(role, Permission.CASES) else "/knowledge"


def safe_next(path: str) -> str:
    """Return the path if it is one of ours; an address of another site would make us an open door."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path
    return path if inside and path.isprintable() else ""


async def go_on(request: web.Request, account: Account, next_path: str) -> web.StreamResponse:
    """Sign in whoever gave the right password, or ask for the second factor first."""
    if not await asks_more(request, account):
        return await enter(request, account, next_path)
    response = web.HTTPSeeOther("/login/second")
    keep_step(response, await open_step(request, account.login, {"next": next_path}))
    raise response


async def asks_more(request: web.Request, account: Account) -> bool:
    """Say whether the person has to give a code, too: the post demands it, or the person has chosen it."""
    parts = request.app[PARTS]
    must = account.role in parts.settings.second_factor
    return must or await parts.store.read(lambda conn: factors.enrolled(conn, account.login))


async def open_step(request: web.Request, login: str, detail: Mapping[str, Any]) -> str:
    """Remember a sign-in that is half done, and return the token by which its browser is known."""
    parts, token = request.app[PARTS], secrets.token_urlsafe(TOKEN_BYTES)
    at = parts.now()
    await parts.store.write(
        lambda conn: factors.open_step(conn, hash_of(token), login=login, detail=detail, at=at)
    )
    return token


async def enter(request: web.Request, account: Account, next_path: str) -> web.StreamResponse:
    """Start a session and lead on."""
    response = web.HTTPSeeOther(next_path or home_of(account.role))
    await start_session(request, response, account)
    raise response


async def start_session(
    request: web.Request,
    response: web.StreamResponse,
    account: Account,
    *,
    signed_on: Mapping[str, Any] | None = None,
) -> str:
    """Start a new session, whatever session the browser had before, and return its token.

    `signed_on` is what is remembered with a session that the city's identity provider opened.
    """
    at, sessions = request.app[PARTS].now(), request.app[SESSIONS]
    if (before := request.get(SIGNED)) is not None:
        await sessions.end(before.token_hash, at)
    address = network_of(address_of(request))
    token = await sessions.open(account.login, address=address, at=at, signed_on=signed_on)
    log.info("%s signed in", account.login)
    response.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="Strict")
    return token


def keep_step(response: web.StreamResponse, token: str, *, samesite: str = "Strict") -> None:
    response.set_cookie(
        STEP_COOKIE, token, max_age=STEP_SECONDS, path="/", secure=True, httponly=True, samesite=samesite
    )


def drop_step(response: web.StreamResponse) -> None:
    response.del_cookie(STEP_COOKIE, path="/", secure=True, httponly=True)
