"""A passkey in software: what a device answers to the browser's two WebAuthn calls."""

import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


class Passkey:
    """One credential of one person at one site; `verified` says whether face, finger or PIN was checked."""

    def __init__(self, rp_id: str = "testserver") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(rp_id.encode() + str(id(self)).encode()).digest()[:16]
        self.rp_hash = hashlib.sha256(rp_id.encode()).digest()

    def register(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer navigator.credentials.create()."""
        numbers = self.key.public_key().public_numbers()
        public = cbor.encode({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        data = (
            self._data(PRESENT | VERIFIED | ATTESTED) + bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        )
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": text(self._client("webauthn.create", options)),
            "attestationObject": text(attestation),
        }
        return self._answer(response) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def sign(self, options: dict[str, Any], user_id: str, verified: bool = True) -> dict[str, Any]:
        """Answer navigator.credentials.get()."""
        client = self._client("webauthn.get", options)
        data = self._data(PRESENT | (VERIFIED if verified else 0))
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": text(client),
                "authenticatorData": text(data),
                "signature": text(signature),
                "userHandle": text(user_id.encode()),
            }
        )

    def _data(self, flags: int) -> bytes:
        return self.rp_hash + bytes([flags]) + bytes(4)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        challenge = options["publicKey"]["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": "http://testserver"}).encode()

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        return {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response} | {
            "clientExtensionResults": {}
        }
