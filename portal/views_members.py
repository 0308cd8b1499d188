"""An organisation that is known already joins the framework; one is suspended, and let in again."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import clock
from portal import organisations as verbs
from portal.errors import StateError
from portal.models import MemberOrganisation
from portal.people_forms import FindOrganisationForm, JoinForm, SuspendForm
from portal.permissions import Perm
from portal.rates import limited
from portal.tenancy import scoped
from portal.views_people import crumbs, posted


@scoped(Perm.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
@limited("find-organisation", limit_get=True)
def join(request) -> HttpResponse:
    """Look an organisation up by its own code or whole name (GET), then let it join (POST)."""
    asked = request.POST if request.method == "POST" else request.GET
    finder = FindOrganisationForm(asked if "q" in asked or request.method == "POST" else None)
    found = verbs.known(finder.cleaned_data["q"]) if finder.is_valid() else []
    form = None
    if found:
        form = JoinForm(
            posted(request), found=found, initial={"q": finder.cleaned_data["q"], "joined_on": clock.today()}
        )
    if form is not None and request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("organisation", "joined_on")}
        member = verbs.join(request.framework, **facts, by=request.user, now=clock.now())
        messages.success(request, _("%(organisation)s is now a member of the framework.") % {"organisation": member})
        return redirect("organisations", request.framework.slug)
    context = {
        "finder": finder,
        "form": form,
        "asked": finder.is_bound and finder.is_valid(),
        "breadcrumbs": crumbs(request, _("Add an existing organisation"), ("organisations", _("Organisations"))),
    }
    return TemplateResponse(request, "portal/organisation_join.html", context)


def find_member(request, pk: int) -> MemberOrganisation:
    """A member of this framework; else Http404."""
    members = MemberOrganisation.objects.filter(framework=request.framework, pk=pk)
    member = members.select_related("organisation", "framework").first()
    if member is None:
        raise Http404
    return member


@scoped(Perm.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request, pk: int) -> HttpResponse:
    """Ask why, then suspend."""
    member = find_member(request, pk)
    if request.method != "POST" and member.status != MemberOrganisation.Status.ACTIVE:
        raise StateError(_("%(organisation)s is not active here.") % {"organisation": member})
    form = SuspendForm(posted(request))
    if request.method == "POST" and form.is_valid():
        verbs.suspend(member, reason=form.cleaned_data["reason"], by=request.user, now=clock.now())
        messages.success(request, _("%(organisation)s is suspended.") % {"organisation": member})
        return redirect("organisations", request.framework.slug)
    words = _("Suspend %(organisation)s?") % {"organisation": member}
    return page(request, form, member, words, _("Suspend this organisation"), "warning")


@scoped(Perm.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def lift(request, pk: int) -> HttpResponse:
    """Ask why, then let its people in again."""
    member = find_member(request, pk)
    if request.method != "POST" and member.status != MemberOrganisation.Status.SUSPENDED:
        raise StateError(_("%(organisation)s is not suspended here.") % {"organisation": member})
    form = SuspendForm(posted(request))
    if request.method == "POST" and form.is_valid():
        verbs.lift(member, reason=form.cleaned_data["reason"], by=request.user, now=clock.now())
        messages.success(
            request, _("The suspension of %(organisation)s is lifted. Its people can sign in to this framework again.")
            % {"organisation": member}
        )  # fmt: skip
        return redirect("organisations", request.framework.slug)
    words = _("Lift the suspension of %(organisation)s?") % {"organisation": member}
    return page(request, form, member, words, _("Lift the suspension"), "")


def page(request, form, member, heading: str, submit: str, variant: str) -> HttpResponse:
    """What it does, and how many people it touches."""
    context = {
        "form": form,
        "heading": heading,
        "submit": submit,
        "submit_variant": variant,
        "suspending": variant == "warning",
        "people": len(verbs.people_of(member)),
        "breadcrumbs": crumbs(request, submit, ("organisations", _("Organisations"))),
        "cancel_href": reverse("organisations", args=[request.framework.slug]),
    }
    return TemplateResponse(request, "portal/organisation_standing.html", context)
