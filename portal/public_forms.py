"""The form of a framework's public pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.forms import GovModelForm, HintedRadioSelect, SplitDateField
from portal.models import PublicPages


class PublicPagesForm(GovModelForm):
    """Everything may stay empty: the pages then show their default texts."""

    mark_optional = False
    accessibility_reviewed_on = SplitDateField(
        label=_("Last reviewed on"), help_text=_("For example, 27 3 2026"), latest=clock.today, required=False
    )

    class Meta:
        model = PublicPages
        fields = [
            "contact_name",
            "contact_email",
            "contact_telephone",
            "reply_days",
            "controllers",
            "protection_officer",
            "privacy_text",
            "accessibility_status",
            "accessibility_text",
            "accessibility_reviewed_on",
        ]
        widgets = {
            "controllers": forms.Textarea(attrs={"rows": 4}),
            "protection_officer": forms.Textarea(attrs={"rows": 3}),
            "privacy_text": forms.Textarea(attrs={"rows": 6}),
            "accessibility_text": forms.Textarea(attrs={"rows": 8}),
            "accessibility_status": HintedRadioSelect(
                hints={"fully": _("Only after an audit. Everybody else chooses the second.")}
            ),
        }
        error_messages = {"accessibility_status": {"required": _("Say how far this site keeps to WCAG 2.2 AA")}}
        help_texts = {
            "contact_name": _("It stands on the help page and in the statements. Everybody can read it."),
            "controllers": _("Names and addresses. Empty: the member organisations, each for its own people."),
            "accessibility_text": _(
                "Each problem with its WCAG number and when it will be mended. Empty: our known list."
            ),
        }

    def clean_reply_days(self):
        """A promise that can be kept."""
        days = self.cleaned_data["reply_days"]
        if not 1 <= days <= 60:
            raise forms.ValidationError(_("Working days until you answer must be between 1 and 60"))
        return days
