"""Codes of an authenticator: RFC 6238 over RFC 4226, six digits, half minutes, SHA-1, as every authenticator counts."""

import base64
import hmac
import struct
from datetime import datetime
from typing import Final
from urllib.parse import quote

STEP_SECONDS: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
NEARBY: Final = (0, -1, 1)
"""Telephones whose clock is half a minute wrong are common; more is not taken."""


def step_of(at: datetime) -> int:
    """Return the number of the half minute."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """Return the code of a half minute."""
    digest = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: bytes, code: str, at: datetime, *, after: int) -> int | None:
    """Return the half minute whose code this is, None for a wrong code or one that was taken before."""
    given, found = code.replace(" ", "").encode(), None
    for away in NEARBY:
        step = step_of(at) + away
        # All are compared, whichever fits: the time it takes tells nothing.
        if hmac.compare_digest(code_of(secret, step).encode(), given) and step > after and found is None:
            found = step
    return found


def typed(secret: bytes) -> str:
    """Return the secret as somebody types it who cannot scan it."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def address(secret: bytes, *, login: str, issuer: str) -> str:
    """Return what the square picture says to an authenticator."""
    text = base64.b32encode(secret).decode().rstrip("=")
    label = quote(f"{issuer}:{login}", safe=":")
    return f"otpauth://totp/{label}?secret={text}&issuer={quote(issuer)}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
