"""Forms of the meeting, the closed session and what comes of it."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from breaches.forms import (
    EARLIEST,
    NO_NAMES,
    TIME_EXAMPLE,
    MomentForm,
    NamelessForm,
    PartiesForm,
    moment,
    textarea,
    time_of,
)
from breaches.forms_law import time_field
from breaches.models import Proposal, Vote
from portal.fields import HintedRadioSelect, SplitDateField, TextDateField
from portal.forms import prepare


class CallForm(NamelessForm):
    """HAR-6.3: day, time, place."""

    on = TextDateField(label=_("Day of the meeting"))
    time = forms.CharField(
        label=_("Time"),
        max_length=20,
        help_text=TIME_EXAMPLE,
        error_messages={"required": _("Enter the time")},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )
    place = forms.CharField(label=_("Place"), max_length=200, help_text=_("A room, or “by video”"))

    def clean(self):
        """The moment."""
        data = super().clean()
        if data.get("time") and time_of(data["time"]) is None:
            self.add_error("time", _t("Enter a time like 14:30 or 2:30pm"))
        elif data.get("on") and data.get("time"):
            data["starts_at"] = moment(data["on"], data["time"])
        return data


class OfficersForm(NamelessForm):
    """HAR-6.4: nobody is offered who belongs to an organisation in breach."""

    chair = forms.ChoiceField(label=_("Chair"), widget=forms.Select)
    secretary = forms.ChoiceField(label=_("Secretary of the session"), widget=forms.Select)

    def __init__(self, *args, people=(), **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", _t("Choose somebody")), *[(str(one.pk), one.full_name) for one in people]]
        for name in ("chair", "secretary"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class PresentForm(PartiesForm):
    """Who is there, those in breach left out."""

    offered = ("organisations",)
    organisations = forms.MultipleChoiceField(
        label=_("Which organisations are there?"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The organisation in breach counts neither for the quorum nor for the majority"),
        error_messages={"required": _("Select the organisations that are there")},
    )


class NoteForm(NamelessForm):
    """A note of the closed session."""

    text = forms.CharField(label=_("Note"), max_length=10_000, widget=textarea(6), help_text=NO_NAMES)


class ProposalForm(PartiesForm):
    """HAR-6.6: what is proposed."""

    offered = ("organisation",)
    asked_for = ("owner", "due_on")
    organisation = forms.ChoiceField(label=_("Against which organisation?"), widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        label=_("What is proposed?"),
        choices=Proposal.Kind.choices,
        widget=HintedRadioSelect(
            hints={
                "suspension": _("Nothing is shared with it until the parties lift it"),
                "exclusion": _("It is no party to the protocol any more"),
            }
        ),
    )
    text = forms.CharField(
        label=_("In words"), max_length=5_000, widget=textarea(4), help_text=NO_NAMES,
        error_messages={"required": _("Say in words what is proposed")},
    )  # fmt: skip
    owner = forms.CharField(
        label=_("Who does it?"), required=False, max_length=200, help_text=_("A role. Needed for an action plan")
    )
    due_on = TextDateField(label=_("By when?"), required=False, help_text=_("Needed for an action plan"))

    def clean(self):
        """An action plan has an owner and a date."""
        data = super().clean()
        if data.get("kind") == Proposal.Kind.ACTION_PLAN:
            for name, words in (
                ("owner", _t("Enter who does it")),
                ("due_on", _t("Enter the day by which it is done")),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return data


class VotesForm(NamelessForm):
    """One choice for each organisation that is there."""

    def __init__(self, *args, parties=(), **kwargs):
        super().__init__(*args, **kwargs)
        for one in parties:
            name = f"vote_{one.organisation_id}"
            self.fields[name] = forms.ChoiceField(
                label=one.name,
                choices=Vote.Choice.choices,
                widget=forms.RadioSelect,
                error_messages={"required": _t("Select how %(name)s voted") % {"name": one.name}},
            )
            prepare(self.fields[name], name)

    def votes(self) -> dict[int, str]:
        """Organisation → choice."""
        return {
            int(name.removeprefix("vote_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("vote_")
        }


class DecideForm(NamelessForm):
    """The outcome as it will be told."""

    outcome = forms.CharField(
        label=_("Outcome, as it will be told"),
        max_length=10_000,
        widget=textarea(8),
        help_text=_("Everybody reads this after the recall. What is dismissed must not be found in it."),
    )


class RecallForm(MomentForm):
    """HAR-6.5."""

    told_by = forms.CharField(label=_("Who told it?"), max_length=200, help_text=_("For example, the chair"))
    told_to = forms.CharField(
        label=_("Who was told?"), max_length=200, help_text=_("Who represented the organisation in breach")
    )
    on = SplitDateField(label=_("When?"), earliest=EARLIEST)
    time = time_field(_("At what time?"), required=True)

    def __init__(self, *args, decided_at=None, **kwargs):
        self.decided_at = decided_at
        super().__init__(*args, **kwargs)

    def clean(self):
        """The moment, after the decision."""
        data = super().clean()
        data["told_at"] = self.clean_moment(data, "on", "time")
        words = _t("It was decided on %(at)s, and is told after that")
        self.not_before(data, "told_at", self.decided_at, words)
        return data


class MinutesForm(NamelessForm):
    """HAR-6.6."""

    text = forms.CharField(
        label=_("Minutes"),
        max_length=50_000,
        widget=textarea(16),
        help_text=_("With the action and the sanctions that were agreed. Every party reads them."),
        error_messages={"required": _("Write the minutes")},
    )


class ChangeMinutesForm(MinutesForm):
    """number: of the minutes that were changed, so that nobody's are overwritten unseen."""

    number = forms.IntegerField(widget=forms.HiddenInput)


class DoneForm(NamelessForm):
    """An action was done."""

    note = forms.CharField(label=_("What was done?"), max_length=500)


class LiftForm(NamelessForm):
    """A suspension ends."""

    reference = forms.CharField(
        label=_("Reference of the decision"),
        max_length=200,
        help_text=_(
            "Which meeting of the parties decided it, and where that is recorded. Unless another breach keeps it suspended, "
            "information may then be shared with the organisation again. Every party is told by email."
        ),
    )


class CloseForm(NamelessForm):
    """Closure."""

    lessons = forms.CharField(label=_("What was learned?"), max_length=10_000, widget=textarea(8), help_text=NO_NAMES)
