"""Signing on with the city's own identity provider: OpenID Connect, authorization code with PKCE.

The provider says who somebody is, never what they may do: the account, its post and its unit are ours. Context of
login.html: error, login, next, wait, sso (None or name, address, only). Of sign_on.html: address, lead.

The provider sends the browser back to us, and our cookie, SameSite=Strict, is not sent along on that way: so the last
step is a page of ours that goes on by itself, not a redirect.
"""

import hmac
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web
from sqlalchemy import Connection

from cases.sign_on import Fault, Refused, Told, Wanted, read_id_token, read_logout_token
from console import entering
from console.entering import safe_next
from console.forms import Text
from console.guard import address_of
from console.health import FIGURES
from console.i18n import say
from console.org_forms import sent_texts
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sealing import Unsealed, seal, unseal
from console.sessions import SESSIONS, SIGNED, TOKEN_BYTES, hash_of
from console.sign_on_provider import PROVIDER, Provider
from console.tries import Tries, network_of
from storage import factors, sign_on, staff
from storage.people import Account
from storage.sign_on import SignedOn

log = logging.getLogger(__name__)

PURPOSE: Final = "sign on"
STARTS = web.AppKey("sign_on_starts", Tries)
STARTS_A_MINUTE: Final = 120
"""From one network: at shift change a whole centre comes from behind one address."""
CODE_AT_MOST: Final = 4096
LOGOUT: Final = {"logout_token": Text(16 * 1024, required=True)}
SAID: Final[Mapping[Fault, int]] = {
    Fault.AGAIN: 400,
    Fault.DENIED: 403,
    Fault.UNREACHABLE: 503,
    Fault.NOT_INSTALLED: 503,
    Fault.UNKNOWN: 403,
    Fault.OTHER_PERSON: 403,
}
"""What has a sentence of its own; everything else is the provider's or an attacker's doing."""

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Begun:
    """What this browser began a moment ago."""

    nonce: str
    verifier: str
    next: str
    before: str
    """The session that the browser had, as its hash: signing on ends it."""


@routes.get("/login/sso")
@needs(Permission.PUBLIC)
async def begin(request: web.Request) -> web.StreamResponse:
    """Send the browser to the provider. Not a form: the content policy lets no form of ours lead to another site."""
    provider, at = _provider(request), request.app[PARTS].now()
    if not request.app[STARTS].take(network_of(address_of(request)), at):
        raise web.HTTPTooManyRequests
    state, nonce, verifier = (secrets.token_urlsafe(TOKEN_BYTES) for _ in range(3))
    try:
        address = await provider.address(at, state=state, nonce=nonce, verifier=verifier)
    except Refused as refused:
        return _refuse(request, refused)
    signed = request.get(SIGNED)
    begun = Begun(
        nonce=nonce,
        verifier=verifier,
        next=safe_next(request.query.get("next", "")),
        before=signed.token_hash if signed else "",
    )
    detail = {"sso": asdict(begun), "state": hash_of(state)}
    response = web.HTTPSeeOther(address)
    # Lax: it has to come along when the provider sends the browser back.
    entering.keep_step(response, await entering.open_step(request, "", detail), samesite="Lax")
    raise response


@routes.get("/login/sso/done")
@needs(Permission.PUBLIC)
async def done(request: web.Request) -> web.StreamResponse:
    """Take the provider's code, once, from the browser that asked for it, and let in whom the account belongs to."""
    provider = _provider(request)
    try:
        begun = await _take(request)
        token = await _token(request, provider, begun)
        told = await _told(request, provider, begun, token)
        account = await _account(request, told)
    except Refused as refused:
        return _refuse(request, refused)
    kept = SignedOn(told.issuer, told.subject, told.session, _sealed(request, account.login, token))
    return await _enter(request, account, told, (begun, kept))


async def _take(request: web.Request) -> Begun:
    token_hash, at = hash_of(request.cookies.get(entering.STEP_COOKIE, "")), request.app[PARTS].now()
    state = hash_of(_asked(request, "state"))

    def take(conn: Connection) -> Begun:
        step = factors.step(conn, token_hash, at=at)
        if step is None or step.login or not hmac.compare_digest(str(step.detail.get("state")), state):
            raise Refused(Fault.AGAIN)
        if not factors.close_step(conn, token_hash):
            raise Refused(Fault.AGAIN)
        return Begun(**step.detail["sso"])

    return await request.app[PARTS].store.write(take)


def _asked(request: web.Request, name: str) -> str:
    """Return one parameter of the address; one that stands there twice is none."""
    found = request.query.getall(name, [])
    return found[0] if len(found) == 1 else ""


async def _token(request: web.Request, provider: Provider, begun: Begun) -> str:
    at = request.app[PARTS].now()
    declared, named = await provider.declared(at), _asked(request, "iss")
    if (named or declared.names_itself) and named != provider.settings.issuer:
        raise Refused(Fault.ISSUER, "another provider answers")
    if "error" in request.query:
        denied = _asked(request, "error") == "access_denied"
        raise Refused(Fault.DENIED if denied else Fault.UNREACHABLE, ascii(_asked(request, "error"))[:60])
    code = _asked(request, "code")
    if not 0 < len(code) <= CODE_AT_MOST:
        raise Refused(Fault.FORM, "no code")
    return await provider.exchange(at, code=code, verifier=begun.verifier)


async def _told(request: web.Request, provider: Provider, begun: Begun, token: str) -> Told:
    at, known = request.app[PARTS].now(), provider.settings
    wanted = Wanted(known.issuer, known.client, known.claim, begun.nonce, known.within)
    return read_id_token(await provider.proven(token, at), wanted, at)


async def _account(request: web.Request, told: Told) -> Account:
    store, at = request.app[PARTS].store, request.app[PARTS].now()
    address = network_of(address_of(request))
    try:
        return await store.write(lambda conn: sign_on.account_of(conn, told, at=at))
    except Refused as refused:
        why = refused.fault
        await store.write(lambda conn: sign_on.note_refused(conn, told, why, address=address, at=at))
        raise


async def _enter(
    request: web.Request, account: Account, told: Told, begun: tuple[Begun, SignedOn]
) -> web.Response:
    """Start the session, or ask for our second factor first unless the provider's counts."""
    trusted = bool(told.ways & _provider(request).settings.second_factor)
    more = not trusted and await entering.asks_more(request, account)
    await _note(request, account, told, second="provider" if trusted else "own" if more else "none")
    before, kept = begun[0], asdict(begun[1])
    if before.before:
        await request.app[SESSIONS].end(before.before, request.app[PARTS].now())
    if more:
        response = _onward(request, "/login/second", "sso.lead")
        detail = {"next": before.next, "signed_on": kept}
        entering.keep_step(response, await entering.open_step(request, account.login, detail))
        return response
    response = _onward(request, before.next or entering.home_of(account.role), "sso.lead")
    entering.drop_step(response)
    await entering.start_session(request, response, account, signed_on=kept)
    return response


async def _note(request: web.Request, account: Account, told: Told, *, second: str) -> None:
    at, address = request.app[PARTS].now(), network_of(address_of(request))
    await request.app[PARTS].store.write(
        lambda conn: sign_on.note_signed_on(conn, account.login, told, second=second, address=address, at=at)
    )


@routes.post("/login/sso/left")
@needs(Permission.PUBLIC, machine=True)
async def left(request: web.Request) -> web.Response:
    """End the sessions of whom the provider says they left it (back-channel logout); its signature is its password."""
    provider, at = _provider(request), request.app[PARTS].now()
    token = (await sent_texts(request, LOGOUT))["logout_token"]
    wanted = Wanted(provider.settings.issuer, provider.settings.client)
    try:
        told = read_logout_token(await provider.proven(token, at), wanted, at)
    except Refused as refused:
        log.warning("a notice of leaving is refused: %s", refused)
        return web.json_response({"error": "invalid_request"}, status=400)
    store, issuer = request.app[PARTS].store, provider.settings.issuer
    for token_hash in await store.write(lambda conn: sign_on.leave(conn, issuer, told, at=at)):
        await request.app[SESSIONS].end(token_hash, at)
    return web.Response()


async def leave(request: web.Request, begun: SignedOn, login: str) -> web.Response | None:
    """Return the page that leads out of the provider, too, or None if it has no such place."""
    provider = request.app.get(PROVIDER)
    if provider is None or begun.issuer != provider.settings.issuer:
        return None
    try:
        declared = await provider.declared(request.app[PARTS].now())
    except Refused:
        return None
    try:
        token = unseal(request.app[PARTS].settings.seal, begun.sealed, purpose=PURPOSE, about=login).decode()
    except Unsealed:
        token = ""
    address = provider.leaving(declared, token)
    return _onward(request, address, "sso.leaving") if address else None


@routes.post("/org/people/{login}/sign-on")
@needs(Permission.ORG)
async def release(request: web.Request) -> web.StreamResponse:
    """Let the next sign-on bind the account anew: the provider knows the person as another now."""
    login, by, at = request.match_info["login"], request[SIGNED].account.login, request.app[PARTS].now()

    def work(conn: Connection) -> None:
        staff.person(conn, login)
        sign_on.release(conn, login, by=by, at=at)

    await request.app[PARTS].store.write(work)
    raise web.HTTPSeeOther("/org/people")


def show_login(
    request: web.Request, *, error: str | None = None, login: str = "", next_path: str = "", **more: int
) -> web.Response:
    """Return the page for signing in, with the way to the provider if the city has one."""
    provider, sso = request.app.get(PROVIDER), None
    if provider is not None:
        asked = f"?{urlencode({'next': next_path})}" if next_path else ""
        # The whole address: the provider knows us by one name only, and our cookie has to be there, too.
        sso = {
            "name": provider.settings.name,
            "address": f"{provider.settings.base}/login/sso{asked}",
            "only": request.app[PARTS].settings.password_for is not None,
        }
    context = {"error": error, "login": login, "next": next_path, "wait": more.get("wait", 0), "sso": sso}
    return render(request, "login.html", context, status=more.get("status", 200))


def may_use_password(request: web.Request, login: str) -> bool:
    """Say whether a password opens this account; a city may leave that to a few for the day the provider is away."""
    named = request.app[PARTS].settings.password_for
    return named is None or login in named


def _refuse(request: web.Request, refused: Refused) -> web.Response:
    fault = refused.fault
    log.warning("nobody is signed on from %s: %s", network_of(address_of(request)), refused)
    request.app[FIGURES].add("hotline_login_failed_total")
    text = say(request, f"sso.{fault}") if fault in SAID else say(request, "sso.untrusted", why=fault)
    return show_login(request, error=text, status=SAID.get(fault, 403))


def _onward(request: web.Request, address: str, lead: str) -> web.Response:
    """Return a page of ours that goes on by itself."""
    response = render(request, "sign_on.html", {"address": address, "lead": say(request, lead)})
    response.headers["Refresh"] = f"0;url={quote(address, safe=_PLAIN)}"
    return response


_PLAIN: Final = "!#$%&'()*+,/:;=?@[]~"
"""Signs that stand in an address for themselves."""


def _sealed(request: web.Request, login: str, token: str) -> str:
    try:
        return seal(request.app[PARTS].settings.seal, token.encode(), purpose=PURPOSE, about=login)
    except Unsealed:
        return ""


def _provider(request: web.Request) -> Provider:
    provider = request.app.get(PROVIDER)
    if provider is None:
        raise web.HTTPNotFound
    return provider


def set_up(app: web.Application) -> None:
    app[STARTS] = Tries(STARTS_A_MINUTE, timedelta(minutes=1))
    if (settings := app[PARTS].settings.sign_on) is not None:
        app[PROVIDER] = Provider(settings)
