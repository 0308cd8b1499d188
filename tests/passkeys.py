"""A passkey in software, as a phone would keep one: for tests that need no browser, and for hostile answers."""

import hashlib
import json
import secrets

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

ORIGIN, HOST = "http://localhost:8000", "localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftKey:
    """Answers registration and authentication like a device whose owner has just shown a finger."""

    def __init__(self, user=None):
        self.key, self.id = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(32)
        self.handle = websafe_encode(user_pk_to_url_str(user).encode()) if user else ""
        if user:
            self.authenticator = WebAuthn.add(user, "Phone", self.created(websafe_encode(b"x" * 32))).instance

    def created(self, challenge, *, flags=PRESENT | VERIFIED, origin=ORIGIN) -> dict:
        """The answer to a registration. challenge: as in the options."""
        public = AttestedCredentialData.create(Aaguid.NONE, self.id, ES256.from_cryptography_key(self.key.public_key()))
        data = AuthenticatorData.create(self.rp(), flags | ATTESTED, 0, public)
        made = AttestationObject.create("none", data, {})
        words = self.client_data("webauthn.create", challenge, origin)
        return self.answer({"clientDataJSON": websafe_encode(words), "attestationObject": websafe_encode(bytes(made))})

    def confirms(self, challenge, *, flags=PRESENT | VERIFIED, origin=ORIGIN) -> dict:
        """The answer to an authentication."""
        data = AuthenticatorData.create(self.rp(), flags, 1)
        words = self.client_data("webauthn.get", challenge, origin)
        signature = self.key.sign(bytes(data) + hashlib.sha256(words).digest(), ec.ECDSA(SHA256()))
        said = {"clientDataJSON": words, "authenticatorData": bytes(data), "signature": signature}
        return self.answer({name: websafe_encode(part) for name, part in said.items()} | {"userHandle": self.handle})

    def answer(self, response) -> dict:
        """As the browser sends it."""
        name = websafe_encode(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}, "response": response}

    @staticmethod
    def rp() -> bytes:
        """Hash of the host that the passkey is for."""
        return hashlib.sha256(HOST.encode()).digest()

    @staticmethod
    def client_data(kind, challenge, origin) -> bytes:
        """What the browser says about the page."""
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()
