"""Forms of signing. The one that signs carries the hash of the text, so that nobody signs another one unseen."""

from datetime import UTC, datetime
from typing import cast

from django import forms
from django.core import signing
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.factor_fields import FactorFields
from portal.forms import GovForm, SplitDateField, prepare
from portal.models import Board
from protocols.forms_decision import DecidedForm
from signatories.evidence import Submission
from signatories.statements import statements

SALT = "signatories.page-opened"


def page_opened(party, user, now) -> str:
    """A signed note of when the page was first opened, carried by the form through its errors."""
    return signing.dumps([party.pk, user.pk, now.astimezone(UTC).isoformat()], salt=SALT)


class StatementsForm(GovForm):
    """Statements of one document (none ticked beforehand), and the hash of the text that is shown."""

    mark_optional = False

    sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    opened = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def __init__(self, *args, party, **kwargs):
        super().__init__(*args, **kwargs)
        self.party = party
        self.shown = statements(party)
        boxes = {
            f"statement_{shown.key}": forms.BooleanField(
                label=shown.text,
                error_messages={"required": _t("Tick “%(statement)s” if it is so") % {"statement": shown.text}},
            )
            for shown in self.shown
        }
        for name, box in boxes.items():
            prepare(box, name)
        self.fields = boxes | self.fields

    def submission(self, user, *, sign_in, lang) -> Submission:
        """What the form says, once it is valid."""
        data = self.cleaned_data
        ticked = tuple(shown.key for shown in self.shown if data[f"statement_{shown.key}"])
        return Submission(data["sha256"], ticked, self.opened_at(user), sign_in, lang)

    def opened_at(self, user) -> datetime | None:
        """When the page was opened; None if the note is missing or is not ours."""
        try:
            party, person, moment = signing.loads(self.cleaned_data["opened"], salt=SALT)
        except (signing.BadSignature, ValueError):
            return None
        return datetime.fromisoformat(moment) if (party, person) == (self.party.pk, user.pk) else None


class SignForm(FactorFields, StatementsForm):
    """One document, and the second factor."""


class DeclineForm(GovForm):
    """Why a party does not sign."""

    reason = forms.CharField(
        label=_("Why does your organisation decline?"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=5_000,
        help_text=_(
            "Drafters, board secretaries, auditors and your own organisation can read it. The other parties cannot."
        ),
        error_messages={"required": _("Say why your organisation declines")},
    )


class WithdrawForm(GovForm):
    """Why a version is withdrawn."""

    reason = forms.CharField(
        label=_("Why is it withdrawn?"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=5_000,
        help_text=_("The parties will read it on the page of signatures."),
        error_messages={"required": _("Say why the version is withdrawn")},
    )


class WithdrawInForceForm(DecidedForm):
    """The decision by which a version in force is withdrawn, and why (HAR-2.3)."""

    reason = forms.CharField(
        label=_("Why is it withdrawn?"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=5_000,
        help_text=_("The parties will read it on the page of signatures."),
        error_messages={"required": _("Say why the version is withdrawn")},
    )


class ReleaseForm(GovForm):
    """The decision that a party is no longer required (SIG-force)."""

    board: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Deciding body"),
        queryset=Board._base_manager.none(),
        empty_label=_("Choose the body"),
        error_messages={"required": _("Choose the body that decided")},
    )
    decided_on = SplitDateField(
        label=_("Date of the decision"), help_text=_("For example, 27 3 2026"), latest=clock.today
    )
    reference = forms.CharField(
        label=_("Minute or decision reference"),
        max_length=100,
        error_messages={"required": _("Enter the reference of the minute or decision")},
    )
    reason = forms.CharField(
        label=_("Why it is no longer required"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=5_000,
        error_messages={"required": _("Say why the party is no longer required")},
    )

    def __init__(self, *args, body, **kwargs):
        super().__init__(*args, initial={"board": body}, **kwargs)
        cast(forms.ModelChoiceField, self.fields["board"]).queryset = Board.objects.filter(pk=body.pk if body else 0)
