"""Pages of one's own account beside allauth's: the choice of a second factor, passkeys, recovery codes, sessions."""

import base64
import json
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import activate_totp as allauth_activate_totp
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    EditWebAuthnView,
    ListWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import clock, passkeys
from portal.browsers import browser_words
from portal.fresh import fresh_second_factor, has_app
from portal.models import SignIn
from portal.rates import limited
from portal.templatetags.dates import longdate, longdatetime

HASHES = 50  # so many texts may be signed in one act
HEX = frozenset("0123456789abcdef")


@require_safe
def set_up(request) -> HttpResponse:
    """First choice of a second factor: a passkey, or an authenticator app."""
    return TemplateResponse(request, "mfa/set_up.html", {})


# --- passkeys


class AddPasskey(AddWebAuthnView):
    """Every passkey is kept on the device and recognises its owner there, so that it can sign in and sign."""

    def get_context_data(self, **kwargs: Any) -> dict:
        """With the options for the browser."""
        context = super().get_context_data(**kwargs)
        return context | {"options_json": json.dumps(auth.begin_registration(self.request.user, True))}


class SecondStep(AuthenticateView):
    """After the password: a passkey, a code of the app, or a recovery code."""

    def get_context_data(self, **kwargs: Any) -> dict:
        """With the options for the browser, for those who have a passkey."""
        context = super().get_context_data(**kwargs)
        asked = context["js_data"]["request_options"]
        has_passkey = bool(asked["publicKey"].get("allowCredentials"))
        return context | {"options_json": json.dumps(asked) if has_passkey else ""}


class ListPasskeys(ListWebAuthnView):
    """The passkeys of one's account."""

    template_name = "mfa/webauthn/authenticator_list.html"

    def get_context_data(self, **kwargs: Any) -> dict:
        """Rows of the table."""
        context = super().get_context_data(**kwargs)
        headers = [_("Name"), _("Added"), _("Last used"), _("Change"), _("Remove")]
        return context | {"headers": headers, "rows": [row_of(one) for one in self.get_queryset().order_by("pk")]}


def row_of(passkey: Authenticator) -> list:
    """One row of the list of passkeys."""
    name, used = passkey.wrap().name, longdate(passkey.last_used_at) if passkey.last_used_at else ""
    return [
        name,
        longdate(passkey.created_at),
        {"value": used, "empty": _("Not yet")},
        {"value": _("Rename"), "link": reverse("mfa_edit_webauthn", args=[passkey.pk]), "link_hidden": name},
        {"value": _("Remove"), "link": reverse("mfa_remove_webauthn", args=[passkey.pk]), "link_hidden": name},
    ]


class ReauthenticateByPasskey(ReauthenticateWebAuthnView):
    """A fresh proof by passkey."""

    def get_context_data(self, **kwargs: Any) -> dict:
        """With the options for the browser."""
        context = super().get_context_data(**kwargs)
        return context | {"options_json": json.dumps(context["js_data"]["request_options"])}

    def form_invalid(self, form) -> HttpResponse:
        """The same page with what is wrong (allauth would lead away from it)."""
        return self.render_to_response(self.get_context_data(form=form))


authenticate = SecondStep.as_view()
add_passkey = fresh_second_factor(AddPasskey.as_view())
list_passkeys = ListPasskeys.as_view()
rename_passkey = fresh_second_factor(EditWebAuthnView.as_view())
remove_passkey = fresh_second_factor(RemoveWebAuthnView.as_view())
reauthenticate_by_passkey = ReauthenticateByPasskey.as_view()
activate_totp = fresh_second_factor(allauth_activate_totp)


@require_safe
@limited("challenge", limit_get=True)
def challenge(request) -> HttpResponse:
    """What the browser asks the device for before a signature: bound to the person, this session and these hashes."""
    hashes = request.GET.getlist("sha256")[: HASHES + 1]
    right = all(len(one) == 64 and set(one) <= HEX for one in hashes)
    if not hashes or len(hashes) > HASHES or not right or not passkeys.held(request.user):
        raise Http404
    session = request.session.session_key or ""
    return JsonResponse(passkeys.options(request.user, session=session, hashes=hashes, now=clock.now()))


# --- recovery codes


class ViewCodes(ViewRecoveryCodesView):
    """Shown once; in the same moment they can be kept as a text file, which is made in the page and stored nowhere."""

    def get_context_data(self, **kwargs: Any) -> dict:
        """With the file, while the codes are shown."""
        context = super().get_context_data(**kwargs)
        if not context["can_view_codes"]:
            return context
        facts = {"codes": context["unused_codes"], "user": self.request.user, "at": clock.now()}
        text = render_to_string("mfa/recovery_codes/download.txt", facts)
        content = base64.b64encode(text.encode()).decode()
        return context | {"file_href": f"data:text/plain;charset=utf-8;base64,{content}"}


view_recovery_codes = ViewCodes.as_view()
generate_by_code = GenerateRecoveryCodesView.as_view()
generate_by_passkey = fresh_second_factor(generate_by_code)


def generate_recovery_codes(request) -> HttpResponse:
    """New codes: with a code of the app, or, for those who have passkeys only, with a fresh passkey."""
    by_code = not request.user.is_authenticated or has_app(request.user)
    return generate_by_code(request) if by_code else generate_by_passkey(request)


# --- sessions


@reauthentication_required(app="portal")
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request) -> HttpResponse:
    """Where one is signed in; end one of them, or all others (ASVS 7.5.2)."""
    now, own_key = clock.now(), request.session.session_key
    others = SignIn.objects.filter(user=request.user).exclude(session_key=own_key)
    if request.method == "POST":
        chosen = request.POST.get("session", "")
        ending = others if "all" in request.POST else others.filter(pk=chosen if chosen.isdecimal() else 0)
        if ending.end():
            messages.success(request, _("Signed out there."))
        return redirect("account_sessions")
    here = SignIn.objects.filter(session_key=own_key, user=request.user).first()
    context = {
        "here": place_of(here) if here else [],
        "others": [
            {"pk": one.pk, "rows": place_of(one), "browser": browser_words(one.user_agent)} for one in others.live(now)
        ],
        "back_href": reverse("mfa_index"),
    }
    return TemplateResponse(request, "account/sessions.html", context)


def place_of(session: SignIn) -> list[dict]:
    """One session as a summary list."""
    return [
        {"key": _("Browser"), "value": browser_words(session.user_agent)},
        {"key": _("Network address"), "value": session.ip, "empty": _("Not known")},
        {"key": _("Signed in"), "value": longdatetime(session.started_at)},
        {"key": _("Last used"), "value": longdatetime(session.seen_at)},
    ]
