"""Forms of recorded decisions: who decided, when, under which reference, and what (HAR-2.3)."""

from typing import cast

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.errors import StateError
from portal.forms import HintedRadioSelect, SplitDateField, TextDateField, prepare
from portal.models import Decision, Meeting
from portal.templatetags.dates import longdate, longdatetime
from protocols.editorial import in_the_way
from protocols.forms import EARLIEST, LATEST, PrintedForm

OUTCOMES = [
    Decision.Outcome.APPROVED,
    Decision.Outcome.APPROVED_WITH_CHANGES,
    Decision.Outcome.REFERRED_BACK,
    Decision.Outcome.REFUSED,
    Decision.Outcome.URGENT,
]
APPROVING = {Decision.Outcome.APPROVED, Decision.Outcome.APPROVED_WITH_CHANGES, Decision.Outcome.URGENT}


class MinutedForm(PrintedForm):
    """Any decision has its date, and its minute or reference."""

    decided_on = SplitDateField(
        label=_("Date of the decision"), latest=clock.today, earliest=EARLIEST, help_text=_("For example, 27 3 2026")
    )
    reference = forms.CharField(
        label=_("Minute or decision reference"),
        max_length=100,
        error_messages={"required": _("Enter the minute or decision reference")},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )

    def offer_meetings(self, body) -> None:
        """Let a meeting of the body be named that took the decision; the field goes if it has held none."""
        held = [Meeting.Status.HELD, Meeting.Status.MINUTED]
        found = Meeting.objects.filter(board=body, status__in=held).order_by("-starts_at")
        if body is None or not found:
            return
        field = forms.ModelChoiceField(
            label=_t("At which meeting?"), queryset=found, required=False, empty_label=_t("None that is recorded here"),
            help_text=_t("The decision is then bound to the item of its agenda and to its minutes."),
        )  # fmt: skip
        field.label_from_instance = lambda obj: str(longdatetime(obj.starts_at))  # type: ignore[method-assign]
        prepare(field, "meeting")
        self.fields["meeting"] = field
        before = list(self.fields).index("decided_on")
        self.order_fields([*list(self.fields)[:before], "meeting"])

    def check_meeting(self, body) -> None:
        """A meeting that took it was quorate, and on that day (HAR-6.3)."""
        meeting, day = self.cleaned_data.get("meeting"), self.cleaned_data.get("decided_on")
        if meeting is None:
            return
        try:
            meeting.require_quorate()
        except StateError as error:
            self.add_error("meeting", f"{error.explanation} {error.what_to_do}")
        held_on = clock.london_date(meeting.starts_at)
        if day and day != held_on:
            self.add_error("decided_on", _t("The meeting was on %(day)s") % {"day": longdate(held_on)})
        if body is None:
            self.add_error("meeting", _t("An officer decides without a meeting"))

    def ask_for(self, wanted: dict[str, str]) -> None:
        """Add each message to its field if that is empty and has no other error."""
        for name, message in wanted.items():
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, message)


class DecidedForm(MinutedForm):
    """The deciding body of the protocol, or an officer under a named scheme of delegation."""

    field_order: tuple[str, ...] = ("who", "delegated_to", "delegation_scheme", "decided_on", "reference")

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

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, **kwargs)
        self.body = version.protocol.deciding_body
        board = [("board", str(self.body))] if self.body else []
        cast(forms.ChoiceField, self.fields["who"]).choices = [
            *board,
            ("delegated", _t("An officer under a scheme of delegation")),
        ]
        self.offer_meetings(self.body)

    def clean(self):
        """A delegated decision names officer and scheme."""
        data = super().clean()
        if data.get("who") == "delegated":
            self.ask_for(
                {
                    "delegated_to": _t("Enter the officer who decided"),
                    "delegation_scheme": _t("Enter the scheme of delegation"),
                }
            )
        self.check_meeting(self.body if data.get("who") == "board" else None)
        return data

    @property
    def decided(self) -> dict:
        """The fields of portal.models.Decision."""
        data = self.cleaned_data
        facts = {"decided_on": data["decided_on"], "reference": data["reference"]}
        if data["who"] == "board":
            return facts | {"board": self.body, "meeting": data.get("meeting")}
        return facts | {"delegated_to": data["delegated_to"], "delegation_scheme": data["delegation_scheme"]}


class DecisionForm(DecidedForm):
    """What the deciding body, or an officer under a named scheme of delegation, decided (HAR-2.3)."""

    draft = forms.IntegerField(widget=forms.HiddenInput, required=False)  # the numbered draft that the page was about
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
    effectiveness_by = TextDateField(
        label=_("Effectiveness reviewed by"), required=False, earliest=clock.today, latest=LATEST,
        help_text=_("Only if the decision asks for a review of how well it works. For example, 27 November 2027"),
    )  # fmt: skip
    no_re_signing = forms.BooleanField(
        label=_("Editorial change: the parties need not sign again"), required=False,
        help_text=_("Only if the decision says so. The parties stay bound by the signatures that they gave."),
    )  # fmt: skip

    def __init__(self, *args, version, **kwargs):
        super().__init__(*args, version=version, **kwargs)
        if not version.minor:  # the parties sign again whenever the first number rises (SIG-num)
            del self.fields["no_re_signing"]
        self.version = version
        self.fields["draft"].initial = version.draft
        if version.protocol.tier.adopted:  # nobody signs it (DUD-8)
            hints = cast(HintedRadioSelect, self.fields["outcome"].widget).hints
            cast(HintedRadioSelect, self.fields["outcome"].widget).hints = hints | {
                "approved": _t("Its organisation can adopt it"),
                "urgent": _t("Its organisation can adopt it; the deciding body ratifies it afterwards"),
            }

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
        if data.get("outcome") == Decision.Outcome.APPROVED_WITH_CHANGES:
            wanted["listed_changes"] = _t("Enter the changes that the approval asks for")
        if data.get("outcome") in {Decision.Outcome.REFERRED_BACK, Decision.Outcome.REFUSED}:
            wanted["reason"] = _t("Enter the reason")
        if data.get("outcome") == Decision.Outcome.URGENT:
            wanted["ratify_by"] = _t("Enter the date by which it is to be ratified")
        self.ask_for(wanted)
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
            "effectiveness_by": data["effectiveness_by"] if approves else None,
        }
        return self.decided | more | {name: data[name] for name in ("outcome", "listed_changes", "reason")}


class RatifyForm(MinutedForm):
    """What the deciding body says of an urgent approval afterwards (HAR-2.3)."""

    field_order = ("outcome", "decided_on", "reference", "reason")

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
    reason = forms.CharField(
        label=_("Reason"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only if ratification is refused"),
    )

    def __init__(self, *args, body, **kwargs):
        super().__init__(*args, **kwargs)
        self.body = body
        self.offer_meetings(body)

    def clean(self):
        data = super().clean()
        self.check_meeting(self.body)
        if data.get("outcome") == Decision.Outcome.NOT_RATIFIED:
            self.ask_for({"reason": _t("Enter the reason")})
        return data
