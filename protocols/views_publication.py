"""What the public may see of a version: a recorded decision, never changed, only followed by another (UK-pub)."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock, doorbell
from portal.deadlines import add_months
from portal.errors import StateError
from portal.forms import GovForm, HintedRadioSelect, TextDateField
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols.finding import find_version
from protocols.models import Publication, Tier, Version
from protocols.protocol_page import DONE
from protocols.register import PUBLISHED, STANDINGS

# Tiers 1 and 2 are published as a summary, tier 3 is not, unless somebody decides otherwise (UK-pub)
USUAL = {
    Tier.Level.OVERARCHING: Publication.Level.SUMMARY,
    Tier.Level.PARTNERSHIP: Publication.Level.SUMMARY,
    Tier.Level.OPERATIONAL: Publication.Level.NONE,
}


class PublicationForm(GovForm):
    """Level, reason, date of the next look, and the summary that the public reads."""

    mark_optional = False  # the summary may stay empty only if nothing is published; its hint says so

    level = forms.ChoiceField(
        label=_("What is published"),
        choices=Publication.Level.choices,
        widget=HintedRadioSelect(
            hints={
                "full": _("The summary, the organisations and the whole text as a sealed public copy"),
                "summary": _("The summary, the purposes and the organisations, without the text"),
                "none": _("The public does not see that the protocol exists"),
            }
        ),
        error_messages={"required": _("Select what is published")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("If it is not published in full, name the exemption of the Freedom of Information Act 2000."),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Enter the reason for this decision")},
    )
    review_on = TextDateField(
        label=_("Look at this decision again on"),
        earliest=clock.today,
        error_messages={"required": _("Enter the date on which to look at this decision again")},
    )
    show_standings = forms.BooleanField(
        label=_("Say publicly which organisations are suspended or excluded"),
        help_text=_("Only if the deciding body said so"),
        required=False,
    )
    summary = forms.CharField(
        label=_("Plain-language summary"),
        help_text=_(
            "Say in a few sentences who shares what about whom, and why. Name no person. Not needed if nothing is published."
        ),
        max_length=5_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args, standings=False, **kwargs):
        """standings: is a party suspended or excluded? Else there is nothing to ask."""
        super().__init__(*args, **kwargs)
        if not standings:
            del self.fields["show_standings"]

    def clean(self):
        """A summary is needed as soon as anything is published."""
        values = super().clean() or {}
        lacking = not values.get("summary") and "summary" not in self.errors
        if lacking and values.get("level") in PUBLISHED:
            self.add_error("summary", _t("Enter a plain-language summary: it is what the public reads first"))
        return values


def decide(version, values, *, by, now) -> Publication:
    """Record the decision. Refused before all required parties have signed, and once the version has ended."""
    with transaction.atomic():
        version.refresh_from_db(from_queryset=Version._base_manager.select_for_update(of=("self",)))
        if version.status not in DONE:
            raise StateError(
                _t("What is published of %(version)s cannot be decided now.") % {"version": version},
                _t("It is decided once all required parties have signed, and while the version applies."),
            )
        publication = Publication.objects.decide(version, by=by, now=now, **values)
        if publication.level == Publication.Level.FULL:  # the worker is waiting with the public copy
            doorbell.ring()
    return publication


@scoped(Perm.DECIDE)
def publication(request, reference, number):
    """Decide what is published of this version."""
    version = find_version(request, reference, number)
    if version.status not in DONE:
        raise StateError(
            _t("What is published of %(version)s cannot be decided now.") % {"version": version},
            _t("It is decided once all required parties have signed, and while the version applies."),
        )
    now = clock.now()
    decisions = list(version.publications.select_related("decided_by").order_by("-decided_at", "-pk"))
    standings = version.parties.filter(status__in=STANDINGS).exists()
    form = PublicationForm(request.POST or None, initial=initial(version, decisions, now=now), standings=standings)
    back = reverse("protocol", args=[request.framework.slug, version.protocol.reference])
    if request.method == "POST" and form.is_valid():
        made = decide(version, form.cleaned_data, by=request.user, now=now)
        messages.success(request, _t("Decided: %(level)s.") % {"level": made.get_level_display().lower()})
        return redirect(back)
    context = {
        "form": form,
        "caption": f"{version.protocol.reference} · {_t('version %(number)s') % {'number': version.number}}",
        "heading": _t("What is published"),
        "usual": usual_words(version.protocol.tier),
        "decisions": [decision_event(one) for one in decisions],
        "submit": _t("Record this decision"),
        "back_href": back,
        "cancel_href": back,
    }
    return TemplateResponse(request, "protocols/publication.html", context)


def initial(version, decisions, *, now) -> dict:
    """The decision that holds, else what is usual for the tier; in any case to be looked at in a year."""
    last = decisions[0] if decisions else None
    return {
        "level": last.level if last else USUAL[version.protocol.tier.level],
        "summary": last.summary if last else "",
        "show_standings": bool(last and last.show_standings),
        "review_on": add_months(clock.london_date(now), 12),
    }


def usual_words(tier) -> str:
    """What is usual for the tier, and why."""
    if USUAL[tier.level] == Publication.Level.NONE:
        return _t(
            "A protocol of the tier “%(tier)s” describes daily work with information about people. It is usually not"
            " published, unless the deciding body sees no harm in it."
        ) % {"tier": tier.name}
    return _t(
        "Of a protocol of the tier “%(tier)s” usually a summary is published: the public can see who shares information"
        " for what, and can ask for the text."
    ) % {"tier": tier.name}


def decision_event(decision) -> dict:
    """One earlier decision, for the timeline."""
    return {
        "title": decision.get_level_display(),
        "by": str(decision.decided_by or ""),
        "at": decision.decided_at,
        "text": decision.reason,
    }


urlpatterns = [
    path("protocols/<slug:reference>/<number:number>/publication/", publication, name="publication"),
]
