"""Two texts of a protocol compared: choose them, read what changed, take it along as PDF (SIG-new)."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, register_converter, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_safe

from portal import clock
from portal.errors import StateError
from portal.forms import GovForm
from portal.pdf import RenderError
from portal.rates import limited
from portal.tenancy import scoped
from protocols import compare_page
from protocols.compare_printing import comparison_pdf
from protocols.comparing import pick, redline_of, sides_of, usual_pair
from protocols.finding import NUMBER, VersionNumber
from protocols.models import Protocol

ONLY_CHANGES = "changes"


class SideKey(VersionNumber):
    """The part of an address that names a text: a version "1.0", or a draft as it was circulated "1.0-draft-3"."""

    regex = rf"{NUMBER.pattern}(?:-draft-[0-9]{{1,4}})?"


register_converter(SideKey, "side")


class CompareForm(GovForm):
    """Which two texts."""

    old = forms.ChoiceField(label=_l("Earlier text"))
    new = forms.ChoiceField(label=_l("Later text"))

    def __init__(self, *args, sides, **kwargs):
        super().__init__(*args, **kwargs)
        self.order = [side.key for side in sides]
        choices = [(side.key, side.words) for side in sides if side.offered]
        self.fields["old"].choices = self.fields["new"].choices = choices  # type: ignore[attr-defined]

    def clean(self):
        """Two different ones."""
        super().clean()
        if "old" in self.cleaned_data and self.cleaned_data["old"] == self.cleaned_data.get("new"):
            self.add_error("new", _("Choose two different texts"))

    def in_order(self) -> tuple[str, str]:
        """(older, newer), whichever way round they were chosen."""
        keys = sorted((self.cleaned_data["old"], self.cleaned_data["new"]), key=self.order.index, reverse=True)
        return keys[0], keys[1]


@require_safe
@scoped()
def choose(request, reference):
    """Choose two of the texts that the reader may see; by itself the newest against the one in force."""
    protocol, sides = sides_of(request, reference)
    usual = usual_pair(sides)
    form = None
    if usual:
        asked = {"old", "new"} & set(request.GET)
        initial = {"old": usual[0].key, "new": usual[1].key}
        form = CompareForm(request.GET if asked else None, sides=sides, initial=initial)
        if form.is_bound and form.is_valid():
            return redirect("redline", request.framework.slug, protocol.reference, *form.in_order())
    context = {
        "form": form,
        "protocol": protocol,
        "breadcrumbs": crumbs(request, protocol, (_("Compare"), "")),
    }
    return TemplateResponse(request, "protocols/compare.html", context)


@require_safe
@scoped()
def redline(request, reference, old, new):
    """What changed from one text to the other: the whole text with its changes, or the changes alone."""
    protocol, old, new = both(request, reference, old, new)
    only_changes = request.GET.get("show") == ONLY_CHANGES
    here = [request.framework.slug, protocol.reference, old.key, new.key]
    address, query = reverse("redline", args=here), f"?show={ONLY_CHANGES}"
    context = compare_page.shown(redline_of(old, new), only_changes=only_changes) | {
        "protocol": protocol,
        "old": old,
        "new": new,
        "only_changes": only_changes,
        "views": [
            {"text": _("Whole text"), "href": address, "is_current": not only_changes},
            {"text": _("Changes only"), "href": address + query, "is_current": only_changes},
        ],
        "pdf_href": reverse("redline-pdf", args=here) + (query if only_changes else ""),
        "choose_href": reverse("compare", args=here[:2]) + f"?old={old.key}&new={new.key}",
        "breadcrumbs": crumbs(
            request, protocol, (_("Compare"), reverse("compare", args=here[:2])), (_("What changed"), "")
        ),
    }
    return TemplateResponse(request, "protocols/redline.html", context)


@require_safe
@scoped()
@limited("comparison", limit_get=True)
def redline_pdf(request, reference, old, new):
    """The same as PDF, made for this request and kept nowhere."""
    protocol, old, new = both(request, reference, old, new)
    only_changes = request.GET.get("show") == ONLY_CHANGES
    try:
        content = comparison_pdf(old, new, only_changes=only_changes, now=clock.now())
    except RenderError as error:
        raise StateError(str(error), _("Read the comparison on its page, or print that page.")) from error
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{protocol.reference}-{old.key}-{new.key}-comparison.pdf"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def both(request, reference, old, new):
    """The protocol and two different texts of it that the reader may see; else Http404."""
    protocol, sides = sides_of(request, reference)
    old, new = pick(sides, old), pick(sides, new)
    if old.key == new.key:
        raise StateError(
            _("%(name)s cannot be compared with itself.") % {"name": old.name}, _("Go back and choose two texts.")
        )
    return protocol, old, new


def crumbs(request, protocol, *ends):
    """Breadcrumbs; whoever has only a circulated draft has no page of the protocol."""
    visible = Protocol.objects.visible_to(request.access).filter(pk=protocol.pk).exists()
    above = [(protocol.reference, reverse("protocol", args=[request.framework.slug, protocol.reference]))]
    return [
        (_("Protocols"), reverse("protocols", args=[request.framework.slug])),
        *(above if visible else []),
        *ends,
    ]


urlpatterns = [
    path("protocols/<slug:reference>/compare/", choose, name="compare"),
    path("protocols/<slug:reference>/compare/<side:old>/<side:new>/", redline, name="redline"),
    path("protocols/<slug:reference>/compare/<side:old>/<side:new>/pdf/", redline_pdf, name="redline-pdf"),
]
