"""What people are told by mail: kind → template, and what its text is made of.

A kind is registered once, by the app that knows the subject. The outbox keeps kind, recipient and ids; the
text is rendered at sending (`render`), so no confidential content and no token is ever stored.
Templates: templates/emails/<kind>.subject and templates/emails/<kind>.txt.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

from portal.models import Membership, OutgoingEmail, User
from portal.permissions import ROLE_PERMISSIONS, Perm

Context = Callable[[OutgoingEmail], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Notice:
    """kind: name of the templates. why: sentence for the foot of the mail. context: row → template values, or
    None when there is nothing left to tell (the subject is gone, the recipient lost access)."""

    kind: str
    why: str | Promise
    context: Context


NOTICES: dict[str, Notice] = {}


def notice(kind: str, *, why: str | Promise) -> Callable[[Context], Context]:
    """Register the function that gives a kind its template values."""

    def register(context: Context) -> Context:
        if kind in NOTICES:
            raise ValueError(f"The notice {kind} is registered twice.")
        NOTICES[kind] = Notice(kind, why, context)
        return context

    return register


def holders(framework, perm: Perm, *, organisations=None) -> list[User]:
    """People who hold a permission in a framework now (optionally of some organisations): told by right, not by name."""
    roles = [role for role, perms in ROLE_PERMISSIONS.items() if perm in perms]
    held = Membership.objects.filter(framework=framework).live().filter(role__in=roles)
    if organisations is not None:
        held = held.filter(organisation__in=organisations)
    return list(User.objects.filter(pk__in=held.values("user")).order_by("pk"))


def absolute(path: str) -> str:
    """A link for a mail: always built from PORTAL_URL, never from a request."""
    return f"{settings.PORTAL_URL}{path}"


def message_id(email: OutgoingEmail) -> str:
    """Fixed for a row, so that servers and readers can fold a duplicate after a crash."""
    return f"<outbox-{email.pk}@{settings.PORTAL_URL.split('//', 1)[1].split(':')[0]}>"


def render(email: OutgoingEmail) -> EmailMessage | None:
    """The message of one outbox row, or None when there is nothing left to tell. Needs the row's scope."""
    registered = NOTICES[email.kind]
    with translation.override(settings.LANGUAGE_CODE):
        values = registered.context(email)
        if values is None:
            return None
        values |= {
            "email": email,
            "why": registered.why,
            "portal_url": settings.PORTAL_URL,
            "demo": settings.PORTAL_DEMO,
        }
        subject = " ".join(render_to_string(f"emails/{email.kind}.subject", values).split())
        body = render_to_string(f"emails/{email.kind}.txt", values).strip() + "\n"
    if settings.PORTAL_DEMO:
        subject = f"[Demonstration] {subject}"
    return EmailMessage(
        subject,
        body,
        to=[email.recipient],
        headers={"Message-ID": message_id(email), "Auto-Submitted": "auto-generated"},
    )
