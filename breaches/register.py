"""The register of breaches (UK-33e): what it is narrowed to, its rows, and the same for a spreadsheet."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from breaches.clocks import REGULATOR, REPORT, clocks_of
from breaches.finding import place
from breaches.models import Breach
from portal.forms import GovForm
from portal.templatetags.dates import longdate, longdatetime

OPEN, CLOSED = "open", "closed"


class RegisterFilter(GovForm):
    """Kept in the address."""

    mark_optional = False

    q = forms.CharField(label=_("Reference of the breach or the protocol"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), (OPEN, _("Open")), (CLOSED, _("Closed"))]
    )

    def wanted(self) -> dict[str, str]:
        """What makes sense; the rest narrows nothing."""
        self.is_valid()
        return {"q": self.cleaned_data.get("q", ""), "state": self.cleaned_data.get("state", "")}


def found(access, form):
    """The breaches that the reader may see and asked for."""
    wanted = form.wanted()
    rows = Breach.objects.visible_to(access).select_related("protocol", "framework").prefetch_related("in_breach")
    if words := wanted["q"]:
        number = words.upper().removeprefix("BR-").lstrip("0")
        asked = Q(protocol__reference__icontains=words) | Q(protocol__title__icontains=words)
        rows = rows.filter(asked | Q(number=int(number)) if number.isdecimal() and len(number) < 9 else asked)
    if wanted["state"] == OPEN:
        rows = rows.open()
    elif wanted["state"] == CLOSED:
        rows = rows.filter(status=Breach.Status.CLOSED)
    return rows.order_by("-reported_at", "-pk")


def row_of(breach) -> list:
    """One line of the list."""
    return [
        {"value": breach.reference, "link": place(breach)},
        breach.protocol.reference,
        {"lines": [one.name for one in breach.in_breach.all()]},
        longdate(breach.reported_at),
        {"tag": breach.get_status_display(), "colour": "grey" if breach.status == Breach.Status.CLOSED else "blue"},
    ]


def headers() -> list[str]:
    """Of the exports."""
    return [
        _t("Breach"), _t("Protocol"), _t("Title"), _t("In breach"), _t("Happened"), _t("Identified"), _t("Reported"),
        _t("Personal data affected"), _t("Kinds of data"), _t("About how many people"), _t("What happened"),
        _t("Containment"), _t("Regulator"), _t("Report due"), _t("State"), _t("Lessons"),
    ]  # fmt: skip


def export(access, form, *, now) -> list[list]:
    """Facts, effects and what was done, as the law asks a register to hold (UK-33e)."""
    return [export_row(breach, clocks_of(breach, now=now)) for breach in found(access, form)]


def export_row(breach, clocks) -> list:
    """One breach."""
    law = "; ".join(f"{one.owner}: {one.due}, {one.words}" for one in clocks if one.deadline.rule == REGULATOR)
    report = "; ".join(f"{one.due} ({one.words})" for one in clocks if one.deadline.rule == REPORT)
    return [
        breach.reference, breach.protocol.reference, breach.protocol.title,
        "; ".join(one.name for one in breach.in_breach.all()), breach.occurred_words,
        longdatetime(breach.identified_at), longdatetime(breach.reported_at), breach.get_personal_data_display(),
        breach.data_kinds, breach.people, breach.what_happened, breach.containment, law, report,
        breach.get_status_display(), breach.lessons,
    ]  # fmt: skip
