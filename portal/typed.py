"""What a person typed when their session ended under them: kept in the browser's next session, and only for them.

A page marked with `keeps_typed` carries a signed token that says for whom it was made. When such a page is sent after
the session has ended, the words wait in the anonymous session (which survives signing in) and are offered again by
the page once the same person is back. Without that token nothing is kept, so strangers cannot fill the table; nor is
anything that another site sends, which could only put a new session in the place of the one that is there.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.urls import reverse

from portal.limits import too_many
from portal.text import normalise, without_forbidden

FIELD = "typed_by"
SALT = "portal.typed"
SESSION = "typed"
GOOD_FOR = 7 * 24 * 3600  # seconds; longer than anybody leaves a form open
LARGEST = 300_000  # characters of one form
TRIES, WINDOW = 20, 3600  # of one person: their token outlives their role
LEFT_OUT = {"csrfmiddlewaretoken", "act", FIELD}


def token(user) -> str:
    """What the page carries."""
    return signing.dumps(user.pk, salt=SALT)


def typed_by(request) -> int | None:
    """For whom the page that was sent was made; None if it does not say so itself."""
    try:
        return signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None


def fields_of(post) -> dict[str, str | list[str]]:
    """What was typed, by name of the field, a list for several ticks; empty when it is too much to keep."""
    typed = {
        name: [without_forbidden(normalise(value)) for value in post.getlist(name)]
        for name in post
        if name not in LEFT_OUT
    }
    if sum(len(value) for values in typed.values() for value in values) > LARGEST:
        return {}
    return {name: values[0] if len(values) == 1 else values for name, values in typed.items()}


def keep(request, *, now) -> bool:
    """Keep what was sent, if its page keeps what is typed; returns whether it did."""
    view, person = getattr(request.resolver_match, "func", None), typed_by(request)
    fields = fields_of(request.POST)
    if request.method != "POST" or not getattr(view, "keeps_typed", False) or person is None or not fields:
        return False
    if request.headers.get("Sec-Fetch-Site") == "cross-site" or too_many(
        "typed", tries=TRIES, window=WINDOW, now=now, whose=person
    ):
        return False
    request.session[SESSION] = {
        "path": request.get_full_path(),
        "user": person,
        "at": now.isoformat(),
        "fields": fields,
    }
    return True


def sign_in_again(request) -> str:
    """The sign-in page, which leads back to the form."""
    return f"{reverse(settings.LOGIN_URL)}?{urlencode({'ended': 1, 'kept': 1, 'next': request.get_full_path()})}"


def kept(request) -> dict | None:
    """What waits for this person on this address."""
    found = request.session.get(SESSION)
    same = found and found["user"] == request.user.pk and found["path"].split("?")[0] == request.path
    return found if same else None


def forget(request):
    """It was used or is not wanted."""
    if kept(request):
        del request.session[SESSION]
