"""The part that forms of recorded decisions share: who decided, when, under which reference (HAR-2.3)."""

from typing import cast

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.forms import SplitDateField
from protocols.forms import EARLIEST, PrintedForm


class DecidedForm(PrintedForm):
    """The deciding body of the protocol, or an officer under a named scheme of delegation."""

    who = forms.ChoiceField(label=_("Who decided?"), choices=[], widget=forms.RadioSelect)
    delegated_to = forms.CharField(
        label=_("Officer (job title)"), max_length=150, required=False, help_text=_("Only for a delegated decision")
    )
    delegation_scheme = forms.CharField(
        label=_("Scheme of delegation"),
        max_length=200,
        required=False,
        help_text=_("Only for a delegated decision: name and section"),
    )
    decided_on = SplitDateField(
        label=_("Date of the decision"), latest=clock.today, earliest=EARLIEST, help_text=_("For example, 27 3 2026")
    )
    reference = forms.CharField(
        label=_("Minute or decision reference"),
        max_length=100,
        error_messages={"required": _("Enter the minute or decision reference")},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, **kwargs)
        self.body = version.protocol.deciding_body
        board = [("board", str(self.body))] if self.body else []
        cast(forms.ChoiceField, self.fields["who"]).choices = [
            *board,
            ("delegated", _t("An officer under a scheme of delegation")),
        ]

    def clean(self):
        """A delegated decision names officer and scheme."""
        data = super().clean()
        if data.get("who") == "delegated":
            wanted = {
                "delegated_to": _t("Enter the officer who decided"),
                "delegation_scheme": _t("Enter the scheme of delegation"),
            }
            for name, message in wanted.items():
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, message)
        return data

    @property
    def decided(self) -> dict:
        """The fields of portal.models.Decision."""
        data = self.cleaned_data
        facts = {"decided_on": data["decided_on"], "reference": data["reference"]}
        if data["who"] == "board":
            return facts | {"board": self.body}
        return facts | {"delegated_to": data["delegated_to"], "delegation_scheme": data["delegation_scheme"]}
