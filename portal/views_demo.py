"""The demonstration: sign in as one of its people with one click, see their codes, read the mail that was kept.

Whoever enters this way has an ordinary session and nothing more: no proof of a second factor (signing asks for
one, as always), no record of a password (changing credentials asks for it), and every check of roles and of the
second factor applies.
"""

import re
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as policy
from functools import wraps
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal import clock, second_factor, tenancy
from portal.models import Framework, User

LATEST = 50  # messages shown
HINTS: dict[
    str, str
] = {}  # address of a person → what a newcomer can try as that person; filled when the apps are ready
LINK = re.compile(r"https?://[^\s<>\"]+")


def only_in_demonstration(view: Callable) -> Callable:
    """404 unless this is a demonstration on http://localhost; a second lock beside the routing and the system check."""

    @login_not_required
    @never_cache
    @wraps(view)
    def run(request, *args, **kwargs):
        if not (settings.PORTAL_DEMO and settings.PORTAL_INSECURE_LOCALHOST):
            raise Http404
        return view(request, *args, **kwargs)

    return run


@only_in_demonstration
@require_safe
def demo(request) -> HttpResponse:
    """The people, framework by framework, each with a button and the code of the moment."""
    now = clock.now()
    frameworks = [
        {
            "name": framework.name,
            "slug": framework.slug,
            "preset": framework.get_preset_display(),
            "people": people_of(framework, now=now),
        }
        for framework in Framework.objects.all()
    ]
    return TemplateResponse(
        request, "portal/demo.html", {"frameworks": [each for each in frameworks if each["people"]]}
    )


@only_in_demonstration
@require_POST
def sign_in(request, pk: int) -> HttpResponse:
    """An ordinary session of this person."""
    user = get_object_or_404(User, pk=pk, is_active=True)
    get_adapter(request).logout(request)
    get_adapter(request).login(request, user)
    return redirect("me")


@only_in_demonstration
@require_safe
def mail(request) -> HttpResponse:
    """What was sent, newest first. No message ever left this machine."""
    files = sorted(settings.LAYOUT.mail.glob("*.eml"), reverse=True)[:LATEST]
    return TemplateResponse(request, "portal/demo_mail.html", {"mails": [shown(path.read_bytes()) for path in files]})


def people_of(framework: Framework, *, now) -> list[dict]:
    """Everybody with a role here, once, with all their roles and a code that can be used now."""
    with tenancy.scope(framework.pk), transaction.atomic():
        held = list(
            framework.memberships.live()
            .select_related("user", "organisation")
            .order_by("organisation__name", "user__full_name")
        )
    people: dict[int, dict] = {}
    for membership in held:
        person = people.setdefault(membership.user_id, {"user": membership.user, "roles": []})
        person["roles"].append(f"{membership.get_role_display()}, {membership.organisation}")
    for person in people.values():
        person["code"] = usable_code(person["user"], now=now)
        person["tries"] = HINTS.get(person["user"].email, "")
    return list(people.values())


def usable_code(user: User, *, now) -> str:
    """The present code of the person's authenticator app, or the next one if that was used; empty without an app."""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is None:
        return ""
    secret, (_past, present, following) = decrypt(app.data["secret"]), second_factor.counters(now=now)
    return format_hotp_value(hotp_value(secret, following if second_factor.is_used(user, present) else present))


def shown(content: bytes) -> dict:
    """One kept message: head, text, and the links in it."""
    message = message_from_bytes(content, policy=policy)
    part = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
    text = part.get_content() if part else ""
    return {
        "to": message["X-Envelope-To"] or message["To"] or "",
        "subject": message["Subject"] or _("No subject"),
        "date": message["Date"] or "",
        "text": text.strip(),
        "links": [link for link in LINK.findall(text) if leads_inside(link)],
    }


def leads_inside(link: str) -> bool:
    """A page of this portal, other than its front page (which stands at the foot of every message)."""
    parts = urlsplit(link)
    return url_has_allowed_host_and_scheme(link, {urlsplit(settings.PORTAL_URL).netloc}) and parts.path not in {"", "/"}
