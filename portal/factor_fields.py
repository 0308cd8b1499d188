"""The part of a signing form that asks for the second factor: a passkey, or a code of the authenticator app."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from portal import passkeys, second_factor

LONGEST_ANSWER = 20_000  # characters


class CodeInput(forms.TextInput):
    """A code of the authenticator app; it is never shown again, since it works only once."""

    def format_value(self, value):
        """Nothing."""
        return ""


class NoEcho(forms.HiddenInput):
    """The device's answer; it is never sent back either."""

    def format_value(self, value):
        """Nothing."""
        return ""


class DeviceAnswer(forms.JSONField):
    """What a device says about a passkey, as the browser puts it into the form: a small flat object, or an error."""

    widget = NoEcho

    def to_python(self, value):
        """The object. Raises ValidationError for anything of another shape or size."""
        if isinstance(value, str) and len(value) > LONGEST_ANSWER:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            found = super().to_python(value)
        except RecursionError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if found is not None and not (isinstance(found, dict) and isinstance(found.get("response"), dict)):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class FactorFields(forms.Form):
    """`code` and, filled by the browser, `credential`; one of them is needed. `prove` checks and uses it up."""

    mark_optional = False

    code = forms.CharField(
        label=_("Code from your authenticator app"),
        help_text=_("The 6 digits that it shows now. Signing always asks for one, even if you have just signed in."),
        max_length=20,
        required=False,
        widget=CodeInput(
            attrs={
                "class": "govuk-input--width-10",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "spellcheck": "false",
            }
        ),
    )
    credential = DeviceAnswer(required=False)

    def clean(self):
        """One of the two."""
        data = super().clean() or self.cleaned_data
        if not data.get("code") and not data.get("credential") and not {"code", "credential"} & set(self.errors):
            self.add_error("code", _("Enter the code from your authenticator app"))
        return data

    def prove(self, user, *, hashes: list[str], session: str, now) -> bool:
        """Prove the second factor for exactly these texts; what is wrong with it stands beside the field of the code.

        hashes: SHA-256 of each text. session: key of the session in which the browser asked for its options.
        """
        code, credential = self.cleaned_data["code"], self.cleaned_data["credential"]
        try:
            if code or not credential:
                second_factor.prove_all(user, code, hashes=hashes, now=now)
            else:
                passkeys.prove(user, credential, session=session, hashes=hashes, now=now)
        except ValidationError as error:
            self.add_error("code", error)
            return False
        return True


def passkey_options_href(user, hashes: list[str]) -> str:
    """Where the browser asks for its options; "" for those who have no passkey."""
    if not passkeys.held(user):
        return ""
    pairs: list[tuple[str, Any]] = [("sha256", one) for one in hashes]
    return f"{reverse('passkey-challenge')}?{urlencode(pairs)}"
