"""Passkeys: the proof that one was used, by somebody whom the device recognised, for exactly the text that is signed.

The challenge is made from the person, the session and the hashes of the texts under the installation's secret, so the
server keeps nothing, and an assertion made for another page, another session or another text proves nothing here.
Registering and signing in are allauth's, in our templates (portal.views_passkeys).
"""

import secrets
import struct
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import structlog
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)

from portal import second_factor
from portal.models import SecondFactorProof, User

log = structlog.get_logger(__name__)

METHOD = "passkey"
SALT = "portal.passkeys.challenge"
NONCE, STAMP = 16, 8  # bytes; an HMAC of 32 follows


def held(user: User) -> list[Authenticator]:
    """The person's passkeys, oldest first."""
    return list(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk"))


def credential_of(authenticator: Authenticator) -> AttestedCredentialData:
    """Its id and public key."""
    return authenticator.wrap().authenticator_data.credential_data


def relying_party() -> dict[str, str]:
    """Whose passkeys they are: always the host of PORTAL_URL, never that of a request."""
    return {"id": urlsplit(settings.PORTAL_URL).hostname or "localhost", "name": "Concordat"}


def server() -> Fido2Server:
    """Accepts assertions made on pages of PORTAL_URL only."""
    url = urlsplit(settings.PORTAL_URL)
    origin = f"{url.scheme}://{url.netloc}"
    return Fido2Server(PublicKeyCredentialRpEntity(**relying_party()), verify_origin=lambda offered: offered == origin)


# --- the challenge


def challenge_for(user: User, *, session: str, hashes: Sequence[str], now: datetime) -> bytes:
    """A challenge for these texts in this session. session: its key. hashes: SHA-256 of what is signed, 64 hex digits."""
    head = secrets.token_bytes(NONCE) + int(now.timestamp()).to_bytes(STAMP, "big")
    return head + bound(head, user, session, hashes)


def bound(head: bytes, user: User, session: str, hashes: Sequence[str]) -> bytes:
    """What ties a challenge to a person, a session and texts."""
    words = "|".join([head.hex(), str(user.pk), session, *sorted(hashes)])
    return salted_hmac(SALT, words, algorithm="sha256").digest()


def is_ours(challenge: bytes, user: User, *, session: str, hashes: Sequence[str], now: datetime) -> bool:
    """Was it made here for this person, session and texts, in the last five minutes?"""
    head = challenge[: NONCE + STAMP]
    age = now.timestamp() - int.from_bytes(head[NONCE:], "big")
    made_here = constant_time_compare(challenge[NONCE + STAMP :], bound(head, user, session, hashes))
    return made_here and -1 <= age < settings.SECOND_FACTOR_SECONDS


def options(user: User, *, session: str, hashes: Sequence[str], now: datetime) -> dict:
    """What the browser needs to ask the device (WebAuthn's request options, as JSON). Nothing is stored."""
    credentials = [credential_of(authenticator) for authenticator in held(user)]
    challenge = challenge_for(user, session=session, hashes=hashes, now=now)
    made, _state = server().authenticate_begin(credentials, UserVerificationRequirement.REQUIRED, challenge=challenge)
    return dict(made)


# --- the proof


def prove(
    user: User, assertion: object, *, session: str, hashes: Sequence[str], now: datetime
) -> list[SecondFactorProof]:
    """Check an assertion of one of the person's passkeys and write the one-use proof of each text.

    assertion: what the browser's device said, as JSON. Raises ValidationError in words for people: not one of their
    passkeys, not for these texts, older than five minutes, used before, without user verification, too many tries.
    """
    attempt = second_factor.take_attempt(user)
    authenticator, challenge = checked(user, assertion, session=session, hashes=hashes, now=now)
    cache.delete(attempt)
    if not cache.add(f"portal.passkeys.used:{challenge.hex()}", 1, timeout=2 * settings.SECOND_FACTOR_SECONDS):
        log.warning("passkey.reused", user=user.pk)
        raise refused()
    authenticator.record_usage()
    credential = f"{METHOD}:{websafe_encode(credential_of(authenticator).credential_id)}"
    return [
        SecondFactorProof.objects.create(user=user, sha256=sha256, method=METHOD, credential=credential, made_at=now)
        for sha256 in hashes
    ]


def checked(user, assertion, *, session, hashes, now) -> tuple[Authenticator, bytes]:
    """The passkey that was used, and the challenge. Raises ValidationError."""
    by_id = {credential_of(one).credential_id: one for one in held(user)}
    credentials = [credential_of(one) for one in by_id.values()]
    try:
        response = AuthenticationResponse.from_dict(assertion)
        challenge = response.response.client_data.challenge
        if not is_ours(challenge, user, session=session, hashes=hashes, now=now):
            raise ValueError("Not a challenge for this.")
        state = {"challenge": websafe_encode(challenge), "user_verification": UserVerificationRequirement.REQUIRED}
        used = server().authenticate_complete(state, credentials, response)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error, RecursionError) as error:
        log.warning("passkey.refused", user=user.pk, reason=str(error)[:100])
        raise refused() from error
    return by_id[used.credential_id], challenge


def refused() -> ValidationError:
    """One answer for everything that is wrong with an assertion."""
    return ValidationError(
        _("Your device’s confirmation could not be used. Press the button again, or use a code of your app."),
        code="passkey",
    )
