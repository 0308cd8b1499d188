"""Forms of drafting. A draft may be saved half empty; submitting is where it is strict."""

import datetime as dt
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.forms import GovForm, HintedRadioSelect, TextDateField
from portal.models import Organisation, Partnership
from portal.models.people import Nation
from portal.printed_forms import PrintedFormMixin
from protocols.beginning import tier_above
from protocols.models import Clause, DataItem, Protocol, Tier

EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
MONTHS: dict[str, Any] = {"min_value": 1, "max_value": 120, "required": False}
CLASSIFICATIONS = [("OFFICIAL", "OFFICIAL"), ("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE")]


class PrintedForm(PrintedFormMixin, GovForm):
    """A form whose words will be printed; nothing of it is marked as optional."""

    mark_optional = False


class RowForm(PrintedForm):
    """Part of a draft. revision and base say what the form was loaded from (protocols.drafting)."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    base = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args, version=None, **kwargs):
        """version: for forms whose choices are the draft's own rows; the others do not need it."""
        super().__init__(*args, **kwargs)

    def clean(self):
        data = super().clean()
        if data.get("revision") is None:
            self.add_error(None, _t("This page was sent incomplete. Load it again, then make your change once more."))
        return data

    @property
    def words(self) -> dict:
        """The cleaned fields of the row, without the two of the locking."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"revision", "base"}}


class ProtocolForm(PrintedForm):
    """A protocol is begun: tier, parent, reference, title, lead organisation."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("For example, Information Sharing Protocol for Children and Young People"),
    )
    reference = forms.CharField(
        label=_("Reference"),
        max_length=40,
        help_text=_("Letters, digits and hyphens, like HSP-ISP-014. It cannot be changed, and is never used again."),
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    tier = forms.ModelChoiceField(
        label=_("Tier"), queryset=Tier._base_manager.none(), empty_label=None, widget=HintedRadioSelect
    )
    parent = forms.ModelChoiceField(
        label=_("Parent protocol"),
        queryset=Protocol._base_manager.none(),
        required=False,
        empty_label=_("None in this portal"),
        help_text=_("The protocol one tier up that this one supplements. A protocol of the first tier has none."),
    )
    external_parent = forms.CharField(
        label=_("Or: parent outside the portal"), max_length=200, required=False, help_text=_("Title of the document")
    )
    external_parent_dated = TextDateField(
        label=_("Date of that document, if it has one"), required=False, earliest=EARLIEST, latest=LATEST
    )
    partnership = forms.ModelChoiceField(
        label=_("Partnership that owns it"),
        queryset=Partnership._base_manager.none(),
        required=False,
        empty_label=_("None"),
        help_text=_("Only for a tier that belongs to partnerships. The board of the partnership decides."),
    )
    lead_organisation = forms.ModelChoiceField(
        label=_("Lead organisation"), queryset=Organisation.objects.none(), empty_label=_("Select an organisation")
    )
    nation = forms.ChoiceField(label=_("Whose bank holidays count?"), choices=Nation.choices)

    def __init__(self, *args, access, **kwargs):
        framework = access.framework
        kwargs.setdefault("initial", {"nation": framework.nation})
        super().__init__(*args, **kwargs)
        tiers = Tier.objects.filter(framework=framework).select_related("deciding_body")
        if any(tier.decided_by == Tier.DecidedBy.PARTNERSHIP for tier in tiers):
            owners = Partnership.objects.filter(framework=framework)
            cast(forms.ModelChoiceField, self.fields["partnership"]).queryset = owners
        else:
            del self.fields["partnership"]
        cast(forms.ModelChoiceField, self.fields["tier"]).queryset = tiers
        cast(HintedRadioSelect, self.fields["tier"].widget).hints = {str(tier.pk): tier_hint(tier) for tier in tiers}
        cast(forms.ModelChoiceField, self.fields["parent"]).queryset = Protocol.objects.visible_to(access).filter(
            tier__in=[above.pk for above in map(tier_above, tiers) if above]
        )
        cast(forms.ModelChoiceField, self.fields["lead_organisation"]).queryset = member_organisations(framework)


def tier_hint(tier) -> str:
    """Who decides, and whether there is a parent."""
    above = tier_above(tier)
    words = [_t("Decided by %(body)s.") % {"body": tier.deciding_body}] if tier.deciding_body else []
    if tier.decided_by == Tier.DecidedBy.PARTNERSHIP:
        words = [_t("Decided by the board of the partnership that owns it.")]
    if tier.adopted:
        words.append(_t("Adopted by one organisation, not signed."))
    words.append(
        _t("Supplements a protocol of the tier “%(tier)s”.") % {"tier": above} if above else _t("Stands on its own.")
    )
    return " ".join(words)


def member_organisations(framework):
    """Active organisations of the framework. Needs its scope."""
    return Organisation.objects.filter(frameworks__framework=framework, frameworks__status="active").order_by("name")


class NextVersionForm(PrintedForm):
    """Which number rises (SIG-num)."""

    change = forms.ChoiceField(
        label=_("What kind of change is it?"),
        choices=[("major", _("The parties sign again")), ("minor", _("An editorial change"))],
        widget=HintedRadioSelect(
            hints={
                "major": _("The meaning changes: every party signs the new version"),
                "minor": _("Only the wording changes"),
            }
        ),
    )


class DetailsForm(RowForm):
    """Dates and rules of a version."""

    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    effective_on = TextDateField(label=_("Effective date"), required=False, earliest=EARLIEST, latest=LATEST)
    sign_by = TextDateField(label=_("Sign-up deadline"), required=False, earliest=EARLIEST, latest=LATEST)
    review_first_months = forms.IntegerField(
        label=_("First review after (months)"),
        help_text=_("Counted from the day the last required party signs"),
        **MONTHS,
    )
    review_then_months = forms.IntegerField(label=_("Later reviews every (months)"), **MONTHS)
    expires_on = TextDateField(
        label=_("Expiry date"), required=False, earliest=EARLIEST, latest=LATEST,
        help_text=_("Leave empty if it holds until it is replaced or withdrawn"),
    )  # fmt: skip
    classification = forms.ChoiceField(
        label=_("Classification"),
        choices=CLASSIFICATIONS,
        widget=forms.RadioSelect(attrs={"class": "govuk-radios--inline"}),
    )

    def __init__(self, *args, title_is_open=True, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("review_first_months", "review_then_months"):
            self.fields[name].widget.attrs["class"] = "govuk-input--width-3"
        if not title_is_open:
            del self.fields["title"]


class ClauseForm(RowForm):
    """A clause: how it is printed, and what it says."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Clause.Kind.choices,
        widget=HintedRadioSelect(
            hints={
                "heading": _("A section, or a sub-heading inside one"),
                "clause": _("Printed with its number, like 4.1"),
                "item": _("Printed with its letter or bullet, like a) or •"),
                "unnumbered": _("Text that stands by itself"),
            }
        ),
    )
    label = forms.CharField(
        label=_("Number or letter, as it is printed"), max_length=20, required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )  # fmt: skip
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("Markdown: an empty line begins a new paragraph, **bold**, *italic*, [words](https://address)"),
    )
    place = forms.CharField(widget=forms.HiddenInput, required=False, max_length=50)

    @property
    def words(self):
        return {name: value for name, value in super().words.items() if name != "place"}


class HalfForm(RowForm):
    """A row that may be saved half filled, but not empty; what is missing is asked for when the draft is submitted."""

    def clean(self):
        data = super().clean()
        names = [name for name, field in self.fields.items() if not field.widget.is_hidden]
        if not self.errors and all(data.get(name) in (None, "") for name in names):
            self.add_error(names[0], _t("Fill in at least one box"))
        return data


class TermForm(HalfForm):
    """A definition (HAR-1)."""

    term = forms.CharField(label=_("Term"), max_length=200, required=False)
    text = forms.CharField(
        label=_("Meaning"), max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )


class PurposeForm(RowForm):
    """A purpose of sharing (HAR-3.4)."""

    text = forms.CharField(label=_("Purpose"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}))


class DataItemForm(HalfForm):
    """A kind of information and its level (HAR-3.7)."""

    level = forms.TypedChoiceField(
        label=_("Level"), choices=DataItem.Level.choices, coerce=int, empty_value=None, required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    name = forms.CharField(label=_("Data item"), max_length=300, required=False)
    detail = forms.CharField(
        label=_("Detail"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class PartyForm(RowForm):
    """Address and telephone of a party as they are to be printed (HAR-2.2)."""

    address = forms.CharField(
        label=_("Main contact address"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    telephone = forms.CharField(
        label=_("Main telephone number"), max_length=40, required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )  # fmt: skip
    required = forms.BooleanField(
        label=_("Must sign before the protocol is complete"), required=False,
        help_text=_("The protocol does not come into force before every party that must sign has signed."),
    )  # fmt: skip


class NewPartyForm(PrintedForm):
    """Which organisation becomes a party."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        empty_label=_("Select an organisation"),
        error_messages={"required": _("Select an organisation")},
    )
    required = forms.BooleanField(label=_("Must sign before the protocol is complete"), required=False, initial=True)

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, **kwargs)
        parties = version.parties.values("organisation")
        cast(forms.ModelChoiceField, self.fields["organisation"]).queryset = member_organisations(
            version.framework_id
        ).exclude(pk__in=parties)


class RemoveForm(RowForm):
    """Nothing but what the page was loaded from."""
