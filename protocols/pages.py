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
from protocols.drafting import fields_of, fingerprint
from protocols.errors import EditClash
from protocols.finding import find_version


def place(request, name, version, *more) -> str:
    """Address of a page of a version."""
    return reverse(name, args=[request.framework.slug, version.protocol.reference, version.number, *more])


def find_draft(request, reference, number):
    """The version, if its text can be changed. Raises StateError when it left the drafter's desk."""
    version = find_version(request, reference, number)
    if not version.editable:
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
    names = [name for name in form.fields if not form.fields[name].widget.is_hidden]
    mine = [{"key": form.fields[name].label, **shown(form, name, form.cleaned_data.get(name))} for name in names]
    theirs = []
    if stands is not None:
        values = {name: getattr(stands, name) for name in fields_of(stands)}
        values |= {"title": version.protocol.title} if "title" in names and "title" not in values else {}
        theirs = [{"key": form.fields[name].label, **shown(form, name, values[name])} for name in names]
        differ = [mine_row != theirs_row for mine_row, theirs_row in zip(mine, theirs, strict=True)]
        mine, theirs = (
            [row for row, differs in zip(rows, differ, strict=True) if differs] or rows for rows in (mine, theirs)
        )
    data = form.data.copy()
    data.update({name: value for name, value in locking(stands, version).items() if value is not None})
    again = make(data)
    return {
        "form": again,
        "mine": mine,
        "theirs": theirs,
        "reason": error.explanation,
        "gone": stands is None,
        "closed": not can_save,
        "has_errors": True,
    }


def shown(form, name, value) -> dict:
    """A value of a field in words, as a cell."""
    choices = {str(key): str(label) for key, label in getattr(form.fields[name], "choices", [])}
    if isinstance(value, bool):
        value = _("Yes") if value else _("No")
    elif isinstance(value, dt.date):
        value = longdate(value)
    elif value not in (None, ""):
        value = choices.get(str(value), str(value))
    return {"lines": str(value).split("\n")} if value not in (None, "") else {"value": "", "empty": _("Empty")}
