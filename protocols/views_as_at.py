"""The members' pages as they stood on a date: the list, a protocol, its text (journey 7).

They are pages of their own: plain facts of a day that has passed, with nothing to press. The pages of today hand
over to them when their address has a date (protocols.asked_date.dated).
"""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.permissions import Perm
from portal.spreadsheets import as_csv
from portal.templatetags.dates import isodate, longdate
from portal.tenancy import scoped
from protocols import as_at, register
from protocols.as_at import AsAt
from protocols.asked_date import banner, dated, file_href, kept
from protocols.filters import RegisterFilter
from protocols.finding import find_protocol, find_version
from protocols.models import Party, Publication, Tier, Version
from protocols.protocol_page import DRAFTING, colour_of
from protocols.reading import reading
from protocols.register import signatories_of

# --- words


def state_words(state) -> str:
    """The state of a version in words."""
    return str(dict(Version.Status.choices).get(state, state))


def state_cell(state) -> dict:
    """The same as a tag."""
    return {"tag": state_words(state), "colour": colour_of(state)}


def standing_cell(party) -> dict:
    """The standing of a party then, with the day of its signature if it had signed."""
    standing = str(dict(Party.Status.choices).get(party.standing, party.standing))
    note = longdate(party.signed_at) if party.standing == Party.Status.SIGNED else ""
    return {"tag": standing, "colour": colour_of(party.standing), "note": note}


def review_words(due, at) -> dict:
    """The review that was next then; overdue is asked of that day (READ-11)."""
    if due is None:
        return {"value": "", "empty": _("None yet")}
    late = {"tag": _("Review overdue"), "colour": "red"} if due < at.until else {}
    return {"value": longdate(due)} | late


def level_words(level) -> str:
    """What the public saw (UK-pub)."""
    return str(dict(Publication.Level.choices).get(level) or _("Not decided, so not published"))


# --- the members' list


def protocols(request, at):
    """Every protocol that was there and that the reader may see, with the version that was in force."""
    form = RegisterFilter(request.GET)
    wanted = form.wanted()
    found = as_at.protocols_wanted(request.access, wanted, at)
    count = found.count()
    form.offer(**as_at.choices(request.framework))
    page = page_of(as_at.with_rows(found, request.access, at), count, request)
    slug = request.framework.slug
    context = banner(request, at) | {
        "form": form,
        "tags": form.tags(request),
        "page": page,
        "count": count,
        "narrowed": wanted.narrowed,
        "headers": [_("Protocol"), _("Version"), _("In force since"), _("Signed"), _("Next review"), _("Publication")],
        "rows": [member_row(protocol, slug, at) for protocol in page],
        "csv_href": file_href(request, "protocols-csv") if request.access.can(Perm.VIEW_ALL) else "",
    }
    return TemplateResponse(request, "protocols/as_at_protocols.html", context)


def page_of(rows, count, request):
    """One page of rows that were counted already."""
    paginator = Paginator(rows, register.PAGE_SIZE)
    paginator.count = count
    return paginator.get_page(request.GET.get("page"))


def shown_of(protocol) -> dict | None:
    """The version of a row that counted then."""
    return as_at.chosen(protocol.versions_then, lambda one: one["was_in_force"])


def moment(value) -> datetime | None:
    """A moment out of JSON."""
    return datetime.fromisoformat(value) if value else None


def member_row(protocol, slug, at) -> list:
    """Cells of one protocol."""
    title = {
        "value": protocol.title,
        "link": kept(at, "protocol", slug, protocol.reference),
        "note": protocol.reference,
    }
    shown = shown_of(protocol)
    if shown is None:
        return [title, "", "", "", review_words(protocol.next_review, at), ""]
    signed = _("%(signed)d of %(count)d") % {"signed": len(shown["signed"]), "count": shown["parties"]}
    since = longdate(moment(shown["in_force_from"])) if shown["was_in_force"] else ""
    return [
        title,
        {"value": f"{shown['major']}.{shown['minor']}"} | state_cell(shown["state"]),
        {"value": since, "empty": _("Not in force")},
        {"value": signed if shown["frozen"] else "", "empty": _("Not open yet")},
        review_words(protocol.next_review, at),
        {"value": level_words(shown["level"]) if shown["was_in_force"] or shown["level"] else "", "empty": "–"},
    ]


def write_protocols(request, at):
    """Every protocol that was there, one row each."""
    found = as_at.protocols_wanted(request.access, RegisterFilter(request.GET).wanted(), at)
    headers = [
        _("As at"), _("Reference"), _("Title"), _("Tier"), _("Lead organisation"), _("Version"), _("State"),
        _("In force since"), _("Parties"), _("Signed"), _("Signed by"), _("Next review"), _("Review overdue"),
        _("Publication"),
    ]  # fmt: skip
    rows = (member_line(protocol, at) for protocol in as_at.with_rows(found, request.access, at))
    return as_csv(f"protocols-as-at-{at.day.isoformat()}.csv", headers, rows)


@require_safe
@scoped(Perm.VIEW_ALL)
@dated(then=write_protocols)
def protocols_csv(request):
    """The members' list as a file, as at the date in the address, else as it stands now."""
    return write_protocols(request, AsAt(clock.today()))


def member_line(protocol, at) -> list:
    """One row of the file."""
    start = [
        isodate(at.day), protocol.reference, protocol.title, protocol.tier.name, protocol.lead_organisation.name,
    ]  # fmt: skip
    shown, review = shown_of(protocol), review_line(protocol.next_review, at)
    if shown is None:
        return [*start, "", "", "", "", "", "", *review, ""]
    return [
        *start,
        f"{shown['major']}.{shown['minor']}",
        state_words(shown["state"]),
        day_of(moment(shown["in_force_from"])) if shown["was_in_force"] else "",
        shown["parties"] if shown["frozen"] else "",
        len(shown["signed"]) if shown["frozen"] else "",
        "; ".join(shown["signed"]) if shown["frozen"] else "",
        *review,
        level_words(shown["level"]),
    ]


def day_of(value) -> str:
    """The London date of a moment, as ISO."""
    return isodate(clock.london_date(value)) if value else ""


def review_line(due, at) -> list[str]:
    """Date of the next review, and whether it was overdue."""
    return [day_of(due), (_("Yes") if due < at.until else _("No")) if due else ""]


# --- a protocol and its text, for members


def protocol(request, at, reference):
    """One protocol: the version that was in force, its parties' standings, the next review, what was published."""
    found = find_protocol(request, reference)
    slug = request.framework.slug
    row = as_at.with_rows(type(found).objects.filter(pk=found.pk), request.access, at).get()
    versions = list(
        as_at.versions_of(request.access, at)
        .filter(protocol=found)
        .annotate(level_then=as_at.in_effect("level", at))
        .select_related("approval__board")
    )
    shown = as_at.chosen(versions, lambda one: one.was_in_force)
    context: dict[str, Any] = banner(request, at) | {
        "protocol": found,
        "version": shown,
        "operational": found.tier.level == Tier.Level.OPERATIONAL,
        "breadcrumbs": [(_("Protocols"), kept(at, "protocols", slug)), (found.reference, "")],
        "was_there": found.created_at < at.until,
    }
    if shown:
        context |= {
            "state": state_cell(shown.state),
            "facts": facts(shown, found, row.next_review, at),
            "signing": signing(request, shown, at),
            "read_href": kept(at, "version", slug, found.reference, shown.number),
            "version_headers": [_("Version"), _("State"), _("In force from"), _("Ended")],
            "version_rows": [version_row(version, found, slug, at) for version in versions],
        }
    return TemplateResponse(request, "protocols/as_at_protocol.html", context)


def facts(version, protocol, review, at) -> list[dict | None]:
    """Rows of the summary list."""
    approval = version.approval if version.approval and version.approval.recorded_at < at.until else None
    return [
        {"key": _("Tier"), "value": protocol.tier.name},
        {"key": _("Lead organisation"), "value": protocol.lead_organisation.name},
        approval
        and {
            "key": _("Decision"),
            "value": f"{approval.board or approval.delegation_scheme}, {longdate(approval.decided_on)}",
            "note": approval.reference,
        },
        {
            "key": _("In force since"),
            "value": longdate(version.in_force_from) if version.was_in_force else "",
            "empty": _("Not in force"),
        },
        {"key": _("Next review")} | review_words(review, at),
        {"key": _("Publication"), "value": level_words(version.level_then)}
        if version.was_in_force or version.level_then
        else None,
    ]


def signing(request, version, at) -> dict:
    """Who had signed. For members only: it names the signatories."""
    if not version.opened_at or version.opened_at >= at.until:
        return {"rows": [], "heading": _("Who has signed"), "note": _("It was not open for signature yet.")}
    parties = signatories_of([version.pk], framework=request.framework, user=request.user, names=True)
    then = as_at.parties_then(at).filter(version=version)
    standings = dict(then.values_list("pk", "standing"))
    mine = [party for party in parties if party.pk in standings]
    for party in mine:
        party.standing = standings[party.pk]
    signed = sum(party.standing in Party.GIVEN for party in mine)
    return {
        "heading": _("Who had signed: %(signed)d of %(count)d") % {"signed": signed, "count": len(mine)},
        "headers": [_("Organisation"), _("Signatory"), _("Standing"), _("Bound")],
        "rows": [signing_row(party, at) for party in mine],
    }


def signing_row(party, at) -> list:
    """One party as it stood."""
    had_signed = party.signed_at and party.signed_at < at.until
    who = [party.signatory, party.capacity or party.job_title] if had_signed else []
    return [
        party.name,
        {"lines": [line for line in who if line], "empty": _("Nobody yet")},
        standing_cell(party),
        bound_cell(party, at),
    ]


def bound_cell(party, at) -> dict:
    """Since when the party was bound, and until when if it was not any more (SIG-force)."""
    if not party.bound_from or party.bound_from >= at.until:
        return {"value": "", "empty": _("Not bound")}
    since = _("Since %(day)s") % {"day": longdate(party.bound_from)}
    if party.bound_until and party.bound_until < at.until:
        return {"lines": [since, _("until %(day)s") % {"day": longdate(party.bound_until)}]}
    return {"value": since}


def version_row(version, protocol, slug, at) -> list:
    """One version as it stood."""
    was, ended = version.in_force_from, version.ended_at
    return [
        {"value": version.number, "link": kept(at, "version", slug, protocol.reference, version.number)},
        state_cell(version.state),
        {"value": longdate(was) if was and was < at.until and version.state not in DRAFTING else "", "empty": "–"},
        {"value": longdate(ended) if ended and ended < at.until else "", "empty": "–"},
    ]


def version(request, at, reference, number):
    """The text of a version with who had signed it. What was frozen is the same text for ever."""
    found = find_version(request, reference, number)
    then = as_at.versions_of(request.access, at).filter(pk=found.pk).first()
    if then is None:
        raise Http404
    slug, protocol = request.framework.slug, found.protocol
    frozen = found.opened_at is not None and found.opened_at < at.until
    context = banner(request, at) | {
        "version": then,
        "protocol": protocol,
        "state": state_cell(then.state),
        "operational": protocol.tier.level == Tier.Level.OPERATIONAL,
        "frozen": frozen,
        "history_href": reverse("protocol-history", args=[slug, protocol.reference]),
        "breadcrumbs": [
            (_("Protocols"), kept(at, "protocols", slug)),
            (protocol.reference, kept(at, "protocol", slug, protocol.reference)),
            (_("Version %(name)s") % {"name": found.number}, ""),
        ],
    }
    if frozen:
        headers = [_("Organisation"), _("Main contact address"), _("Main telephone number")]
        context |= reading(found) | {"party_headers": headers, "signing": signing(request, found, at)}
    return TemplateResponse(request, "protocols/as_at_version.html", context)


urlpatterns = [path("protocols/protocols.csv", protocols_csv, name="protocols-csv")]
