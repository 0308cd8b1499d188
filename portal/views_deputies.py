"""Deputies of one organisation: its own administrators name them, the framework's administrators may too."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import clock
from portal import deputies as naming
from portal.models import Deputy, MemberOrganisation, Membership
from portal.permissions import Perm
from portal.reminder_forms import DeputyForm
from portal.tenancy import scoped
from portal.views_people import crumbs, posted


@scoped()
@require_safe
def deputies(request, pk: int) -> HttpResponse:
    """Everybody who acts for the organisation here, with their roles and who stands in for them."""
    member = administered(request, pk)
    here = {"framework": request.framework, "organisation": member.organisation}
    named = {row.user_id: row.deputy for row in Deputy.objects.filter(**here).select_related("deputy")}
    roles: dict[int, list[str]] = {}
    for held in Membership.objects.live().filter(**here).order_by("role"):
        roles.setdefault(held.user_id, []).append(str(held.get_role_display()))
    context = {
        "organisation": member.organisation,
        "headers": [_("Name"), _("Roles"), _("Deputy"), _("Change")],
        "rows": [
            row_of(person, roles, named.get(person.pk), reverse("deputy", args=[request.framework.slug, pk, person.pk]))
            for person in naming.principals(**here)
        ],
        "breadcrumbs": crumbs(request, _("Deputies"), ("organisations", _("Organisations"))),
    }
    return TemplateResponse(request, "portal/deputies.html", context)


@scoped()
@require_http_methods(["GET", "HEAD", "POST"])
def deputy(request, pk: int, person: int) -> HttpResponse:
    """Name the deputy of one person."""
    member = administered(request, pk)
    here = {"framework": request.framework, "organisation": member.organisation}
    principal = naming.principals(**here).filter(pk=person).first()
    if principal is None:
        raise Http404
    people = naming.people_of(**here).exclude(pk=person)
    now = Deputy.objects.filter(**here, user=principal).values_list("deputy", flat=True).first()
    form = DeputyForm(posted(request), people=people, initial={"deputy": now})
    if request.method == "POST" and form.is_valid():
        naming.name(user=principal, deputy=form.cleaned_data["deputy"], by=request.user, now=clock.now(), **here)
        messages.success(request, _("Who stands in for %(person)s is saved.") % {"person": principal})
        return redirect("deputies", request.framework.slug, pk)
    back = reverse("deputies", args=[request.framework.slug, pk])
    context = {
        "form": form,
        "caption": member.organisation.name,
        "heading": _("Who stands in for %(person)s?") % {"person": principal},
        "breadcrumbs": [*crumbs(request, "", ("organisations", _("Organisations")))[:-1], (_("Deputies"), back)],
        "cancel_href": back,
    }
    return TemplateResponse(request, "form_page.html", context)


def administered(request, pk: int) -> MemberOrganisation:
    """The organisation, for those who administer it or the framework; 404 when it is no member here."""
    found = MemberOrganisation.objects.filter(framework=request.framework, pk=pk).select_related("organisation").first()
    if found is None:
        raise Http404
    if not administers(request.access, found):
        raise PermissionDenied
    return found


def administers(access, member: MemberOrganisation) -> bool:
    """May the person look after this organisation's particulars and deputies?"""
    return access.can(Perm.CONFIGURE) or access.can_for(Perm.ORGANISATION, member.organisation_id)


def row_of(person, roles, deputy, href) -> list:
    """One row of the table."""
    here = deputy is not None and deputy.pk in roles
    held = {"lines": roles.get(person.pk, []), "empty": _("No role any more")}
    stands_in = {"value": deputy.full_name if deputy else "", "empty": _("Nobody")}
    if deputy is not None and not here:
        stands_in["note"] = _("holds no role here any more: name somebody else")
    return [person.full_name, held, stands_in, {"value": _("Change"), "link": href, "link_hidden": person.full_name}]
