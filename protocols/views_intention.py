"""A party's representative says whether it intends to sign (HAR-r2)."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from portal import clock
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols import intentions
from protocols.finding import find_version
from protocols.forms_consulted import IntentionForm
from protocols.models import Intention
from protocols.pages import crumbs, place


@scoped(Perm.REPRESENT)
def intention(request, reference, number, party):
    """What the organisation said before, and the form for what it says now. Another's party is not found (SIG-who)."""
    version = find_version(request, reference, number)
    found = intentions.own_parties(version, request.user).filter(pk=party).first()
    if found is None:
        raise Http404
    found.version = version
    intentions.require_before_signature(found)
    form = IntentionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        intentions.give(found, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("Your notice is recorded. The board secretary and the lead organisation are told."))
        return redirect(place(request, "version", version))
    before = Intention.objects.filter(party=found).select_related("made_by").order_by("-made_at", "-pk")
    context = {
        "form": form,
        "version": version,
        "party": found,
        "before": [
            {
                "title": intentions.words_of(one),
                "by": one.made_by.full_name if one.made_by else "",
                "at": one.made_at,
                "text": one.note,
            }
            for one in before
        ],
        "breadcrumbs": crumbs(
            request, version, (version.name, place(request, "version", version)), (_("Notice of intention"), "")
        ),
        "submit": _("Give notice"),
        "cancel_href": place(request, "version", version),
    }
    return TemplateResponse(request, "protocols/intention.html", context)


urlpatterns = [
    path("protocols/<slug:reference>/<number:number>/parties/<int:party>/intention/", intention, name="intention"),
]
