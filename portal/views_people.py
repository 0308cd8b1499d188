"""People of a framework: list, invite, end a role; and the page behind the link of an invitation."""

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import clock, endings, invitations, tenancy, workflow
from portal.models import Invitation, Membership, User
from portal.models.people import inviters
from portal.people_forms import InviteForm, PasswordForm, ReasonForm
from portal.permissions import Perm
from portal.rates import limited
from portal.templatetags.dates import longdate
from portal.tenancy import scoped

PER_PAGE = 50


@scoped()
@require_safe
def people(request) -> HttpResponse:
    """Who holds a role here now; administrators also see addresses and open invitations."""
    manages, now = request.access.can(Perm.MEMBERS), clock.now()
    live = request.framework.memberships.live().select_related("user", "organisation")
    page = Paginator(live.order_by("user__full_name", "organisation__name", "role"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "manages": manages,
        "headers": [_("Name"), _("Role"), _("Organisation"), _("Since"), *([_("Change")] if manages else [])],
        "rows": [row_of(membership, request.framework, manages=manages) for membership in page],
        "invitations": open_invitations(request.framework, now=now) if manages else [],
        "breadcrumbs": crumbs(request, _("People")),
    }
    return TemplateResponse(request, "portal/people.html", context)


@scoped(Perm.MEMBERS)
@require_http_methods(["GET", "HEAD", "POST"])
@limited("invite")
def invite(request) -> HttpResponse:
    """Offer somebody a role."""
    form = InviteForm(posted(request), framework=request.framework)
    if request.method == "POST" and form.is_valid():
        invitation = workflow.invite(request.framework, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("The invitation to %(email)s is on its way.") % {"email": invitation.email})
        return redirect("people", request.framework.slug)
    context = {
        "form": form,
        "heading": _("Invite somebody"),
        "submit": _("Send the invitation"),
        "breadcrumbs": crumbs(request, _("Invite somebody"), ("people", _("People"))),
        "cancel_href": reverse("people", args=[request.framework.slug]),
    }
    return TemplateResponse(request, "form_page.html", context)


@scoped(Perm.MEMBERS)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request, pk: int) -> HttpResponse:
    """End somebody's role, after asking."""
    held = request.framework.memberships.select_related("user", "organisation", "framework")
    membership = held.filter(pk=pk, ended_at__isnull=True).first()
    if membership is None:
        raise Http404
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        workflow.end_membership(membership, by=request.user, now=clock.now(), **form.cleaned_data)
        messages.success(request, _("%(person)s no longer holds this role.") % {"person": membership.user})
        return redirect("people", request.framework.slug)
    context = {
        "form": form,
        "membership": membership,
        "also": what_ends_too(membership, now=clock.now()),
        "heading": _("End this role?"),
        "submit": _("End the role"),
        "submit_variant": "warning",
        "breadcrumbs": crumbs(request, _("End a role"), ("people", _("People"))),
        "cancel_href": reverse("people", args=[request.framework.slug]),
    }
    return TemplateResponse(request, "portal/person_end.html", context)


def what_ends_too(membership: Membership, *, now) -> list[str]:
    """In sentences: invitations that the person sent, and what other apps hang on the role."""
    count = workflow.orphaned_invitations(membership).count()
    sent = ngettext(
        "%(count)d open invitation that the person sent is taken back.",
        "%(count)d open invitations that the person sent are taken back.",
        count,
    )
    return ([sent % {"count": count}] if count else []) + endings.words(membership, now=now)


@scoped(Perm.MEMBERS)
@require_POST
def revoke(request, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = Invitation.objects.filter(framework=request.framework, pk=pk).first()
    if invitation is None:
        raise Http404
    workflow.revoke_invitation(invitation, by=request.user, now=clock.now())
    messages.success(
        request, _("The invitation to %(email)s is taken back; its link no longer works.") % {"email": invitation.email}
    )
    return redirect("people", request.framework.slug)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("invitation")
def invitation(request, token: str) -> HttpResponse:
    """What is offered, and taking it up. GET changes nothing, so a mail scanner that opens every link does no harm."""
    key = invitations.read(token)
    if key is None:
        return closed(request, status=404)
    framework, number, nonce = key
    now = clock.now()
    with tenancy.scope(framework), transaction.atomic():
        offer = invitations.find(number, nonce)
        if offer is None:
            return closed(request, status=404)
        if not offer.open(now):
            return closed(request, status=410, offer=offer, now=now)
        if request.user.is_authenticated or User.objects.filter(email=offer.email).exists():
            return by_account(request, offer, now=now)
        form = PasswordForm(posted(request), person=User(email=offer.email, full_name=offer.full_name))
        if request.method != "POST" or not form.is_valid():
            return page_of(request, offer, form=form, needs="password")
        user = workflow.accept_invitation(offer, password=form.cleaned_data["password1"], now=now).user
        onward = reverse("framework", args=[offer.framework.slug])
    # the address was proved by the link and the password was typed just now: this is a sign-in with a password
    return perform_password_login(request, {"email": user.email}, Login(user=user, redirect_url=onward))


def by_account(request, offer: Invitation, *, now) -> HttpResponse:
    """For somebody who has an account: it takes having signed in as the address that was invited."""
    if not request.user.is_authenticated:
        return page_of(request, offer, needs="sign-in")
    if request.user.email.lower() != offer.email.lower():
        return page_of(request, offer, needs="other-account")
    if request.method != "POST":
        return page_of(request, offer, needs="consent")
    workflow.accept_invitation(offer, user=request.user, now=now)
    messages.success(request, _("You have accepted the invitation."))
    return redirect("framework", offer.framework.slug)


def page_of(request, offer: Invitation, *, needs: str, form: PasswordForm | None = None) -> HttpResponse:
    """The offer in words; `needs`: password, sign-in, other-account or consent."""
    rows = [
        {"key": _("Framework"), "value": offer.framework.name},
        {"key": _("Organisation"), "value": offer.organisation.name},
        {"key": _("Role"), "value": offer.get_role_display()},
        {"key": _("Name"), "value": offer.full_name},
        {"key": _("Job title"), "value": offer.job_title, "empty": _("Not given")},
        {"key": _("Email address"), "value": offer.email},
        {"key": _("Open until"), "value": longdate(offer.expires_at)},
    ]
    context = {"offer": offer, "rows": rows, "needs": needs, "form": form, "here": request.path}
    return TemplateResponse(request, "portal/invitation.html", context).render()


def closed(request, *, status: int, offer: Invitation | None = None, now=None) -> HttpResponse:
    """The link leads nowhere any more (410) or never did (404)."""
    why = ""
    if offer is not None:
        why = "used" if offer.accepted_at else "revoked" if offer.revoked_at else "expired"
        if why == "expired" and now < offer.expires_at:
            why = "sender"
    return TemplateResponse(request, "portal/invitation_closed.html", {"why": why}, status=status).render()


def row_of(membership: Membership, framework, *, manages: bool) -> list:
    """One row of the list of people."""
    user = membership.user
    name = {
        "value": user.full_name,
        "note": ", ".join(filter(None, [user.job_title, user.email if manages else ""])),
    }
    row = [name, membership.get_role_display(), membership.organisation.name, longdate(membership.started_at)]
    if manages:
        href = reverse("person-end", args=[framework.slug, membership.pk])
        row.append({"value": _("End role"), "link": href, "link_hidden": _("of %(person)s") % {"person": user}})
    return row


def open_invitations(framework, *, now) -> list[dict]:
    """Offers that can still be taken up."""
    waiting = Invitation.objects.filter(
        Q(invited_by__isnull=True) | Q(invited_by__in=inviters(framework.pk).values("user")),
        framework=framework,
        accepted_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=now,
    )
    return [
        {
            "pk": offer.pk,
            "rows": [
                {"key": _("Invited"), "value": f"{offer.full_name}, {offer.email}"},
                {"key": _("Role"), "value": f"{offer.get_role_display()}, {offer.organisation.name}"},
                {"key": _("Open until"), "value": longdate(offer.expires_at)},
            ],
            "email": offer.email,
        }
        for offer in waiting.select_related("organisation").order_by("-invited_at")
    ]


def posted(request):
    """The body of a POST, also an empty one; None otherwise."""
    return request.POST if request.method == "POST" else None


def crumbs(request, here: str, *between: tuple[str, str]) -> list[tuple[str, str]]:
    """Breadcrumbs under a framework; `between`: (name of the URL, label) pairs."""
    slug = request.framework.slug
    steps = [(label, reverse(name, args=[slug])) for name, label in between]
    return [(request.framework.name, reverse("framework", args=[slug])), *steps, (here, "")]
