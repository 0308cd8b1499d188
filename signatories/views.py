"""Pages of a representative: sign, decline; and "who has signed" for every reader of the version."""

from datetime import UTC, datetime

from django.contrib import messages
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.factor_fields import passkey_options_href
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols.finding import find_version
from protocols.intentions import intention_rows
from protocols.models import Edition
from protocols.views_files import as_attachment
from protocols.workflow import locked
from signatories import evidence, presenters, together, workflow
from signatories.changes import changes_since_signed
from signatories.finding import own_party
from signatories.forms import DeclineForm, SignForm, page_opened
from signatories.models import Signature
from signatories.obstacles import obstacles
from signatories.statements import button_label


@scoped(Perm.REPRESENT)
def sign(request, reference, number, party):
    """The signing page. GET changes nothing but the time of first view; only POST with everything signs."""
    party, now = own_party(request, reference, number, party), clock.now()
    if request.method == "POST":
        return submitted(request, party, now)
    workflow.record_view(party, by=request.user, now=now)
    form = None
    if party.version.frozen:
        form = SignForm(
            party=party,
            initial={"sha256": party.version.canonical.sha256, "opened": page_opened(party, request.user, now)},
        )
    return signing_page(request, party, form, now)


def submitted(request, party, now):
    """Sign, or show the page again with what is wrong. The lock comes first, so that a second submit of the same
    form waits for the first and is answered with its result, not with "this code has been used"."""
    sha256, done = request.POST.get("sha256", ""), presenters.party_link("sign-done", party)
    protocol = party.version.protocol
    version = party.version = locked(party.version)
    version.protocol = protocol  # for the words of the form; signing reads it again
    if version.frozen and workflow.first_result(party, sha256, by=request.user):
        return redirect(done)
    if not sha256 and version.frozen:
        return without_hash(request, party, now)
    form = SignForm(request.POST, party=party)
    try:
        workflow.check_text(version, sha256)
        if not form.is_valid() or not proved(request, form, now):
            return signing_page(request, party, form, now)
        submission = form.submission(request.user, sign_in=sign_in_of(request), lang=get_language())
        workflow.sign_locked(party, submission, by=request.user, now=now)
    except workflow.Replaced as answer:
        context = {
            "version": version,
            "current": answer.version,
            "links": presenters.links(answer.version),
            "back_href": presenters.links(version)["signatures"],
        }
        return TemplateResponse(request, "signatories/replaced.html", context, status=409)
    return redirect(done)


def without_hash(request, party, now):
    """A form that says nothing about the text signs nothing; the page that is shown again carries the hash."""
    form = SignForm({**request.POST.dict(), "sha256": party.version.canonical.sha256}, party=party)
    form.add_error(None, _("The form came without the fingerprint of the text. Look at the text, then sign again."))
    return signing_page(request, party, form, now)


def proved(request, form, now) -> bool:
    """Check passkey or code for exactly this text; what is wrong with it stands beside the field of the code."""
    session = request.session.session_key or ""
    return form.prove(request.user, hashes=[form.cleaned_data["sha256"]], session=session, now=now)


def sign_in_of(request) -> tuple[tuple[str, datetime], ...]:
    """Method and moment of each step of this session's sign-in, as allauth keeps them; context, never enough to sign."""
    steps = request.session.get("account_authentication_methods", [])
    return tuple(
        (str(step.get("method", "")), datetime.fromtimestamp(step["at"], UTC)) for step in steps if "at" in step
    )


def signing_page(request, party, form, now):
    """What is being signed, what is in the way, and the form if nothing is."""
    version, found = party.version, obstacles(party, request.user, now)
    context = {
        "party": party,
        "version": version,
        "found": found,
        "form": form if not found.blocks else None,
        "facts": presenters.facts(version),
        "changes": changes_since_signed(party, request.access) if version.frozen else None,
        "fingerprints": presenters.fingerprints(version) if version.frozen else [],
        "size": filesizeformat(version.text_copy.size) if version.frozen else "",
        "signed_as": presenters.signed_as(party, request.user, found.authority),
        "button": button_label(party),
        "passkey_href": passkey_options_href(request.user, [version.canonical.sha256]) if form else "",
        "links": presenters.links(version),
        "text_copy_href": presenters.party_link("sign-text-copy", party),
        "decline_href": presenters.party_link("decline", party)
        if found.authority and party.status == party.Status.INVITED
        else "",
        "together": together.offer(party),
        "done_href": presenters.party_link("sign-done", party) if party.status == party.Status.SIGNED else "",
        "breadcrumbs": presenters.crumbs(version, presenters.sign_words()),
    }
    return TemplateResponse(request, "signatories/sign.html", context)


@require_safe
@scoped(Perm.REPRESENT)
def text_copy(request, reference, number, party):
    """The exact PDF that is signed, for the representative; that it was fetched is part of the evidence."""
    party = own_party(request, reference, number, party)
    workflow.require_frozen(party.version)
    evidence.record_fetched(party, by=request.user, now=clock.now())
    stored = party.version.text_copy
    return as_attachment(stored, stored.content())


@require_safe
@scoped(Perm.REPRESENT)
def done(request, reference, number, party):
    """Confirmation: reference, what happens next, the PDF to keep."""
    party = own_party(request, reference, number, party)
    version = party.version
    signature = Signature.objects.filter(party=party).select_related("user").first()
    if signature is None:
        return redirect(presenters.party_link("sign", party))
    context = {
        "party": party,
        "version": version,
        "signature": signature,
        "state": presenters.state_words(version),
        "force": presenters.force_words(version),
        "copy": presenters.sealed_copy(version),
        "sealed": Edition.Status.SEALED,
        "links": presenters.links(version),
        "text_copy_href": presenters.party_link("sign-text-copy", party),
        "mail": next((mail for mail in evidence.deliveries(signature) if mail.user_id == signature.user_id), None),
        "breadcrumbs": presenters.crumbs(version, presenters.sign_words()),
    }
    return TemplateResponse(request, "signatories/done.html", context)


@scoped(Perm.REPRESENT)
def decline(request, reference, number, party):
    """Say no, with a reason."""
    party, now = own_party(request, reference, number, party), clock.now()
    form = DeclineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        workflow.decline(party, reason=form.cleaned_data["reason"], by=request.user, now=now)
        words = _("You have declined for %(organisation)s. The drafters are told. You can still sign while it is open.")
        messages.success(request, words % {"organisation": party.name})
        return redirect(presenters.links(party.version)["signatures"])
    workflow.require_answerable(party, by=request.user, now=now)
    context = {
        "form": form,
        "party": party,
        "version": party.version,
        "back_href": presenters.party_link("sign", party),
    }
    return TemplateResponse(request, "signatories/decline.html", context)


@require_safe
@scoped()
def signatures(request, reference, number):
    """Who has signed: every reader of the version sees it."""
    version, now = find_version(request, reference, number), clock.now()
    if version.protocol.tier.adopted:  # nobody signs it: its own page says who adopted it (DUD-8)
        return redirect("protocol", request.framework.slug, version.protocol.reference)
    headers, rows = presenters.signature_table(version)
    runs = request.access.can(Perm.DRAFT) or request.access.can(Perm.DECIDE)
    reminder_headers, reminders = presenters.reminder_table(version) if runs else ([], [])
    context = {
        "version": version,
        "state": presenters.state_words(version),
        "states": [party.status for party in version.parties.all()],
        "headers": headers,
        "rows": rows,
        "refusals": presenters.refusals(version, request.access),
        "intentions": intention_rows(version, request.access),
        "intention_headers": [_("Party"), _("Intention"), _("Note"), _("Given")],
        "withdrawn": presenters.withdrawal(version),
        "choices": presenters.choices(version, request.access),
        "deadline": presenters.deadline(version, now),
        "reminder_headers": reminder_headers,
        "reminders": reminders,
        "unreachable": presenters.unreachable(version, now) if runs else [],
        "breadcrumbs": presenters.crumbs(version, presenters.signatures_words()),
    }
    return TemplateResponse(request, "signatories/signatures.html", context)
