"""The page on which the secretary records that the one organisation has adopted a version (DUD-8)."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.forms import SplitDateField
from portal.permissions import Perm
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from protocols import adoption as verbs
from protocols.finding import find_version
from protocols.forms import EARLIEST, PrintedForm
from protocols.pages import crumbs, place
from protocols.parents import bound_words


class AdoptionForm(PrintedForm):
    """The organisation's own decision."""

    body = forms.CharField(
        label=_("Who decided in the organisation?"),
        max_length=200,
        help_text=_("For example, Cabinet, or Chief Executive under the scheme of delegation, section 4"),
        error_messages={"required": _("Enter who decided in the organisation")},
    )
    decided_on = SplitDateField(
        label=_("Date of its decision"), latest=clock.today, earliest=EARLIEST, help_text=_("For example, 27 3 2026")
    )
    reference = forms.CharField(
        label=_("Minute or decision reference"),
        max_length=100,
        error_messages={"required": _("Enter the minute or decision reference")},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    bound = forms.BooleanField(error_messages={"required": _("Confirm what the organisation states")})

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, **kwargs)
        words = bound_words(version.protocol)
        if words:
            self.fields["bound"].label = _t("The organisation states: %(words)s") % {"words": words}
        else:
            del self.fields["bound"]


@scoped(Perm.DECIDE)
def adoption(request, reference, number):
    """Record the adoption; the text is frozen with it."""
    version, now = find_version(request, reference, number), clock.now()
    verbs.require_adoptable(version)
    party = verbs.adopter_of(version)
    form = AdoptionForm(request.POST or None, version=version)
    back = reverse("protocol", args=[request.framework.slug, version.protocol.reference])
    if request.method == "POST" and form.is_valid():
        verbs.adopt(version, **form.cleaned_data, by=request.user, now=now)
        messages.success(request, _t("The adoption by %(organisation)s is recorded.") % {"organisation": party.name})
        return redirect(back)
    context = {
        "form": form,
        "version": version,
        "party": party,
        "effective": longdate(version.effective_on),
        "read_href": place(request, "version", version),
        "caption": f"{version.protocol.reference} · {_t('version %(number)s') % {'number': version.number}}",
        "heading": _t("Record the adoption by %(organisation)s") % {"organisation": party.name},
        "submit": _t("Freeze the text and record the adoption"),
        "breadcrumbs": crumbs(request, version, (_t("Adoption"), "")),
        "cancel_href": back,
    }
    return TemplateResponse(request, "protocols/adoption.html", context)


urlpatterns = [
    path("protocols/<slug:reference>/<number:number>/adoption/", adoption, name="adoption"),
]
