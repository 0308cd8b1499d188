"""What was so at the end of a day: the version in force, who had signed, the next review, what was published.

Everything is derived from moments: those that versions, parties, deadlines and publication decisions keep, and the
ledger where a row keeps only its last state. Today's status is never asked, so a later withdrawal, suspension or
supersession changes no answer about a day before it. The due moment counts (SIG-force): what a sweep did late was
recorded with the moment at which it was due.

Nothing is shown that the reader could not see today (docs/adr): every list starts from `visible_to`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject, Substr
from django.db.models.lookups import In

from portal import clock
from portal.models import AuditEvent, Deadline, MemberOrganisation
from portal.permissions import Perm
from protocols import register
from protocols.models import Party, Protocol, Publication, Purpose, Tier, Version

KEY = "as-at"
EARLIEST = date(1998, 1, 1)


@dataclass(frozen=True, slots=True)
class AsAt:
    """The end of one day in London."""

    day: date

    @property
    def until(self) -> datetime:
        """The first moment that no longer counts: 00:00 Europe/London of the next day."""
        return clock.start_of_day(self.day + timedelta(days=1))

    @property
    def query(self) -> str:
        """ "?as-at=2026-03-01", behind every address that keeps the date."""
        return f"?{KEY}={self.day.isoformat()}"


# --- states, as expressions


def last_step(model, at, also=()):
    """The newest state that the ledger has of a row of a Lifecycle model before the end of the day, or NULL. also: steps that
    the ledger calls otherwise."""
    label = model._meta.label_lower
    steps = AuditEvent.objects.filter(
        framework_id=OuterRef("framework_id"),
        subject_type=label,
        subject_id=OuterRef("pk"),
        verb__in=[f"{label}:{status}" for status in (*model.Status.values, *also)],
        at__lt=at.until,
    )
    verb = Subquery(steps.order_by("-at", "-pk").values("verb")[:1], output_field=CharField())
    return Substr(verb, len(label) + 2)


def words(text):
    """A constant as an expression."""
    return Value(str(text), output_field=CharField())


def state_then(at):
    """The state of a version: its own moments first, since an imported one has no steps in the ledger."""
    status = Version.Status
    return Case(
        When(ended_at__lt=at.until, then=F("status")),  # the three last states are never left again
        When(in_force_from__lt=at.until, then=words(status.IN_FORCE)),
        default=Coalesce(
            last_step(Version, at),
            Case(
                When(completed_at__lt=at.until, then=words(status.COMPLETED)),
                When(opened_at__lt=at.until, then=words(status.OPEN_FOR_SIGNATURE)),
                default=words(status.DRAFT),
            ),
        ),
        output_field=CharField(),
    )


def standing_then(at):
    """The standing of a party (HAM-signed). A suspension that has ended leaves what was there before (HAR-6.6)."""
    status, step = Party.Status, last_step(Party, at, also=Party.BACK)
    before = Case(When(signature_of__isnull=False, then=words(status.CONTINUED)), default=words(status.SIGNED))
    without_steps = Case(When(signed_at__lt=at.until, then=words(status.SIGNED)), default=words(status.PENDING))
    return Case(
        When(In(step, [Value(name) for name in Party.BACK]), then=before),
        default=Coalesce(step, without_steps, output_field=CharField()),
        output_field=CharField(),
    )


def in_force_then(at) -> Q:
    """In force at the end of the day, by its moments (SIG-force)."""
    return Q(in_force_from__lt=at.until) & (Q(ended_at__isnull=True) | Q(ended_at__gte=at.until))


def were_in_force(versions, at):
    """Those in force at the end of the day; of two of one protocol (the sweep is late) the one that came last."""
    later = Version._base_manager.filter(
        in_force_then(at), protocol=OuterRef("protocol"), in_force_from__gt=OuterRef("in_force_from")
    )
    return versions.filter(in_force_then(at)).exclude(Exists(later))


def parties_then(at):
    """Parties with `standing`; one that came to its version later is left out."""
    mine = AuditEvent.objects.filter(
        framework_id=OuterRef("framework_id"), subject_type=Party._meta.label_lower, subject_id=OuterRef("pk")
    )
    found = Party.objects.filter(Exists(mine.filter(at__lt=at.until)) | ~Exists(mine) | Q(signed_at__lt=at.until))
    return found.annotate(standing=standing_then(at))


def next_review(at, protocol="pk"):
    """When the review that was open then was due, or NULL (HAR-5.1)."""
    was_open = Deadline.objects.filter(
        Q(met_at__isnull=True) | Q(met_at__gte=at.until),
        Q(dropped_at__isnull=True) | Q(dropped_at__gte=at.until),
        subject_type=ContentType.objects.get_for_model(Protocol),
        subject_id=OuterRef(protocol),
        rule__in=register.REVIEWS,
        started_at__lt=at.until,
    )
    return Subquery(was_open.order_by("due_at").values("due_at")[:1])


def in_effect(field, at, version="pk"):
    """A field of the publication decision that held for a version then; NULL if there was none."""
    newest = Publication.objects.filter(version=OuterRef(version), decided_at__lt=at.until)
    return Subquery(newest.order_by("-decided_at", "-pk").values(field)[:1])


# --- for members


def versions_of(access, at):
    """Versions that the reader may see today and could have seen then."""
    begun_later = AuditEvent.objects.filter(
        framework_id=OuterRef("framework_id"),
        subject_type=Version._meta.label_lower,
        subject_id=OuterRef("pk"),
        verb="protocols.version:begun",
        at__gte=at.until,
    )
    found = Version.objects.visible_to(access).filter(protocol__created_at__lt=at.until).exclude(Exists(begun_later))
    if not access.can(Perm.VIEW_ALL):
        found = found.filter(circulated_at__lt=at.until)
    return found.annotate(state=state_then(at), was_in_force=Exists(were_in_force(same_version(), at)))


def same_version():
    """The row itself, for a question that only a queryset of versions can answer."""
    return Version._base_manager.filter(pk=OuterRef("pk"))


def protocols_wanted(access, wanted, at):
    """Protocols that were there then and that the reader may see, by the filters, in order of reference."""
    found = Protocol.objects.visible_to(access).filter(created_at__lt=at.until)
    versions = versions_of(access, at).filter(protocol=OuterRef("pk"))
    if not access.can(Perm.VIEW_ALL):
        found = found.filter(Exists(versions))
    if wanted.text:
        found = found.filter(Q(title__icontains=wanted.text) | Q(reference__icontains=wanted.text))
    if wanted.tier is not None:
        found = found.filter(tier=wanted.tier)
    if wanted.organisation is not None:
        party = parties_then(at).filter(version=OuterRef("pk"), organisation=wanted.organisation)
        found = found.filter(Exists(versions.filter(Exists(party))))
    return found.order_by("reference")


def with_rows(protocols, access, at):
    """Add to each protocol `versions_then` (newest first, as dictionaries), `next_review`, tier and lead."""
    parties = parties_then(at).filter(version=OuterRef("pk"))
    signed = parties.filter(standing__in=Party.GIVEN)
    facts = JSONObject(
        major="major",
        minor="minor",
        state="state",
        was_in_force="was_in_force",
        in_force_from="in_force_from",
        frozen=Exists(same_version().filter(opened_at__lt=at.until)),
        level=in_effect("level", at),
        parties=register.counted(parties),
        signed=ArraySubquery(signed.order_by("order", "name").values("name")),
    )
    versions = versions_of(access, at).filter(protocol=OuterRef("pk")).order_by("-major", "-minor")
    return protocols.select_related("tier", "lead_organisation").annotate(
        versions_then=ArraySubquery(versions.values(facts=facts)), next_review=next_review(at)
    )


def choices(framework) -> dict[str, list]:
    """What the filters of the members' list offer, as (id, name)."""
    organisations = MemberOrganisation.objects.filter(framework=framework).order_by("organisation__name")
    return {
        "tiers": list(Tier.objects.filter(framework=framework).values_list("pk", "name")),
        "organisations": list(organisations.values_list("organisation", "organisation__name")),
    }


def chosen(versions, in_force):
    """The version that a page was about then: the one in force, else the newest. in_force: version → was it?"""
    return next((one for one in versions if in_force(one)), versions[0] if versions else None)


# --- for the public


def published(framework, at):
    """Versions that were in force and published then, and that no decision has taken from the public since (UK-pub).

    `level` is the lesser of what was published then and what the newest decision on the same version shows; a newest
    decision of "not published", on it or on the version that is in force today, hides it.
    """
    now_in_force = Version.objects.filter(protocol=OuterRef("protocol"), status=Version.Status.IN_FORCE)
    full = Publication.Level.FULL
    found = were_in_force(Version.objects.filter(framework=framework), at).annotate(
        level_then=in_effect("level", at),
        level_now=register.in_effect("level"),
        level_of_present=Coalesce(
            Subquery(now_in_force.annotate(level=register.in_effect("level")).values("level")[:1]), words("")
        ),
    )
    return (
        found.filter(level_then__in=register.PUBLISHED, level_now__in=register.PUBLISHED)
        .exclude(level_of_present=Publication.Level.NONE)
        .annotate(
            level=Case(
                When(level_then=full, level_now=full, then=words(full)), default=words(Publication.Level.SUMMARY)
            )
        )
    )


def published_wanted(framework, wanted, at):
    """Of these, those that fit the filters, in order of reference."""
    return fitting(published(framework, at), wanted, at)


def fitting(found, wanted, at):
    """Published versions that fit the filters, in order of reference. A filter finds signatories only."""
    if wanted.text:
        found = found.filter(Q(protocol__title__icontains=wanted.text) | Q(protocol__reference__icontains=wanted.text))
    if wanted.tier is not None:
        found = found.filter(protocol__tier=wanted.tier)
    if wanted.organisation is not None:
        signed = parties_then(at).filter(
            version=OuterRef("pk"), organisation=wanted.organisation, standing__in=register.PUBLICLY_SIGNED
        )
        found = found.filter(Exists(signed))
    return found.order_by("protocol__reference")


def with_public_rows(versions, at):
    """Add to each version `signatories` (names of organisations then), `aims` (purposes) and `next_review`."""
    signed = parties_then(at).filter(version=OuterRef("pk"), standing__in=register.PUBLICLY_SIGNED)
    purposes = Purpose.objects.filter(version=OuterRef("pk")).order_by("pk")
    return versions.select_related("protocol__tier", "protocol__lead_organisation").annotate(
        signatories=ArraySubquery(signed.order_by("order", "name").values("name")),
        aims=ArraySubquery(purposes.values("text")),
        next_review=next_review(at, "protocol"),
    )


def public_choices(framework, at) -> tuple[list[int], dict[str, list]]:
    """Ids of what was published, in order of reference, and what the filters of the register offer: tiers and
    organisations that it names anyway, as (id, name)."""
    shown = published(framework, at).order_by("protocol__reference")
    rows = list(shown.values_list("pk", "protocol__tier__order", "protocol__tier", "protocol__tier__name"))
    keys = [row[0] for row in rows]
    signed = parties_then(at).filter(version__in=keys, standing__in=register.PUBLICLY_SIGNED)
    names = signed.order_by("organisation__name").values_list("organisation", "organisation__name").distinct()
    return keys, {"tiers": [tier for _order, *tier in sorted({row[1:] for row in rows})], "organisations": list(names)}
