"""Opens what kiosks sealed while the network was away: ECDH on P-256, HKDF, AES-256-GCM, as browsers have them.

A kiosk holds only the open half of its key: what it keeps for us nobody who stands before it can read, nor whoever
carries it away. The other half is made from the city's key each time and is written down nowhere.
"""

import base64
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from console.sealing import NONCE, Unsealed

CURVE: Final = ec.SECP256R1()
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""How many points the curve has: private halves are numbers below it."""
POINT: Final = 65
INFO: Final = b"kiosk kept"


def open_half(key: bytes, kiosk: str) -> str:
    """Return what a kiosk seals with, '' if the city has no key to open it."""
    if not key:
        return ""
    point = _own_half(key, kiosk).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.b64encode(point).decode()


def opened(key: bytes, kiosk: str, about: str, sealed: str) -> bytes:
    """Return what was sealed at this kiosk under this key of the request; raise Unsealed if it is not that."""
    try:
        raw = base64.b64decode(sealed, validate=True)
        point, nonce, body = raw[:POINT], raw[POINT : POINT + NONCE], raw[POINT + NONCE :]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
        shared = _own_half(key, kiosk).exchange(ec.ECDH(), theirs)
        secret = HKDF(algorithm=SHA256(), length=32, salt=point, info=INFO).derive(shared)
        return AESGCM(secret).decrypt(nonce, body, f"{kiosk} {about}".encode())
    except (InvalidTag, ValueError) as error:
        raise Unsealed(kiosk) from error


def _own_half(key: bytes, kiosk: str) -> ec.EllipticCurvePrivateKey:
    if not key:
        raise Unsealed("there is no key")
    # Sixteen bytes more than the curve needs, so that no number comes up more often than another.
    made = HKDF(algorithm=SHA256(), length=48, salt=None, info=f"kiosk {kiosk}".encode()).derive(key)
    return ec.derive_private_key(int.from_bytes(made) % (ORDER - 1) + 1, CURVE)
