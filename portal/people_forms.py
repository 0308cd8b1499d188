"""Forms of people, organisations, boards and closure days. Every form names its fields."""

from typing import cast

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.forms import GovForm, GovModelForm, HintedRadioSelect, TextDateField
from portal.models import Board, MemberOrganisation, Organisation, Partnership, User
from portal.permissions import Role
from portal.printed_forms import PrintedFormMixin

ROLE_HINTS = {
    Role.VIEWER: _("Reads the protocols of their own organisation."),
    Role.DRAFTER: _("Writes protocols and takes them through consultation."),
    Role.REPRESENTATIVE: _("Speaks for their organisation and can sign for it when its authority is recorded."),
    Role.SECRETARY: _("Records the board’s decisions and the representatives’ authority."),
    Role.AUDITOR: _("Reads everything, including the ledger, and changes nothing."),
    Role.ORGANISATION_ADMIN: _("Keeps their own organisation’s particulars, and says who stands in for whom."),
    Role.FRAMEWORK_ADMIN: _("Invites people, looks after organisations, boards and closure days."),
}
PASSWORD_HINT = _(
    "At least 12 characters. Three random words are a good start. Common passwords and your own name are refused."
)


class InviteForm(PrintedFormMixin, GovForm):
    """Who is invited, to do what, for whom."""

    printed = ("full_name", "job_title")

    email = forms.EmailField(
        label=_("Email address"),
        help_text=_("We send the invitation to this address."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Enter the email address of the person you invite")},
    )
    full_name = forms.CharField(
        label=_("Full name"), max_length=150, error_messages={"required": _("Enter their full name")}
    )
    job_title = forms.CharField(
        label=_("Job title"),
        max_length=150,
        required=False,
        help_text=_("It stands beside the name when the person signs."),
    )
    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        empty_label=_("Choose an organisation"),
        error_messages={
            "required": _("Select the organisation they act for"),
            "invalid_choice": _("Select the organisation from the list"),
        },
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        widget=HintedRadioSelect(hints=ROLE_HINTS),
        error_messages={"required": _("Select their role")},
    )

    def __init__(self, *args, framework, **kwargs):
        super().__init__(*args, **kwargs)
        active = MemberOrganisation.objects.filter(framework=framework, status=MemberOrganisation.Status.ACTIVE)
        choice = cast(forms.ModelChoiceField, self.fields["organisation"])
        choice.queryset = Organisation.objects.filter(pk__in=active.values("organisation"))


class ReasonForm(GovForm):
    """Why, for the ledger."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, help_text=_("It is kept in the ledger.")
    )


class PasswordForm(GovForm):
    """The first password of an account. `person`: an unsaved User with address and name, against which it is checked."""

    password1 = forms.CharField(
        label=_("Password"),
        help_text=PASSWORD_HINT,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Enter a password")},
    )
    password2 = forms.CharField(
        label=_("Password again"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Enter the password again")},
    )

    def __init__(self, *args, person: User, **kwargs):
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_password1(self):
        password = self.cleaned_data["password1"]
        if "\x00" in password:
            raise ValidationError(_("The password holds a character that cannot be typed again. Choose another one."))
        validate_password(password, self.person)
        return password

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("password1") and cleaned.get("password2") and cleaned["password1"] != cleaned["password2"]:
            self.add_error("password2", _("The two passwords are not the same. Enter the password again."))
        return cleaned


class OrganisationForm(PrintedFormMixin, GovModelForm):
    """The particulars that protocols print (HAR-13), and the registration that signing looks at."""

    ico_expires = TextDateField(
        label=_("ICO registration expires on"),
        required=False,
        help_text=_("As on the public register, for example 27 March 2027."),
    )

    class Meta:
        model = Organisation
        fields = ["name", "address", "telephone", "nation", "ico_number", "ico_expires", "ods_code"]
        error_messages = {"name": {"required": _("Enter the name of the organisation")}}
        widgets = {
            "address": forms.Textarea(attrs={"rows": 6, "autocomplete": "off"}),
            "telephone": forms.TextInput(attrs={"class": "govuk-input--width-20", "inputmode": "tel"}),
            "ico_number": forms.TextInput(attrs={"class": "govuk-input--width-10", "spellcheck": "false"}),
            "ods_code": forms.TextInput(attrs={"class": "govuk-input--width-10", "spellcheck": "false"}),
            "nation": forms.RadioSelect(),
        }
        help_texts = {
            "ico_number": _("8 characters, for example ZA123456."),
            "ods_code": _("Health and care organisations have one: 3 to 10 letters and digits, for example RX1."),
            "nation": _("Its bank holidays count."),
        }

    def clean_ico_number(self):
        return self.cleaned_data["ico_number"].upper().replace(" ", "")

    def clean_ods_code(self):
        return self.cleaned_data["ods_code"].upper().replace(" ", "")


class NewOrganisationForm(OrganisationForm):
    """A new organisation, and when it joined."""

    joined_on = TextDateField(label=_("Joined the framework on"), help_text=_("For example, 27 March 2026."))

    def clean_joined_on(self):
        day = self.cleaned_data["joined_on"]
        if day and day > clock.today():
            raise ValidationError(_("The day it joined must be today or in the past"))
        return day


class FindOrganisationForm(GovForm):
    """Which organisation of this installation: by a code of its own or its whole name, so that nobody can leaf through
    the organisations of other frameworks."""

    q = forms.CharField(
        label=_("ICO registration number, ODS code or full name"),
        max_length=200,
        help_text=_("For example ZA123456, RX1, or the name exactly as it is registered."),
        error_messages={"required": _("Enter its ICO registration number, ODS code or full name")},
    )


class JoinForm(GovForm):
    """Which of the organisations found, and when it joined. q: what they were found by."""

    q = forms.CharField(widget=forms.HiddenInput, max_length=200)
    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        empty_label=None,
        widget=HintedRadioSelect,
        error_messages={"required": _("Select the organisation that joins")},
    )
    joined_on = TextDateField(label=_("Joined the framework on"), help_text=_("For example, 27 March 2026."))

    def __init__(self, *args, found, **kwargs):
        super().__init__(*args, **kwargs)
        choice = cast(forms.ModelChoiceField, self.fields["organisation"])
        choice.queryset = Organisation.objects.filter(pk__in=[body.pk for body in found])
        cast(HintedRadioSelect, choice.widget).hints = {
            str(body.pk): ", ".join([*body.address.splitlines(), *filter(None, [body.ico_number, body.ods_code])])
            for body in found
        }
        if len(found) == 1:
            choice.initial = found[0].pk

    def clean_joined_on(self):
        day = self.cleaned_data["joined_on"]
        if day and day > clock.today():
            raise ValidationError(_("The day it joined must be today or in the past"))
        return day


class SuspendForm(GovForm):
    """Why an organisation is suspended, or its suspension lifted; it stays in the ledger."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It is kept in the ledger."),
        error_messages={"required": _("Enter the reason")},
    )


class BoardForm(PrintedFormMixin, GovModelForm):
    """A deciding body."""

    class Meta:
        model = Board
        fields = ["name", "kind"]
        labels = {"name": _("Name of the board"), "kind": _("Whose board is it?")}
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, *args, framework, **kwargs):
        self.framework = framework
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["kind"]).choices = [
            (kind.value, kind.label) for kind in (Board.Kind.FRAMEWORK, Board.Kind.PARTNERSHIP)
        ]

    def clean_name(self):
        name = self.cleaned_data["name"]
        if Board.objects.filter(framework=self.framework, name__iexact=name).exists():
            raise ValidationError(_("There is a board with this name already"))
        return name


class PartnershipForm(PrintedFormMixin, GovForm):
    """A partnership: its name, its board, its organisations (KEN-4.3iii)."""

    printed = ("name",)

    name = forms.CharField(
        label=_("Name of the partnership"),
        max_length=150,
        help_text=_("For example, Safer Communities"),
        error_messages={"required": _("Enter the name of the partnership")},
    )
    board = forms.ModelChoiceField(
        label=_("Its board"),
        queryset=Board._base_manager.none(),
        empty_label=_("Select a board"),
        help_text=_("It decides on the protocols of the partnership."),
        error_messages={"required": _("Select the board of the partnership")},
    )
    organisations = forms.ModelMultipleChoiceField(
        label=_("Organisations in the partnership"),
        queryset=Organisation.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Select at least one organisation")},
    )

    def __init__(self, *args, framework, partnership=None, **kwargs):
        self.framework, self.partnership = framework, partnership
        held = []
        if partnership is not None:
            held = list(partnership.members.values_list("organisation_id", flat=True))
            kwargs["initial"] = {"name": partnership.name, "board": partnership.board_id, "organisations": held}
        super().__init__(*args, **kwargs)
        active = MemberOrganisation.objects.filter(framework=framework, status=MemberOrganisation.Status.ACTIVE)
        may = {*active.values_list("organisation_id", flat=True), *held}
        boards = Board.objects.filter(framework=framework).standing()
        cast(forms.ModelChoiceField, self.fields["board"]).queryset = boards
        cast(forms.ModelMultipleChoiceField, self.fields["organisations"]).queryset = Organisation.objects.filter(
            pk__in=may
        )

    def clean_name(self):
        name = self.cleaned_data["name"]
        others = Partnership.objects.filter(framework=self.framework, name__iexact=name)
        if self.partnership is not None:
            others = others.exclude(pk=self.partnership.pk)
        if others.exists():
            raise ValidationError(_("There is a partnership with this name already"))
        return name
