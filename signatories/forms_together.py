"""Forms for signing several documents in one act: which ones, the statements of each, one second factor for all."""

from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.factor_fields import FactorFields
from portal.forms import GovForm
from signatories.forms import StatementsForm


class ChooseForm(GovForm):
    """Which of the documents that wait are signed in one act."""

    party = forms.MultipleChoiceField(
        label=_("Which do you want to sign in one act?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one document")},
    )

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["party"]).choices = choices


class DocumentForm(StatementsForm):
    """The statements of one of the documents; the second factor is asked for once, beside them (FactorForm)."""

    def boxes(self):
        """The statements, to be ticked."""
        return [self[name] for name in self.fields if name.startswith("statement_")]


class FactorForm(FactorFields, GovForm):
    """The second factor, by passkey or code: one proof for the listed texts."""
