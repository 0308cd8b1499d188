"""Forms of what stands beside a protocol: related documents (HAR-9), procedures and senior managers (HAR-8)."""

from typing import cast

from django import forms
from django.core.validators import URLValidator
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.forms import GovForm, TextDateField
from protocols.forms import EARLIEST, LATEST, HalfForm
from protocols.models import Arrangement, Protocol, Version
from protocols.register import published

WEB_ADDRESS = URLValidator(
    schemes=["http", "https"], message=_("Enter a web address that begins with https:// or http://")
)


def link_field(**options):
    """A web address; nothing else may stand in a link."""
    return forms.CharField(
        label=_("Link"), max_length=500, required=False, validators=[WEB_ADDRESS],
        help_text=_("A web address, like https://www.example.org/procedure"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}), **options,
    )  # fmt: skip


class RelatedForm(HalfForm):
    """A related document: title and owner as they are printed, and where it is."""

    title = forms.CharField(
        label=_("Title, as it is printed"), max_length=300, required=False,
        help_text=_("Everybody who reads this protocol reads it"),
    )  # fmt: skip
    owner = forms.CharField(
        label=_("Owner"), max_length=200, required=False, help_text=_("The organisation or body that keeps it")
    )
    dated = TextDateField(label=_("Date of the document"), required=False, earliest=EARLIEST, latest=LATEST)
    protocol = forms.ModelChoiceField(
        label=_("Is it a protocol of this portal?"),
        queryset=Protocol._base_manager.none(),
        required=False,
        empty_label=_("No, it is elsewhere"),
        help_text=_("Readers who may see that protocol get a link to it"),
    )
    link = link_field()

    def __init__(self, *args, version=None, **kwargs):
        super().__init__(*args, version=version, **kwargs)
        if version is None:
            return
        circulated = Version.objects.filter(protocol=OuterRef("pk"), circulated_at__isnull=False)
        cast(forms.ModelChoiceField, self.fields["protocol"]).queryset = Protocol.objects.filter(
            Exists(circulated), framework=version.framework_id
        ).exclude(pk=version.protocol_id)

    def clean(self):
        """The title of a published protocol may be taken over; that of another one is the drafter's own choice of words."""
        data = super().clean()
        protocol = data.get("protocol")
        if protocol is None or data.get("title") or "title" in self.errors:
            return data
        if published(protocol.framework_id).filter(protocol=protocol).exists():
            data["title"] = protocol.title
        else:
            self.add_error(
                "title", _t("Enter a title: that protocol is not published, so its own title is not taken over")
            )
        return data


class BaseForm(GovForm):
    """base: what the form was opened with."""

    mark_optional = True
    base = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    @property
    def words(self) -> dict:
        """The fields of the row."""
        return {name: value for name, value in self.cleaned_data.items() if name != "base"}


class ProcedureForm(BaseForm):
    """A local or joint procedure (HAR-8.1, HAR-8.2)."""

    title = forms.CharField(label=_("Title"), max_length=200)
    status = forms.ChoiceField(label=_("Status"), choices=Arrangement.Status.choices, widget=forms.RadioSelect)
    owner = forms.CharField(
        label=_("Owner"), max_length=200, required=False, help_text=_("The post or body that answers for it")
    )
    link = link_field()


class ManagerForm(BaseForm):
    """A senior manager who oversees the protocol (HAR-8.3)."""

    title = forms.CharField(label=_("Name"), max_length=200)
    owner = forms.CharField(label=_("Job title"), max_length=200)
