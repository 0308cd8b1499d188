"""Forms of authority: recorded by a secretary, or delegated by a representative (SIG-who)."""

from typing import cast

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.forms import GovForm, TextDateField
from portal.printed_forms import PrintedFormMixin
from protocols.models import Protocol
from signatories.obstacles import representatives


class PeriodMixin:
    """A last day that is not before the first."""

    def clean(self):
        """Checked together."""
        super().clean()  # type: ignore[misc]
        data = self.cleaned_data  # type: ignore[attr-defined]
        start, end = data.get("valid_from"), data.get("valid_to")
        if start and end and end < start:
            self.add_error("valid_to", _t("The last day must be the same as or after the first day"))  # type: ignore[attr-defined]
        return data


class AuthorityForm(PeriodMixin, PrintedFormMixin, GovForm):
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

    def facts(self) -> dict:
        """For workflow.record_authority."""
        member = self.members[self.cleaned_data["person"]]
        rest = {name: self.cleaned_data[name] for name in ("capacity", "granted_by", "scope", "valid_from", "valid_to")}
        return {"user": member.user, "organisation": member.organisation, **rest}


def all_representatives():
    """Live representatives of every organisation of the framework, by name."""
    return representatives().select_related("user", "organisation").order_by("user__full_name", "organisation__name")


class DelegationForm(PeriodMixin, PrintedFormMixin, GovForm):
    """Which colleague may sign, for what, from when to when; never more than the grant gives."""

    printed = ("capacity",)
    mark_optional = False

    person = forms.ChoiceField(
        label=_("Who may sign in your place?"),
        help_text=_("Other representatives of your organisation. Somebody who is missing must be invited first."),
        error_messages={"required": _("Choose the person")},
    )
    protocol: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("For what?"),
        queryset=Protocol._base_manager.none(),
        required=False,
        empty_label=_("Everything that your own authority covers"),
    )
    capacity = forms.CharField(
        label=_("Capacity, as it stands beside the signature"),
        max_length=200,
        help_text=_("For example: Deputy Director, for and on behalf of Anyshire County Council"),
        error_messages={"required": _("Enter the capacity in which the person signs")},
    )
    valid_from = TextDateField(
        label=_("From"),
        help_text=_("For example, 27 March 2027"),
        error_messages={"required": _("Enter the date from which it is valid")},
    )
    valid_to = TextDateField(
        label=_("To"),
        help_text=_("The last day. A delegation always has one."),
        error_messages={"required": _("Enter the last day")},
    )

    def __init__(self, *args, grants, access, **kwargs):
        super().__init__(*args, **kwargs)
        self.pairs = {
            f"{grant.pk}-{member.pk}": (grant, member.user)
            for grant in grants
            for member in representatives([grant.organisation_id]).select_related("user").order_by("user__full_name")
            if member.user_id != grant.user_id
        }
        choices = [(key, f"{user.full_name}, {grant.organisation.name}") for key, (grant, user) in self.pairs.items()]
        cast(forms.ChoiceField, self.fields["person"]).choices = [("", _t("Choose a person")), *choices]
        mine = Protocol.objects.visible_to(access).of_organisations([grant.organisation_id for grant in grants])
        cast(forms.ModelChoiceField, self.fields["protocol"]).queryset = mine

    def facts(self) -> dict:
        """For delegation.delegate: the grant and the rest."""
        grant, user = self.pairs[self.cleaned_data["person"]]
        rest = {name: self.cleaned_data[name] for name in ("protocol", "capacity", "valid_from", "valid_to")}
        return {"grant": grant, "user": user, **rest}
