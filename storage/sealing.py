"""Seals what tells who a citizen is, so that whoever has the database and not the key reads no number and no name.

Two ways. *Alike*: the same text gives the same sealed text (AES-SIV), whose first 16 bytes are a keyed function of the
text: equality, joins and indices go by it, and without the key it can neither be computed nor guessed. *Apart*: each
sealed text is another one (AES-GCM), for what is only ever read. The kind of value is sealed in: a number is found as a
number in every table, and does not open as a name.
"""

import base64
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import Unsealed

MARK: Final = "~1"
"""Stands before every sealed text: the version of all this. Whatever does not begin so is clear text of an older time."""
ALIKE, APART = f"{MARK}s", f"{MARK}r"
_NONCE: Final = 12
_ID: Final = 4


class Sealer:
    """Seals and opens with the keys of one secret. May be used by many threads."""

    __slots__ = ("_alike", "_apart", "_hash_key", "key_id")

    def __init__(self, secret: bytes) -> None:
        self._alike = AESSIV(_derived(secret, "columns alike", 64))
        self._apart = AESGCM(_derived(secret, "columns apart", 32))
        self._hash_key = _derived(secret, "names of numbers", 32)
        # Told in the clear, so that a wrong key is called a wrong key and not a damaged database.
        self.key_id = base64.urlsafe_b64encode(_derived(secret, "id of the key", 3)).decode()

    def alike(self, text: str, kind: str) -> str:
        """Seal what is looked for by the whole of it."""
        sealed = self._alike.encrypt(text.encode(), [kind.encode()])
        return f"{ALIKE}{self.key_id}{base64.urlsafe_b64encode(sealed).decode()}"

    def apart(self, text: str, kind: str) -> str:
        """Seal what is only read."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._apart.encrypt(nonce, text.encode(), kind.encode())
        return f"{APART}{self.key_id}{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, kind: str) -> str:
        """Return what was sealed; raise Unsealed if it was with another key, as another kind, or was changed."""
        begin = len(ALIKE) + _ID
        way, key_id = sealed[: len(ALIKE)], sealed[len(ALIKE) : begin]
        if key_id != self.key_id:
            raise Unsealed(f"sealed with the key {key_id!r}, and this is {self.key_id!r}")
        try:
            raw = base64.urlsafe_b64decode(sealed[begin:])
            if way == ALIKE:
                return self._alike.decrypt(raw, [kind.encode()]).decode()
            return self._apart.decrypt(raw[:_NONCE], raw[_NONCE:], kind.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Unsealed(f"a sealed {kind} was changed, or put where it does not belong") from error

    def name_of(self, text: str) -> str:
        """Return by what the history calls a number: it tells two apart, and only the key tells whose they are."""
        return hmac.digest(self._hash_key, text.encode(), "sha256").hex()[:16]


def is_sealed(text: str) -> bool:
    return text.startswith(MARK)


def _derived(secret: bytes, purpose: str, length: int) -> bytes:
    info = f"hotline {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret)
