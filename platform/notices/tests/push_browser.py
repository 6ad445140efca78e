"""A browser as a push service's messages find it."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts.models import User
from notices.models import PushSubscription
from notices.push import keys
from notices.tests.receiver import Receiver
from testing.cast import World


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """What a browser does: makes a key pair and a secret, and opens what it gets (RFC 8291, written from the receiver's side)."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = b"sixteen octets!!"

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def open(self, body: bytes) -> bytes:
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        mixed = HKDF(SHA256(), 32, self.secret, b"WebPush: info\0" + self.point + sender).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(mixed)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(mixed)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain.endswith(b"\x02")
        return plain[:-1]

    def given(self, url: str) -> dict[str, str]:
        """Return what the page's form sends."""
        return {"endpoint": url, "public_key": text(self.point), "secret": text(self.secret)}


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def subscription(world: World, receiver: Receiver, browser: Browser) -> PushSubscription:
    return turn_on(world.manager, browser.given(receiver.url))


def turn_on(person: User, given: dict[str, str], device: str = "Chrome on Windows") -> PushSubscription:
    return PushSubscription.turn_on(person, device=device, server_key=keys.name(), **given)
