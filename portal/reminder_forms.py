"""Forms about being reminded: one's own pace, and who stands in for somebody."""

from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms import GovForm, HintedRadioSelect
from portal.ladders import Pace
from portal.models import User

BY_ROLE = "by-role"
PACES = [
    (BY_ROLE, _("As my roles say")),
    (Pace.AT_ONCE.value, _("At once")),
    (Pace.DAILY.value, _("Once a day")),
    (Pace.WEEKLY.value, _("Once a week")),
]
PACE_HINTS = {
    BY_ROLE: _("At once for those who may sign, once a week for board secretaries, once a day for everybody else."),
    Pace.AT_ONCE.value: _("A message as soon as something comes."),
    Pace.DAILY.value: _("One message at 8 in the morning, if there is anything."),
    Pace.WEEKLY.value: _("One message on Monday at 8 in the morning, if there is anything."),
}


class PaceForm(GovForm):
    """How often a person wants to be reminded."""

    pace = forms.ChoiceField(
        label=_("How often do you want to be reminded?"),
        choices=PACES,
        widget=HintedRadioSelect(hints=PACE_HINTS),
        help_text=_("What is urgent comes at once whatever you choose: breaches of a protocol, and what is overdue."),
        error_messages={"required": _("Select how often you want to be reminded")},
    )

    def clean_pace(self):
        """What is stored: nothing when the roles decide."""
        pace = self.cleaned_data["pace"]
        return "" if pace == BY_ROLE else pace


class DeputyForm(GovForm):
    """Who stands in for a person."""

    deputy = forms.ModelChoiceField(
        label=_("Deputy"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("Somebody who holds a role for your organisation here. They can do what their own role allows."),
        error_messages={"invalid_choice": _("Select somebody from the list")},
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["deputy"]).queryset = people
