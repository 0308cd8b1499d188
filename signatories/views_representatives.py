"""Who may sign for whom: recorded by a secretary or administrator, seen by every member (SIG-who)."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.permissions import Perm
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from signatories import workflow
from signatories.forms import AuthorityForm
from signatories.models import Authority


def list_href(request) -> str:
    """Address of the list."""
    return reverse("representatives", args=[request.framework.slug])


@require_safe
@scoped()
def representatives(request):
    """Every recorded authority, those that are valid first."""
    now, may_record = clock.now(), request.access.can(Perm.AUTHORISE)
    valid = set(Authority.objects.valid(now).values_list("pk", flat=True))
    found = Authority.objects.select_related("organisation", "user").order_by(
        "organisation__name", "user__full_name", "-valid_from"
    )
    headers = [_("Representative"), _("Capacity"), _("Granted by"), _("Scope"), _("From and to"), _("State")]
    if may_record:
        headers.append(_("Change"))
    current: list[list] = []
    past: list[list] = []
    for authority in found:
        (past if over(authority, now) else current).append(
            row(request, authority, authority.pk in valid, may_record, now)
        )
    context = {
        "headers": headers,
        "rows": current,
        "past": past,
        "new_href": reverse("representative-new", args=[request.framework.slug]) if may_record else "",
        "breadcrumbs": [
            (request.framework.name, reverse("framework", args=[request.framework.slug])),
            (_("Representatives"), ""),
        ],
    }
    return TemplateResponse(request, "signatories/representatives.html", context)


def over(authority, now) -> bool:
    """Ended by somebody, or past its last day."""
    return authority.ended_at is not None or bool(authority.valid_to and authority.valid_to < clock.london_date(now))


def row(request, authority, is_valid, may_record, now) -> list:
    """One authority as a row."""
    until = longdate(authority.valid_to) or _("no end set")
    is_over = over(authority, now)
    state = (
        {"tag": _("Valid"), "colour": "green"}
        if is_valid
        else {"tag": _("Ended") if is_over else _("Not yet"), "colour": "grey" if is_over else "blue"}
    )
    cells = [
        {"value": authority.user.full_name, "note": authority.organisation.name},
        authority.capacity,
        authority.granted_by,
        authority.scope,
        _("%(start)s to %(end)s") % {"start": longdate(authority.valid_from), "end": until},
        state,
    ]
    if may_record:
        href = reverse("representative-end", args=[request.framework.slug, authority.pk])
        cells.append(
            {"value": "", "empty": "–"}
            if is_over
            else {
                "link": href,
                "value": _("End"),
                "link_hidden": _("the authority of %(person)s") % {"person": authority.user.full_name},
            }
        )
    return cells


@scoped(Perm.AUTHORISE)
def new(request):
    """Record an authority. The person's own name is not offered."""
    form = AuthorityForm(request.POST or None, by=request.user, initial={"valid_from": longdate(clock.today())})
    if request.method == "POST" and form.is_valid():
        authority = workflow.record_authority(request.framework, by=request.user, now=clock.now(), **form.facts())
        messages.success(
            request,
            _("%(person)s may sign for %(organisation)s.")
            % {"person": authority.user.full_name, "organisation": authority.organisation},
        )
        return redirect(list_href(request))
    context = {"form": form, "back_href": list_href(request)}
    return TemplateResponse(request, "signatories/representative_new.html", context)


@scoped(Perm.AUTHORISE)
def end(request, pk):
    """End an authority, after asking. Signatures made under it stand."""
    authority = (
        Authority.objects.filter(framework=request.framework, pk=pk).select_related("organisation", "user").first()
    )
    if authority is None:
        raise Http404
    if request.method == "POST":
        workflow.end_authority(authority, by=request.user, now=clock.now())
        messages.success(request, _("The authority of %(person)s has ended.") % {"person": authority.user.full_name})
        return redirect(list_href(request))
    workflow.require_unended(authority)
    return TemplateResponse(
        request, "signatories/representative_end.html", {"authority": authority, "back_href": list_href(request)}
    )
