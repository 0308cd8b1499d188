"""Pages that sign several documents in one act: choose, read and sign, confirmation (HAR-10, SIG-new)."""

from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.factor_fields import passkey_options_href
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols.workflow import locked
from signatories import together, workflow
from signatories.forms_together import ChooseForm, FactorForm
from signatories.models import Signature
from signatories.presenters import party_link
from signatories.views import sign_in_of


@require_safe
@scoped(Perm.REPRESENT)
def choose(request):
    """What waits here for this person's signature."""
    return choice_page(request, None)


def choice_page(request, data):
    """The list with its boxes. data: what was sent, if it was."""
    parties = together.waiting(request.access)
    context = {
        "form": ChooseForm(data, choices=together.choices(parties)) if parties else None,
        "action": reverse("sign-together", args=[request.framework.slug]),
        "breadcrumbs": crumbs(request, _("Sign several documents")),
    }
    return TemplateResponse(request, "signatories/sign_choose.html", context)


@scoped(Perm.REPRESENT)
def sign(request):
    """The documents that the address names, each with its statements; only POST with everything signs."""
    wanted = request.GET.getlist("party")
    if not wanted:
        return choice_page(request, request.GET)
    now = clock.now()
    parties = together.named(request.access, wanted)
    if request.method == "POST":
        return submitted(request, parties, now)
    for party in parties:
        workflow.record_view(party, by=request.user, now=now)
    return signing_page(request, together.documents(request, parties, now=now), FactorForm())


def submitted(request, parties, now):
    """Sign all of them, or show the page again with what is wrong. The locks come first, so that a second submit of the
    same form waits for the first and is answered with its result."""
    for party in parties:
        party.version = locked(party.version)
        party.refresh_from_db(fields=["status", "signed_at"])
    sent = [request.POST.get(f"party{party.pk}-sha256", "") for party in parties]
    if all(workflow.first_result(party, sha256, by=request.user) for party, sha256 in zip(parties, sent, strict=True)):
        return redirect(together.address("sign-together-done", request.framework, parties))
    shown = together.documents(request, parties, now=now, data=request.POST)
    factor = FactorForm(request.POST)
    # every one is looked at, so that one try shows everything
    faults = [one for one in shown if not (refuse_early(one) & one.form.is_valid())]
    if not factor.is_valid() or faults:
        return signing_page(request, shown, factor)
    session = request.session.session_key or ""
    if not factor.prove(request.user, hashes=sent, session=session, now=now):
        return signing_page(request, shown, factor)
    chosen = [
        (one.party, one.form.submission(request.user, sign_in=sign_in_of(request), lang=get_language()))
        for one in shown
    ]
    try:
        workflow.sign_together(chosen, by=request.user, now=now)
    except workflow.Refused as refused:
        explain(next(one for one in shown if one.party == refused.party), refused.why)
        return signing_page(request, shown, factor)
    return redirect(together.address("sign-together-done", request.framework, parties))


def refuse_early(document) -> bool:
    """What can be seen before the second factor is used is said before it is used. Returns whether nothing was found."""
    try:
        workflow.check_text(document.party.version, document.form.data.get(document.form.add_prefix("sha256"), ""))
    except workflow.StateError as error:
        explain(document, error)
        return False
    return not document.found.blocks


def explain(document, error):
    """Beside the document that was in the way."""
    document.form.add_error(
        None, f"{document.party.version.protocol.reference}: {error.explanation} {error.what_to_do}"
    )


def signing_page(request, shown, factor):
    """Every document with what is in its way; the button only when nothing is."""
    words = ngettext("Sign %(count)d document", "Sign %(count)d documents", len(shown)) % {"count": len(shown)}
    context = {
        "documents": shown,
        "forms": [one.form for one in shown] + [factor],
        "factor": factor,
        "passkey_href": passkey_options_href(request.user, [one.party.version.canonical.sha256 for one in shown])
        if all(one.party.version.frozen for one in shown)
        else "",
        "blocked": any(one.found.blocks for one in shown),
        "button": words,
        "breadcrumbs": crumbs(
            request,
            words,
            (_("Sign several documents"), reverse("sign-several", args=[request.framework.slug])),
        ),
    }
    return TemplateResponse(request, "signatories/sign_together.html", context)


@require_safe
@scoped(Perm.REPRESENT)
def done(request):
    """Confirmation: one reference for each document."""
    wanted = request.GET.getlist("party")
    if not wanted:
        return redirect("sign-several", request.framework.slug)
    parties = together.named(request.access, wanted)
    signed = {row.party_id: row for row in Signature.objects.filter(party__in=parties)}
    rows = [
        [
            {
                "value": f"{party.version.protocol.title} {party.version.number}",
                "note": party.name,
                "link": party_link("sign-done", party),
            },
            {"value": signed[party.pk].reference if party.pk in signed else "", "empty": _("Not signed")},
        ]
        for party in parties
    ]
    count = len(signed)
    context = {
        "heading": ngettext("You have signed %(count)d document", "You have signed %(count)d documents", count)
        % {"count": count},
        "headers": [_("Document"), _("Reference")],
        "rows": rows,
        "left": len(together.waiting(request.access)),
        "choose_href": reverse("sign-several", args=[request.framework.slug]),
        "breadcrumbs": crumbs(request, _("Signed")),
    }
    return TemplateResponse(request, "signatories/signed_together.html", context)


def crumbs(request, here, *between) -> list[tuple[str, str]]:
    """Breadcrumbs under the framework."""
    return [(request.framework.name, reverse("framework", args=[request.framework.slug])), *between, (here, "")]
