"""The tiers of the framework (KEN-4.1, HAR-2.1): what each is called, who decides, signed or adopted."""

from typing import cast

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.models import Board
from portal.permissions import Perm
from portal.tenancy import scoped
from portal.views_people import crumbs, posted
from protocols import tiers as verbs
from protocols.forms import PrintedForm
from protocols.models import Tier


class TierForm(PrintedForm):
    """What a tier is called, and who decides on its protocols."""

    name = forms.CharField(
        label=_("Name of the tier"), max_length=100, error_messages={"required": _("Enter the name of the tier")}
    )
    deciding_body = forms.ModelChoiceField(
        label=_("Deciding body"),
        queryset=Board._base_manager.none(),
        empty_label=_("Select a board"),
        error_messages={"required": _("Select the body that decides")},
    )

    def __init__(self, *args, tier, **kwargs):
        super().__init__(*args, initial={"name": tier.name, "deciding_body": tier.deciding_body_id}, **kwargs)
        boards = Board.objects.filter(framework=tier.framework_id).standing()
        cast(forms.ModelChoiceField, self.fields["deciding_body"]).queryset = boards
        if tier.decided_by == Tier.DecidedBy.PARTNERSHIP:
            del self.fields["deciding_body"]

    def clean_name(self):
        """As it will be printed, on one line."""
        return " ".join(self.cleaned_data["name"].split())


@require_safe
@scoped()
def tiers(request):
    """All of them, from the top."""
    found = Tier.objects.filter(framework=request.framework).select_related("deciding_body")
    configures = request.access.can(Perm.CONFIGURE)
    headers = [_t("Tier"), _t("Who decides"), _t("How it comes to apply")]
    if request.access.can(Perm.VIEW_ALL):  # a count tells how much there is that the reader may not see
        headers.append(_t("Protocols"))
    rows = [row_of(tier, request, configures=configures) for tier in found.annotate(held=Count("protocols"))]
    context = {
        "headers": headers,
        "rows": rows,
        "preset": request.framework.get_preset_display(),
        "configures": configures,
        "breadcrumbs": crumbs(request, _t("Tiers")),
    }
    return TemplateResponse(request, "protocols/tiers.html", context)


def row_of(tier, request, *, configures) -> list:
    """One row of the list."""
    name = {"value": tier.name, "note": tier.get_level_display()}
    if configures and not tier.held:
        name["link"] = reverse("tier-edit", args=[request.framework.slug, tier.pk])
    decides = {"value": str(tier.deciding_body or ""), "empty": _t("Nobody yet")}
    if tier.decided_by == Tier.DecidedBy.PARTNERSHIP:
        decides = {"value": tier.get_decided_by_display()}
    how = _t("Adopted by one organisation, not signed") if tier.adopted else _t("Signed by its parties")
    row = [name, decides, how]
    if request.access.can(Perm.VIEW_ALL):
        row.append({"value": str(tier.held or ""), "empty": _t("None yet")})
    return row


@scoped(Perm.CONFIGURE)
def edit(request, pk):
    """Name and deciding body, before a protocol hangs on the tier."""
    tier = Tier.objects.filter(framework=request.framework, pk=pk).select_related("deciding_body").first()
    if tier is None:
        raise Http404
    form = TierForm(posted(request), tier=tier)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        verbs.change(tier, name=data["name"], deciding_body=data.get("deciding_body"), by=request.user, now=clock.now())
        messages.success(request, _t("Saved."))
        return redirect("tiers", request.framework.slug)
    verbs.require_free(tier)
    context = {
        "form": form,
        "heading": _t("Change the tier"),
        "breadcrumbs": crumbs(request, _t("Change the tier"), ("tiers", _t("Tiers"))),
        "cancel_href": reverse("tiers", args=[request.framework.slug]),
    }
    return TemplateResponse(request, "form_page.html", context)


urlpatterns = [
    path("tiers/", tiers, name="tiers"),
    path("tiers/<int:pk>/edit/", edit, name="tier-edit"),
]
