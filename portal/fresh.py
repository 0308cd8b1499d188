"""Fresh proof before a credential changes: a password alone never adds, replaces or removes a second factor."""

from functools import wraps
from urllib.parse import urlencode

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.shortcuts import redirect
from django.urls import reverse

from portal import clock


def is_fresh(request) -> bool:
    """Was a second factor used in this session in the last five minutes (ASVS 7.5.3)?"""
    records = get_authentication_records(request, request.user)
    newest = max((record["at"] for record in records if record.get("method") == "mfa"), default=0)
    return clock.now().timestamp() - newest <= app_settings.REAUTHENTICATION_TIMEOUT


def has_app(user) -> bool:
    """Has the person an authenticator app?"""
    return is_mfa_enabled(user, [Authenticator.Type.TOTP])


def fresh_second_factor(view):
    """Ask for the second factor again before this page, if the person has one and it is not fresh."""

    @wraps(view)
    def run(request, *args, **kwargs):
        if request.user.is_authenticated and is_mfa_enabled(request.user) and not is_fresh(request):
            way = "mfa_reauthenticate" if has_app(request.user) else "mfa_reauthenticate_webauthn"
            return redirect(f"{reverse(way)}?{urlencode({'next': request.get_full_path()})}")
        return view(request, *args, **kwargs)

    return run
