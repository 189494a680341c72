"""Signed tokens of an identity provider: whether one of its keys really signed them. Needs the extra `sso`.

The list of algorithms is ours: a token does not choose how it is checked, so neither `none` nor a "signature" made with
the public key as if it were a password (HS256) is ever tried.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from cases.sign_on import Fault, Refused

ALGORITHMS: Final[Mapping[str, str]] = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
LEAST_BITS: Final = 2048
MOST_KEYS: Final = 50

Key = RSAKey | ECKey


@dataclass(frozen=True, slots=True)
class Head:
    """What a token says of its signature, before it is believed."""

    algorithm: str
    kid: str


def keys_of(document: Mapping[str, Any]) -> list[Key]:
    """Return the keys that may sign, of a JWKS document; those of other kinds and weak ones are passed over."""
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise Refused(Fault.KEY, "no list of keys")
    return [key for one in listed[:MOST_KEYS] if (key := _usable(one)) is not None]


def _usable(told: object) -> Key | None:
    if not isinstance(told, dict) or told.get("use", "sig") != "sig":
        return None
    try:
        if told["kty"] not in ALGORITHMS.values():
            return None
        if told["kty"] == "RSA" and _bits(told["n"]) < LEAST_BITS:
            return None
        key = JWKRegistry.import_key(told)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return key if isinstance(key, RSAKey | ECKey) else None


def _bits(modulus: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(modulus + "=="), "big").bit_length()


def head_of(token: str) -> Head:
    """Return how the token says it is signed; raise Refused unless we would check it so."""
    try:
        told = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
        raise Refused(Fault.FORM, "no signed token") from None
    algorithm, kid = told.get("alg"), told.get("kid", "")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise Refused(Fault.ALGORITHM, repr(algorithm)[:40])
    if "crit" in told or "b64" in told or not isinstance(kid, str):
        raise Refused(Fault.FORM, "a header that we do not know must be understood")
    return Head(algorithm, kid)


def fitting(head: Head, keys: Sequence[Key]) -> Key | None:
    """Return the key that the token names; one that names none has to be of the only key of its kind."""
    kind = [key for key in keys if key.key_type == ALGORITHMS[head.algorithm]]
    kind = [key for key in kind if key.get("alg", head.algorithm) == head.algorithm]
    named = [key for key in kind if key.kid == head.kid] if head.kid else kind
    return named[0] if len(named) == 1 else None


def claims_of(token: str, head: Head, key: Key) -> dict[str, Any]:
    """Return what the token says if this key signed it; raise Refused otherwise."""
    registry = jws.JWSRegistry(algorithms=[head.algorithm], strict_check_header=False)
    try:
        found = jws.deserialize_compact(token.encode("ascii"), key, registry=registry)
        claims = json.loads(found.payload or b"")
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise Refused(Fault.SIGNATURE, type(error).__name__) from None
    if not isinstance(claims, dict):
        raise Refused(Fault.FORM, "no claims")
    return claims
