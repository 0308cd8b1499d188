"""The law catalogue, which protocols cite what, and a change of law that an administrator records (HAM-law, LAW-map)."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal import laws as catalogue
from portal.permissions import Perm
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from protocols.models import Version
from reviews import triggers
from reviews.forms import LawChangeForm
from reviews.models import LawChange


@require_safe
@scoped()
def laws(request):
    """The catalogue by kind, each entry with the protocols in force that name it and that the reader may see."""
    today = clock.today()
    seen = Version.objects.visible_to(request.access).filter(status=Version.Status.IN_FORCE)
    versions = {one.pk: one for one in seen.select_related("protocol").order_by("protocol__reference")}
    citing: dict[str, list[Version]] = {}
    for version, cited in triggers.citations(versions.values()).items():
        for law in cited:
            citing.setdefault(law.key, []).append(versions[version])
    slug = request.framework.slug
    context = {
        "groups": [
            {"heading": heading, "rows": [row_of(law, citing.get(law.key, []), today) for law in of_kind(kind)]}
            for kind, heading in kinds()
        ],
        "headers": [_("Entry"), _("In force"), _("Now"), _("Named by")],
        "changes": [
            [{"value": one.title, "note": one.note}, one.get_what_display(), longdate(one.on)]
            for one in LawChange.objects.filter(framework=request.framework)
        ],
        "change_headers": [_("Law"), _("What changes"), _("From")],
        "new_href": reverse("law-change", args=[slug]) if request.access.can(Perm.CONFIGURE) else "",
        "breadcrumbs": [(_("Reviews"), reverse("reviews", args=[slug])), (_("Laws"), "")],
    }
    return TemplateResponse(request, "reviews/laws.html", context)


def kinds() -> list[tuple[str, str]]:
    """The kinds of entries, in order."""
    return [
        ("law", _("Laws")),
        ("regulator", _("The regulator")),
        ("wording", _("Wording of older documents")),
        ("body", _("Bodies of older documents")),
    ]


def of_kind(kind) -> list[catalogue.Law]:
    """Entries of one kind, in the order of the catalogue."""
    return [law for law in catalogue.CATALOGUE.values() if law.kind == kind]


def row_of(law, citing, today) -> list:
    """Cells of one entry."""
    dates = [_("From %(date)s") % {"date": longdate(law.in_force)}] if law.in_force else []
    if law.repealed:
        dates.append(_("Until %(date)s") % {"date": longdate(law.repealed)})
    now = [catalogue.CATALOGUE[key].title for key in law.replaced_by]
    now += [f"{cited}: {there}" for cited, there in law.parts]
    now += [f"{longdate(one.on)}: {one.words}" for one in law.changes if one.words]
    named: dict = {"lines": [f"{version.protocol.reference} {version.number}" for version in citing], "empty": "–"}
    if citing and law.out_of_date(today):
        named |= {"tag": _("Out of date"), "colour": "orange"}
    return [
        {"value": law.title, "note": law.note},
        {"lines": dates, "empty": "–"},
        {"lines": now, "empty": "–"},
        named,
    ]


@scoped(Perm.CONFIGURE)
def change(request):
    """An administrator records a change of law: reviews of what cites it are opened on its day."""
    form = LawChangeForm(request.POST or None, framework=request.framework)
    back = reverse("laws", args=[request.framework.slug])
    if request.method == "POST" and form.is_valid():
        triggers.record(request.framework, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(
            request, _("The change is recorded. Reviews of the protocols that cite it are opened on its day.")
        )
        return redirect(back)
    context = {
        "form": form,
        "heading": _("Record a change of law"),
        "submit": _("Record the change"),
        "cancel_href": back,
        "breadcrumbs": [
            (_("Reviews"), reverse("reviews", args=[request.framework.slug])),
            (_("Laws"), back),
            (_("Change of law"), ""),
        ],
    }
    return TemplateResponse(request, "reviews/law_change.html", context)
