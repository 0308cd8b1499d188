"""Pages of those who run the signing: open, invite again, release a party, withdraw."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock
from portal.permissions import Perm
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from protocols import editorial
from protocols.finding import find_version
from signatories import presenters, workflow
from signatories.finding import any_party
from signatories.forms import ReleaseForm, WithdrawForm, WithdrawInForceForm
from signatories.obstacles import authorised


@scoped(Perm.DRAFT)
def open_page(request, reference, number):
    """Check answers, then freeze the text and invite the parties."""
    version, now = find_version(request, reference, number), clock.now()
    workflow.require_openable(version)
    if request.method == "POST":
        invited = workflow.open_for_signature(version, by=request.user, now=now)
        messages.success(request, opened_words(version, invited))
        return redirect(presenters.links(version)["signatures"])
    exempt = editorial.is_exempt(version)
    parties = list(version.parties.select_related("organisation"))
    context = {
        "version": version,
        "facts": presenters.names(version) + presenters.facts(version),
        "headers": [_("Party"), _("Needed for completion"), _("Who will be invited")],
        "rows": presenters.opening_rows(version, parties, now),
        "warnings": [] if exempt else presenters.opening_warnings(version, parties, now),
        "exempt": exempt,
        "in_the_way": editorial.in_the_way(version) if exempt else [],
        "decision": version.approval,
        "links": presenters.links(version),
        "breadcrumbs": presenters.crumbs(version, _("Open for signature")),
    }
    return TemplateResponse(request, "signatories/open.html", context)


def opened_words(version, invited) -> str:
    """What opening it led to."""
    if version.completed_at is not None:
        words = _("The text of version %(number)s is frozen. It is in force from %(day)s, and nobody signs it again.")
        return words % {"number": version.number, "day": longdate(version.in_force_from)}
    words = _("Version %(number)s is open for signature. %(mails)s")
    return words % {"number": version.number, "mails": mails_words(invited)}


def mails_words(invited) -> str:
    """How many people are being written to."""
    words = ngettext(
        "%(count)d person is being invited by email.",
        "%(count)d people are being invited by email.",
        len(invited.people),
    )
    return words % {"count": len(invited.people)}


@scoped(Perm.DRAFT)
def invite(request, reference, number, party):
    """Ask a party once more."""
    party, now = any_party(request, reference, number, party), clock.now()
    version = party.version
    if request.method == "POST":
        invited = workflow.invite(party, by=request.user, now=now)
        messages.success(request, mails_words(invited))
        return redirect(presenters.links(version)["signatures"])
    workflow.require_invitable(party)
    people = authorised([party.organisation_id], now, protocol=version.protocol_id).get(party.organisation_id, [])
    context = {
        "party": party,
        "version": version,
        "people": [person.full_name for person in people],
        "nobody": presenters.nobody_words(party),
        "back_href": presenters.links(version)["signatures"],
    }
    return TemplateResponse(request, "signatories/invite.html", context)


@scoped(Perm.DECIDE)
def release(request, reference, number, party):
    """Record the deciding body's decision that a party is no longer required."""
    party, now = any_party(request, reference, number, party), clock.now()
    version = party.version
    form = ReleaseForm(request.POST or None, body=version.protocol.deciding_body)
    if request.method == "POST" and form.is_valid():
        completed = workflow.release(party, by=request.user, now=now, **form.cleaned_data)
        words = _("%(organisation)s is no longer required.") % {"organisation": party.name}
        messages.success(request, words + (" " + _("All required parties have signed.") if completed else ""))
        return redirect(presenters.links(version)["signatures"])
    workflow.require_releasable(party)
    context = {"form": form, "party": party, "version": version, "back_href": presenters.links(version)["signatures"]}
    return TemplateResponse(request, "signatories/release.html", context)


@scoped(Perm.DECIDE)
def withdraw(request, reference, number):
    """Withdraw a version, with a reason; one in force with the deciding body's decision as well (HAR-2.3)."""
    version, now = find_version(request, reference, number), clock.now()
    in_force = version.status == version.Status.IN_FORCE
    form: WithdrawForm | WithdrawInForceForm = WithdrawForm(request.POST or None)
    if in_force:
        form = WithdrawInForceForm(request.POST or None, version=version)
    if request.method == "POST" and form.is_valid():
        facts = form.decided if isinstance(form, WithdrawInForceForm) else {}
        workflow.withdraw(version, reason=form.cleaned_data["reason"], by=request.user, now=now, **facts)
        messages.success(
            request,
            _("Version %(number)s is withdrawn. The parties are being told by email.") % {"number": version.number},
        )
        return redirect(presenters.links(version)["signatures"])
    workflow.require_withdrawable(version)
    context = {
        "form": form,
        "version": version,
        "in_force": in_force,
        "back_href": presenters.links(version)["signatures"],
    }
    return TemplateResponse(request, "signatories/withdraw.html", context)
