"""The look and the manners of every form: GOV.UK markup, clear words, nothing a person typed is ever lost.

``FORM_RENDERER = "portal.forms.GovUKRenderer"`` gives every form (also those of allauth) the GOV.UK markup.
:class:`GovForm` and :class:`GovModelForm` add the manners: text is normalised (:mod:`portal.text`), invisible
characters that mislead are refused, every length has a cap, and every default message says what to do.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.utils import pretty_name
from django.forms.widgets import Input
from django.template.loader import get_template
from django.utils.translation import gettext as _

from portal import markup
from portal.fields import HintedRadioSelect, SplitDateField, SplitDateWidget, TextDateField
from portal.text import describe, forbidden_characters, normalise, without_forbidden

__all__ = [
    "GovForm",
    "GovFormMixin",
    "GovModelForm",
    "GovUKRenderer",
    "HintedRadioSelect",
    "SplitDateField",
    "SplitDateWidget",
    "TextDateField",
]

# Text fields without a cap of their own stop here: longer than the longest clause, shorter than a flood.
LONGEST_TEXT = 100_000

_BASE_CLASSES = (
    (forms.CheckboxInput, "govuk-checkboxes__input", ""),
    (SplitDateWidget, "govuk-date-input", ""),
    (forms.RadioSelect, "", ""),
    (forms.Select, "govuk-select", "govuk-select--error"),
    (forms.Textarea, "govuk-textarea", "govuk-textarea--error"),
    (forms.FileInput, "govuk-file-upload", "govuk-file-upload--error"),
    (
        forms.PasswordInput,
        "govuk-input govuk-password-input__input govuk-js-password-input-input",
        "govuk-input--error",
    ),
    (Input, "govuk-input", "govuk-input--error"),
)


class GovBoundField(BoundField):
    """A bound field that knows its GOV.UK classes and the id that an error link must lead to.

    ``label_size`` (``s``, ``m``, ``l``, ``xl`` or empty for plain) and ``is_heading`` (the label is the page's h1)
    are set by the ``field`` template tag.
    """

    label_size = "s"
    is_heading = False

    @property
    def data(self):
        """The data as typed, text normalised (forms with :class:`GovFormMixin` only)."""
        data = super().data
        if isinstance(data, str) and self._takes_prose:
            return normalise(data)
        return data

    def value(self):
        """The value to show. Characters that were refused are taken out, so that sending again succeeds."""
        value = super().value()
        if isinstance(value, str) and self.form.is_bound and self._takes_prose:
            return without_forbidden(value)
        return value

    @property
    def _takes_prose(self):
        is_prose = isinstance(self.field, forms.CharField) and not isinstance(self.field.widget, forms.PasswordInput)
        return is_prose and isinstance(self.form, GovFormMixin)

    @property
    def first_id(self):
        """The id of the input that the error summary links to: the first of a group, the first wrong date part."""
        if not self.auto_id:
            return ""
        widget = self.field.widget
        if isinstance(widget, SplitDateWidget):
            return f"{self.auto_id}_{(self.error_parts or widget.PARTS)[0]}"
        if isinstance(widget, forms.RadioSelect):
            return f"{self.auto_id}_0"
        return self.auto_id

    @property
    def error_parts(self):
        """Which of ``day``, ``month``, ``year`` of a three-box date are wrong; all of them if it is not said."""
        parts = []
        for error in self.errors.as_data():
            parts += (getattr(error, "params", None) or {}).get("parts", SplitDateWidget.PARTS)
        return [part for part in SplitDateWidget.PARTS if part in parts]

    @property
    def use_fieldset(self):
        """One file input is not a group."""
        return super().use_fieldset and not isinstance(self.field.widget, forms.FileInput)

    @property
    def is_single_checkbox(self):
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def is_optional(self):
        """Whether the label says "(optional)"."""
        if self.field.required or self.is_single_checkbox or self.name in getattr(self.form, "asked_for", ()):
            return False
        return getattr(self.form, "mark_optional", False)

    @property
    def counts_characters(self):
        """The cap shown under a textarea, else ``None``."""
        limit = getattr(self.field, "max_length", None)
        if isinstance(self.field.widget, forms.Textarea) and limit and limit < LONGEST_TEXT:
            return limit
        return None

    @property
    def aria_describedby(self):
        ids = super().aria_describedby
        if ids is not None and self.counts_characters:
            ids = f"{ids} {self.auto_id}-info".strip()
        return ids

    def build_widget_attrs(self, attrs, widget=None):
        """Add the GOV.UK classes; leave out ``maxlength``, which cuts a pasted text without a word."""
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        attrs["maxlength"] = False
        if widget.is_hidden:
            return attrs
        for kind, base, error in _BASE_CLASSES:
            if isinstance(widget, kind):
                classes = [base, widget.attrs.get("class", ""), error if self.errors else ""]
                if self.counts_characters and widget is self.field.widget:
                    classes.append("govuk-js-character-count")
                attrs["class"] = " ".join(name for name in classes if name)
                break
        if isinstance(widget, SplitDateWidget):
            widget.error_parts = self.error_parts
        return attrs


class GovUKRenderer(TemplatesSetting):
    """Django's form renderer with GOV.UK templates; widgets not listed here keep Django's own markup."""

    bound_field_class = GovBoundField
    form_template_name = "components/form.html"
    formset_template_name = "components/formset.html"
    field_template_name = "components/field.html"
    widget_templates = {
        "django/forms/widgets/radio.html": "components/widgets/radios.html",
        "django/forms/widgets/checkbox_select.html": "components/widgets/checkboxes.html",
        "django/forms/widgets/password.html": "components/widgets/password.html",
        "django/forms/widgets/clearable_file_input.html": "django/forms/widgets/file.html",
    }

    def render(self, template_name, context, request=None):
        """A select may have hundreds of options, so it has no template."""
        if template_name == forms.Select.template_name:
            return markup.select(context["widget"])
        return super().render(template_name, context, request)

    def get_template(self, template_name):
        return get_template(self.widget_templates.get(template_name, template_name))


class ForbiddenCharactersValidator:
    """No control and no bidi control characters; the message names the field and the characters."""

    def __init__(self, subject):
        self.subject = subject

    def __call__(self, value):
        found = forbidden_characters(value)
        if found:
            raise ValidationError(
                _(
                    "%(subject)s contained invisible characters that are not allowed: %(names)s. "
                    "They have been taken out. Check the text and send it again."
                ),
                code="forbidden_characters",
                params={"subject": self.subject, "names": ", ".join(describe(character) for character in found)},
            )


class GovFormMixin:
    """Normalised input and clear words for a :class:`django.forms.Form` or ``ModelForm``.

    ``mark_optional`` writes "(optional)" behind the label of a field that may stay empty; long drafting forms, where
    everything is optional to save, turn it off. ``asked_for`` names fields that another answer makes necessary: their
    labels do not say it either. A message given in ``error_messages=`` is never replaced.
    """

    use_required_attribute = False
    mark_optional = True
    asked_for: tuple[str, ...] = ()
    fields: dict[str, forms.Field]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            prepare(field, name)


class GovForm(GovFormMixin, forms.Form):
    """Base of every form of ours that is not bound to a model."""


class GovModelForm(GovFormMixin, forms.ModelForm):
    """Base of every model form of ours."""


def lower_first(text):
    """Lower the first letter for use inside a sentence, unless the word is an acronym: ``ICO number`` stays."""
    return text if len(text) > 1 and not text[1].islower() and text[1] != " " else text[:1].lower() + text[1:]


def prepare(field, name):
    """Give one field of a form its caps, validators and default messages (called once per form instance)."""
    label = str(field.label if field.label is not None else pretty_name(name))
    subject = _("“%(label)s”") % {"label": label} if label.endswith("?") else label
    field.label_text = subject
    if isinstance(field, forms.CharField) and not isinstance(field, forms.JSONField):
        _prepare_text(field, subject)
    if isinstance(field.widget, forms.NumberInput):
        # A spin box changes numbers by accident; the design system asks for a text box with a numeric keyboard.
        field.widget.input_type = "text"
        field.widget.attrs.setdefault("inputmode", "numeric" if type(field) is forms.IntegerField else "decimal")
        field.widget.attrs.setdefault("class", "govuk-input--width-5")
    if isinstance(field.widget, forms.EmailInput):
        field.widget.attrs.setdefault("spellcheck", "false")
    defaults = _django_messages(field)
    for code, message in _messages(field, label, subject).items():
        if field.error_messages.get(code) is defaults.get(code):
            field.error_messages[code] = message


def _prepare_text(field, subject):
    if isinstance(field.widget, forms.PasswordInput):
        return
    field.validators = [v for v in field.validators if not isinstance(v, ProhibitNullCharactersValidator)]
    field.validators.insert(0, ForbiddenCharactersValidator(subject))
    if field.max_length is None:
        field.max_length = LONGEST_TEXT
        field.validators.append(MaxLengthValidator(LONGEST_TEXT))


def _django_messages(field):
    messages: dict[str, str] = {}
    for cls in reversed(type(field).__mro__):
        messages.update(getattr(cls, "default_error_messages", {}))
    return messages


def _messages(field, label, subject):
    """Default messages in the words of the design system. ``%`` in a label must survive later interpolation."""
    shown, inside = subject.replace("%", "%%"), lower_first(subject).replace("%", "%%")
    messages = {"required": _required(field, label, lower_first(label))}
    if isinstance(field, forms.CharField):
        messages["max_length"] = _("%(label)s must be %(limit)s characters or fewer. You have entered %(have)s.") % {
            "label": shown,
            "limit": "%(limit_value)d",
            "have": "%(show_value)d",
        }
        messages["min_length"] = _("%(label)s must be %(limit)s characters or more.") % {
            "label": shown,
            "limit": "%(limit_value)d",
        }
    if isinstance(field, forms.EmailField):
        messages["invalid"] = _("Enter an email address in the correct format, like name@example.org")
    elif isinstance(field, forms.IntegerField):
        whole = type(field) is forms.IntegerField
        messages["invalid"] = (
            _("%(label)s must be a whole number, like 30") if whole else _("%(label)s must be a number, like 30")
        ) % {"label": subject}
        messages["min_value"] = _("%(label)s must be %(limit)s or more") % {"label": shown, "limit": "%(limit_value)s"}
        messages["max_value"] = _("%(label)s must be %(limit)s or less") % {"label": shown, "limit": "%(limit_value)s"}
    elif isinstance(field, forms.DateField):
        messages["invalid"] = _("%(label)s must be a real date, like 27 March 2027") % {"label": subject}
    elif isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        messages["invalid_choice"] = _("Select %(label)s from the list") % {"label": inside}
        messages["invalid_list"] = messages["invalid_choice"]
    elif isinstance(field, forms.FileField):
        messages["empty"] = _("The selected file is empty")
        messages["missing"] = messages["invalid"] = _("The file was not sent whole. Select it again")
    return messages


def _required(field, label, inside):
    is_choice = isinstance(field, (forms.ChoiceField, forms.ModelChoiceField))
    if isinstance(field, forms.BooleanField):
        return _("Tick “%(label)s”") % {"label": label}
    if isinstance(field, forms.FileField):
        return (
            _("Select a file")
            if inside == lower_first(_("File"))
            else _("Select a file for “%(label)s”") % {"label": label}
        )
    if isinstance(field, (forms.DateField, SplitDateField)) and not label.endswith("?"):
        if inside == lower_first(_("Date")):
            return _("Enter a date")
        return _("Enter a date for “%(label)s”") % {"label": label}
    if label.endswith("?"):
        words = _("Select an answer to “%(label)s”") if is_choice else _("Enter an answer to “%(label)s”")
        return words % {"label": label}
    return (_("Select the %(label)s") if is_choice else _("Enter the %(label)s")) % {"label": inside}
