"""Mails about a person's own account (account.*) and the offer of one (people.invitation)."""

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import clock, invitations
from portal.models import Invitation
from portal.notices import absolute, notice

OWN_ACCOUNT = _("You get this message because it concerns the sign-in of your account.")


@notice(
    "account.password_reset",
    why=_("You get this message because somebody gave your address on the page “Reset your password”."),
)
def password_reset(email):
    """The link's key is made now, from the account as it is now; it is never stored."""
    user = email.user
    if not user.is_active:
        return None
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    link = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return {"user": user, "link": absolute(link)}


def _credential_changed(email):
    return {"user": email.user, "at": email.queued_at, "link": absolute(reverse("account_reset_password"))}


for _kind in (
    "account.password_changed",
    "account.password_was_reset",
    "account.totp_activated",
    "account.totp_deactivated",
    "account.recovery_codes_generated",
    "account.second_factor_reset",
    "account.passkey_added",
    "account.passkey_removed",
    "account.sessions_ended",
):
    notice(_kind, why=OWN_ACCOUNT)(_credential_changed)


@notice("account.recovery_code_used", why=OWN_ACCOUNT)
def recovery_code_used(email):
    """With how many are left, as it was then."""
    return _credential_changed(email) | {"left": email.ids["left"]}


@notice(
    "people.invitation",
    why=_("You get this message because somebody who administers the framework entered your address."),
)
def invitation(email):
    """An offer of a role. Nothing is told any more once it was taken up, taken back or is too old."""
    offer = (
        Invitation.objects.select_related("framework", "organisation", "invited_by")
        .filter(pk=email.ids["invitation"])
        .first()
    )
    if offer is None or not offer.open(clock.now()):
        return None
    return {"invitation": offer, "framework": offer.framework, "link": absolute(invitations.path_of(offer))}
