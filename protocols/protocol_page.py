"""The page of one protocol for members: facts, who has signed, documents, versions and what the reader may do next."""

from django.template.defaultfilters import filesizeformat
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.models import Deadline
from portal.permissions import Perm
from portal.templatetags.components import STATUS_COLOURS
from portal.templatetags.dates import contextual_days, longdate
from protocols import bars
from protocols.draft_facts import adoption_row, comments_row, consulted_row, ratification_cell
from protocols.intentions import BEFORE_SIGNATURE, UNANSWERED
from protocols.models import Edition, Party, Publication, Version
from protocols.page_rows import parties_named, reviews_of, versions_of
from protocols.register import PUBLISHED

DRAFTING = {Version.Status.DRAFT, Version.Status.CONSULTATION, Version.Status.APPROVAL, Version.Status.APPROVED}
UNFINISHED = DRAFTING | {Version.Status.OPEN_FOR_SIGNATURE, Version.Status.COMPLETED}
SIGNABLE = {Version.Status.OPEN_FOR_SIGNATURE, Version.Status.COMPLETED, Version.Status.IN_FORCE}
DONE = {Version.Status.COMPLETED, Version.Status.IN_FORCE}


def colour_of(status) -> str:
    """The tag colour of a status of a version or party."""
    return STATUS_COLOURS.get(str(status).replace("-", "_"), "grey")


def state(thing) -> dict:
    """Status of a version or party as a tag with words, for a table cell or summary row."""
    return {"tag": thing.get_status_display(), "colour": colour_of(thing.status)}


def link(name, *args) -> str:
    """The address of a page; "" while the page does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def visible_versions(protocol, access) -> list[Version]:
    """The versions that the reader may see, newest first, with the publication decision that holds for each and what the
    partners have put in place."""
    found = versions_of(access, protocol.pk)
    for version in found:
        version.protocol = protocol
    return found


def chosen(versions) -> tuple[Version | None, Version | None]:
    """(the version that the page is about, the one on its way besides): in force comes first, else the newest."""
    if not versions:
        return None, None
    shown = next((version for version in versions if version.status == Version.Status.IN_FORCE), versions[0])
    coming = versions[0] if versions[0] is not shown and versions[0].status in UNFINISHED else None
    return shown, coming


def parties_of(versions, access) -> dict[int, list[Party]]:
    """Parties with signatories' names, by version id, in one query. For members only."""
    found: dict[int, list[Party]] = {version.pk: [] for version in versions}
    for party in parties_named(access, list(found)):
        found[party.version_id].append(party)
    return found


# --- facts


def review_of(protocol) -> Deadline | None:
    """The open review of the protocol that is due first (HAR-5.1)."""
    return next(iter(reviews_of(protocol.pk)), None)


def facts(version, access, *, now) -> list[dict | None]:
    """Rows of the summary list; None where there is nothing to say."""
    protocol, slug = version.protocol, access.framework.slug
    return [
        {"key": _("Tier"), "value": protocol.tier.name},
        {"key": _("Partnership"), "value": protocol.partnership.name} if protocol.partnership else None,
        parent_row(version, slug),
        {"key": _("Lead organisation"), "value": protocol.lead_organisation.name},
        approval_row(version),
        adoption_row(version),
        force_row(version),
        pilot_row(version, slug),
        sign_by_row(version, now=now),
        comments_row(version, access, now=now),
        consulted_row(version),
        review_row(version, review_of(protocol), now=now),
        version.expires_on and {"key": _("Expires on"), "value": longdate(version.expires_on)},
        publication_row(version, access),
    ]


def parent_row(version, slug) -> dict | None:
    """The protocol that this one supplements (HAR-10)."""
    protocol = version.protocol
    if protocol.parent:
        href = link("protocol", slug, protocol.parent.reference) if version.parent_visible else ""
        return {"key": _("Under"), "value": f"{protocol.parent.title} ({protocol.parent.reference})", "link": href}
    if protocol.external_parent:
        return {"key": _("Under"), "value": protocol.external_parent, "note": longdate(protocol.external_parent_dated)}
    return None


def approval_row(version) -> dict | None:
    """The decision under which the text was approved (HAR-2.3)."""
    decision = version.approval
    if decision is None:
        return None
    words = _("%(body)s on %(date)s: %(outcome)s") % {
        "body": decision.board or decision.delegation_scheme,
        "date": longdate(decision.decided_on),
        "outcome": decision.get_outcome_display().lower(),
    }
    return {"key": _("Decision"), "value": words, "note": decision.reference} | ratification_cell(version)


def force_row(version) -> dict:
    """From when it binds (SIG-force): known once completed, until then the effective date."""
    if version.in_force_from:
        return {"key": _("In force from"), "value": longdate(version.in_force_from)}
    return {"key": _("Effective date"), "value": longdate(version.effective_on), "empty": _("Not given yet")}


def pilot_row(version, slug) -> dict | None:
    """The period of a pilot, its outcome, and the way to its page (DUD-11)."""
    pilot = getattr(version, "pilot", None)
    if pilot is None:
        return None
    words = _("%(first)s to %(last)s") % {"first": longdate(pilot.starts_on), "last": longdate(pilot.ends_on)}
    return {
        "key": _("Pilot"),
        "value": words,
        "note": pilot.get_outcome_display(),
        "link": version_link("pilot", version, slug),
    }


def sign_by_row(version, *, now) -> dict | None:
    """The sign-up deadline, as long as it matters (HAR-r4)."""
    if version.status not in DRAFTING | {Version.Status.OPEN_FOR_SIGNATURE} or version.protocol.tier.adopted:
        return None
    note = contextual_days(version.sign_by, now)
    return {"key": _("Sign by"), "value": longdate(version.sign_by), "note": note, "empty": _("Not given yet")}


def review_row(version, deadline, *, now) -> dict | None:
    """The next review with its distance in words; overdue is a question asked of now (READ-11)."""
    if deadline and version.status in DONE:
        overdue = deadline.due_at < now
        return {
            "key": _("Next review"),
            "value": longdate(deadline.due_at),
            "note": contextual_days(deadline.due_at, now),
            "tag": _("Review overdue") if overdue else "",
            "colour": "red",
        }
    if version.review_first_months and version.status in UNFINISHED:
        words = ngettext(
            "%(count)d month after the last required signature",
            "%(count)d months after the last required signature",
            version.review_first_months,
        )
        if version.protocol.tier.adopted:
            words = ngettext(
                "%(count)d month after it is adopted",
                "%(count)d months after it is adopted",
                version.review_first_months,
            )
        return {"key": _("Next review"), "value": words % {"count": version.review_first_months}}
    return None


def publication_row(version, access) -> dict | None:
    """What the public sees (UK-pub); nothing is said of it before the text is agreed."""
    if version.level is None and version.status not in DONE:
        return None
    levels = dict(Publication.Level.choices)
    row = {
        "key": _("Publication"),
        "value": levels.get(version.level) or _("Not decided, so not published"),
        "note": version.level and _("look again on %(date)s") % {"date": longdate(version.publication_review_on)},
    }
    if version.level in PUBLISHED and version.status == Version.Status.IN_FORCE:
        row["link"] = link("public-protocol", access.framework.slug, version.protocol.reference)
    if access.can(Perm.DECIDE) and version.status in DONE:
        href = link("publication", access.framework.slug, version.protocol.reference, version.number)
        row |= {"href": href, "action": _("Change") if version.level else _("Decide"), "hidden": _("what is published")}
    return row


# --- who has signed


def signing(version, parties) -> dict:
    """Heading, progress and table of the parties. For members only: it names the signatories."""
    if version.protocol.tier.adopted:
        return adopted(parties)
    begun = version.status not in DRAFTING
    signed = sum(has_agreed(party) for party in parties)
    for party in parties:
        party.version = version
    barred = bars.barring(parties)
    if begun:
        heading = _("Who has signed: %(signed)d of %(count)d") % {"signed": signed, "count": len(parties)}
    else:
        heading = _("Parties: %(count)d") % {"count": len(parties)}
    return {
        "heading": heading,
        "states": ["signed" if has_agreed(party) else party.status for party in parties] if begun else [],
        "headers": [_("Organisation"), _("Signatory"), _("State")],
        "rows": [signing_row(party, version.protocol, barred.get(party.pk)) for party in parties],
    }


def adopted(parties) -> dict:
    """The same for what one organisation adopts: nobody signs (DUD-8)."""
    done = [party.name for party in parties if party.status == Party.Status.ADOPTED]
    return {
        "heading": _("Adopted by %(organisation)s") % {"organisation": done[0]} if done else _("Not adopted yet"),
        "states": [],
        "headers": [_("Organisation"), _("State")],
        "rows": [
            [party.name, state(party) if done else {"tag": _("Not adopted yet"), "colour": "grey"}] for party in parties
        ],
    }


def has_agreed(party) -> bool:
    """Did it agree to this version? Who has not signed the next one had signed this."""
    return party.status in Party.GIVEN or (party.status == Party.Status.NOT_RE_SIGNED and party.given_at is not None)


def given_note(party) -> str:
    """The day on which it agreed; with words where its state does not say that it did."""
    if not has_agreed(party):
        return ""
    day = longdate(party.given_at)
    return day if party.status in Party.AGREED else _("signed on %(day)s") % {"day": day}


def signing_row(party, protocol, bar=None) -> list:
    """One party: name, who signed in what capacity, and its standing in words with the day. bar: what keeps it from signing."""
    notes = [bar.note] if bar else []
    if party.organisation_id == protocol.lead_organisation_id:
        notes.append(_("lead"))
    if not party.required:
        notes.append(_("no longer required") if party.released_at else _("need not sign for completion"))
    who = [party.signatory, party.capacity or party.job_title]
    return [
        {"value": party.name, "note": ", ".join(notes)},
        {"lines": [line for line in who if line], "empty": _("Nobody yet")},
        state(party) | {"note": given_note(party)},
    ]


# --- documents and versions


def documents(version, parties, access) -> list[dict]:
    """The files of a frozen version: what is signed, and the sealed editions or that they are being sealed."""
    if not version.frozen:
        return []
    slug = access.framework.slug
    for_parties = access.can(Perm.VIEW_ALL) or any(party.represented for party in parties)
    rows = []
    editions = list(version.editions.select_related("file"))
    for edition in editions:
        title = sealed_title(edition.get_kind_display(), edition.number)
        if edition.status == Edition.Status.BEING_SEALED:
            rows.append(being_sealed(title))
        elif edition.kind == Edition.Kind.PUBLIC or for_parties:
            rows.append(file_row(title, edition.file, slug, code=edition.code, at=edition.file.stored_at))
    kinds = {edition.kind for edition in editions}
    if version.status in DONE and Edition.Kind.PARTIES not in kinds:
        rows.append(being_sealed(sealed_title(Edition.Kind.PARTIES.label, 1)))
    if version.level == Publication.Level.FULL and Edition.Kind.PUBLIC not in kinds:
        rows.append(being_sealed(_("Public copy")))
    words = _("Text copy: exactly what is signed, without signatures")
    if version.protocol.tier.adopted:
        words = _("Text copy: exactly what was adopted")
    return [*rows, file_row(words, version.text_copy, slug)]


def sealed_title(kind, number) -> str:
    """ "Sealed PDF: Parties' copy, edition 1"."""
    return _("Sealed PDF: %(kind)s, edition %(number)d") % {"kind": kind, "number": number}


def file_row(title, stored, slug, *, code="", at=None) -> dict:
    """A file to download, with its size and, if sealed, the day and the code for /verify."""
    return {
        "title": title,
        "href": link("file", slug, stored.uid),
        "kind": _("PDF, %(size)s") % {"size": filesizeformat(stored.size)},
        "sealed_on": longdate(at),
        "code": code,
    }


def being_sealed(title) -> dict:
    """A sealed file that the worker is still making."""
    return {"title": title, "href": "", "being_sealed": True}


def version_rows(versions, slug) -> list[list]:
    """The table of versions."""
    return [
        [
            {"value": _("Version %(name)s") % {"name": version.name}, "link": version_link("version", version, slug)},
            state(version),
            longdate(version.in_force_from) if version.in_force_from else {"value": "", "empty": _("Not yet")},
            longdate(version.ended_at) if version.ended_at else {"value": "", "empty": _("–")},
        ]
        for version in versions
    ]


def version_link(name, version, slug, *more) -> str:
    """The address of a page of this version."""
    return link(name, slug, version.protocol.reference, version.number, *more)


def compare_link(protocol, versions, slug) -> str:
    """Where two texts are chosen for a comparison; "" while a first draft is the only text there ever was."""
    first = all((version.major, version.minor, version.draft) == (1, 0, 1) for version in versions)
    return "" if first else link("compare", slug, protocol.reference)


def changes_link(old, new, slug) -> str:
    """What changes from one version to the other (SIG-new)."""
    href = link("redline", slug, new.protocol.reference, old.number, new.number)
    return f"{href}?show=changes" if href else ""


# --- what the reader may do


def actions(version, parties, access) -> list[dict]:
    """Buttons for this reader, most important first. They are a convenience: every page checks again."""
    slug, status, can = access.framework.slug, version.status, access.can

    def offer(allowed, text, name, *more, last_resort=False):
        href = version_link(name, version, slug, *more) if allowed else ""
        return [{"text": text, "href": href, "last_resort": last_resort}] if href else []

    waiting = {Party.Status.INVITED, Party.Status.DECLINED}
    for party in parties:
        party.version = version
    offered, barred = [], bars.barring(party for party in parties if party.represented)
    for party in parties:
        mine = can(Perm.REPRESENT) and party.represented and party.status in waiting and status in SIGNABLE
        mine = mine and party.pk not in barred
        offered += offer(mine, _("Sign for %(organisation)s") % {"organisation": party.name}, "sign", party.pk)
    offered += offer(can(Perm.DRAFT) and status == Version.Status.DRAFT, _("Edit draft"), "draft")
    in_round = status == Version.Status.CONSULTATION
    offered += offer(in_round and can(Perm.DRAFT), _("Comments and responses"), "consultation")
    offered += offer(in_round and can(Perm.COMMENT) and not can(Perm.DRAFT), _("Read and comment"), "consultation")
    if can(Perm.REPRESENT) and status in BEFORE_SIGNATURE:
        for party in parties:
            asked = party.represented and party.status in UNANSWERED and party.pk not in barred
            words = _("Say whether %(organisation)s intends to sign") % {"organisation": party.name}
            offered += offer(asked, words, "intention", party.pk)
    offered += offer(status == Version.Status.APPROVAL and can(Perm.DECIDE), _("Record the decision"), "approval")
    approved = status == Version.Status.APPROVED
    if version.protocol.tier.adopted:  # nobody signs (DUD-8)
        offered += offer(approved and can(Perm.DECIDE), _("Record the adoption"), "adoption")
        offered += offer(
            status in SIGNABLE and can(Perm.DECIDE), _("Withdraw this version"), "version-withdraw", last_resort=True
        )
        return offered
    offered += offer(approved and can(Perm.DRAFT), _("Open for signature"), "open-for-signature")
    follows = can(Perm.DRAFT) or can(Perm.AUTHORISE)
    words = _("Signatures and invitations") if status == Version.Status.OPEN_FOR_SIGNATURE else _("Signatures")
    offered += offer(follows and status in SIGNABLE, words, "signatures")
    offered += offer(
        status in SIGNABLE and can(Perm.DECIDE), _("Withdraw this version"), "version-withdraw", last_resort=True
    )
    return offered


def next_version(protocol, versions, access) -> list[dict]:
    """The button that begins the next version, once no other is under way."""
    if not access.can(Perm.DRAFT) or any(version.status in UNFINISHED for version in versions):
        return []
    href = link("version-new", access.framework.slug, protocol.reference)
    return [{"text": _("Begin the next version"), "href": href}] if href else []
