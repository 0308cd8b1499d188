"""Forms for what the law asks of a controller, for the written report, and for corrections."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from breaches.forms import (
    EARLIEST,
    NO_NAMES,
    OR_THE_BEGINNING,
    TIME_EXAMPLE,
    HappenedForm,
    MomentForm,
    NamelessForm,
    PartiesForm,
    textarea,
)
from breaches.models import Breach, Controller
from portal.fields import HintedRadioSelect, SplitDateField


def time_field(label, *, required=False):
    """A time that is needed, or that may be left out where the beginning of the day is the careful answer."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=20,
        help_text=TIME_EXAMPLE if required else OR_THE_BEGINNING,
        error_messages={"required": _("Enter the time")},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )


class AssessForm(MomentForm):
    """UK-33a: what is affected, since when we know, and the risk."""

    asked_for = ("risk", "reasons")
    answer = forms.ChoiceField(
        label=_("Is personal data lost, altered, disclosed or unavailable?"),
        choices=Breach.PersonalData.choices,
        widget=forms.RadioSelect,
    )
    aware_on = SplitDateField(label=_("When did your organisation become aware?"), earliest=EARLIEST)
    aware_time = time_field(_("At what time?"))
    risk = forms.ChoiceField(
        label=_("What is the risk to people?"),
        required=False,
        choices=Controller.Risk.choices,
        widget=HintedRadioSelect(hints={"high": _("The people concerned are told as well")}),
    )
    reasons = forms.CharField(
        label=_("How do you know?"),
        required=False,
        max_length=5_000,
        widget=textarea(4),
        help_text=_("Needed if no personal data is affected. Do not name anybody whose data it is."),
    )

    def clean(self):
        """The moment; "no" needs to be explained."""
        data = super().clean()
        data["aware_at"] = self.clean_moment(data, "aware_on", "aware_time")
        if data.get("answer") == Breach.PersonalData.NO and not data.get("reasons") and "reasons" not in self.errors:
            self.add_error("reasons", _t("Enter how you know that no personal data is affected"))
        return data


class NotifiedForm(MomentForm):
    """UK-33b: what was done with the regulator, by the controller itself."""

    asked_for = ("reasons",)
    on = SplitDateField(label=_("When did you notify the regulator?"), earliest=EARLIEST)
    time = time_field(_("At what time?"), required=True)
    reference = forms.CharField(label=_("Reference that the regulator gave"), max_length=100)
    reasons = forms.CharField(
        label=_("Why so late?"),
        required=False,
        max_length=5_000,
        widget=textarea(4),
        help_text=_("Needed if the time had passed: the law asks for the reasons of the delay"),
    )

    def __init__(self, *args, due_at=None, aware_at=None, **kwargs):
        self.due_at, self.aware_at = due_at, aware_at
        super().__init__(*args, **kwargs)

    def clean(self):
        """Not before it was aware; late needs reasons."""
        data = super().clean()
        data["at"] = self.clean_moment(data, "on", "time")
        words = _t("You became aware on %(at)s. Enter a moment after that, or state first since when you know")
        self.not_before(data, "at", self.aware_at, words)
        late = data["at"] and self.due_at and data["at"] > self.due_at
        if late and not data.get("reasons") and "reasons" not in self.errors:
            self.add_error("reasons", _t("Enter why it was late"))
        return data


class ReasonsForm(NamelessForm):
    """Not to notify, and why (UK-33b)."""

    reasons = forms.CharField(
        label=_("Why need the regulator not be notified?"), max_length=5_000, widget=textarea(6), help_text=NO_NAMES
    )


class PeopleForm(MomentForm):
    """UK-33c."""

    told = forms.ChoiceField(
        label=_("Were the people concerned told?"),
        choices=[("yes", _("Yes")), ("no", _("No, they need not be told"))],
        widget=forms.RadioSelect,
    )
    on = SplitDateField(label=_("When?"), earliest=EARLIEST)
    reasons = forms.CharField(label=_("How, or why not?"), max_length=5_000, widget=textarea(4), help_text=NO_NAMES)

    def clean(self):
        """The day as a moment."""
        data = super().clean()
        data["at"] = self.clean_moment(data, "on", "no_time")
        return data


class ControllerForm(PartiesForm, MomentForm):
    """A party is a controller of the data as well, or was told by its processor."""

    offered = ("organisation",)
    organisation = forms.ChoiceField(label=_("Controller"), widget=forms.Select)
    on = SplitDateField(label=_("When did it become aware?"), earliest=EARLIEST)
    time = time_field(_("At what time?"))

    def clean(self):
        """The moment."""
        data = super().clean()
        data["at"] = self.clean_moment(data, "on", "time")
        return data


class ProcessorForm(ControllerForm):
    """UK-33d."""

    on = SplitDateField(label=_("When did you tell it?"), earliest=EARLIEST)


class WrittenForm(NamelessForm):
    """HAR-6.2: details and actions taken."""

    details = forms.CharField(
        label=_("Details of the breach"), max_length=20_000, widget=textarea(10), help_text=NO_NAMES
    )
    actions = forms.CharField(
        label=_("Actions taken"),
        max_length=20_000,
        widget=textarea(10),
        help_text=_("Done so far, and still to be done"),
    )
    why = forms.CharField(
        label=_("What does this report correct?"),
        max_length=500,
        help_text=_("The earlier report stays as it was sent"),
    )
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args, first=True, **kwargs):
        super().__init__(*args, **kwargs)
        if first:
            del self.fields["why"]


class CorrectionForm(HappenedForm):
    """A correction of the report; perhaps of its date (READ-5)."""

    what_happened = None  # type: ignore[assignment]
    text = forms.CharField(
        label=_("What is corrected, and why?"), max_length=5_000, widget=textarea(5), help_text=NO_NAMES
    )
    field_order = ("text", "occurred", "occurred_from", "occurred_until")
