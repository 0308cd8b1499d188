"""Everything that a drafter typed on a version and has not saved: also words whose form is not there any more."""

from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from portal.permissions import Perm
from portal.tenancy import scoped
from protocols.finding import find_version
from protocols.models import UnsavedDraft
from protocols.pages import draft_crumbs, place
from protocols.typed_words import address_of, heading_of, texts_of
from protocols.unsaved import when


@scoped(Perm.DRAFT)
def unsaved(request, reference, number):
    """One's own unsaved words, form by form, with the way back to each form. POST discards one of them."""
    version = find_version(request, reference, number)
    mine = UnsavedDraft.objects.filter(user=request.user, version=version)
    if request.method == "POST":
        key = request.POST.get("discard", "")
        found = mine.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
        if found is None:
            raise Http404
        found.delete()
        return redirect(place(request, "draft-unsaved", version))
    context = {
        "version": version,
        "breadcrumbs": draft_crumbs(request, version, (_("Unsaved changes"), "")),
        "draft_href": place(request, "draft", version),
        "kept": [
            {
                "pk": row.pk,
                "heading": heading_of(row, version),
                "when": when(row.saved_at),
                "texts": texts_of(row),
                "href": address_of(row, version, place(request, "version", version)),
            }
            for row in mine
        ],
    }
    return TemplateResponse(request, "protocols/draft_unsaved.html", context)


urlpatterns = [
    path("protocols/<slug:reference>/<number:number>/draft/unsaved/", unsaved, name="draft-unsaved"),
]
