"""Filters of the deadlines, kept in the address; a name for filters that are kept."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Value
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import due, todo
from portal.address_filters import AddressFilter
from portal.deadline_words import length_in_words
from portal.deadlines import RULES, Unit
from portal.fields import TextDateField
from portal.forms import GovForm
from portal.models import MemberOrganisation, Partnership, SavedFilter


class DeadlineFilter(AddressFilter):
    """Of the list, its downloads and the calendar."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("To be done")),
            (due.OVERDUE, _("Overdue")),
            (due.SOON, _("Due soon")),
            (due.LATER, _("Later")),
            (due.DONE, _("Done")),
            (due.ALL, _("All")),
        ],
    )
    rule = forms.ChoiceField(label=_("Duty"), required=False)
    organisation = forms.IntegerField(
        label=_("Organisation"), required=False, min_value=0, max_value=2**31, widget=forms.Select
    )
    partnership = forms.IntegerField(
        label=_("Partnership"), required=False, min_value=0, max_value=2**31, widget=forms.Select
    )
    protocol = forms.CharField(label=_("Reference, or a part of it"), required=False, max_length=40)
    first = TextDateField(label=_("From"), required=False, help_text="")
    last = TextDateField(label=_("To"), required=False, help_text="")

    def __init__(self, data, *, framework, months: bool = False):
        super().__init__(data)
        states: Any = self.fields["state"]
        soon = _t("Due within %(length)s") % {"length": length_in_words(todo.SOON, Unit.WORKING_DAYS.value)}
        states.choices = [(key, soon if key == due.SOON else label) for key, label in states.choices]
        duties: Any = self.fields["rule"]
        duties.choices = [("", _t("All duties")), *((key, rule.duty) for key, rule in RULES.items())]
        if months:  # the calendar has its own way through time
            del self.fields["first"], self.fields["last"]
            states.choices = [("", _t("All")), *(one for one in states.choices if one[0] not in ("", due.ALL))]
        names = choices(framework)
        self.fields["organisation"].widget.choices = [("", _t("All organisations")), *names["organisation"]]
        if names["partnership"]:
            self.fields["partnership"].widget.choices = [("", _t("All partnerships")), *names["partnership"]]
        else:
            del self.fields["partnership"]

    def clean(self):
        """The dates in order."""
        data: dict = super().clean() or {}
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _t("“To” must not be before “From”"))
        return data

    def wanted(self) -> due.Wanted:
        """The filters that make sense."""
        self.is_valid()
        data = self.cleaned_data
        return due.Wanted(
            state=data.get("state", ""),
            rule=data.get("rule", ""),
            organisation=data.get("organisation"),
            partnership=data.get("partnership"),
            protocol=data.get("protocol", ""),
            first=data.get("first"),
            last=data.get("last"),
        )


def choices(framework) -> dict[str, list[tuple[int, str]]]:
    """Organisations and partnerships of the framework, in one statement."""
    members = MemberOrganisation.objects.filter(framework=framework).order_by()
    owners = Partnership.objects.filter(framework=framework).order_by()
    rows = members.values_list(Value("organisation"), "organisation_id", "organisation__name").union(
        owners.values_list(Value("partnership"), "pk", "name"), all=True
    )
    found: dict[str, list[tuple[int, str]]] = {"organisation": [], "partnership": []}
    for kind, key, name in sorted(rows, key=lambda row: row[2]):
        found[kind].append((key, name))
    return found


class SaveFilterForm(GovForm):
    """A name for the filters of an address."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("Only you see it. For example, “Reviews of our partnership”."),
        error_messages={"required": _("Enter a name for these filters")},
    )
    query = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, data, *, saved, **kwargs):
        self.saved = saved
        super().__init__(data, **kwargs)

    def clean_name(self):
        """One name, one set of filters."""
        name = self.cleaned_data["name"]
        if self.saved.filter(name__iexact=name).exists():
            raise ValidationError(_t("You have filters of this name already. Choose another name"))
        return name

    def clean(self):
        """Not too many."""
        data = super().clean()
        if self.saved.count() >= SavedFilter.MOST:
            raise ValidationError(_t("You have 20 saved filters already. Delete one first"))
        return data
