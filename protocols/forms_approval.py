"""Forms of consultation, and of submitting for approval."""

from typing import cast

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.forms import TextDateField
from portal.models import Organisation
from portal.templatetags.dates import longdate
from protocols.forms import LATEST, PrintedForm
from protocols.models import Comment

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
