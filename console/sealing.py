"""Encrypts what must be read again but is not to be read in the database: AES-256-GCM with a key of the city's."""

import base64
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE: Final = 12
VERSION: Final = "1"
"""Stands before every sealed text, so that another cipher can be told from this one."""


class Unsealed(ValueError):
    """The text was sealed with another key, for another purpose, or was changed."""


def seal(key: bytes, text: bytes, *, purpose: str, about: str) -> str:
    """Encrypt the text. It can be opened only for the same purpose and about the same person."""
    nonce = secrets.token_bytes(NONCE)
    body = AESGCM(_derived(key, purpose)).encrypt(nonce, text, about.encode())
    return f"{VERSION}.{base64.urlsafe_b64encode(nonce + body).decode()}"


def unseal(key: bytes, sealed: str, *, purpose: str, about: str) -> bytes:
    """Return what was sealed; raise Unsealed if it is not that."""
    version, _, body = sealed.partition(".")
    try:
        raw = base64.urlsafe_b64decode(body)
        if version != VERSION:
            raise Unsealed(version)
        return AESGCM(_derived(key, purpose)).decrypt(raw[:NONCE], raw[NONCE:], about.encode())
    except (InvalidTag, ValueError) as error:
        raise Unsealed(purpose) from error


def _derived(key: bytes, purpose: str) -> bytes:
    if not key:
        raise Unsealed("there is no key")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key)
