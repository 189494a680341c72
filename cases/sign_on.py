"""Signing on with the city's own identity provider: what a token must say before anybody is let in by it.

The signature is checked before (`console.sign_on_tokens`); here is checked what was signed: OpenID Connect Core 1.0,
3.1.3.7, and Back-Channel Logout 1.0, 2.6.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

LEEWAY: Final = timedelta(seconds=60)
"""Clocks of two machines differ by so much at most."""
FRESH: Final = timedelta(minutes=10)
"""A token is made while the person waits; an older one was kept by somebody."""
LONGEST: Final = 255
WAYS: Final = 20
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
LOGGED_OUT: Final = "http://schemas.openid.net/event/backchannel-logout"


class Fault(StrEnum):
    """Why nobody is let in, as the log says it; people read a sentence of it in their language."""

    AGAIN = "again"
    """The sign-on was begun in another browser, too long ago, or has been used."""
    DENIED = "denied"
    UNREACHABLE = "unreachable"
    NOT_INSTALLED = "not_installed"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    NONCE = "nonce"
    EXPIRED = "expired"
    ISSUED = "issued"
    LONG_AGO = "long_ago"
    """The person proved to be it longer ago than the city allows."""
    SUBJECT = "subject"
    CLAIM = "claim"
    ALGORITHM = "algorithm"
    KEY = "key"
    SIGNATURE = "signature"
    FORM = "form"
    UNKNOWN = "unknown"
    """No account of this name is open here."""
    OTHER_PERSON = "other_person"
    """The account is bound to another person of the provider, or the person to another account."""


class Refused(Exception):
    """The provider's answer lets nobody in."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        self.fault = fault
        super().__init__(f"{fault}: {detail}" if detail else fault)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a token must be about."""

    issuer: str
    client: str
    claim: str = ""
    nonce: str = ""
    within: timedelta | None = None
    """So long ago at most the person must have proved to be it; None: whatever the provider remembers."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the provider says of a person."""

    issuer: str
    subject: str
    login: str
    session: str
    """The provider's own session, '' if it does not tell."""
    ways: frozenset[str]
    """How the person proved to be it: `amr` and `acr`."""


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Somebody has left the provider: one session there, or the person altogether."""

    subject: str
    session: str
    issued_at: datetime


def safe_address(text: str) -> bool:
    """Say whether what is sent there can be read by nobody on the way."""
    try:
        parts = urlsplit(text)
        inside = parts.hostname in LOOPBACK
    except ValueError:
        return False
    return bool(parts.netloc) and (parts.scheme == "https" or (parts.scheme == "http" and inside))


def challenge_of(verifier: str) -> str:
    """Return what is shown of the verifier before it is given (PKCE, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def read_id_token(claims: Mapping[str, Any], wanted: Wanted, at: datetime) -> Told:
    """Return who it is about, or raise Refused."""
    _meant_for_us(claims, wanted, at)
    if _instant(claims, "exp", Fault.EXPIRED) <= at - LEEWAY:
        raise Refused(Fault.EXPIRED)
    if "nbf" in claims and _instant(claims, "nbf", Fault.EXPIRED) > at + LEEWAY:
        raise Refused(Fault.EXPIRED, "not valid yet")
    nonce = claims.get("nonce")
    if not wanted.nonce or not isinstance(nonce, str):
        raise Refused(Fault.NONCE)
    if not nonce.isascii() or not hmac.compare_digest(nonce, wanted.nonce):
        raise Refused(Fault.NONCE)
    proved_after = at - LEEWAY - wanted.within if wanted.within else None
    if proved_after and _instant(claims, "auth_time", Fault.LONG_AGO) < proved_after:
        raise Refused(Fault.LONG_AGO)
    return Told(
        issuer=wanted.issuer,
        subject=_short(claims, "sub", Fault.SUBJECT),
        login=_login(claims, wanted.claim),
        session=_short(claims, "sid", Fault.FORM) if "sid" in claims else "",
        ways=_ways(claims),
    )


def read_logout_token(claims: Mapping[str, Any], wanted: Wanted, at: datetime) -> LoggedOut:
    """Return who has left the provider, or raise Refused. An ID token has no such event and is none."""
    issued_at = _meant_for_us(claims, wanted, at)
    events = claims.get("events")
    if not isinstance(events, Mapping) or LOGGED_OUT not in events or "nonce" in claims:
        raise Refused(Fault.FORM, "no logout token")
    if "exp" in claims and _instant(claims, "exp", Fault.EXPIRED) <= at - LEEWAY:
        raise Refused(Fault.EXPIRED)
    session = _short(claims, "sid", Fault.FORM) if "sid" in claims else ""
    subject = _short(claims, "sub", Fault.SUBJECT) if "sub" in claims or not session else ""
    return LoggedOut(subject, session, issued_at)


def _meant_for_us(claims: Mapping[str, Any], wanted: Wanted, at: datetime) -> datetime:
    """Check who made it, for whom, and that it is new; return when it was made."""
    if claims.get("iss") != wanted.issuer:
        raise Refused(Fault.ISSUER, repr(claims.get("iss"))[:200])
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp")
    if wanted.client not in several or (party != wanted.client and (party is not None or len(several) > 1)):
        raise Refused(Fault.AUDIENCE)
    issued_at = _instant(claims, "iat", Fault.ISSUED)
    if not at - FRESH - LEEWAY <= issued_at <= at + LEEWAY:
        raise Refused(Fault.ISSUED)
    return issued_at


def _instant(claims: Mapping[str, Any], name: str, fault: Fault) -> datetime:
    seconds = claims.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Refused(fault, f"{name} is no time")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise Refused(fault, f"{name} is no time") from None


def _short(claims: Mapping[str, Any], name: str, fault: Fault) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable():
        raise Refused(fault, f"{name} is missing or no short text")
    return value


def _login(claims: Mapping[str, Any], name: str) -> str:
    if name == "email" and claims.get("email_verified") is not True:
        # Whoever may write any address into a profile could otherwise be anybody.
        raise Refused(Fault.CLAIM, "the address was not verified")
    return _short(claims, name, Fault.CLAIM)


def _ways(claims: Mapping[str, Any]) -> frozenset[str]:
    told = claims.get("amr")
    ways = [*(told if isinstance(told, list) else ()), claims.get("acr")]
    short = [way for way in ways if isinstance(way, str) and len(way) <= LONGEST and way.isprintable()]
    return frozenset(short[:WAYS])
