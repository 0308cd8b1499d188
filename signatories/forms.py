"""Forms of signing. The one that signs carries the hash of the text, so that nobody signs another one unseen."""

from datetime import UTC, datetime
from typing import cast

from django import forms
from django.core import signing
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.factor_fields import FactorFields
from portal.forms import GovForm, SplitDateField, TextDateField, prepare
from portal.models import Board
from portal.printed_forms import PrintedFormMixin
from signatories.evidence import Submission
from signatories.obstacles import representatives
from signatories.statements import statements

SALT = "signatories.page-opened"


def page_opened(party, user, now) -> str:
    """A signed note of when the page was first opened, carried by the form through its errors."""
    return signing.dumps([party.pk, user.pk, now.astimezone(UTC).isoformat()], salt=SALT)


class SignForm(FactorFields, GovForm):
    """Statements (none ticked beforehand), the hash of the text that is shown, and the second factor."""

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


class AuthorityForm(PrintedFormMixin, GovForm):
    """Who may sign for an organisation, and who granted it (SIG-who)."""

    printed = ("capacity",)

    person = forms.ChoiceField(
        label=_("Representative"),
        help_text=_("People who are a representative of an organisation of this framework."),
        error_messages={"required": _("Choose the representative")},
    )
    capacity = forms.CharField(
        label=_("Capacity, as it stands beside the signature"),
        max_length=200,
        help_text=_("For example: Director of Children’s Services, for and on behalf of Anyshire County Council"),
        error_messages={"required": _("Enter the capacity in which the person signs")},
    )
    granted_by = forms.CharField(
        label=_("Granted by"),
        max_length=200,
        help_text=_("Name and office of the chief officer, for example: Tamsin Reid, Chief Executive"),
        error_messages={"required": _("Enter the name and office of the chief officer who granted it")},
    )
    scope = forms.CharField(
        label=_("Scope"),
        max_length=300,
        help_text=_("For example: all information sharing protocols of this framework"),
        error_messages={"required": _("Enter what the authority covers")},
    )
    valid_from = TextDateField(
        label=_("From"),
        help_text=_("For example, 27 March 2027"),
        error_messages={"required": _("Enter the date from which it is valid")},
    )
    valid_to = TextDateField(
        label=_("To"), required=False, help_text=_("The last day. Leave it empty if no end was set.")
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        everyone = {str(member.pk): member for member in all_representatives()}
        self.by, self.members = by, everyone
        choices = [
            (key, f"{member.user.full_name}, {member.organisation.name}")
            for key, member in everyone.items()
            if member.user_id != by.pk
        ]
        cast(forms.ChoiceField, self.fields["person"]).choices = [("", _t("Choose a person")), *choices]

    def clean(self):
        """A last day that is not before the first."""
        super().clean()
        data = self.cleaned_data
        start, end = data.get("valid_from"), data.get("valid_to")
        if start and end and end < start:
            self.add_error("valid_to", _t("The last day must be the same as or after the first day"))
        return data

    def facts(self) -> dict:
        """For workflow.record_authority."""
        member = self.members[self.cleaned_data["person"]]
        rest = {name: self.cleaned_data[name] for name in ("capacity", "granted_by", "scope", "valid_from", "valid_to")}
        return {"user": member.user, "organisation": member.organisation, **rest}


def all_representatives():
    """Live representatives of every organisation of the framework, by name."""
    return representatives().select_related("user", "organisation").order_by("user__full_name", "organisation__name")
