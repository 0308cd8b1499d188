"""Filters of the two lists, kept in the address: a GET form, and every filter in use as a removable tag."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.fields import LongSelect
from portal.forms import GovForm
from protocols.models import Version
from protocols.search import beginnings


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; None or "" leaves it wide. tier and organisation are ids. begun: beginnings of text."""

    text: str = ""
    begun: str = ""
    tier: int | None = None
    state: str = ""
    organisation: int | None = None
    partnership: int | None = None

    @property
    def narrowed(self) -> bool:
        """Is any filter in use?"""
        chosen = (self.tier, self.organisation, self.partnership)
        return bool(self.text or self.state or any(value is not None for value in chosen))


class RegisterFilter(GovForm):
    """Filters of the public register. The choices are given by `offer`, once the list itself has been asked for."""

    mark_optional = False

    q = forms.CharField(label=_("Words or reference"), required=False, max_length=100)
    tier = forms.IntegerField(label=_("Tier"), required=False, min_value=0, max_value=2**31, widget=forms.Select)
    organisation = forms.IntegerField(
        label=_("Organisation"), required=False, min_value=0, max_value=2**31, widget=LongSelect
    )

    def wanted(self) -> Wanted:
        """The filters that make sense; one that does not is shown as an error and narrows nothing."""
        self.is_valid()
        return Wanted(
            text=(text := self.cleaned_data.get("q", "")),
            begun=beginnings(text),
            tier=self.cleaned_data.get("tier"),
            state=self.cleaned_data.get("state", ""),
            organisation=self.cleaned_data.get("organisation"),
            partnership=self.cleaned_data.get("partnership"),
        )

    def offer(self, *, tiers, organisations, partnerships=()):
        """Fill the selects. tiers, organisations, partnerships: (id, name) pairs; without the last, no such select."""
        self.fields["tier"].widget.choices = [("", _t("All tiers")), *tiers]
        self.fields["organisation"].widget.choices = [("", _t("All organisations")), *organisations]
        if partnerships:
            self.fields["partnership"].widget.choices = [("", _t("All partnerships")), *partnerships]
        elif self.cleaned_data.get("partnership") is None:
            self.fields.pop("partnership", None)

    def tags(self, request) -> list[dict]:
        """The filters in use: what each is, and the address of the list without it."""
        tags = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value in (None, ""):
                continue
            words = {str(key): label for key, label in getattr(field.widget, "choices", [])}
            query = request.GET.copy()
            for gone in (name, "page"):
                query.pop(gone, None)
            shown = words.get(str(value), "") if words else value
            tags.append({"what": field.label, "text": shown or _t("Not in the list"), "href": f"?{query.urlencode()}"})
        return tags


class PublicFilter(RegisterFilter):
    """Filters of the public register as it stands today."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All in force")),
            ("review-overdue", _("Overdue for review")),
            ("review-in-time", _("Not overdue for review")),
        ],
    )
    field_order: tuple[str, ...] = ("q", "tier", "state", "organisation")


class ProtocolFilter(RegisterFilter):
    """Filters of the members' list."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All states")), *Version.Status.choices]
    )
    partnership = forms.IntegerField(
        label=_("Partnership"), required=False, min_value=0, max_value=2**31, widget=forms.Select
    )
    field_order = ("q", "tier", "state", "organisation", "partnership")
