"""The link of an invitation: signed when the mail is sent (framework, invitation, nonce), stored nowhere."""

from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from portal.models import Invitation

SALT = "portal.invitation"


def path_of(invitation: Invitation) -> str:
    """The address that the mail carries."""
    key = [invitation.framework_id, invitation.pk, invitation.nonce]
    return reverse("invitation", args=[signing.dumps(key, salt=SALT)])


def read(token: str) -> tuple[int, int, str] | None:
    """(framework id, invitation id, nonce) of a link of ours, or None. Touches no table."""
    try:
        framework, invitation, nonce = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return framework, invitation, nonce


def find(invitation_id: int, nonce: str) -> Invitation | None:
    """The invitation of a link, open or not. Needs its framework's scope."""
    offers = Invitation.objects.select_related("framework", "organisation", "invited_by")
    offer = offers.filter(pk=invitation_id).first()
    return offer if offer and constant_time_compare(offer.nonce, nonce) else None
