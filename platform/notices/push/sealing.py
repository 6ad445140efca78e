"""Encrypting a message for one browser (RFC 8291 over RFC 8188): its push service carries it and cannot read it.

The library for it (http-ece) exists as source alone, which a production image does not build, and `pywebpush` around it brings two
HTTP clients that connect to wherever a name leads. The RFC's own example holds what stands here (`tests/test_push.py`).
"""

import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
RECORD = 4096
"""The size of a record, and the most that a push service has to take."""
LONGEST = RECORD - 16 - 1 - 86
"""Octets of a text: without the tag, the end mark and the header."""
LAST = b"\x02"


def seal(
    text: bytes,
    browser: tuple[bytes, bytes],
    *,
    once: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return the body of the request for a browser's key and secret; raise ValueError for a text that is too long.

    `once` and `salt` are made anew for each message; given, they repeat the RFC's example.
    """
    if len(text) > LONGEST:
        raise ValueError(f"A push message holds at most {LONGEST} octets.")
    theirs, secret = browser
    once, salt = once or ec.generate_private_key(CURVE), salt or os.urandom(16)
    ours = once.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = once.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    key = _derive(shared, secret, b"WebPush: info\x00" + theirs + ours, 32)
    content_key = _derive(key, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(key, salt, b"Content-Encoding: nonce\x00", 12)
    header = salt + RECORD.to_bytes(4) + bytes([len(ours)]) + ours
    return header + AESGCM(content_key).encrypt(nonce, text + LAST, None)


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
