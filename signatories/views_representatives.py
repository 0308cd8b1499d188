"""Who may sign for whom: recorded by a secretary or administrator, seen by every member (SIG-who)."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.errors import StateError
from portal.permissions import Perm
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from protocols.models import Protocol
from signatories import workflow
from signatories.delegation import delegable
from signatories.forms_authority import AuthorityForm, DelegationForm
from signatories.models import Authority


def list_href(request) -> str:
    """Address of the list."""
    return reverse("representatives", args=[request.framework.slug])


@require_safe
@scoped()
def representatives(request):
    """Every recorded authority, those that are valid first."""
    now, may_record = clock.now(), request.access.can(Perm.AUTHORISE)
    usable = set(Authority.objects.usable(now).values_list("pk", flat=True))
    readable = set(Protocol.objects.visible_to(request.access).values_list("pk", flat=True))
    found = Authority.objects.select_related("organisation", "user", "delegated_from__user", "protocol").order_by(
        "organisation__name", "user__full_name", "-valid_from"
    )
    headers = [_("Representative"), _("Capacity"), _("Granted by"), _("Scope"), _("From and to"), _("State")]
    may_delegate = delegable(request.user, now).exists()
    changes = may_record or may_delegate
    if changes:
        headers.append(_("Change"))
    current: list[list] = []
    past: list[list] = []
    for authority in found:
        words, colour, is_over = state_of(authority, authority.pk in usable, now)
        cells = row(authority, {"tag": words, "colour": colour}, authority.protocol_id in readable)
        if changes:
            cells.append({"value": "", "empty": "–"} if is_over else change(request, authority))
        (past if is_over else current).append(cells)
    context = {
        "headers": headers,
        "rows": current,
        "past": past,
        "new_href": reverse("representative-new", args=[request.framework.slug]) if may_record else "",
        "delegate_href": reverse("authority-delegate", args=[request.framework.slug]) if may_delegate else "",
        "breadcrumbs": [
            (request.framework.name, reverse("framework", args=[request.framework.slug])),
            (_("Representatives"), ""),
        ],
    }
    return TemplateResponse(request, "signatories/representatives.html", context)


def over(authority, now) -> bool:
    """Ended by somebody, or past its last day."""
    return authority.ended_at is not None or bool(authority.valid_to and authority.valid_to < clock.london_date(now))


def state_of(authority, is_usable, now) -> tuple[str, str, bool]:
    """Words, colour, and whether it is over. "Valid" only while it lets somebody sign: role, organisation and the grant
    above it looked at as well (SIG-who)."""
    above = authority.delegated_from
    if is_usable:
        return _("Valid"), "green", False
    if over(authority, now):
        return _("Ended"), "grey", True
    if above and over(above, now):
        return _("Ended with the authority above it"), "grey", True
    if authority.valid_from > clock.london_date(now):
        return _("Not yet"), "blue", False
    return _("Role ended"), "grey", True


def row(authority, state, is_readable) -> list:
    """One authority as a row. A protocol is named only to those who may read it."""
    until = _("to %(end)s") % {"end": longdate(authority.valid_to)} if authority.valid_to else _("no end set")
    delegated = _("delegated") if authority.delegated_from_id else ""
    scope = authority.scope if is_readable or not authority.protocol_id else _("One protocol")
    return [
        {"value": authority.user.full_name, "note": authority.organisation.name},
        authority.capacity,
        {"value": authority.granted_by, "note": delegated},
        scope,
        {"value": longdate(authority.valid_from), "note": until},
        state,
    ]


def change(request, authority) -> dict:
    """The way to end it, for those who record authorities; to take it back, for whoever delegated it."""
    person = {"person": authority.user.full_name}
    if request.access.can(Perm.AUTHORISE):
        href = reverse("representative-end", args=[request.framework.slug, authority.pk])
        return {"link": href, "value": _("End"), "link_hidden": _("the authority of %(person)s") % person}
    if authority.delegated_from and authority.delegated_from.user_id == request.user.pk:
        href = reverse("delegation-revoke", args=[request.framework.slug, authority.pk])
        return {"link": href, "value": _("Take back"), "link_hidden": _("the delegation to %(person)s") % person}
    return {"value": "", "empty": "–"}


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
        Authority.objects.filter(framework=request.framework, pk=pk)
        .select_related("organisation", "user", "framework")
        .first()
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


@scoped(Perm.REPRESENT)
def delegate(request):
    """Let a colleague sign, within one's own authority."""
    now = clock.now()
    grants = list(delegable(request.user, now))
    if not grants:
        raise StateError(
            _("You hold no authority of your own that you could delegate."),
            _("Ask the board secretary to record who granted you yours."),
        )
    form = DelegationForm(
        request.POST or None, grants=grants, access=request.access, initial={"valid_from": longdate(clock.today())}
    )
    if request.method == "POST" and form.is_valid():
        authority = workflow.delegate(by=request.user, now=now, **form.facts())
        messages.success(
            request,
            _("%(person)s may sign for %(organisation)s.")
            % {"person": authority.user.full_name, "organisation": authority.organisation},
        )
        return redirect(list_href(request))
    context = {"form": form, "back_href": list_href(request), "limits": [limit_of(grant) for grant in grants]}
    return TemplateResponse(request, "signatories/delegate.html", context)


def limit_of(grant) -> str:
    """What one's own authority gives, in one sentence."""
    facts = {
        "organisation": grant.organisation.name,
        "scope": grant.scope,
        "start": longdate(grant.valid_from),
        "end": longdate(grant.valid_to),
    }
    if not grant.valid_to:
        return _("%(organisation)s: %(scope)s, from %(start)s with no end set") % facts
    return _("%(organisation)s: %(scope)s, from %(start)s to %(end)s") % facts


@scoped(Perm.REPRESENT)
def revoke(request, pk):
    """Take back what one delegated, after asking. Signatures made under it stand."""
    mine = Authority.objects.filter(framework=request.framework, pk=pk, delegated_from__user=request.user)
    authority = mine.select_related("organisation", "user", "framework").first()
    if authority is None:
        raise Http404
    if request.method == "POST":
        workflow.end_authority(authority, by=request.user, now=clock.now())
        messages.success(
            request, _("%(person)s may no longer sign in your place.") % {"person": authority.user.full_name}
        )
        return redirect(list_href(request))
    workflow.require_unended(authority)
    return TemplateResponse(
        request, "signatories/representative_end.html", {"authority": authority, "back_href": list_href(request)}
    )
