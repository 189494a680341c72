"""An identity provider for tests: real keys, real signatures, discovery, an authorization endpoint, a token endpoint
that checks PKCE. What it does wrong, a test tells it to."""

import base64
import hashlib
import hmac
import json
import secrets
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import unquote_plus, urlencode

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "hotline-12345", "秘密 of the client"
Key = RSAKey | ECKey
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"})
NEXT = RSAKey.generate_key(2048, {"kid": "rsa-2", "use": "sig"})
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    WEAK = RSAKey.generate_key(1024, {"kid": "weak", "use": "sig"})
MINE = RSAKey.generate_key(2048, {"kid": "rsa-1"})
"""An attacker's keys, under the names of the provider's."""
MINE_TOO = ECKey.generate_key("P-256", {"kid": "ec-1"})


def signed(claims: Mapping[str, Any], key: Key = RSA, algorithm: str = "RS256", **head: Any) -> str:
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    protected = {"alg": algorithm, "kid": key.kid, **head}
    plain = {name: value for name, value in protected.items() if value is not None}
    return jws.serialize_compact(plain, json.dumps(claims).encode(), key, registry=registry)


def unsigned(claims: Mapping[str, Any], **head: Any) -> str:
    return f"{_encoded(json.dumps(head).encode())}.{_encoded(json.dumps(claims).encode())}."


def _encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def with_the_public_key(claims: Mapping[str, Any]) -> str:
    """The old trick: the public key, which everybody has, taken as the password of an HMAC."""
    body = unsigned(claims, alg="HS256", kid="rsa-1").removesuffix(".")
    return f"{body}.{_encoded(hmac.digest(RSA.as_pem(private=False), body.encode(), 'sha256'))}"


def tampered(claims: Mapping[str, Any]) -> str:
    head, _, signature = signed(claims).split(".")
    return ".".join([head, signed({**claims, "sub": "u-admin"}).split(".")[1], signature])


FORGED: dict[str, tuple[Callable[[dict[str, Any]], str], str]] = {
    "alg none": (lambda claims: unsigned(claims, alg="none"), "algorithm"),
    "alg None": (lambda claims: unsigned(claims, alg="None", kid="rsa-1"), "algorithm"),
    "no alg": (lambda claims: unsigned(claims, kid="rsa-1"), "form"),
    "no signature": (lambda claims: unsigned(claims, alg="RS256", kid="rsa-1"), "signature"),
    "HS256 with the public key": (with_the_public_key, "algorithm"),
    "RS512": (lambda claims: signed(claims, RSA, "RS512"), "algorithm"),
    "another's key under the same name": (lambda claims: signed(claims, MINE), "signature"),
    "another's key, to be fetched elsewhere": (
        lambda claims: signed(claims, MINE, jku="https://evil.example/keys"),
        "signature",
    ),
    "another's key, carried along": (
        lambda claims: signed(claims, MINE_TOO, "ES256", jwk=MINE_TOO.as_dict(private=False)),
        "signature",
    ),
    "a key nobody published": (lambda claims: signed(claims, NEXT), "key"),
    "a key of another kind": (lambda claims: signed(claims, EC, "ES256", kid="rsa-1"), "key"),
    "a weak key": (lambda claims: signed(claims, WEAK), "key"),
    "other claims under a right signature": (tampered, "signature"),
    "critical": (lambda claims: unsigned(claims, alg="RS256", kid="rsa-1", crit=["x"], x=1), "form"),
    "not a token": (lambda _: "x", "form"),
    "not plain text": (lambda _: "密.码.x", "form"),
    "a head that is a list": (lambda _: f"{_encoded(b'[1]')}.e30.x", "form"),
    "too long": (lambda _: "e30." + "A" * 150_000 + ".x", "form"),
}
"""Tokens that no key of the provider signed rightly, and what is wrong with each."""


@dataclass
class IdentityProvider:
    """The provider, and what it knows of the person who is at its door."""

    now: Callable[[], datetime]
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1001", "preferred_username": "1001"})
    keys: list[Key] = field(default_factory=lambda: [RSA, EC])
    signs: Key = field(default_factory=lambda: RSA)
    algorithm: str = "RS256"
    changes: dict[str, Any] = field(default_factory=dict)
    """Claims that are told otherwise; None leaves one out."""
    token: Callable[[dict[str, Any]], str] | None = None
    """How the token is made, if not rightly."""
    declares: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, web.Response] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    page: bool = False
    """Whether a person presses something there, as real ones do."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def claims(self, nonce: str) -> dict[str, Any]:
        at = self.now().timestamp()
        told = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": int(at),
            "exp": int(at) + 300,
            "nonce": nonce,
            "sid": "p-1",
        }
        merged = told | self.person | self.changes
        return {name: value for name, value in merged.items() if value is not None}

    def logout_token(self, **changes: Any) -> str:
        at = int(self.now().timestamp())
        told = {
            "iss": self.url, "aud": CLIENT, "iat": at, "exp": at + 120, "jti": secrets.token_hex(8), "sid": "p-1",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        } | changes  # fmt: skip
        return signed({name: value for name, value in told.items() if value is not None}, typ="logout+jwt")

    async def discovery(self, request: web.Request) -> web.Response:
        self.asked.append("discovery")
        told = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/leave",
        } | self.declares
        return self.answers.get("discovery") or web.json_response(told)

    async def jwks(self, request: web.Request) -> web.Response:
        self.asked.append("keys")
        listed = [key.as_dict(private=False) for key in self.keys]
        return self.answers.get("keys") or web.json_response({"keys": [{"kty": "LMS"}, *listed]})

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """Let the person in who is at the door, and send the browser back with a code."""
        asked = dict(request.query)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        if self.page:
            return web.Response(text=f'<a href="{escape(back)}">in</a>', content_type="text/html")
        raise web.HTTPFound(back)

    async def leave(self, request: web.Request) -> web.Response:
        self.asked.append("leave")
        return web.Response(text="left")

    async def exchange(self, request: web.Request) -> web.Response:
        """Give a token for a code, once, to the client who knows its secret and the verifier."""
        self.asked.append("token")
        if "token" in self.answers:
            return self.answers["token"]
        form = await request.post()
        pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        if [unquote_plus(part) for part in pair.split(":")] != [CLIENT, SECRET]:
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self._codes.pop(str(form["code"]), None)
        shown = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(shown).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form["redirect_uri"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = self.claims(asked["nonce"])
        token = self.token(claims) if self.token else signed(claims, self.signs, self.algorithm)
        return web.json_response({"access_token": "x", "token_type": "Bearer", "id_token": token})


@asynccontextmanager
async def provider_of(now: Callable[[], datetime]) -> AsyncIterator[IdentityProvider]:
    provider = IdentityProvider(now)
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", provider.discovery)
    app.router.add_get("/keys", provider.jwks)
    app.router.add_get("/authorize", provider.authorize)
    app.router.add_post("/token", provider.exchange)
    app.router.add_get("/leave", provider.leave)
    server = TestServer(app)
    await server.start_server()
    provider.url = str(server.make_url("/")).rstrip("/")
    try:
        yield provider
    finally:
        await server.close()
