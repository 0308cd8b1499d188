"""How allauth works here: no sign-up, mail only through the outbox, secrets encrypted at rest."""

import base64
from functools import lru_cache

import structlog
from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal import clock, passkeys
from portal.account_mail import queue_account_mail
from portal.db.statements import prepared
from portal.models import User

log = structlog.get_logger(__name__)

# allauth's name of a mail → our kind (portal.account_notices). Anything else must fail, not go out by another way
MAILS = {
    "account/email/password_changed": "account.password_changed",
    "account/email/password_reset": "account.password_was_reset",
    "account/email/password_reset_key": "account.password_reset",
    "mfa/email/totp_activated": "account.totp_activated",
    "mfa/email/totp_deactivated": "account.totp_deactivated",
    "mfa/email/recovery_codes_generated": "account.recovery_codes_generated",
    "mfa/email/webauthn_added": "account.passkey_added",
    "mfa/email/webauthn_removed": "account.passkey_removed",
}


# Ways to show again that it is oneself, in our words
WAYS = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code from your authenticator app, or a recovery code"),
    "mfa_reauthenticate:webauthn": _("Use your passkey"),
}


class AuthenticationBackend(AllauthBackend):
    """allauth's, but the person of a request is read together with the answer to "has a second factor?"."""

    def get_user(self, user_id):
        """The person of a session, or None."""
        return next((user for user in person(int(user_id)) if self.user_can_authenticate(user)), None)


@prepared
def person(user_id):
    """The person with this id, with `has_second_factor`."""
    mine = Authenticator.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(pk=user_id).annotate(has_second_factor=Exists(mine))


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come only from invitations; everything allauth would mail becomes an outbox row."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The email address or the password is not right. Check both, then try again.")
    }

    def is_open_for_signup(self, request):
        """Never."""
        return False

    def send_mail(self, template_prefix, email, context):
        """Queue; link and text are made at sending. Raises KeyError for a mail that is not ours."""
        queue_account_mail(MAILS[template_prefix], context["user"], now=clock.now())

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """A credential has changed: its owner is told."""
        queue_account_mail(MAILS[template_prefix], user, now=clock.now())

    def is_reauthentication_required(self, *, app, **kwargs):
        """Not within five minutes of having signed in with a password or code (ASVS 7.5.3)."""
        records = get_authentication_records(self.request, self.request.user)
        newest = max((record["at"] for record in records), default=0)
        return clock.now().timestamp() - newest > account_settings.REAUTHENTICATION_TIMEOUT

    def get_reauthentication_methods(self, user):
        """allauth's ways, in our words."""
        return [way | {"description": WAYS[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def login(self, request, user):
        """Sign in, and say so in the log."""
        super().login(request, user)
        log.info("account.signed_in", user=user.pk)

    def logout(self, request):
        """Sign out, and say so in the log."""
        log.info("account.signed_out", user=request.user.pk)
        super().logout(request)

    def authentication_failed(self, request, **credentials):
        """Into the log without the address: a password typed into the wrong box would stand there."""
        log.warning("account.refused")


@lru_cache(maxsize=2)
def cipher(keys: tuple[str, ...]) -> MultiFernet:
    """Encryption under keys made from the installation's secrets, newest first."""
    made = (HKDF(SHA256(), 32, salt=None, info=b"portal.second-factor").derive(key.encode()) for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes are encrypted at rest (ASVS 6.5); passkeys are of PORTAL_URL."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That did not work. Try again, or use another way."),
    }

    def get_public_key_credential_rp_entity(self):
        """Whose passkeys they are: never made from a Host header."""
        return passkeys.relying_party()

    def generate_authenticator_name(self, user, type):
        """Until its owner names it."""
        return gettext("Passkey %(number)s") % {"number": len(passkeys.held(user)) + 1}

    def encrypt(self, text):
        """Text to a Fernet token."""
        return cipher((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        """Back again. Raises InvalidToken if PORTAL_SECRET_KEY is not the one it was written under."""
        return cipher((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)).decrypt(encrypted_text.encode()).decode()
