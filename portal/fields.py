"""Form fields and widgets that Django does not have: the date in three boxes, the date as text, radios with hints."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.templatetags.dates import longdate

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_TEXT_FORMATS = ("%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %m %Y", "%Y-%m-%d")


def _month(text):
    """Read a month as number or English name (first three letters are enough); ``None`` if it is neither."""
    if text.isdecimal() and len(text) <= 2:
        return int(text)
    return _MONTHS.index(text[:3].lower()) + 1 if text[:3].lower() in _MONTHS else None


class LongSelect(forms.Select):
    """A select with hundreds of options in no groups, which portal.markup writes once for all who get the same."""

    def get_context(self, name, value, attrs):
        context = forms.Widget.get_context(self, name, value, attrs)
        context["widget"]["choices"] = tuple((str(key), str(label)) for key, label in self.choices)
        return context


class SplitDateWidget(forms.Widget):
    """Day, month and year as three text boxes named ``<name>_day``, ``<name>_month``, ``<name>_year``.

    The value is a dictionary of the three strings as typed, so that a wrong date comes back unchanged.
    """

    PARTS = ("day", "month", "year")
    template_name = "components/widgets/date.html"
    use_fieldset = True
    error_parts = ()

    def value_from_datadict(self, data, files, name):
        typed = {part: data.get(f"{name}_{part}") for part in self.PARTS}
        if all(value is None for value in typed.values()):
            return None
        return {part: str(value or "").replace("\0", "").strip()[:20] for part, value in typed.items()}

    def value_omitted_from_data(self, data, files, name):
        return all(f"{name}_{part}" not in data for part in self.PARTS)

    def format_value(self, value):
        if isinstance(value, dt.date):
            return {"day": str(value.day), "month": str(value.month), "year": str(value.year)}
        return value if isinstance(value, dict) else {}

    def id_for_label(self, id_):
        return f"{id_}_day" if id_ else id_

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        typed = self.format_value(value)
        labels = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
        context["widget"]["parts"] = [
            {
                "name": f"{name}_{part}",
                "id": f"{context['widget']['attrs'].get('id') or name}_{part}",
                "label": labels[part],
                "value": typed.get(part, ""),
                "width": 4 if part == "year" else 2,
                "is_wrong": part in self.error_parts,
            }
            for part in self.PARTS
        ]
        return context


class _LimitedDate:
    """Earliest and latest date of a field; each a date or a callable without arguments that returns one."""

    label: Any
    earliest: dt.date | Callable[[], dt.date] | None
    latest: dt.date | Callable[[], dt.date] | None

    def check_limits(self, value):
        """Raise ``ValidationError`` if the date lies outside the limits."""
        label = getattr(self, "label_text", None) or str(self.label or _("The date"))
        earliest = self.earliest() if callable(self.earliest) else self.earliest
        latest = self.latest() if callable(self.latest) else self.latest
        if earliest and value < earliest:
            message, limit = _("%(label)s must be on or after %(limit)s"), earliest
        elif latest and value > latest:
            message, limit = _("%(label)s must be on or before %(limit)s"), latest
        else:
            return
        raise ValidationError(message, code="out_of_range", params={"label": label, "limit": longdate(limit)})


class SplitDateField(_LimitedDate, forms.Field):
    """A date in three boxes, for past and memorable dates. ``clean`` gives a :class:`datetime.date` or ``None``.

    Errors say which part is missing or wrong and carry ``params["parts"]``; what was typed stays in the boxes.
    """

    widget = SplitDateWidget
    default_error_messages = {"required": gettext_lazy("Enter a date")}

    def __init__(self, *, earliest=None, latest=None, **kwargs):
        self.earliest, self.latest = earliest, latest
        super().__init__(**kwargs)

    def to_python(self, value):
        if value in self.empty_values or (isinstance(value, dict) and not any(value.values())):
            return None
        if isinstance(value, dt.date):
            return value
        label = getattr(self, "label_text", None) or str(self.label or _("The date"))
        missing = [part for part in SplitDateWidget.PARTS if not value.get(part)]
        if missing:
            words = {"day": _("a day"), "month": _("a month"), "year": _("a year")}
            raise ValidationError(
                _("%(label)s must include %(missing)s"),
                code="incomplete",
                params={
                    "label": label,
                    "missing": get_text_list([words[part] for part in missing], _("and")),
                    "parts": missing,
                },
            )
        if not re.fullmatch(r"[0-9]{4}", value["year"]):
            raise ValidationError(
                _("%(label)s: the year must be 4 numbers, like 2027"),
                code="year",
                params={"label": label, "parts": ["year"]},
            )
        month = _month(value["month"])
        if month is None or not 1 <= month <= 12:
            raise ValidationError(
                _("%(label)s: the month must be a number from 1 to 12"),
                code="month",
                params={"label": label, "parts": ["month"]},
            )
        try:
            if not re.fullmatch(r"[0-9]{1,2}", value["day"]):
                raise ValueError(value["day"])
            return dt.date(int(value["year"]), month, int(value["day"]))
        except ValueError as error:
            raise ValidationError(
                _("%(label)s must be a real date, like 27 3 2027"),
                code="invalid",
                params={"label": label, "parts": list(SplitDateWidget.PARTS)},
            ) from error

    def validate(self, value):
        super().validate(value)
        if value:
            self.check_limits(value)


class TextDateField(_LimitedDate, forms.DateField):
    """A date in one text box, for dates soon to come: ``27 March 2027``, ``27/3/2027`` or ``2027-03-27``."""

    default_error_messages = {"invalid": gettext_lazy("Enter a real date, like 27 March 2027")}

    def __init__(self, *, earliest=None, latest=None, **kwargs):
        self.earliest, self.latest = earliest, latest
        kwargs.setdefault("widget", forms.DateInput(attrs={"class": "govuk-input--width-10"}, format="%-d %B %Y"))
        kwargs.setdefault("help_text", gettext_lazy("For example, 27 March 2027"))
        super().__init__(input_formats=_TEXT_FORMATS, **kwargs)

    def validate(self, value):
        super().validate(value)
        if value:
            self.check_limits(value)


class HintedRadioSelect(forms.RadioSelect):
    """Radios with a hint below a choice. ``hints``: dictionary from choice value to text."""

    def __init__(self, attrs=None, choices=(), *, hints=None):
        super().__init__(attrs, choices)
        self.hints = dict(hints or {})

    def create_option(self, name, value, label, selected, index, subindex=None, attrs=None):
        option = super().create_option(name, value, label, selected, index, subindex, attrs)
        option["hint"] = self.hints.get(str(value), "")
        return option
