"""The next code of a person's authenticator app that has not been used: tests never reuse one, as people cannot."""

import time

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt

from portal import clock, second_factor


def code_at(user, counter):
    """The code of one time step."""
    app = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    return format_hotp_value(hotp_value(decrypt(app.data["secret"]), counter))


def next_code(user, *, now=None, traveller=None):
    """A code that is accepted at `now` (default: the clock) and was not used.

    Three are accepted at any moment. When all are used: `traveller` (time-machine's) is moved one step on, a fixed
    `now` raises RuntimeError, and otherwise this waits for the next step, at most 30 seconds.
    """
    past, present, following = second_factor.counters(now=now or clock.now())
    for counter in (present, following, past):
        if not second_factor.is_used(user, counter):
            return code_at(user, counter)
    period = app_settings.TOTP_PERIOD
    if traveller is not None:
        traveller.shift(period)
    elif now is not None:
        raise RuntimeError(f"All three codes that are accepted at {now} are used. Move now on by {period} seconds.")
    else:
        time.sleep(period - clock.now().timestamp() % period + 0.1)
    return next_code(user, traveller=traveller)
