"""The five questions (HAR-6.1), each a form of its own; and what every free text of a breach has in common."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from breaches.models import Breach
from breaches.patterns import found_in
from portal import clock
from portal.fields import HintedRadioSelect, SplitDateField
from portal.forms import GovForm
from portal.meeting_forms import TimeField
from portal.printed_forms import PrintedFormMixin
from portal.templatetags.dates import londontime, longdatetime

NO_NAMES = _("Do not name anybody whose data it is, and give no number, address or date of birth of theirs.")
TIME_EXAMPLE = _("For example, 14:30 or 2:30pm")
OR_THE_BEGINNING = _("For example, 14:30 or 2:30pm. Without a time the beginning of the day counts.")
EARLIEST = dt.date(2000, 1, 1)


class NamelessForm(PrintedFormMixin, GovForm):
    """A form whose texts must name nobody. What looks like a person is warned of once and can be confirmed."""

    def __init__(self, *args, now=None, **kwargs):
        self.now = now or clock.now()
        super().__init__(*args, **kwargs)
        self.fields["no_person"] = forms.BooleanField(
            label=_t("I have checked: nobody whose data it is can be recognised from what I wrote"), required=False
        )
        self.warned = self.is_bound and bool(self.looks_like())
        if not self.warned:
            del self.fields["no_person"]

    def looks_like(self) -> list[str]:
        """What the texts look as if they held."""
        texts = [self[name].data or "" for name, field in self.fields.items() if type(field) is forms.CharField]
        return found_in("\n".join(texts), today=clock.london_date(self.now))

    def clean(self):
        """Warn, unless it was confirmed."""
        data = super().clean()
        if self.warned and not data.get("no_person"):
            words = _t("This looks as if it held %(what)s. Take it out, or confirm that it is something else")
            self.add_error("no_person", words % {"what": _t(" and ").join(self.looks_like())})
        return data


def textarea(rows=6):
    """A box for several lines."""
    return forms.Textarea(attrs={"rows": rows})


def the_day(now):
    """Today at most."""
    return lambda: clock.london_date(now)


def time_of(words: str) -> dt.time | None:
    """A time as people write it and as the portal prints it: 14:30, 2.30pm, 3pm, midday; None if it is none."""
    named = {"midday": dt.time(12), "noon": dt.time(12), "midnight": dt.time.min}
    if (text := words.strip().lower()) in named:
        return named[text]
    try:
        return TimeField().clean(text)
    except ValidationError:
        return None


def time_words(words: str) -> str:
    """A time that was typed, as the portal prints times; as it was typed if it is none."""
    found = time_of(words)
    return londontime(dt.datetime.combine(EARLIEST, found, tzinfo=clock.LONDON)) if found else words


def moment(day: dt.date, words: str) -> dt.datetime:
    """Day and time in London as an instant; without a time the beginning of the day, so that no clock starts too late."""
    return dt.datetime.combine(day, time_of(words) or dt.time.min, tzinfo=clock.LONDON).astimezone(dt.UTC)


class MomentForm(NamelessForm):
    """A date in three boxes and a time that may be left out."""

    def clean_moment(self, data, day, time):
        """The instant of the two fields, not in the future; None while they are wrong."""
        if data.get(time) and time_of(data[time]) is None:
            self.add_error(time, _t("Enter a time like 14:30 or 2:30pm"))
        if not data.get(day) or self.errors.get(time) or self.errors.get(day):
            return None
        at = moment(data[day], data.get(time, ""))
        if at > self.now:
            self.add_error(time if data.get(time) else day, _t("This moment has not come yet"))
            return None
        return at

    def not_before(self, data, name, first, words):
        """The moment of this name is not earlier than the first one can be, to the minute. words: with %(at)s."""
        at = data.get(name)
        if at and first and at < first.replace(second=0, microsecond=0):
            same = clock.london_date(at) == clock.london_date(first)
            self.add_error("time" if same else "on", words % {"at": longdatetime(first)})
            data[name] = None


class HappenedForm(NamelessForm):
    """Question 1."""

    asked_for = ("occurred_from", "occurred_until")
    what_happened = forms.CharField(
        label=_("What happened?"), max_length=10_000, widget=textarea(8), help_text=NO_NAMES
    )
    occurred = forms.ChoiceField(
        label=_("When did it happen?"),
        choices=Breach.Known.choices,
        widget=HintedRadioSelect(
            hints={
                "range": _("Dates count from the first of these days"),
                "unknown": _("Dates count from the day it was identified, until you correct this"),
            }
        ),
    )
    occurred_from = SplitDateField(
        label=_("The day, or the first day"), required=False, earliest=EARLIEST, help_text=_("For example, 27 3 2027")
    )
    occurred_until = SplitDateField(label=_("The last day"), required=False, help_text=_("Only for several days"))

    def clean(self):
        """The days that the answer needs, in order and not in the future."""
        data = super().clean()
        how, first, last = data.get("occurred"), data.get("occurred_from"), data.get("occurred_until")
        today = clock.london_date(self.now)
        if how == Breach.Known.UNKNOWN:
            data["occurred_from"] = data["occurred_until"] = None
            return data
        if how and not first and "occurred_from" not in self.errors:
            self.add_error("occurred_from", _t("Enter the day, or say that it is not known yet"))
        if first and first > today:
            self.add_error("occurred_from", _t("The day must be today or in the past"))
        if how == Breach.Known.DAY:
            data["occurred_until"] = None
        elif how == Breach.Known.RANGE and "occurred_until" not in self.errors:
            if not last:
                self.add_error("occurred_until", _t("Enter the last day"))
            elif (first and last < first) or last > today:
                self.add_error("occurred_until", _t("The last day must be after the first, and not in the future"))
        return data


class IdentifiedForm(MomentForm):
    """Question 2."""

    identified_on = SplitDateField(label=_("When was it identified?"), earliest=EARLIEST)
    identified_time = forms.CharField(
        label=_("At what time?"),
        required=False,
        max_length=20,
        help_text=OR_THE_BEGINNING,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )
    identified_by = forms.CharField(
        label=_("By whom was it identified?"),
        max_length=200,
        help_text=_("A role or a team and its organisation, for example, “records manager, Anyshire Police”"),
    )

    def __init__(self, *args, happened=None, **kwargs):
        self.happened = happened or {}
        super().__init__(*args, **kwargs)

    def clean(self):
        """Not before it happened, and not in the future."""
        data = super().clean()
        data["identified_at"] = self.clean_moment(data, "identified_on", "identified_time")
        first, day = self.happened.get("occurred_from"), data.get("identified_on")
        if first and day and day < first:
            self.add_error("identified_on", _t("It cannot have been identified before it happened"))
        return data


class ProtocolForm(NamelessForm):
    """Question 3, first part: which protocol."""

    protocol = forms.ChoiceField(
        label=_("Which protocol was breached?"), widget=forms.Select, help_text=_("Protocols in force that you may see")
    )

    def __init__(self, *args, protocols=(), **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", _t("Choose a protocol")), *[(str(one.pk), str(one)) for one in protocols]]
        self.fields["protocol"].choices = choices  # type: ignore[attr-defined]


class PartiesForm(NamelessForm):
    """A form that offers the parties in force."""

    offered: tuple[str, ...] = ()

    def __init__(self, *args, parties=(), **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.offered:
            choices = [(str(one.organisation_id), one.name) for one in parties]
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class OrganisationsForm(PartiesForm):
    """Question 3, second part: who is in breach (READ-9: one or more)."""

    offered = ("in_breach",)
    in_breach = forms.MultipleChoiceField(
        label=_("Which organisations are in breach?"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("One or more parties to the protocol"),
        error_messages={"required": _("Select at least one organisation")},
    )


class DataForm(PartiesForm):
    """Question 4. A breach of the protocol is not always a personal data breach."""

    offered = ("controllers",)
    asked_for = ("data_kinds", "controllers")
    personal_data = forms.ChoiceField(
        label=_("Is personal data lost, altered, disclosed or unavailable?"),
        choices=Breach.PersonalData.choices,
        widget=HintedRadioSelect(
            hints={
                "yes": _("The clock for notifying the regulator runs, for each controller by itself"),
                "not-known": _("The same clock runs until you know that none is"),
            }
        ),
    )
    data_kinds = forms.CharField(
        label=_("Which kinds of data?"),
        required=False,
        max_length=2_000,
        widget=textarea(3),
        help_text=_("Needed if it is. For example, “addresses and school attendance”. No names."),
    )
    people = forms.IntegerField(
        label=_("About how many people does it concern?"), required=False, min_value=0, max_value=70_000_000
    )
    controllers = forms.MultipleChoiceField(
        label=_("Which organisations are controllers of this data?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Needed unless the answer is no. Those that decide why and how it is used. Each has a clock of its own."
        ),
    )

    def clean(self):
        """Yes and "not known yet" need a controller, since its clock runs; yes needs the kinds."""
        data = super().clean()
        answer = data.get("personal_data")
        if (
            answer
            and answer != Breach.PersonalData.NO
            and not data.get("controllers")
            and "controllers" not in self.errors
        ):
            self.add_error("controllers", _t("Select at least one controller: its clock runs"))
        if answer == Breach.PersonalData.YES and not data.get("data_kinds") and "data_kinds" not in self.errors:
            self.add_error("data_kinds", _t("Enter which kinds of data"))
        if answer == Breach.PersonalData.NO:
            data["controllers"] = []
        return data


class ContainmentForm(NamelessForm):
    """Question 5."""

    containment = forms.CharField(
        label=_("What was done to contain it?"), max_length=10_000, widget=textarea(8), help_text=NO_NAMES
    )


class OtherwiseForm(NamelessForm):
    """How a party was told that has nobody to write to."""

    how = forms.CharField(
        label=_("How were they told?"),
        max_length=200,
        help_text=_("For example, “telephone call with their duty manager”"),
    )
