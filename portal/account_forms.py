"""The forms of allauth with the words and manners of ours. Named in ``ACCOUNT_FORMS`` and ``MFA_FORMS``."""

import struct
from contextlib import contextmanager
from typing import Any

from allauth.account import forms as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as factor
from allauth.mfa.recovery_codes import forms as recovery
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from portal import clock, second_factor
from portal.account_mail import as_if_queued
from portal.factor_fields import DeviceAnswer
from portal.forms import GovFormMixin
from portal.fresh import has_app
from portal.models import User


class SignInManners(GovFormMixin):
    """Labels, hints and messages in plain words; no placeholder, which vanishes as soon as somebody types."""

    mark_optional = False
    words: dict[str, dict] = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            words = self.words.get(name, {})
            field.label = words.get("label", field.label)
            field.help_text = words.get("help_text", "")
            if "required" in words:
                field.error_messages["required"] = words["required"]
            field.widget.attrs.update(words.get("attrs", {}))


EMAIL = {"label": _("Email address"), "required": _("Enter your email address")}
PASSWORD = {"label": _("Password"), "required": _("Enter your password")}
NEW_PASSWORD = {
    "label": _("New password"),
    "help_text": _(
        "At least 12 characters. Three random words are a good start. Common passwords and your own name are refused."
    ),
    "required": _("Enter a new password"),
}
AGAIN = {"label": _("New password again"), "required": _("Enter the new password again")}
CODE = {
    "label": _("Code from your authenticator app"),
    "help_text": _("6 digits, or one of your recovery codes."),
    "required": _("Enter the code from your authenticator app"),
    "attrs": {"class": "govuk-input--width-10", "autocapitalize": "off", "spellcheck": "false"},
}


class LoginForm(SignInManners, account.LoginForm):
    words = {"login": EMAIL, "password": PASSWORD}


class ResetPasswordForm(SignInManners, account.ResetPasswordForm):
    words = {"email": EMAIL}

    def save(self, request, **kwargs):
        """Queue the mail; for an address without an account, the same work for nothing."""
        email = super().save(request, **kwargs)
        if not self.users:
            as_if_queued(now=clock.now())
        return email


class ResetPasswordKeyForm(SignInManners, account.ResetPasswordKeyForm):
    words = {"password1": NEW_PASSWORD, "password2": AGAIN}


class ChangePasswordForm(SignInManners, account.ChangePasswordForm):
    words = {
        "oldpassword": {"label": _("Present password"), "required": _("Enter your present password")},
        "password1": NEW_PASSWORD,
        "password2": AGAIN,
    }


class ReauthenticateForm(SignInManners, account.ReauthenticateForm):
    words = {"password": PASSWORD}


class OneUseCode:
    """Codes are checked and used up in one place (portal.second_factor): a code that signed in cannot sign."""

    cleaned_data: dict[str, Any]
    user: Any

    def clean_code(self):
        code = self.cleaned_data["code"]
        self.authenticator = second_factor.use_code_to_sign_in(self.user, code, now=clock.now())
        self.authenticator.user = self.user
        return code


class AuthenticateForm(SignInManners, OneUseCode, factor.AuthenticateForm):
    words = {"code": CODE}


class FactorReauthenticateForm(SignInManners, OneUseCode, factor.ReauthenticateForm):
    words = {"code": CODE}


class ActivateTOTPForm(SignInManners, totp.ActivateTOTPForm):
    def clean_code(self):
        code = second_factor.plain(super().clean_code())
        counter = second_factor.counter_of(self.secret, code, now=clock.now())
        if counter is not None:
            second_factor.mark_used(self.user, counter)
        return code

    words = {
        "code": CODE
        | {
            "label": _("Code that the app shows"),
            "help_text": _("6 digits."),
            "required": _("Enter the 6-number code that the app shows"),
            "attrs": {"class": "govuk-input--width-5", "inputmode": "numeric"},
        }
    }


class OldFactorStays(SignInManners):
    """Whoever takes the second factor away or replaces it shows it once more: a password alone must not be enough.

    A recovery code will do, for somebody who lost the phone. With neither, the operator's command helps.
    """

    words = {"code": CODE}
    cleaned_data: dict[str, Any]
    holder: User

    def __init__(self, *args, **kwargs):
        if kwargs.get("data") == {}:  # allauth binds a form without data, to show errors before anything is sent
            kwargs.pop("data")
        super().__init__(*args, **kwargs)

    def clean_code(self):
        """Check and use it up."""
        code = self.cleaned_data["code"]
        second_factor.use_code_to_sign_in(self.holder, code, now=clock.now())
        return code


class DeactivateTOTPForm(OldFactorStays, totp.DeactivateTOTPForm):
    code = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}))

    def clean_code(self):
        self.holder = self.authenticator.user
        return super().clean_code()


class GenerateRecoveryCodesForm(OldFactorStays, recovery.GenerateRecoveryCodesForm):
    code = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not has_app(self.user):  # passkeys only: the page has asked for one (portal.views_account)
            del self.fields["code"]

    def clean_code(self):
        self.holder = self.user
        return super().clean_code()


NAME_OF_PASSKEY = {
    "label": _("Name"),
    "help_text": _("So that you can tell your passkeys apart, for example “Work phone”."),
    "required": _("Enter a name for the passkey"),
    "attrs": {"autocomplete": "off"},
}


class ShortName:
    """A name that fits into the list."""

    fields: dict[str, Any]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].max_length = 60
        self.fields["name"].validators.append(MaxLengthValidator(60))


class FromDevice:
    """Whatever a hostile answer makes the library stumble over is a refusal, not an error of ours."""

    @contextmanager
    def guarded(self):
        """Turn what fido2 raises for broken bytes into words."""
        try:
            yield
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, struct.error, RecursionError) as error:
            raise get_adapter().validation_error("incorrect_code") from error


class AddPasskeyForm(FromDevice, ShortName, SignInManners, webauthn._BaseAddWebAuthnForm):
    """Always one that recognises its owner: there is no choice about it."""

    words = {"name": NAME_OF_PASSKEY}
    credential = DeviceAnswer()

    def clean(self):
        """Check what the device made."""
        with self.guarded():
            return super().clean()


class RenamePasskeyForm(ShortName, SignInManners, webauthn.EditWebAuthnForm):
    words = {"name": NAME_OF_PASSKEY}


class PasskeyStepForm(FromDevice, SignInManners, webauthn.AuthenticateWebAuthnForm):
    """After the password."""

    credential = DeviceAnswer()

    def clean_credential(self):
        """The passkey that was used."""
        with self.guarded():
            return super().clean_credential()


class PasskeySignInForm(FromDevice, SignInManners, webauthn.LoginWebAuthnForm):
    """Instead of a password."""

    credential = DeviceAnswer()

    def clean_credential(self):
        """The passkey that was used."""
        with self.guarded():
            return super().clean_credential()


class PasskeyReauthenticateForm(FromDevice, SignInManners, webauthn.ReauthenticateWebAuthnForm):
    """A fresh proof."""

    credential = DeviceAnswer()

    def clean_credential(self):
        """The passkey that was used."""
        with self.guarded():
            return super().clean_credential()
