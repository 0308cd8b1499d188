"""The date in the address: `?as-at=2026-03-01` behind a page shows it as it stood at the end of that day in London."""

from functools import wraps

from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.forms import GovForm, TextDateField
from portal.templatetags.dates import longdate
from protocols.as_at import EARLIEST, KEY, AsAt


class AsAtForm(GovForm):
    """Asks for the date. With its prefix the field is called "as-at"."""

    prefix = "as"

    at = TextDateField(
        label=_("Date"), earliest=EARLIEST, latest=clock.today, error_messages={"required": _("Enter a date")}
    )


def dated(then):
    """A view that is answered by `then(request, at, …)` when its address has a date. Stands below @scoped.

    A date that is none, or has not come yet, is said to be so (400) and nothing is shown; one in words is sent to the
    address with the ISO date, so that it can be kept and passed on.
    """

    def decorate(view):
        @wraps(view)
        def run(request, *args, **kwargs):
            if KEY not in request.GET:
                return view(request, *args, **kwargs)
            form = AsAtForm(request.GET)
            if not form.is_valid():
                context = {"form": form, "today_href": request.path}
                return TemplateResponse(request, "protocols/as_at_wrong.html", context, status=400)
            at = AsAt(form.cleaned_data["at"])
            query = request.GET.copy()
            query[KEY] = at.day.isoformat()
            if query != request.GET:
                return redirect(f"{request.path}?{query.urlencode()}")
            return then(request, at, *args, **kwargs)

        return run

    return decorate


def banner(request, at) -> dict:
    """What every page as at a date has in its context."""
    return {
        "as_at": at,
        "as_at_day": longdate(at.day),
        "as_at_heading": _t("As it stood on %(date)s") % {"date": longdate(at.day)},
        "today_href": today_href(request),
        "as_at_form": AsAtForm(initial={"at": at.day}),
    }


def today_href(request) -> str:
    """The same page today; filters stay."""
    query = request.GET.copy()
    query.pop(KEY, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def file_href(request, name) -> str:
    """The list that is shown, as a file: same date, same filters, all of its pages."""
    query = request.GET.copy()
    query.pop("page", None)
    return f"{reverse(name, args=[request.framework.slug])}?{query.urlencode()}"


def kept(at, name, *args) -> str:
    """The address of a page, with the date."""
    return reverse(name, args=args) + at.query
