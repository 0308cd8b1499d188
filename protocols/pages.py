"""What the drafting pages share: finding an editable draft, breadcrumbs, saving a form, showing a clash."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.errors import StateError
from portal.templatetags.dates import longdate
from protocols.differing import runs
from protocols.drafting import fields_of, fingerprint
from protocols.errors import EditClash
from protocols.finding import find_version
from protocols.models import Version


def place(request, name, version, *more) -> str:
    """Address of a page of a version."""
    return reverse(name, args=[request.framework.slug, version.protocol.reference, version.number, *more])


def find_draft(request, reference, number, *, or_words=False):
    """The version, if its text can be changed. Raises StateError when it left the drafter's desk.

    or_words: give it all the same for a form that was sent, so that the page can show the words (overtaken).
    """
    version = find_version(request, reference, number)
    if not version.editable and not (or_words and request.method == "POST"):
        raise StateError(
            _("%(version)s is “%(state)s”, so its text cannot be changed.")
            % {"version": version, "state": version.get_status_display()},
            _("Take it back to draft first, if it is not open for signature yet."),
        )
    return version


def crumbs(request, version, *ends) -> list[tuple[str, str]]:
    """Breadcrumbs down to a page of a version. ends: (text, address), the last one without address."""
    protocol = version.protocol
    return [
        (_("Protocols"), reverse("protocols", args=[request.framework.slug])),
        (protocol.reference, reverse("protocol", args=[request.framework.slug, protocol.reference])),
        *ends,
    ]


def draft_crumbs(request, version, *ends):
    """Breadcrumbs below the task list."""
    return crumbs(request, version, (version.name, place(request, "draft", version)), *ends)


def locking(row, version) -> dict:
    """Initial values of the two hidden fields of a RowForm."""
    return {"revision": version.revision, "base": fingerprint(row) if row is not None else ""}


def initial_of(row, version) -> dict:
    """Initial values of the form of a row that stands."""
    return {name: getattr(row, name) for name in fields_of(row)} | locking(row, version)


def refused(form, error: ValidationError):
    """Put the errors of a verb on the fields that the form has, the rest on top of it."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, problems in error.error_dict.items():
        form.add_error(name if name in form.fields else None, problems)


def save(request, form, act, *, page, context, then, said, row=None, version=None, make=None):
    """Run `act` for a valid form: back to `then`, or the page again with the refusal, or with both texts.

    row: what a clash is shown for (None: the act cannot clash). make: builds the form from data. Nothing that was typed is lost: a draft that was
    circulated or a row that was removed meanwhile gives the page again (409) with the text still in it.
    """
    try:
        act()
    except ValidationError as error:
        refused(form, error)
        return TemplateResponse(request, page, context)
    except StateError as error:
        if row is None:
            raise
        return TemplateResponse(
            request, page, context | clash(form, row, version, error, make or type(form)), status=409
        )
    messages.success(request, said)
    return redirect(then)


def clash(form, row, version, error, make) -> dict:
    """Context of a page that shows what was typed beside what stands: `mine`, `theirs`, `reason`, and the form again.

    The form takes the present revision, so that sending it once more replaces what stands; a row that is gone, or a
    draft that can no longer be changed, cannot be replaced (`closed`).
    """
    version.refresh_from_db()
    stands = type(row).objects.filter(pk=row.pk).first()
    can_save = stands is not None and version.editable and isinstance(error, EditClash)
    data = form.data.copy()
    data.update({name: value for name, value in locking(stands, version).items() if value is not None})
    return compared(form, stands or last_words(row), version) | {
        "form": make(data),
        "reason": error.explanation,
        "gone": stands is None,
        "closed": not can_save,
        "has_errors": True,
    }


def overtaken(request, form, *, page, context, version, row=None, removed=None, again=""):
    """The page (409) for words that came too late: the draft went on, or the row they are about was removed.

    row: what stands. removed: the model and key of a row that is gone. again: where the words can be added anew.
    """
    form.is_valid()
    gone = removed is not None
    if not version.editable:
        reason = _("%(version)s is “%(state)s” now, so its text cannot be changed. Your text is below.") % {
            "version": version,
            "state": version.get_status_display(),
        }
    else:
        reason = _("Somebody removed this while you were changing it. Your text is below.")
    found = last_words_of(version, *removed) if removed else row
    context = {"version": version, "heading": _("Your text was not saved")} | context
    context |= compared(form, found, version) | {"form": form, "reason": reason, "gone": gone, "has_errors": True}
    context |= {"closed": not (again and version.editable), "save_href": again}
    return TemplateResponse(request, page, context, status=409)


def last_words(row):
    """The row as it stood when it was removed, out of its history; None if that is not kept."""
    return last_words_of(row.version, type(row), {"pk": row.pk}) if hasattr(row, "version_id") else None


def was_here(version, model, key) -> bool:
    """Did the version ever have this row?"""
    return last_words_of(version, model, key) is not None


def last_words_of(version, model, key):
    """The same for a row of which only the key is known: {"pk": …} or {"uid": …}."""
    key = {"id" if name == "pk" else name: value for name, value in key.items()}
    return model.history.filter(version_id=version.pk, **key).first()


def compared(form, stands, version) -> dict:
    """`mine` and `theirs`: the fields in which both differ (all if none does), the words marked that the other lacks."""
    names = [name for name in form.fields if not form.fields[name].widget.is_hidden]
    mine = {name: shown(form, name, form.cleaned_data.get(name, form[name].data)) for name in names}
    if stands is None:
        return {"mine": rows_of(form, mine), "theirs": [], "marked": False}
    values = {name: getattr(stands, name, None) for name in names}
    if isinstance(stands, Version):  # the title of a draft is its protocol's
        values["title"] = version.protocol.title
    theirs = {name: shown(form, name, values[name]) for name in names}
    differing = [name for name in names if mine[name] != theirs[name]] or names
    for name in differing:
        mine[name], theirs[name] = marked(mine[name], theirs[name])
    return {
        "mine": rows_of(form, mine, differing),
        "theirs": rows_of(form, theirs, differing),
        "marked": any(mine[name] != theirs[name] for name in differing),
    }


def rows_of(form, cells, names=None) -> list[dict]:
    """Cells with the labels of their fields."""
    return [{"key": form.fields[name].label, **cells[name]} for name in names or cells]


def marked(mine, theirs) -> tuple[dict, dict]:
    """Two cells with the words marked that the other one does not have."""
    if mine == theirs:
        return mine, theirs
    left, right = runs(text_of(mine), text_of(theirs))
    return ({"runs": left} if left else mine), ({"runs": right} if right else theirs)


def text_of(cell) -> str:
    """A cell's words."""
    return "\n".join(cell.get("lines", []))


def shown(form, name, value) -> dict:
    """A value of a field in words, as a cell."""
    choices = {str(key): str(label) for key, label in getattr(form.fields[name], "choices", [])}
    if isinstance(value, bool):
        value = _("Yes") if value else _("No")
    elif isinstance(value, dt.date):
        value = longdate(value)
    elif isinstance(value, list):
        value = "\n".join(choices.get(str(one), str(one)) for one in value)
    elif value not in (None, ""):
        value = choices.get(str(value), str(value))
    return {"lines": str(value).split("\n")} if value not in (None, "") else {"value": "", "empty": _("Empty")}
