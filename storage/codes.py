"""Query codes 查询码 are told once and stored as salted, keyed hashes."""

import hashlib
import hmac
import secrets

from sqlalchemy import Connection

SALT_BYTES = 16
# Compared against when there is no such case, so that the answer takes as long as for a wrong code.
NOBODY = "0" * 32 + "$" + "0" * 64


def hashed(conn: Connection, code: str) -> str:
    salt = secrets.token_bytes(SALT_BYTES)
    return f"{salt.hex()}${_digest(code, salt, _key(conn))}"


def matches(conn: Connection, code: str, stored: str) -> bool:
    """Tell whether this is the code; one that was kept before the city had a key counts, too."""
    salt, _, digest = stored.partition("$")
    keyed = hmac.compare_digest(_digest(code, bytes.fromhex(salt), _key(conn)), digest)
    return hmac.compare_digest(_digest(code, bytes.fromhex(salt), b""), digest) or keyed


def _key(conn: Connection) -> bytes:
    return bytes(conn.get_execution_options().get("code_key", b""))[:64]


def _digest(code: str, salt: bytes, key: bytes) -> str:
    """Hash fast, on purpose: six digits are guessed in no time anyway; what protects them is the key."""
    return hashlib.blake2b(code.encode(), key=key, salt=salt, digest_size=32).hexdigest()
