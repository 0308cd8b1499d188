"""Closure days and late bank holidays: what would move is shown first; the confirmation counts it (READ-1, READ-8)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from portal import clock, closures, due
from portal.fields import HintedRadioSelect, TextDateField
from portal.forms import GovForm
from portal.models import BankHoliday, ClosureDay, Deadline
from portal.permissions import Perm
from portal.templatetags.dates import longdate, longdatetime
from portal.tenancy import scoped
from portal.views_people import crumbs
from portal.working_days import NATIONS, committed_table

CLOSURE = "closure"


class ClosureDayForm(GovForm):
    """A day that does not count as a working day here, and why."""

    date = TextDateField(
        label=gettext_lazy("Date"),
        help_text=gettext_lazy("For example, 28 December 2026."),
        error_messages={"required": gettext_lazy("Enter a date")},
    )
    title = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=100,
        help_text=gettext_lazy("It is printed where a deadline is explained, for example “Council offices closed”."),
        error_messages={"required": gettext_lazy("Enter what the day is for")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What kind of day is it?"),
        initial=CLOSURE,
        widget=HintedRadioSelect(
            hints={CLOSURE: gettext_lazy("The bodies of this framework are closed; it counts for all its deadlines")}
        ),
    )

    def __init__(self, data=None, *, framework, **kwargs):
        self.framework = framework
        super().__init__(data, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [(CLOSURE, _("A closure day")), *late_holidays(framework)]

    def clean(self):
        """Once only, and no bank holiday that is known."""
        data: dict = super().clean() or {}
        day, nation = data.get("date"), nation_of(data)
        if day is None:
            return data
        if ClosureDay.objects.filter(framework=self.framework, date=day, nation=nation).exists():
            self.add_error("date", ValidationError(_("This day is on the list already")))
        elif nation and is_known(nation, day):
            self.add_error("date", ValidationError(_("This day is known as a bank holiday already")))
        return data


def late_holidays(framework) -> list[tuple[str, str]]:
    """The kind of a late bank holiday, for each nation in which this framework counts."""
    used = set(Deadline.objects.open().order_by().values_list("inputs__nation", flat=True).distinct())
    nations = [nation for nation in NATIONS if nation == framework.nation or nation in used]
    return [(nation, _("A bank holiday declared late: %(nation)s") % {"nation": NATIONS[nation]}) for nation in nations]


def nation_of(data) -> str:
    """The nation of a late bank holiday; nothing for a closure day."""
    kind = data.get("kind") or CLOSURE
    return "" if kind == CLOSURE else kind


def is_known(nation, day) -> bool:
    """Does the table of the installation have it?"""
    return day in committed_table().nations[nation] or BankHoliday.objects.filter(nation=nation, date=day).exists()


@scoped()
@require_http_methods(["GET", "HEAD", "POST"])
def closure_days(request) -> HttpResponse:
    """The days; administrators add one: first they see what moves, then they confirm it."""
    configures = request.access.can(Perm.CONFIGURE)
    if request.method == "POST" and not configures:
        raise PermissionDenied
    form = ClosureDayForm(request.POST if request.method == "POST" else None, framework=request.framework)
    if request.method == "POST" and form.is_valid() and "change" not in request.POST:
        return add(request, form.cleaned_data)
    return list_page(request, form if configures else None)


def list_page(request, form) -> HttpResponse:
    """The days on the list, newest first."""
    days = ClosureDay.objects.filter(framework=request.framework).order_by("-date", "nation")
    context = {
        "form": form,
        "headers": [_("Date"), _("What for"), _("Kind"), *([_("Remove")] if form else [])],
        "rows": [row_of(day, request.framework, configures=form is not None) for day in days],
        "breadcrumbs": crumbs(request, _("Closure days")),
    }
    return TemplateResponse(request, "portal/closure_days.html", context)


def row_of(day, framework, *, configures: bool) -> list:
    """One day."""
    row = [longdate(day.date), day.title, kind_words(day.nation)]
    remove_href = reverse("closure-day-remove", args=[framework.slug, day.pk])
    return [*row, {"value": _("Remove"), "link": remove_href, "link_hidden": longdate(day.date)}] if configures else row


def kind_words(nation: str) -> str:
    """Closure day, or late bank holiday of a nation."""
    return _("Late bank holiday: %(nation)s") % {"nation": NATIONS[nation]} if nation else _("Closure day")


def add(request, data) -> HttpResponse:
    """Show what would move; once that was confirmed, count it."""
    day, title, nation = data["date"], data["title"], nation_of(data)
    found = closures.moves(request.framework, added=ClosureDay(date=day, title=title, nation=nation))
    shown = request.POST.get("shown")
    if shown == closures.digest(found):
        moved = closures.add(
            request.framework, day, title, nation=nation, shown=shown, by=request.user, now=clock.now()
        )
        messages.success(request, _("%(date)s is added. %(what)s") % {"date": longdate(day), "what": said(moved)})
        return redirect("closure-days", request.framework.slug)
    fields = {"date": day.isoformat(), "title": title, "kind": data["kind"]}
    heading = _("Add %(date)s: what moves") % {"date": longdate(day)}
    submit = _("Add the day")
    return preview(request, found, heading=heading, submit=submit, fields=fields, rows=facts(day, title, nation))


def facts(day, title, nation) -> list[dict]:
    """The day as a summary list."""
    return [
        {"key": _("Date"), "value": longdate(day)},
        {"key": _("What for"), "value": title},
        {"key": _("Kind"), "value": kind_words(nation)},
    ]


def said(moved: int) -> str:
    """How many deadlines moved."""
    words = ngettext("%(count)d deadline was counted anew.", "%(count)d deadlines were counted anew.", moved)
    return words % {"count": moved} if moved else _("No deadline moved.")


@scoped(Perm.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request, pk: int) -> HttpResponse:
    """A working day again: what would move, then the confirmation."""
    day = ClosureDay.objects.filter(framework=request.framework, pk=pk).first()
    if day is None:
        raise Http404
    found = closures.moves(request.framework, removed=day)
    shown = request.POST.get("shown")
    if request.method == "POST" and shown == closures.digest(found):
        moved = closures.remove(day, shown=shown, by=request.user, now=clock.now())
        messages.success(
            request, _("%(date)s is removed. %(what)s") % {"date": longdate(day.date), "what": said(moved)}
        )
        return redirect("closure-days", request.framework.slug)
    heading = _("Remove %(date)s: what moves") % {"date": longdate(day.date)}
    rows, submit = facts(day.date, day.title, day.nation), _("Remove the day")
    return preview(request, found, heading=heading, submit=submit, fields={}, rows=rows)


def preview(request, found, *, heading, submit, fields, rows) -> HttpResponse:
    """Every affected deadline with its old and its new date. What the administrator may not see is counted as well, and
    not listed."""
    visible = {one.pk: one for one in due.with_subjects(
        due.visible(request.access).filter(pk__in={move.deadline.pk for move in found}), request.access
    )}  # fmt: skip
    listed, now = [move for move in found if move.deadline.pk in visible], clock.now()
    context = {
        "heading": heading,
        "submit": submit,
        "fields": fields | {"shown": closures.digest(found)},
        "facts": rows,
        "count": len(listed),
        "hidden": len(listed) < len(found),
        "stale": "shown" in request.POST,
        "headers": [_("Duty"), _("About"), _("Due now"), _("Due then")],
        "rows": [line(move, visible[move.deadline.pk], request.framework, now=now) for move in listed],
        "cancel_href": reverse("closure-days", args=[request.framework.slug]),
        "breadcrumbs": crumbs(request, heading, ("closure-days", _("Closure days"))),
    }
    return TemplateResponse(request, "portal/closure_preview.html", context)


def line(move, deadline, framework, *, now) -> list:
    """One date that moves."""
    words = longdatetime if due.in_hours(deadline) else longdate
    late = {"tag": _("Overdue at once"), "colour": "red"} if move.was >= now > move.now else {}
    return [
        {
            "value": due.duty(deadline),
            "link": due.href(deadline, framework),
            "note": _("practical date") if move.practical else "",
        },
        due.subject_words(deadline),
        words(move.was),
        {"value": words(move.now)} | late,
    ]
