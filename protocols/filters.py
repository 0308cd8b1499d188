"""Filters of the lists of protocols (portal.address_filters)."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.address_filters import AddressFilter
from portal.fields import LongSelect
from protocols import applying
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


class RegisterFilter(AddressFilter):
    """Filters of the public register. The choices are given by `offer`, once the list itself has been asked for."""

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


class ApplyingFilter(AddressFilter):
    """Filters of "What applies to me" (KEN-3.2viii). frameworks, organisations: (id, name) pairs of the person's own; a
    select with one entry is left out."""

    q = forms.CharField(label=_("Title, reference or purpose"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            ("now", _("Applies now")),
            ("coming", _("Not yet, or not signed")),
            ("ended", _("No longer")),
        ],
    )
    framework = forms.TypedChoiceField(label=_("Framework"), required=False, coerce=int, empty_value=None)
    organisation = forms.TypedChoiceField(label=_("Organisation"), required=False, coerce=int, empty_value=None)

    def __init__(self, data, *, frameworks, organisations):
        super().__init__(data)
        for name, all_, pairs in (
            ("framework", _t("All frameworks"), frameworks),
            ("organisation", _t("All my organisations"), organisations),
        ):
            field: Any = self.fields[name]
            field.choices = [("", all_), *pairs]
            if len(pairs) < 2:
                del self.fields[name]

    def wanted(self) -> applying.Wanted:
        """The filters that make sense; one that does not is shown as an error and narrows nothing."""
        self.is_valid()
        return applying.Wanted(
            text=self.cleaned_data.get("q", ""),
            framework=self.cleaned_data.get("framework"),
            organisation=self.cleaned_data.get("organisation"),
            state=self.cleaned_data.get("state", ""),
        )
