"""The same place, however it was written: what the watch for recurrences compares."""

import hashlib
import unicodedata
from datetime import timedelta

RECURS_WITHIN = timedelta(days=90)
_LONGEST = 64


def place_key(address: str) -> str:
    """Return the address without blanks, punctuation and differences of width; a long one as its digest."""
    plain = unicodedata.normalize("NFKC", address).lower()
    key = "".join(sign for sign in plain if sign.isalnum())
    return key if len(key) <= _LONGEST else hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
