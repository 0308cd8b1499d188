"""The second factor: one check of authenticator codes, for signing in and for signing. Each code is good for one use.

Used codes and wrong attempts are kept in the shared cache, on a connection of its own: an act that is rolled
back has still used its code, and a wrong code still counts.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from portal.account_mail import queue_account_mail
from portal.models import SecondFactorProof, User

log = structlog.get_logger(__name__)

WRONG_CODES = 5  # so many wrong codes of one person …
WRONG_CODES_SECONDS = 300  # … in this time, then wait
METHOD = "TOTP"


def prove(user: User, code: str, *, sha256: str, now: datetime) -> SecondFactorProof:
    """Check a code for the text with this hash and write the one-use proof that its signature spends.

    sha256: 64 hex digits of what is signed. now: aware UTC. Raises ValidationError in words for people: no
    authenticator app, wrong code, a code used before ("wait for the next code"), a recovery code, too many tries.
    """
    return prove_all(user, code, hashes=[sha256], now=now)[0]


def prove_all(user: User, code: str, *, hashes: Sequence[str], now: datetime) -> list[SecondFactorProof]:
    """As `prove`, for several texts that are signed in one act: the code is checked and used up once."""
    authenticator = use_code(user, code, now=now)
    credential = f"{METHOD}:{authenticator.pk}"
    return [
        SecondFactorProof.objects.create(user=user, sha256=sha256, method=METHOD, credential=credential, made_at=now)
        for sha256 in hashes
    ]


def use_code(user: User, code: str, *, now: datetime) -> Authenticator:
    """Check and use up a code of the authenticator app. Raises ValidationError; recovery codes are refused."""
    code = plain(code)
    authenticator = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if authenticator is None:
        raise ValidationError(_("Set up an authenticator app first: this needs a code from it."), code="no_app")
    if len(code) == app_settings.RECOVERY_CODE_DIGITS and code.isdecimal():
        raise ValidationError(
            _("Enter a code from your authenticator app. Recovery codes only work for signing in."), code="recovery"
        )
    attempt = take_attempt(user)
    counter = counter_of(decrypt(authenticator.data["secret"]), code, now=now)
    if counter is None:
        log.warning("second_factor.wrong", user=user.pk)
        raise ValidationError(
            _("The code is not right. Enter the 6 digits that your authenticator app shows now."), code="wrong"
        )
    cache.delete(attempt)
    if not mark_used(user, counter):
        log.warning("second_factor.reused", user=user.pk)
        raise ValidationError(
            _("This code has been used already. Wait for the next code, then enter that one."), code="used"
        )
    authenticator.record_usage()
    return authenticator


def use_code_to_sign_in(user: User, code: str, *, now: datetime) -> Authenticator:
    """As `use_code`, but a recovery code is taken too: signing in must stay possible without the phone."""
    recovery = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    if recovery is None or len(plain(code)) == app_settings.TOTP_DIGITS:
        return use_code(user, code, now=now)
    attempt = take_attempt(user)
    if not recovery.wrap().validate_code(plain(code)):
        log.warning("second_factor.wrong", user=user.pk)
        raise ValidationError(
            _("The code is not right. Enter the 6 digits of the app, or a recovery code you have not used."),
            code="wrong",
        )
    cache.delete(attempt)
    recovery.record_usage()
    recovery.refresh_from_db()
    left = len(recovery.wrap().get_unused_codes())
    queue_account_mail("account.recovery_code_used", user, now=now, left=left)
    return recovery


def counter_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The time step that a code belongs to, among the present one and its neighbours (MFA_TOTP_TOLERANCE)."""
    found = None
    for counter in counters(now=now):
        if constant_time_compare(format_hotp_value(hotp_value(secret, counter)), code):
            found = counter
    return found


def counters(*, now: datetime) -> range:
    """The time steps whose codes are accepted at this moment."""
    here, tolerance = int(now.timestamp()) // app_settings.TOTP_PERIOD, app_settings.TOTP_TOLERANCE
    return range(here - tolerance, here + tolerance + 1)


def mark_used(user: User, counter: int) -> bool:
    """Use up one time step; False when it was used before. Two at once: one of them wins."""
    keep = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 2)  # longer than the code is accepted
    return cache.add(used_key(user, counter), 1, timeout=keep)


def is_used(user: User, counter: int) -> bool:
    """Has the code of this time step been used?"""
    return cache.get(used_key(user, counter)) is not None


def used_key(user: User, counter: int) -> str:
    """Where it is kept."""
    return f"portal.second-factor.used:{user.pk}:{counter}"


def take_attempt(user: User) -> str:
    """Take one of the tries that a person has; a right code gives it back. Raises ValidationError when none is left."""
    for number in range(WRONG_CODES):
        attempt = f"portal.second-factor.attempt:{user.pk}:{number}"
        if cache.add(attempt, 1, timeout=WRONG_CODES_SECONDS):
            return attempt
    log.warning("second_factor.limited", user=user.pk)
    raise ValidationError(_("Too many wrong codes. Wait 5 minutes, then try again."), code="limited")


def plain(code: str) -> str:
    """As typed, without the spaces that apps show between groups."""
    return "".join(code.split())
