"""The second factor: asked for at sign-in, enrolled with a picture, stood in for by recovery codes, reset by others.

Context of login_second.html: enrolling, picture, secret, error, wait. Of factor_codes.html: codes, next, csrf. Of
factor.html: factor (None or since), must, left, picture, secret, error.
"""

import base64
import hashlib
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import segno
from aiohttp import web
from sqlalchemy import Connection

from cases import totp
from console import entering
from console.auth import authenticate
from console.forms import Text
from console.guard import address_of
from console.i18n import say
from console.org_forms import sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sealing import Unsealed, seal, unseal
from console.sessions import SESSIONS, SIGNED, hash_of
from console.tries import network_of
from storage import factors, people, staff
from storage.errors import Conflict, Invalid
from storage.factors import Factor
from storage.people import Account

log = logging.getLogger(__name__)

PURPOSE: Final = "second factor"
CODES: Final = 10
CODE_BYTES: Final = 10
"""Eighty bits: a fast hash is enough."""
CODE: Final = {"code": Text(40)}
PASSWORD: Final = {"password": Text(256, verbatim=True)}

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Half:
    """Whoever gave the right password a moment ago and has to prove more."""

    account: Account
    factor: Factor
    secret: bytes
    next: str
    token_hash: str
    signed_on: Mapping[str, Any] | None
    """What the city's identity provider told, if it vouched for the person instead of a password."""

    @property
    def enrolling(self) -> bool:
        return self.factor.confirmed_at is None


@routes.get("/login/second")
@needs(Permission.PUBLIC)
async def ask(request: web.Request) -> web.Response:
    return _asked(request, await _half(request))


@routes.post("/login/second")
@needs(Permission.PUBLIC)
async def answer(request: web.Request) -> web.StreamResponse:
    """Take a code of the authenticator, or one that stands in for it; the first one also enrols it."""
    code = (await sent_texts(request, CODE))["code"]
    half = await _half(request)
    if (wait := await _wait(request, half.account.login)) > 0:
        return _asked(request, half, error=say(request, "login.wait", seconds=wait), status=429, wait=wait)
    login, codes = half.account.login, None
    if half.enrolling:
        codes = await _confirm(request, login, half.factor, code)
    right = codes is not None or (not half.enrolling and await _proven(request, login, half.factor, code))
    await _note(request, login, right=right)
    if not right:
        return _asked(request, half, error=say(request, "factor.wrong"), status=401)
    if not await request.app[PARTS].store.write(lambda conn: factors.close_step(conn, half.token_hash)):
        raise Conflict(say(request, "factor.late"))
    if codes is None:
        return await _through(request, half)
    context = {"codes": codes, "next": half.next or entering.home_of(half.account.role)}
    response = render(request, "factor_codes.html", context)
    await entering.start_session(request, response, half.account, signed_on=half.signed_on)
    entering.drop_step(response)
    return response


async def _through(request: web.Request, half: Half) -> web.StreamResponse:
    response = web.HTTPSeeOther(half.next or entering.home_of(half.account.role))
    await entering.start_session(request, response, half.account, signed_on=half.signed_on)
    entering.drop_step(response)
    raise response


async def _half(request: web.Request) -> Half:
    """Return whose sign-in is half done in this browser; who has none begins again."""
    token, parts = request.cookies.get(entering.STEP_COOKIE, ""), request.app[PARTS]
    token_hash, at = hash_of(token), request.app[PARTS].now()

    def look(conn: Connection) -> tuple[factors.Step | None, Account | None]:
        step = factors.step(conn, token_hash, at=at)
        found = people.credentials(conn, step.login) if step and step.login else None
        return step, found[0] if found else None

    step, account = await parts.store.read(look)
    if step is None or account is None:
        raise web.HTTPSeeOther("/login")
    factor = await _factor(request, account.login)
    secret = _open(request, account.login, factor)
    next_path = entering.safe_next(str(step.detail.get("next", "")))
    return Half(account, factor, secret, next_path, token_hash, step.detail.get("signed_on"))


async def _factor(request: web.Request, login: str) -> Factor:
    """Return the person's authenticator; one is begun if there is none."""
    parts = request.app[PARTS]
    found = await parts.store.read(lambda conn: factors.factor(conn, login))
    if found is not None:
        return found
    try:
        sealed = seal(
            parts.settings.seal, secrets.token_bytes(totp.SECRET_BYTES), purpose=PURPOSE, about=login
        )
    except Unsealed:
        raise Conflict(say(request, "factor.no_key")) from None
    at = parts.now()
    return await parts.store.write(lambda conn: factors.begin(conn, login, sealed=sealed, at=at))


def _open(request: web.Request, login: str, factor: Factor) -> bytes:
    try:
        return unseal(request.app[PARTS].settings.seal, factor.sealed, purpose=PURPOSE, about=login)
    except Unsealed:
        log.error("the second factor of %s was sealed with another key", login)  # noqa: TRY400 - the cause is known
        raise Conflict(say(request, "factor.other_key")) from None


def _asked(
    request: web.Request, half: Half, *, error: str | None = None, status: int = 200, wait: int = 0
) -> web.Response:
    shown = _picture(request, half.account.login, half.secret) if half.enrolling else {}
    context = {
        "enrolling": half.enrolling,
        "picture": "",
        "secret": "",
        **shown,
        "error": error,
        "wait": wait,
    }
    return render(request, "login_second.html", context, status=status)


def _picture(request: web.Request, login: str, secret: bytes) -> dict[str, str]:
    """Return the secret as a square picture and as letters."""
    issuer = f"{request.app[PARTS].settings.city}12345"
    drawn = segno.make(totp.address(secret, login=login, issuer=issuer), error="m", micro=False)
    svg = drawn.svg_inline(scale=4, border=4, dark="#000", light="#fff").replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1
    )
    data = base64.b64encode(svg.encode()).decode()
    return {"picture": f"data:image/svg+xml;base64,{data}", "secret": totp.typed(secret)}


async def _confirm(request: web.Request, login: str, factor: Factor, code: str) -> list[str] | None:
    """Let the authenticator count from now on, if this is its code; return the recovery codes, shown this once."""
    at = request.app[PARTS].now()
    step = totp.matching_step(_open(request, login, factor), code, at, after=factor.last_step)
    if step is None:
        return None
    codes = new_codes()
    hashes = [hash_of_code(one) for one in codes]
    done = await request.app[PARTS].store.write(
        lambda conn: factors.confirm(conn, login, step=step, codes=hashes, at=at)
    )
    return codes if done else None


async def _proven(request: web.Request, login: str, factor: Factor, code: str) -> bool:
    """Take a code of the authenticator or a recovery code; each counts once."""
    at, store = request.app[PARTS].now(), request.app[PARTS].store
    step = totp.matching_step(_open(request, login, factor), code, at, after=factor.last_step)
    if step is not None:
        return await store.write(lambda conn: factors.use_step(conn, login, step))
    hashed = hash_of_code(code)
    return await store.write(lambda conn: factors.use_recovery(conn, login, hashed, at=at))


def new_codes() -> list[str]:
    found = []
    for _ in range(CODES):
        text = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
        found.append("-".join(text[i : i + 4] for i in range(0, len(text), 4)))
    return found


def hash_of_code(code: str) -> str:
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(plain.encode()).hexdigest()


def _tried(login: str) -> str:
    """Under this name wrong codes are counted: a right password must not wipe out what was guessed."""
    return f"code:{login}"


async def _wait(request: web.Request, login: str) -> int:
    address, at = network_of(address_of(request)), request.app[PARTS].now()
    return await request.app[PARTS].store.read(
        lambda conn: people.login_failures(conn, login=_tried(login), address=address, at=at)
    )


async def _note(request: web.Request, login: str, *, right: bool) -> None:
    address, at = network_of(address_of(request)), request.app[PARTS].now()
    if not right:
        log.warning("a code of %s from %s was wrong", login, address)
    await request.app[PARTS].store.write(
        lambda conn: people.note_login(conn, login=_tried(login), address=address, ok=right, at=at)
    )


@routes.get("/account/factor")
@needs(Permission.SIGNED_IN)
async def own(request: web.Request) -> web.Response:
    return await _own(request)


async def _own(request: web.Request, **more: Any) -> web.Response:
    login = request[SIGNED].account.login

    def look(conn: Connection) -> dict[str, Any]:
        return {"factor": factors.factor(conn, login), "left": factors.codes_left(conn, login)}

    found = await request.app[PARTS].store.read(look)
    status = int(more.pop("status", 200))
    must = request[SIGNED].account.role in request.app[PARTS].settings.second_factor
    context = {"must": must, "picture": "", "secret": "", "error": None} | found | more
    return render(request, "factor.html", context, status=status)


@routes.post("/account/factor")
@needs(Permission.SIGNED_IN)
async def begin(request: web.Request) -> web.Response:
    """Show the picture to whoever says the password again: a session left open must not bind another's telephone."""
    password = (await sent_texts(request, PASSWORD))["password"]
    login = request[SIGNED].account.login
    if isinstance(await authenticate(request, login, password), int):
        return await _own(request, status=401, error=say(request, "factor.password_wrong"))
    factor = await _factor(request, login)
    if factor.confirmed_at is not None:
        raise Conflict(say(request, "factor.late"))
    return await _own(request, **_picture(request, login, _open(request, login, factor)))


@routes.post("/account/factor/{what:confirm|codes|remove}")
@needs(Permission.SIGNED_IN)
async def change(request: web.Request) -> web.StreamResponse:
    """Enrol, get new recovery codes, or give the authenticator up: each with a code of it."""
    code, login = (await sent_texts(request, CODE))["code"], request[SIGNED].account.login
    what, parts, at = request.match_info["what"], request.app[PARTS], request.app[PARTS].now()
    factor = await parts.store.read(lambda conn: factors.factor(conn, login))
    if factor is None or (factor.confirmed_at is None) != (what == "confirm"):
        raise Conflict(say(request, "factor.late"))
    if (wait := await _wait(request, login)) > 0:
        return await _own(request, status=429, error=say(request, "login.wait", seconds=wait))
    codes = await _confirm(request, login, factor, code) if what == "confirm" else new_codes()
    right = codes is not None if what == "confirm" else await _proven(request, login, factor, code)
    await _note(request, login, right=right)
    if not right or codes is None:
        again = _picture(request, login, _open(request, login, factor)) if what == "confirm" else {}
        return await _own(request, status=401, error=say(request, "factor.wrong"), **again)
    if what == "remove":
        await parts.store.write(lambda conn: factors.reset(conn, login, by=login, at=at))
        await request.app[SESSIONS].end(request[SIGNED].token_hash, at)
        raise web.HTTPSeeOther("/login")
    if what == "codes":
        await _renew(request, login, codes)
    return render(request, "factor_codes.html", {"codes": codes, "next": "/account/factor"})


async def _renew(request: web.Request, login: str, codes: Sequence[str]) -> None:
    hashes, at = [hash_of_code(one) for one in codes], request.app[PARTS].now()
    await request.app[PARTS].store.write(lambda conn: factors.renew_codes(conn, login, hashes, at=at))


@routes.post("/org/people/{login}/factor")
@needs(Permission.ORG)
async def reset(request: web.Request) -> web.StreamResponse:
    """Let somebody who lost the authenticator enrol another; one's own is reset by another administrator."""
    login, by, at = request.match_info["login"], request[SIGNED].account.login, request.app[PARTS].now()
    if login == by:
        raise Invalid({"login": say(request, "factor.not_own")})

    def work(conn: Connection) -> None:
        staff.person(conn, login)
        factors.reset(conn, login, by=by, at=at)

    await request.app[PARTS].store.write(work)
    raise web.HTTPSeeOther("/org/people")
