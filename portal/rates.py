"""How often something may be tried, beside what allauth limits itself (sign-in, reset, re-authentication, passkeys).

Counted in the shared cache, on a connection of its own: an act that is rolled back has still been tried.
"""

from allauth.core.internal import ratelimit

RATES = {
    "invitation": "20/m/ip",  # taking up an offer
    "invite": "60/h/user",  # making us write to strangers
    "challenge": "30/m/user",  # options for a passkey
    "find-organisation": "30/h/user",  # asking which bodies other frameworks have
    "calendar-feed": "20/h/user",  # addresses that work without signing in
    "comparison": "10/m/user",  # a PDF is made for each request
    "pack": "20/m/user",  # so is this one
}


def limited(action: str, *, limit_get: bool = False):
    """Answer 429 beyond the rate. GET is free unless limit_get."""
    return ratelimit.decorator(app="portal", action=action, config=RATES, limit_get=limit_get)
