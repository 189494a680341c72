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
    return f"{salt.hex()}${_digest(conn, code, salt)}"


def matches(conn: Connection, code: str, stored: str) -> bool:
    salt, _, digest = stored.partition("$")
    return hmac.compare_digest(_digest(conn, code, bytes.fromhex(salt)), digest)


def _digest(conn: Connection, code: str, salt: bytes) -> str:
    """Hash fast, on purpose: six digits are guessed in no time anyway; what protects them is the key."""
    key = conn.get_execution_options().get("code_key", b"")
    return hashlib.blake2b(code.encode(), key=bytes(key)[:64], salt=salt, digest_size=32).hexdigest()
