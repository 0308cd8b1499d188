"""Forms of consultation and approval."""

from typing import cast

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.forms import HintedRadioSelect, SplitDateField, TextDateField
from portal.models import Decision, Organisation
from portal.templatetags.dates import longdate
from protocols.editorial import in_the_way
from protocols.forms import EARLIEST, LATEST, PrintedForm
from protocols.models import Comment

OUTCOMES = [
    Decision.Outcome.APPROVED,
    Decision.Outcome.APPROVED_WITH_CHANGES,
    Decision.Outcome.REFERRED_BACK,
    Decision.Outcome.REFUSED,
    Decision.Outcome.URGENT,
]
APPROVING = {Decision.Outcome.APPROVED, Decision.Outcome.APPROVED_WITH_CHANGES, Decision.Outcome.URGENT}


# --- consultation


class OpenConsultationForm(PrintedForm):
    """A numbered draft goes out."""

    closes_on = TextDateField(
        label=_("Comments by"),
        earliest=clock.today,
        latest=LATEST,
        error_messages={"required": _("Enter the last day for comments")},
    )
    change = forms.CharField(
        label=_("What is new in this draft"), max_length=300, required=False,
        help_text=_("One line for the table of drafts in the document, like “Comments of the partner organisations taken in”"),
    )  # fmt: skip


class CommentForm(PrintedForm):
    """A comment for one of the person's organisations."""

    organisation = forms.ModelChoiceField(
        label=_("For which organisation do you comment?"),
        queryset=Organisation.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label=_("Comment"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, *args, organisations, **kwargs):
        super().__init__(*args, **kwargs)
        if len(organisations) == 1:
            del self.fields["organisation"]
            self.only = organisations[0]
        else:
            self.only = None
            cast(forms.ModelChoiceField, self.fields["organisation"]).queryset = Organisation.objects.filter(
                pk__in=[one.pk for one in organisations]
            )

    @property
    def speaks_for(self) -> Organisation:
        """Whose comment it is."""
        return self.only or self.cleaned_data["organisation"]


class ReplyForm(CommentForm):
    """A reply under a comment, for one of the person's organisations."""

    text = forms.CharField(label=_("Reply"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 6}))


class ExtendForm(PrintedForm):
    """A later closing date."""

    closes_on = TextDateField(
        label=_("Comments by"),
        earliest=clock.today,
        latest=LATEST,
        error_messages={"required": _("Enter the new last day for comments")},
    )

    def __init__(self, *args, consultation, **kwargs):
        super().__init__(*args, **kwargs)
        self.before = consultation.closes_on

    def clean_closes_on(self):
        day = self.cleaned_data["closes_on"]
        if day <= self.before:
            raise forms.ValidationError(_t("The new date must be after %(day)s") % {"day": longdate(self.before)})
        return day


class ResponseForm(PrintedForm):
    """The drafter's answer."""

    outcome = forms.ChoiceField(
        label=_("What becomes of the comment?"),
        choices=Comment.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Select what becomes of the comment")},
    )
    text = forms.CharField(
        label=_("Response"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Say what you change, or why you do not."), error_messages={"required": _("Enter a response")},
    )  # fmt: skip


class ReasonForm(PrintedForm):
    """Why a draft is taken back."""

    reason = forms.CharField(
        label=_("Why is it taken back?"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter a reason")},
    )


# --- approval


class SubmitForm(PrintedForm):
    """The draft goes to the deciding body."""

    only_listed_changes = forms.BooleanField(
        label=_("Only the listed changes were made since the approval"), required=False
    )


class DecisionForm(PrintedForm):
    """What the deciding body, or an officer under a named scheme of delegation, decided (HAR-2.3)."""

    draft = forms.IntegerField(widget=forms.HiddenInput, required=False)  # the numbered draft that the page was about
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
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(outcome.value, outcome.label) for outcome in OUTCOMES],
        widget=HintedRadioSelect(
            hints={
                "approved": _("It can be opened for signature"),
                "approved-with-changes": _("It goes back to the drafter with the list"),
                "referred-back": _("It goes back to the drafter with the reason"),
                "refused": _("It goes back to the drafter with the reason"),
                "urgent": _("It can be opened for signature; the deciding body ratifies it afterwards"),
            }
        ),
    )
    listed_changes = forms.CharField(
        label=_("Listed changes"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Only if it is approved with listed changes. One change on each line"),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only if it is referred back or refused"),
    )

    ratify_by = TextDateField(
        label=_("To be ratified by"), required=False, earliest=clock.today, latest=LATEST,
        help_text=_("Only if it is urgent: the day by which the deciding body ratifies it. For example, 27 March 2027"),
    )  # fmt: skip
    no_re_signing = forms.BooleanField(
        label=_("Editorial change: the parties need not sign again"), required=False,
        help_text=_("Only if the decision says so. The parties stay bound by the signatures that they gave."),
    )  # fmt: skip

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, **kwargs)
        if not version.minor:  # the parties sign again whenever the first number rises (SIG-num)
            del self.fields["no_re_signing"]
        self.version, self.body = version, version.protocol.deciding_body
        self.fields["draft"].initial = version.draft
        if version.protocol.tier.adopted:  # nobody signs it (DUD-8)
            hints = cast(HintedRadioSelect, self.fields["outcome"].widget).hints
            cast(HintedRadioSelect, self.fields["outcome"].widget).hints = hints | {
                "approved": _t("Its organisation can adopt it"),
                "urgent": _t("Its organisation can adopt it; the deciding body ratifies it afterwards"),
            }
        board = [("board", str(self.body))] if self.body else []
        cast(forms.ChoiceField, self.fields["who"]).choices = [
            *board,
            ("delegated", _t("An officer under a scheme of delegation")),
        ]

    def clean(self):
        data = super().clean()
        if data.get("draft") not in {None, self.version.draft}:
            self.add_error(
                None,
                _t(
                    "This page was about another draft: it is now %(name)s. Load the page again and read that draft first."
                )
                % {"name": self.version.name},
            )
        wanted: dict[str, str] = {}
        if data.get("who") == "delegated":
            wanted |= {
                "delegated_to": _t("Enter the officer who decided"),
                "delegation_scheme": _t("Enter the scheme of delegation"),
            }
        if data.get("outcome") == Decision.Outcome.APPROVED_WITH_CHANGES:
            wanted["listed_changes"] = _t("Enter the changes that the approval asks for")
        if data.get("outcome") in {Decision.Outcome.REFERRED_BACK, Decision.Outcome.REFUSED}:
            wanted["reason"] = _t("Enter the reason")
        if data.get("outcome") == Decision.Outcome.URGENT:
            wanted["ratify_by"] = _t("Enter the date by which it is to be ratified")
        for name, message in wanted.items():
            if not data.get(name) and name not in self.errors:
                self.add_error(name, message)
        if data.get("no_re_signing") and data.get("outcome") in APPROVING:
            for words in in_the_way(self.version):
                self.add_error("no_re_signing", words)
        return data

    @property
    def facts(self) -> dict:
        """The fields of portal.models.Decision."""
        data = self.cleaned_data
        approves, urgent = data["outcome"] in APPROVING, data["outcome"] == Decision.Outcome.URGENT
        more = {
            "no_re_signing": approves and data.get("no_re_signing", False),
            "ratify_by": data["ratify_by"] if urgent else None,
        }
        facts = more | {name: data[name] for name in ("decided_on", "reference", "outcome", "listed_changes", "reason")}
        if data["who"] == "board":
            return facts | {"board": self.body}
        return facts | {"delegated_to": data["delegated_to"], "delegation_scheme": data["delegation_scheme"]}


class RatifyForm(PrintedForm):
    """What the deciding body says of an urgent approval afterwards (HAR-2.3)."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(one.value, one.label) for one in (Decision.Outcome.RATIFIED, Decision.Outcome.NOT_RATIFIED)],
        widget=HintedRadioSelect(
            hints={
                "ratified": _("The approval stands"),
                "not-ratified": _(
                    "It goes back to draft; if it was opened for signature already, it is to be withdrawn"
                ),
            }
        ),
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
    reason = forms.CharField(
        label=_("Reason"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only if ratification is refused"),
    )

    def clean(self):
        data = super().clean()
        refused = data.get("outcome") == Decision.Outcome.NOT_RATIFIED
        if refused and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _t("Enter the reason"))
        return data
