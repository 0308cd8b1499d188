"""What a draft supplements, and who owns it: put right before anything is frozen (KEN-4.1, HAR-10)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from portal import clock
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols import rehanging
from protocols.forms import ProtocolForm
from protocols.pages import draft_crumbs, find_draft, place, refused
from protocols.views_register import partnership_row

KEPT = ("parent", "external_parent", "external_parent_dated", "partnership")


class ParentForm(ProtocolForm):
    """The part of the form of a new protocol that says what it hangs on."""

    def __init__(self, *args, protocol, **kwargs):
        initial = {name: getattr(protocol, name) for name in KEPT}
        super().__init__(*args, initial=initial, **kwargs)
        for name in [name for name in self.fields if name not in KEPT]:
            del self.fields[name]


@scoped(Perm.DRAFT)
def parent(request, reference, number):
    """Parent inside the portal or outside, and the partnership that owns the protocol."""
    version = find_draft(request, reference, number)
    rehanging.require_open(version)
    form = ParentForm(request.POST or None, access=request.access, protocol=version.protocol)
    back = place(request, "draft", version)
    if request.method == "POST" and form.is_valid():
        try:
            rehanging.change_parent(version, **form.cleaned_data, by=request.user, now=clock.now())
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    context = {
        "form": form,
        "heading": _("What it supplements"),
        "rows": [{"key": _("Tier"), "value": version.protocol.tier.name}, partnership_row(version.protocol)],
        "breadcrumbs": draft_crumbs(request, version, (_("What it supplements"), "")),
        "cancel_href": back,
    }
    return TemplateResponse(request, "protocols/draft_parent.html", context)


urlpatterns = [
    path("protocols/<slug:reference>/<number:number>/draft/parent/", parent, name="draft-parent"),
]
