"""Save and come back: what is typed on a drafting form is kept for its person alone until it is saved or discarded.

`keeps_typed` does it for any form page of a version: it takes the words that the script sends (act=keep), offers them
when the page is opened again, puts them into the form if asked to (?unsaved=1), and drops them once the form is saved.
It never touches the draft. docs/adr says why they are kept on the server.
"""

from datetime import datetime
from functools import wraps

from django import forms
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from portal import clock, typed
from portal.templatetags.dates import londontime, longdate
from portal.text import normalise
from protocols.finding import find_version, versions_named
from protocols.models import UnsavedDraft, Version


def keeps_typed(view):
    """The view's form is kept while it is typed. Goes below `scoped`; the view takes reference and number."""

    @wraps(view)
    def run(request, reference, number, *args, **kwargs):
        act = request.POST.get("act", "")
        if act in {"keep", "discard"}:
            version = find_version(request, reference, number)
            return take(request, version) if act == "keep" else discard(request, version)
        response = view(request, reference, number, *args, **kwargs)
        if request.method == "POST" and isinstance(response, HttpResponseRedirect):
            drop(request, versions_named(request, reference, number))
        elif getattr(response, "context_data", None) and "form" in response.context_data:
            offer(request, response)
        return response

    run.keeps_typed = True  # type: ignore[attr-defined]  # read by portal.typed
    return run


def place_of(request) -> str:
    """The form's address below the version's, with the place of a new clause."""
    below = request.path.split("/", 5)[5]  # "", framework, "protocols", reference, number
    where = request.GET.get("place", "")
    return f"{below}?{urlencode({'place': where})}" if where else below


def take(request, version):
    """Keep the words of the form as they stand now. Answers the script, so with JSON."""
    fields = typed.fields_of(request.POST)
    if not fields or typed.typed_by(request) != request.user.pk:
        return JsonResponse({}, status=400)
    kept = UnsavedDraft.objects.keep(
        version, user=request.user, place=place_of(request)[:300], fields=fields, now=clock.now()
    )
    return JsonResponse({"at": londontime(kept.saved_at)})


def drop(request, versions):
    """The form was saved: nothing is unsaved any more. versions: a queryset of the one."""
    UnsavedDraft.objects.filter(user=request.user, version__in=versions.values("pk"), place=place_of(request)).delete()
    typed.forget(request)


def discard(request, version):
    """The person does not want the words: the form again, as it stands in the draft."""
    drop(request, Version.objects.filter(pk=version.pk))
    where = request.GET.get("place", "")
    return redirect(f"{request.path}?{urlencode({'place': where})}" if where else request.path)


def found_for(request, version) -> tuple[dict, datetime] | None:
    """The newest words of this person for this form, and when they were kept."""
    row = UnsavedDraft.objects.of(request.user, version, place_of(request)).first()
    found = [(row.fields, row.saved_at)] if row else []
    if waiting := typed.kept(request):
        found.append((waiting["fields"], datetime.fromisoformat(waiting["at"])))
    return max(found, key=lambda one: one[1]) if found else None


def offer(request, response):
    """Tell the page whose form it is; on opening it, offer what was typed, or put it into the form."""
    context = response.context_data
    form, version = context["form"], context.get("version")
    if context.get("closed") or version is None:
        return
    context |= {"typed_by": typed.token(request.user), "keep_now": request.method == "POST"}
    kept = found_for(request, version) if request.method == "GET" and not form.is_bound else None
    if kept is None or is_same(form, kept[0]):
        return
    fields, at = kept
    context["unsaved"] = {"at": at, "when": when(at), "used": "unsaved" in request.GET, "href": use_href(request)}
    if "unsaved" in request.GET:
        fill(form, fields)
        context["keep_now"] = True


def use_href(request) -> str:
    """The form with the words in it."""
    where = {"place": request.GET["place"]} if request.GET.get("place") else {}
    return f"?{urlencode({'unsaved': 1, **where})}"


def when(at) -> str:
    """ "14:32", with the day unless it is today."""
    if clock.london_date(at) == clock.today():
        return londontime(at)
    return _("%(time)s on %(day)s") % {"time": londontime(at), "day": longdate(clock.london_date(at))}


def is_ticked(form, name) -> bool:
    """Is the field a check box, of which a browser sends nothing when it is empty?"""
    return isinstance(form.fields[name].widget, forms.CheckboxInput)


def is_same(form, fields) -> bool:
    """Do the words say nothing else than what stands in the form already?"""
    for name, field in form.fields.items():
        if field.widget.is_hidden:
            continue
        stands = field.prepare_value(form.get_initial_for_field(field, name))  # form[name] would remember it
        if is_ticked(form, name):
            if bool(stands) != (name in fields):
                return False
        elif said(stands) != said(fields.get(name)):
            return False
    return True


def said(value) -> list[str]:
    """A value or several as the words that a form would send, without empty ones."""
    values = value if isinstance(value, (list, tuple)) else [value]
    words = [normalise(str(one)).strip() for one in values if one is not None]
    return sorted(filter(None, words))


def fill(form, fields):
    """Put the words into a form that was not sent, with the locks under which they were typed."""
    for name in form.fields:
        form.initial[name] = name in fields if is_ticked(form, name) else fields.get(name, "")
