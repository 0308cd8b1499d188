"""Forms of meetings, agendas and minutes."""

import datetime as dt
import re
from typing import cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock, papers
from portal.forms import GovForm, GovModelForm, HintedRadioSelect, TextDateField, prepare
from portal.models import Board, Decision, Paragraph
from portal.models.meeting import against_votes
from portal.printed_forms import PrintedFormMixin

LATEST = dt.date(2100, 12, 31)
EARLIEST = dt.date(2000, 1, 1)
TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)


class PrintedForm(PrintedFormMixin, GovForm):
    """Its words are printed in packs and minutes."""


class TimeField(forms.CharField):
    """A time of day in London: 10:30, 2.15pm, 9am. Gives a datetime.time."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.TextInput(attrs={"class": "govuk-input--width-5"}))
        super().__init__(max_length=20, **kwargs)

    def clean(self, value):
        """Read it; 12am is midnight."""
        text = super().clean(value)
        found = TIME.fullmatch((text or "").strip())
        hour, minute, half = int(found[1]) if found else 99, int(found[2] or 0) if found else 0, found and found[3]
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half.lower() == "pm" else 0)
        elif half:
            hour = 99
        if hour > 23 or minute > 59:
            raise ValidationError(_t("Enter a time like 10:30 or 2:15pm"))
        return dt.time(hour, minute)


class WhenForm(PrintedForm):
    """When and where, in London."""

    day = TextDateField(label=_("Date"), earliest=EARLIEST, latest=LATEST)
    time = TimeField(label=_("Time"), help_text=_("For example, 10:30 or 2:15pm"))
    place = forms.CharField(label=_("Place"), max_length=200, required=False, help_text=_("An address, or how to join"))

    def clean(self):
        """Day and time together are a moment that London's clocks show."""
        data = super().clean()
        if data.get("day") and data.get("time"):
            local = dt.datetime.combine(data["day"], data["time"], tzinfo=clock.LONDON)
            moment = local.astimezone(dt.UTC)
            if moment.astimezone(clock.LONDON).replace(tzinfo=None) != local.replace(tzinfo=None):
                self.add_error("time", _t("There is no such time on this day: the clocks go forward"))
            data["starts_at"] = moment
        return data


class PlanForm(WhenForm):
    """A meeting of a board."""

    field_order = ("board", "day", "time", "place")

    board = forms.ModelChoiceField(
        label=_("Board"), queryset=Board._base_manager.none(), empty_label=_("Select a board")
    )

    def __init__(self, *args, boards, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["board"]).queryset = boards

    def clean_day(self):
        """What is past is not planned any more."""
        day = self.cleaned_data["day"]
        if day < clock.today():
            raise ValidationError(
                _t("The date must be today or later. What an earlier meeting decided is recorded with its reference.")
            )
        return day


class MoveForm(WhenForm):
    """Another date, time or place."""

    reason = forms.CharField(label=_("Why is it moved?"), max_length=300, required=False)


class CancelForm(PrintedForm):
    """It does not take place."""

    reason = forms.CharField(label=_("Why is it cancelled?"), max_length=300)


class AttendanceForm(PrintedForm):
    """Which organisations were there, and by whom."""

    present = forms.MultipleChoiceField(
        label=_("Which organisations were there?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    mark_optional = False

    def __init__(self, *args, organisations, **kwargs):
        super().__init__(*args, **kwargs)
        self.organisations = list(organisations)
        cast(forms.MultipleChoiceField, self.fields["present"]).choices = [
            (str(one.pk), one.name) for one in self.organisations
        ]
        for one in self.organisations:
            name = f"people_{one.pk}"
            self.fields[name] = forms.CharField(
                label=_t("Who came for %(organisation)s?") % {"organisation": one.name}, max_length=300, required=False
            )
            prepare(self.fields[name], name)

    def clean_present(self) -> list[str]:
        """A meeting to which nobody came was not held."""
        present = self.cleaned_data["present"]
        if self.organisations and not present:
            raise forms.ValidationError(_t("Tick who was there. If nobody came, cancel the meeting instead"))
        return present

    @property
    def who(self) -> dict[int, str]:
        """Organisation → by whom, of those who were there."""
        here = set(self.cleaned_data["present"])
        return {one.pk: self.cleaned_data[f"people_{one.pk}"] for one in self.organisations if str(one.pk) in here}


PARAGRAPHS = [("", _("Open to everybody who may see this meeting")), *Paragraph.choices]


class ItemForm(PrintedForm):
    """An item of the agenda."""

    mark_optional = False

    title = forms.CharField(label=_("Title"), max_length=300)
    note = forms.CharField(
        label=_("What is asked of the board (optional)"),
        max_length=5_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    paragraph = forms.ChoiceField(
        label=_("Who may see it?"), choices=PARAGRAPHS, required=False, widget=forms.RadioSelect,
        help_text=_("Restricted items stand in a pack and in minutes of their own. Say why they are restricted."),
    )  # fmt: skip

    def __init__(self, *args, always_restricted=False, **kwargs):
        super().__init__(*args, **kwargs)
        if always_restricted:
            field = cast(forms.ChoiceField, self.fields["paragraph"])
            field.choices, field.required = Paragraph.choices, True


class PaperForm(PrintedForm):
    """A paper for an item."""

    mark_optional = False

    printed = ("title",)

    title = forms.CharField(label=_("Title of the paper"), max_length=200)
    file = forms.FileField(
        label=_("File"), help_text=_("PDF or Word (DOCX), without macros, scripts or a password, at most 20 MB")
    )
    paragraph = forms.ChoiceField(
        label=_("Who may see it?"), choices=PARAGRAPHS, required=False, widget=forms.RadioSelect
    )

    def __init__(self, *args, restricted=False, **kwargs):
        super().__init__(*args, **kwargs)
        if restricted:  # it is restricted like its item
            del self.fields["paragraph"]

    def clean_file(self):
        """By its content."""
        sent = self.cleaned_data["file"]
        if sent.size > settings.UPLOAD_MAX_BYTES:
            raise ValidationError(_t("The file must be smaller than 20 MB"))
        return papers.check(sent.read(), sent.name)


class WrittenForm(PrintedForm):
    """Text that two may write at once. revision: what it was loaded with."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)


class SectionsForm(WrittenForm):
    """A board paper: one field for each heading of the body (DUD-17)."""

    mark_optional = False

    def __init__(self, *args, headings, **kwargs):
        super().__init__(*args, **kwargs)
        self.headings = headings
        for number, heading in enumerate(headings):
            name = f"section_{number}"
            self.fields[name] = forms.CharField(
                label=heading, required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3})
            )
            prepare(self.fields[name], name)

    @property
    def sections(self) -> list[dict]:
        """As they are kept; an empty one is left out of the paper."""
        return [
            {"heading": str(heading), "text": self.cleaned_data[f"section_{number}"]}
            for number, heading in enumerate(self.headings)
        ]


class MinuteForm(WrittenForm):
    """What is minuted on one item."""

    text = forms.CharField(label=_("Minutes"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 10}))


class CorrectionForm(PrintedForm):
    """A correction of circulated minutes."""

    text = forms.CharField(
        label=_("Corrected minutes of this item"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 10})
    )
    reason = forms.CharField(label=_("What was wrong?"), max_length=500)


OUTCOMES = (
    Decision.Outcome.APPROVED,
    Decision.Outcome.APPROVED_WITH_CHANGES,
    Decision.Outcome.REFERRED_BACK,
    Decision.Outcome.REFUSED,
)


class ItemDecisionForm(PrintedForm):
    """What the meeting decided on an item that has no decision form of its own."""

    outcome = forms.ChoiceField(
        label=_("What was decided?"), choices=[(one.value, one.label) for one in OUTCOMES], widget=forms.RadioSelect
    )
    reference = forms.CharField(label=_("Minute or decision reference"), max_length=100)
    reason = forms.CharField(
        label=_("The decision in words"), max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    votes_for = forms.IntegerField(label=_("Votes for"), required=False, min_value=0, max_value=1000)
    votes_against = forms.IntegerField(label=_("Votes against"), required=False, min_value=0, max_value=1000)

    def __init__(self, *args, quorum, **kwargs):
        super().__init__(*args, **kwargs)
        self.quorum = quorum

    def clean(self):
        """Votes that were counted carried it (HAR-6.3); else the form comes back with what was typed."""
        data = super().clean()
        wrong = against_votes(self.quorum, data.get("votes_for"), data.get("votes_against"))
        if wrong is not None and not {"votes_for", "votes_against"} & set(self.errors):
            self.add_error("votes_for", f"{wrong.explanation} {wrong.what_to_do}")
        return data


class BoardRulesForm(PrintedFormMixin, GovModelForm):
    """Quorum, majority and the headings of papers, as data of the body."""

    headings = forms.CharField(
        label=_("Headings of board papers"), required=False, max_length=3_000, widget=forms.Textarea(attrs={"rows": 13}),
        help_text=_("One on each line. Leave it empty for the usual ones."),
    )  # fmt: skip

    class Meta:
        model = Board
        fields = ["quorum_percent", "majority"]
        widgets = {"majority": HintedRadioSelect}

    def clean_headings(self):
        """Lines, each once."""
        lines = dict.fromkeys(" ".join(line.split()) for line in self.cleaned_data["headings"].splitlines())
        lines.pop("", None)
        if any(len(line) > 100 for line in lines):
            raise ValidationError(_t("Each heading must be 100 characters or fewer"))
        if len(lines) > 30:
            raise ValidationError(_t("There can be at most 30 headings"))
        return list(lines)
