"""From an address to a breach that its reader may see. Everything else is "not found"."""

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from breaches.models import Breach, ReportDraft


def find_breach(request, number) -> Breach:
    """The breach with this number; else Http404."""
    found = (
        Breach.objects.visible_to(request.access)
        .select_related("protocol__lead_organisation", "version", "framework", "reported_by", "reported_for")
        .filter(number=number)
        .first()
    )
    if found is None:
        raise Http404
    return found


def find_draft(request, pk) -> ReportDraft:
    """One's own draft, sent or not; else Http404."""
    found = ReportDraft.objects.visible_to(request.access).select_related("breach", "framework").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def place(breach, name="breach", *more) -> str:
    """Address of a page of a breach."""
    return reverse(name, args=[breach.framework.slug, breach.number, *more])


def crumbs(request, *ends) -> list[tuple[str, str]]:
    """Breadcrumbs below the register of breaches. ends: (text, address), or a breach."""
    found = [(_("Breaches"), reverse("breaches", args=[request.framework.slug]))]
    for end in ends:
        found.append((end.reference, place(end)) if isinstance(end, Breach) else end)
    return found
