"""Error pages: each says what happened and what to do, and none queries the database."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from portal import clock, typed


def bad_request(request, exception=None):
    """400."""
    return render(request, "400.html", status=400)


def forbidden(request, exception=None):
    """403: inside the reader's own framework; strangers get 404."""
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    """404: also for what is not yours."""
    return render(request, "404.html", status=404)


def server_error(request):
    """500: rendered without context processors."""
    return render(None, "500.html", status=500)


def csrf_failure(request, reason=""):
    """The form is too old, or cookies are off. The signed token of the page itself lets its words be kept."""
    mine = not request.user.is_authenticated or typed.typed_by(request) == request.user.pk
    if mine and typed.keep(request, now=clock.now()):
        return kept_page(request) if request.user.is_authenticated else redirect(typed.sign_in_again(request))
    context = {
        "explanation": _("This form was open too long, or your browser does not keep cookies."),
        "what_to_do": _("Go back, copy what you typed, load the page again and send it once more."),
    }
    return render(request, "403.html", context, status=403)


def kept_page(request):
    """Somebody signed in again elsewhere, so the old form does not count any more; its words wait in the new one."""
    context = {
        "explanation": _(
            "You have signed in again since this form was opened, so it could not be sent. Nothing is lost."
        ),
        "what_to_do": _("Open the form again: it offers what you typed."),
        "form_href": request.get_full_path(),
    }
    return render(request, "403.html", context, status=403)
