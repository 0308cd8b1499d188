"""Forms of reviews."""

from typing import cast

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock, laws
from portal.forms import GovForm, HintedRadioSelect, TextDateField
from portal.models import Organisation, User
from portal.templatetags.dates import longdate
from protocols.forms import EARLIEST, LATEST, PrintedForm
from protocols.forms_decision import DecidedForm
from reviews.models import Finding, LawChange, Review
from reviews.workflow import people_of

NO_NAMES = _("Do not name anybody whose information was shared. Say “a child” or “a patient”.")


class ReviewFilter(GovForm):
    """Filters of the list, in its address."""

    mark_optional = False

    q = forms.CharField(label=_("Reference or title"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            ("running", _("Something is to be done")),
            ("overdue", _("Overdue")),
            *Review.Status.choices,
        ],
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *Review.Kind.choices])

    def wanted(self) -> dict:
        """The filters that make sense; one that does not narrows nothing."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("q", "state", "kind")}


class TakePartForm(PrintedForm):
    """An organisation names its reviewer, or consents to a review by the others (HAR-5.2)."""

    answer = forms.ChoiceField(
        label=_("How does your organisation take part?"),
        choices=[("review", _("We name a reviewer")), ("consent", _("We consent to a review by the others"))],
        widget=HintedRadioSelect(
            hints={
                "review": _("The officer agrees the findings together with the other reviewers"),
                "consent": _("Only if your organisation names no reviewer. Its representative gives the consent"),
            }
        ),
        error_messages={"required": _("Select how your organisation takes part")},
    )
    user = forms.ModelChoiceField(
        label=_("Reviewer"), queryset=User.objects.none(), required=False, empty_label=_("Select a person"),
        help_text=_("Only if you name a reviewer. Everybody who works here for your organisation can be named"),
    )  # fmt: skip

    def __init__(self, *args, organisation, framework, may_consent, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.filter(pk__in=people_of(organisation, framework.pk).values("user")).order_by("full_name")
        cast(forms.ModelChoiceField, self.fields["user"]).queryset = people
        if not may_consent:
            cast(forms.ChoiceField, self.fields["answer"]).choices = [("review", _t("We name a reviewer"))]

    def clean(self):
        data = super().clean()
        if data.get("answer") == "review" and not data.get("user") and "user" not in self.errors:
            self.add_error("user", _t("Select the reviewer"))
        return data


class FindingForm(PrintedForm):
    """What was found, and what should be done about it."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    clause = forms.ChoiceField(label=_("What is it about?"), required=False, choices=[])
    severity = forms.ChoiceField(
        label=_("How much does it matter?"),
        choices=Finding.Severity.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Select how much it matters")},
    )
    text = forms.CharField(
        label=_("Finding"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 6}), help_text=NO_NAMES,
        error_messages={"required": _("Enter the finding")},
    )  # fmt: skip
    recommendation = forms.CharField(
        label=_("Recommendation"), max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, **kwargs)
        clauses = [(str(row.uid), str(row)[:100]) for row in version.clauses.order_by("order", "pk")]
        cast(forms.ChoiceField, self.fields["clause"]).choices = [("", _t("The protocol as a whole")), *clauses]

    @property
    def words(self) -> dict:
        """The fields of the finding."""
        names = ("severity", "text", "recommendation")
        return {name: self.cleaned_data[name] for name in names} | {"clause_uid": self.cleaned_data["clause"] or None}


class CorrectionForm(PrintedForm):
    """A correction of a settled finding."""

    severity = FindingForm.base_fields["severity"]
    text = forms.CharField(
        label=_("Correction"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 6}), help_text=NO_NAMES,
        error_messages={"required": _("Enter the correction")},
    )  # fmt: skip
    recommendation = FindingForm.base_fields["recommendation"]


class CompleteForm(PrintedForm):
    """The findings are settled."""

    summary = forms.CharField(
        label=_("What was reviewed, and how?"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("For example, who met, which records were looked at. It stands at the top of the report."),
        error_messages={"required": _("Say what was reviewed, and how")},
    )  # fmt: skip


class EmptyForm(PrintedForm):
    """A question with one button."""


class ActionForm(PrintedForm):
    """A line of the implementation plan (HAR-5.4)."""

    text = forms.CharField(
        label=_("Action"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the action")},
    )  # fmt: skip
    finding = forms.ModelChoiceField(
        label=_("Finding"), queryset=Finding._base_manager.none(), required=False, empty_label=_("None in particular")
    )
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=_("Select an organisation")
    )
    owner = forms.CharField(
        label=_("Officer (job title)"), max_length=150, error_messages={"required": _("Enter who answers for it")}
    )
    due_on = TextDateField(
        label=_("By"), earliest=clock.today, latest=LATEST, help_text=_("For example, 27 March 2027"),
        error_messages={"required": _("Enter the day by which it is done")},
    )  # fmt: skip

    def __init__(self, *args, review, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["finding"]).queryset = review.findings.filter(corrects=None)
        parties = Organisation.objects.filter(pk__in=review.parties().values("organisation")).order_by("name")
        cast(forms.ModelChoiceField, self.fields["organisation"]).queryset = parties


class DoneForm(PrintedForm):
    """An action was carried out, or its day is moved."""

    what = forms.ChoiceField(
        label=_("What do you record?"),
        choices=[("done", _("It is done")), ("move", _("It is moved to another day"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Select what you record")},
    )
    note = forms.CharField(
        label=_("What was done, or why it is moved"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what was done, or why it is moved")},
    )  # fmt: skip
    due_on = TextDateField(
        label=_("New day"), required=False, earliest=clock.today, latest=LATEST, help_text=_("Only if it is moved")
    )

    def clean(self):
        data = super().clean()
        if data.get("what") == "move" and not data.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _t("Enter the new day"))
        return data


class AgreeForm(DecidedForm):
    """What the deciding body discussed and decided on the findings (HAR-5.4, REV-out)."""

    discussion = forms.CharField(
        label=_("What was discussed?"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Say what was discussed")},
    )  # fmt: skip
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=Review.Outcome.choices,
        widget=HintedRadioSelect(
            hints={
                "no-change": _("The protocol stays as it is"),
                "vary": _("The next draft is opened, with the findings attached"),
                "terminate": _("The decision to withdraw the version is recorded next"),
            }
        ),
        error_messages={"required": _("Select the outcome")},
    )
    change = forms.ChoiceField(
        label=_("If it is varied: what kind of change?"), required=False, initial="major", widget=forms.RadioSelect,
        choices=[("major", _("The parties sign again")), ("minor", _("An editorial change"))],
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Needed if the protocol is terminated"),
    )  # fmt: skip
    field_order = ("discussion", "outcome", "change", "reason", *DecidedForm.field_order)

    def __init__(self, *args, review, **kwargs):
        super().__init__(*args, version=review.version, **kwargs)
        self.settled_on = clock.london_date(review.completed_at)

    def clean(self):
        """Nobody decided on findings before they were settled."""
        data = super().clean()
        if data.get("decided_on") and data["decided_on"] < self.settled_on:
            words = _t("The findings were settled on %(day)s. The decision on them cannot be earlier")
            self.add_error("decided_on", words % {"day": longdate(self.settled_on)})
        if data.get("outcome") == Review.Outcome.TERMINATE:
            self.ask_for({"reason": _t("Enter the reason")})
        return data


class InformalForm(PrintedForm):
    """Sharing outside the protocol, without blame (KEN-3.2iii)."""

    text = forms.CharField(
        label=_("What was shared, and how?"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=NO_NAMES, error_messages={"required": _("Say what was shared, and how")},
    )  # fmt: skip
    why = forms.CharField(
        label=_("Why was the protocol not used?"), max_length=4_000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For example, it takes too long, or it does not cover this. That is how it gets better."),
    )  # fmt: skip
    with_name = forms.BooleanField(label=_("Keep my name with this report"), required=False)


class LawChangeForm(PrintedForm):
    """A change of law (HAM-law)."""

    law = forms.ChoiceField(label=_("Law"), choices=[])
    what = forms.ChoiceField(
        label=_("What changes?"), choices=LawChange.What.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Select what changes")},
    )  # fmt: skip
    on = TextDateField(
        label=_("From"), earliest=EARLIEST, latest=LATEST, help_text=_("For example, 27 March 2027"),
        error_messages={"required": _("Enter the day from which it changes")},
    )  # fmt: skip
    note = forms.CharField(
        label=_("By what, and what it means"), max_length=300,
        help_text=_("One line, like “SI 2027/123: the time limit of section 45 is shorter”"),
        error_messages={"required": _("Say by what it changes")},
    )  # fmt: skip

    def __init__(self, *args, framework, **kwargs):
        super().__init__(*args, **kwargs)
        self.framework = framework
        named = [(law.key, law.title) for law in laws.CATALOGUE.values() if law.kind in {"law", "regulator"}]
        cast(forms.ChoiceField, self.fields["law"]).choices = [("", _t("Select a law")), *sorted(named, key=str)]

    def clean(self):
        data = super().clean()
        same = LawChange.objects.filter(law=data.get("law"), what=data.get("what"), on=data.get("on"))
        if not self.errors and same.filter(framework=self.framework).exists():
            self.add_error(None, _t("This change is recorded already"))
        return data
