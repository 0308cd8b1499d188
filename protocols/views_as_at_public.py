"""The public register and its pages as they stood on a date, as far as they are published still (UK-pub)."""

from django.core.paginator import Paginator
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.spreadsheets import as_csv
from portal.templatetags.dates import isodate, longdate
from portal.tenancy import scoped
from protocols import as_at, register
from protocols.as_at import AsAt
from protocols.asked_date import banner, dated, file_href, kept
from protocols.filters import RegisterFilter
from protocols.models import Tier, Version
from protocols.views_as_at import day_of, review_line, review_words, state_cell


def public_register(request, at):
    """What was in force and published on that day, and has not been taken from the public since (UK-pub)."""
    form = RegisterFilter(request.GET)
    wanted = form.wanted()
    # what was published is found once; the rest is asked of fewer rows
    keys, choices = as_at.public_choices(request.framework, at)
    form.offer(**choices)
    if wanted.narrowed:
        keys = list(as_at.fitting(Version.objects.filter(pk__in=keys), wanted, at).values_list("pk", flat=True))
    page = Paginator(keys, register.PAGE_SIZE).get_page(request.GET.get("page"))
    rows = Version.objects.filter(pk__in=list(page)).order_by("protocol__reference")
    slug = request.framework.slug
    context = banner(request, at) | {
        "form": form,
        "tags": form.tags(request),
        "page": page,
        "count": len(keys),
        "narrowed": wanted.narrowed,
        "entries": [public_entry(version, slug, at) for version in as_at.with_public_rows(rows, at)],
        "csv_href": file_href(request, "register-csv"),
    }
    return TemplateResponse(request, "protocols/as_at_register.html", context)


def public_entry(version, slug, at) -> dict:
    """One published protocol in the list: no person, no contact."""
    protocol = version.protocol
    return {
        "title": protocol.title,
        "reference": protocol.reference,
        "href": kept(at, "public-protocol", slug, protocol.reference),
        "purposes": version.aims[:3],
        "facts": public_facts(version, at, signed_by=True),
    }


def public_facts(version, at, *, signed_by=False) -> list[dict | None]:
    """Rows of the summary list for the public."""
    names = ", ".join(version.signatories)
    return [
        {"key": _("Tier"), "value": version.protocol.tier.name},
        {"key": _("Lead organisation"), "value": version.protocol.lead_organisation.name},
        {"key": _("Version"), "value": version.number},
        {"key": _("Signed by"), "value": names, "empty": _("Nobody yet")} if signed_by else None,
        {"key": _("In force since"), "value": longdate(version.in_force_from)},
        {"key": _("Next review")} | review_words(version.next_review, at),
    ]


def public_protocol(request, at, reference):
    """One protocol as the public could see it; what was not published then, or is not any more, does not exist."""
    found = as_at.published(request.framework, at).filter(protocol__reference_key=reference.upper())
    annotated = found.annotate(summary=register.in_effect("summary"), summary_then=as_at.in_effect("summary", at))
    version = as_at.with_public_rows(annotated, at).first()
    if version is None:
        raise Http404
    protocol = version.protocol
    context = banner(request, at) | {
        "version": version,
        "protocol": protocol,
        "state": state_cell(Version.Status.IN_FORCE),
        "operational": protocol.tier.level == Tier.Level.OPERATIONAL,
        "summary_changed": version.summary != version.summary_then,
        "facts": public_facts(version, at),
        "headers": [_("Organisation"), _("Job title"), _("Signed on")],
        "rows": public_signatories(version, at),
        "breadcrumbs": [(_("Register"), kept(at, "register", request.framework.slug)), (protocol.reference, "")],
    }
    return TemplateResponse(request, "protocols/as_at_public.html", context)


def public_signatories(version, at) -> list[list]:
    """Organisation, job title and date only: never a person (UK-pub). Signed ones first."""
    shown = [*register.PUBLICLY_SIGNED, *register.PUBLICLY_UNSIGNED]
    then = dict(as_at.parties_then(at).filter(version=version, standing__in=shown).values_list("pk", "standing"))
    parties = register.signatories_of([version.pk], framework=version.framework_id).filter(pk__in=then)
    rows = []
    for party in sorted(parties, key=lambda one: then[one.pk] not in register.PUBLICLY_SIGNED):
        if then[party.pk] in register.PUBLICLY_SIGNED:
            rows.append([party.name, {"value": party.job_title, "empty": _("Not recorded")}, longdate(party.signed_at)])
        else:
            rows.append([party.name, {"value": "", "empty": "–"}, {"tag": _("Had not signed"), "colour": "grey"}])
    return rows


def write_register(request, at):
    """What the public register shows, one row for each protocol."""
    found = as_at.published_wanted(request.framework, RegisterFilter(request.GET).wanted(), at)
    headers = [
        _("As at"), _("Reference"), _("Title"), _("What it is for"), _("Tier"), _("Lead organisation"), _("Version"),
        _("In force since"), _("Signed by"), _("Next review"), _("Review overdue"),
    ]  # fmt: skip
    rows = (public_line(version, at) for version in as_at.with_public_rows(found, at))
    return as_csv(f"register-as-at-{at.day.isoformat()}.csv", headers, rows)


@require_safe
@scoped(public=True)
@dated(then=write_register)
def register_csv(request):
    """The public register as a file, as at the date in the address, else as it stands now."""
    return write_register(request, AsAt(clock.today()))


def public_line(version, at) -> list:
    """One row of the file."""
    protocol = version.protocol
    return [
        isodate(at.day),
        protocol.reference,
        protocol.title,
        "; ".join(version.aims),
        protocol.tier.name,
        protocol.lead_organisation.name,
        version.number,
        day_of(version.in_force_from),
        "; ".join(version.signatories),
        *review_line(version.next_review, at),
    ]


urlpatterns = [path("register/register.csv", register_csv, name="register-csv")]
