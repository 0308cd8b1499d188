"""What of allauth is routed under /accounts/: signing in and out, passwords, the second factor. Nothing else.

Sign-up, e-mail management and login by code are not routed: accounts come only from invitations.
"""

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path

from portal import views_account as ours
from portal import views_pace as ours_too

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("sessions/", ours.sessions, name="account_sessions"),
    path("reminders/", ours_too.pace, name="account_reminders"),
    path("2fa/", factor.index, name="mfa_index"),
    path("2fa/set-up/", ours.set_up, name="mfa_set_up"),
    path("2fa/authenticate/", ours.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", ours.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", ours.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", ours.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/passkeys/", ours.list_passkeys, name="mfa_list_webauthn"),
    path("2fa/passkeys/add/", ours.add_passkey, name="mfa_add_webauthn"),
    path("2fa/passkeys/<int:pk>/rename/", ours.rename_passkey, name="mfa_edit_webauthn"),
    path("2fa/passkeys/<int:pk>/remove/", ours.remove_passkey, name="mfa_remove_webauthn"),
    path("2fa/passkeys/reauthenticate/", ours.reauthenticate_by_passkey, name="mfa_reauthenticate_webauthn"),
    path("2fa/passkeys/sign-in/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("2fa/passkeys/challenge/", ours.challenge, name="passkey-challenge"),
]
