"""Forms: who was consulted beside the parties, and a party's notice of intention."""

import re

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.forms import HintedRadioSelect, TextDateField
from protocols.forms import EARLIEST, LATEST, PrintedForm
from protocols.models import Consulted

GROUP = re.compile(r"([0-9]{1,6})\s+(\S.{0,99})")
MOST_GROUPS = 20
KINDS = {"event": _("Like a workshop, a survey or an open day"), "body": _("Like an association or a committee")}


class ConsultedForm(PrintedForm):
    """An event with groups and counts (HAM-consult), or a body that is no party (KEN-5.2). No names of persons."""

    kind = forms.ChoiceField(
        label=_("What was it?"), choices=Consulted.Kind.choices, widget=HintedRadioSelect(hints=KINDS)
    )
    name = forms.CharField(
        label=_("Name of the event or body"), max_length=200,
        help_text=_("For example, “Workshops in schools” or “Association of Head Teachers”"),
    )  # fmt: skip
    held_on = TextDateField(label=_("Date"), required=False, earliest=EARLIEST, latest=LATEST)
    groups = forms.CharField(
        label=_("Who took part"), required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One group on each line, the number first, like “236 children”. No names of persons"),
    )  # fmt: skip

    def clean(self):
        """The groups as they are stored, once their characters were looked at; an error names the line that is none."""
        data = super().clean()
        if "groups" not in self.errors:
            data["groups"] = self.read(data["groups"])
        return data

    def read(self, text) -> list[dict]:
        """One group on each line."""
        groups = []
        for line in filter(None, (line.strip() for line in text.split("\n"))):
            found = GROUP.fullmatch(line)
            if found is None:
                words = _t("“%(line)s” must be a number and a group, like “236 children”")
                self.add_error("groups", words % {"line": line[:60]})
                return []
            groups.append({"name": found[2].strip(), "people": int(found[1])})
        if len(groups) > MOST_GROUPS:
            self.add_error("groups", _t("Enter at most %(count)d groups") % {"count": MOST_GROUPS})
        return groups


class IntentionForm(PrintedForm):
    """A notice of intention (HAR-r2)."""

    will_sign = forms.TypedChoiceField(
        label=_("Does your organisation intend to sign?"),
        choices=[("yes", _("We intend to sign")), ("no", _("We do not intend to sign"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Select whether your organisation intends to sign")},
    )
    sign_by = TextDateField(
        label=_("By when do you intend to sign?"), required=False, earliest=clock.today, latest=LATEST,
        help_text=_("Only if you intend to sign. For example, 27 March 2027"),
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For example, what must happen first, or why not"),
    )  # fmt: skip

    def clean(self):
        data = super().clean()
        if data.get("will_sign") is True and not data.get("sign_by") and "sign_by" not in self.errors:
            self.add_error("sign_by", _t("Enter the date by which you intend to sign"))
        if data.get("will_sign") is False:
            data["sign_by"] = None
        return data
