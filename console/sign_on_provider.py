"""The city's identity provider as we reach it: what it declares, its keys, and a code exchanged for a token.

Whatever it answers is bounded in time and size, is never followed elsewhere, and is believed only after its signature.
"""

import asyncio
import base64
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
from aiohttp import web

from cases.sign_on import Fault, Refused, challenge_of, safe_address
from console.parts import SignOn

if TYPE_CHECKING:
    from console.sign_on_tokens import Key

log = logging.getLogger(__name__)

SECONDS: Final = 5.0
MOST_BYTES: Final = 256 * 1024
LASTS: Final = timedelta(hours=1)
"""A key that the provider gave up is not believed for longer."""
REFETCH: Final = timedelta(seconds=60)
"""Tokens with invented keys must not make us ask the provider each time."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What the provider declares of itself (OpenID Connect Discovery 1.0)."""

    authorize: str
    token: str
    keys: str
    leave: str
    """Where a person leaves the provider, '' if it has no such place."""
    names_itself: bool
    """It says with each code who it is (RFC 9207), so that no other provider's answer is taken for its own."""
    basic: bool
    """It takes our secret in a header; some take it in the form only."""


class Provider:
    """One identity provider. What it declared is kept for an hour; its keys are fetched again when a new one turns up."""

    def __init__(self, settings: SignOn) -> None:
        self.settings = settings
        self._declared: tuple[datetime, Declared] | None = None
        self._keys: tuple[datetime, list[Key]] | None = None
        self._asked: datetime | None = None
        self._turn = asyncio.Lock()

    async def declared(self, at: datetime) -> Declared:
        async with self._turn:
            return await self._fetch_declared(at)

    async def address(self, at: datetime, *, state: str, nonce: str, verifier: str) -> str:
        """Return where the person proves to be it."""
        declared = await self.declared(at)
        asked = {
            "response_type": "code",
            "client_id": self.settings.client,
            "redirect_uri": self.settings.back,
            "scope": self.settings.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        if self.settings.within is not None:
            asked["max_age"] = str(int(self.settings.within.total_seconds()))
        return _with(declared.authorize, asked)

    async def exchange(self, at: datetime, *, code: str, verifier: str) -> str:
        """Return the ID token for a code; raise Refused."""
        declared, headers = await self.declared(at), {}
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.back,
            "code_verifier": verifier,
        }
        if self.settings.secret and declared.basic:
            pair = f"{quote_plus(self.settings.client)}:{quote_plus(self.settings.secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self.settings.client
            if self.settings.secret:
                form["client_secret"] = self.settings.secret
        token = (await _json(declared.token, form=form, headers=headers)).get("id_token")
        if not isinstance(token, str):
            raise Refused(Fault.FORM, "no id_token")
        return token

    async def proven(self, token: str, at: datetime) -> dict[str, Any]:
        """Return what a token says, if a key of the provider signed it; raise Refused."""
        try:
            from console import sign_on_tokens as tokens
        except ModuleNotFoundError:
            raise Refused(Fault.NOT_INSTALLED) from None
        head = tokens.head_of(token)
        key = tokens.fitting(head, await self._known(at))
        if key is None:
            key = tokens.fitting(head, await self._known(at, again=True))
        if key is None:
            raise Refused(Fault.KEY, ascii(head.kid)[:80])
        return tokens.claims_of(token, head, key)

    async def _known(self, at: datetime, *, again: bool = False) -> list["Key"]:
        async with self._turn:
            before = self._keys
            lately = self._asked is not None and at - self._asked < REFETCH
            if before is not None and (lately if again else at - before[0] < LASTS):
                return before[1]
            self._asked = at
            from console import sign_on_tokens as tokens

            declared = await self._fetch_declared(at)
            self._keys = at, tokens.keys_of(await _json(declared.keys))
            return self._keys[1]

    async def _fetch_declared(self, at: datetime) -> Declared:
        if self._declared is None or at - self._declared[0] >= LASTS:
            told = await _json(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            self._declared = at, _read(told, self.settings.issuer)
        return self._declared[1]

    def leaving(self, declared: Declared, token: str) -> str:
        """Return where the person leaves the provider, too; '' if it has no such place."""
        if not declared.leave:
            return ""
        asked = {"client_id": self.settings.client, "post_logout_redirect_uri": self.settings.after}
        return _with(declared.leave, asked | ({"id_token_hint": token} if token else {}))


PROVIDER = web.AppKey("provider", Provider)


def _read(told: Mapping[str, Any], issuer: str) -> Declared:
    if told.get("issuer") != issuer:
        raise Refused(Fault.ISSUER, f"the provider calls itself {told.get('issuer')!r:.200}")
    methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Declared(
        authorize=_address(told, "authorization_endpoint"),
        token=_address(told, "token_endpoint"),
        keys=_address(told, "jwks_uri"),
        leave=_address(told, "end_session_endpoint") if told.get("end_session_endpoint") else "",
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        basic=not isinstance(methods, list) or "client_secret_basic" in methods,
    )


def _address(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not safe_address(value):
        raise Refused(Fault.FORM, f"{name} is no https address")
    return value


def _with(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"


async def _json(
    address: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Ask for an object of JSON; raise Refused if there is none, in time and not too large."""
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    sent = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    method = "GET" if form is None else "POST"
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
            session.request(method, address, data=form, headers=sent, allow_redirects=False) as answer,
        ):
            body = await _bounded(answer.content)
            status = answer.status
        told = json.loads(body)
    except (aiohttp.ClientError, OSError, ValueError, RecursionError) as error:
        log.warning("the identity provider at %s cannot be used: %r", address, error)
        raise Refused(Fault.UNREACHABLE, address) from None
    if status != web.HTTPOk.status_code or not isinstance(told, dict):
        why = ascii(told.get("error", ""))[:80].strip("'") if isinstance(told, dict) else ""
        log.warning("the identity provider at %s answers %d %s", address, status, why)
        raise Refused(Fault.AGAIN if why == "invalid_grant" else Fault.UNREACHABLE, f"{status} {why}")
    return told


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for piece in content.iter_chunked(16 * 1024):
        body += piece
        if len(body) > MOST_BYTES:
            raise ValueError("the answer is too large")
    return bytes(body)
