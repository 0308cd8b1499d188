"""The form of a flow: its choices are the draft's own parties, data items and purposes."""

from typing import cast

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.forms import HintedRadioSelect
from protocols.forms import RowForm
from protocols.models import DataFlow
from protocols.models.flow import EVERYBODY


class FlowForm(RowForm):
    """Everything is optional to save; what is missing is named when the draft is submitted (HAR-3.8, HAM-voice)."""

    source = forms.ChoiceField(label=_("From"), required=False)
    recipients = forms.MultipleChoiceField(label=_("To"), required=False, widget=forms.CheckboxSelectMultiple)
    items = forms.MultipleChoiceField(label=_("Data items"), required=False, widget=forms.CheckboxSelectMultiple)
    purposes = forms.MultipleChoiceField(
        label=_("For which purpose"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("It may be used for nothing else"),
    )
    method = forms.CharField(
        label=_("How it is sent"), max_length=300, required=False, help_text=_("For example, by secure email")
    )
    frequency = forms.CharField(
        label=_("How often"), max_length=200, required=False, help_text=_("For example, once, at the referral")
    )
    onward = forms.ChoiceField(
        label=_("May it be passed on to anybody who is no party?"),
        required=False,
        choices=DataFlow.Onward.choices,
        widget=HintedRadioSelect,
    )
    onward_to = forms.CharField(
        label=_("To whom it may be passed on"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    power = forms.CharField(
        label=_("Power or duty"),
        max_length=2_000,
        required=False,
        help_text=_("The law that allows or requires it, for example Children Act 2004 section 10"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    readers = forms.CharField(
        label=_("Who is allowed to look at the information?"),
        max_length=2_000,
        required=False,
        help_text=_("Roles, one on each line. Name no person: the public reads this if the protocol is published."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    vetting = forms.CharField(
        label=_("Are they checked?"),
        max_length=2_000,
        required=False,
        help_text=_(
            "How people in these roles are vetted, for example an enhanced check by the Disclosure and Barring Service"
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, version=version, **kwargs)
        parties = [
            (str(organisation), name) for organisation, name in version.parties.values_list("organisation", "name")
        ]
        self.offer("source", [("", _t("Not given yet")), (EVERYBODY, _t("Any of the parties")), *parties])
        self.offer("recipients", [(EVERYBODY, _t("Every other party, those that join later included")), *parties])
        self.offer("items", [(row.label, f"{row.label} {row.name}") for row in version.data_items.all()])
        self.offer("purposes", [(row.label, f"{row.label} {row.text}") for row in version.purposes.all()])

    def offer(self, name, choices):
        """Give a field its choices."""
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def clean(self):
        """A list that is allowed needs its entries, one that is not allowed has none."""
        data = super().clean()
        if (
            data.get("onward") == DataFlow.Onward.LISTED
            and not data.get("onward_to")
            and "onward_to" not in self.errors
        ):
            self.add_error("onward_to", _t("Say to whom it may be passed on, or choose that it is never passed on"))
        if data.get("onward_to") and data.get("onward") != DataFlow.Onward.LISTED and "onward" not in self.errors:
            self.add_error("onward", _t("Choose whether it may be passed on: you have said to whom"))
        if EVERYBODY in data.get("recipients", []):
            data["recipients"] = [EVERYBODY]
        return data
