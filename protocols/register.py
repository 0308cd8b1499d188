"""What the lists and the public register read: querysets that bring everything a row needs in one statement."""

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, Exists, IntegerField, JSONField, OuterRef, Subquery, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, JSONObject

from portal.db.statements import prepared
from portal.models import Deadline, MemberOrganisation, Membership, Partnership
from portal.permissions import Role
from protocols.models import Party, Protocol, Publication, Purpose, Tier, Version, review_clock
from protocols.search import hits

PAGE_SIZE = 25
PUBLISHED = (Publication.Level.FULL, Publication.Level.SUMMARY)
# Standings that the public reads as "signed": a suspension is public only if the deciding body says so (UK-pub)
PUBLICLY_SIGNED = Party.HELD
# Never signed, or not this version: towards these, existing arrangements apply (HAM-register)
PUBLICLY_UNSIGNED = (Party.Status.PENDING, Party.Status.INVITED, Party.Status.DECLINED)
# What the public is told of a standing, and in which colour, if the deciding body says so (UK-pub)
STANDINGS = {Party.Status.SUSPENDED: "orange", Party.Status.EXCLUDED: "red"}
# How the public narrows the register by state: everything in it is in force
OVERDUE, IN_TIME = "review-overdue", "review-in-time"
REVIEWS = review_clock.RULES


# --- the members' list


def protocols_wanted(access, wanted):
    """Protocols that the reader may see and that fit the filters, in order of reference."""
    found = Protocol.objects.visible_to(access)
    if wanted.tier is not None:
        found = found.filter(tier=wanted.tier)
    if wanted.partnership is not None:
        found = found.filter(partnership=wanted.partnership)
    versions = Version.objects.visible_to(access).filter(protocol=OuterRef("pk"))
    if wanted.text:
        found = found.filter(Exists(versions.filter(pk__in=hits(wanted.text, wanted.begun))))
    if wanted.state:
        found = found.filter(Exists(versions.filter(status=wanted.state)))
    if wanted.organisation is not None:
        found = found.filter(Exists(versions.filter(parties__organisation=wanted.organisation)))
    return found.order_by("reference")


@prepared
def page_of_rows(access, wanted, *, first):
    """One page of the list, from the row with this number on (0 is the first)."""
    return with_rows(protocols_wanted(access, wanted), access)[first : first + PAGE_SIZE]


def with_rows(protocols, access):
    """Add to each protocol `all_versions` (visible ones, newest first, as dictionaries), `next_review` and tier."""
    signed = Party.objects.filter(version=OuterRef("pk"), status__in=Party.GIVEN)
    versions = (
        Version.objects.visible_to(access)
        .filter(protocol=OuterRef("pk"))
        .order_by("-major", "-minor")
        .values(
            facts=JSONObject(
                major="major",
                minor="minor",
                draft="draft",
                status="status",
                pilot_ends="pilot__ends_on",
                pilot_outcome="pilot__outcome",
                parties=counted(Party.objects.filter(version=OuterRef("pk"))),
                signed=counted(signed),
            )
        )
    )
    return protocols.select_related("tier", "partnership").annotate(
        all_versions=ArraySubquery(versions), next_review=next_review()
    )


def counted(rows):
    """How many rows a sub-query finds, as an expression; 0 when there are none."""
    return Coalesce(
        Subquery(rows.order_by().values("version").annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
    )


def next_review(protocol="pk"):
    """When the protocol's open review is due, or NULL (HAR-5.1)."""
    open_reviews = Deadline.objects.open().filter(
        subject_type=ContentType.objects.get_for_model(Protocol), subject_id=OuterRef(protocol), rule__in=REVIEWS
    )
    return Subquery(open_reviews.order_by("due_at").values("due_at")[:1])


def choices_and_count(access, wanted) -> tuple[dict[str, list], int]:
    """Choices of the filters, as `offer` takes them, and the number of rows found, all in one statement."""
    return apart(choices_with_count(access, wanted))


@prepared
def choices_with_count(access, wanted):
    """The same before it is taken apart."""
    framework = access.framework
    total = protocols_wanted(access, wanted).order_by().values("framework").annotate(n=Count("pk"))
    return in_one(
        total=total.values_list(Value("found"), Value(0), Value("", output_field=CharField()), Value(0), "n"),
        tiers=Tier.objects.filter(framework=framework).order_by(),
        organisations=MemberOrganisation.objects.filter(framework=framework)
        .order_by()
        .values_list(Value("organisations"), "organisation_id", "organisation__name", Value(0), Value(0)),
        partnerships=Partnership.objects.filter(framework=framework)
        .order_by()
        .values_list(Value("partnerships"), "pk", "name", Value(0), Value(0)),
    )


def in_one(*, total, tiers, **more):
    """All of them as one UNION ALL."""
    tiers = tiers.values_list(Value("tiers"), "pk", "name", "order", Value(0))
    return total.union(tiers, *more.values(), all=True)


def apart(rows) -> tuple[dict[str, list], int]:
    """The lists of it, each in order, and the count."""
    count = 0
    lists: dict[str, list] = {"tiers": [], "organisations": [], "partnerships": []}
    for kind, key, name, _order, n in sorted(rows, key=lambda row: (row[3], row[2])):
        if kind == "found":
            count = n
        else:
            lists[kind].append((key, name))
    return lists, count


# --- one version


def signatories_of(versions, *, framework, user=None, names=False):
    """The parties of these versions with what their signatures say: `job_title`, and only if names `signatory`, `capacity`.

    The columns are taken out of the evidence in the database, so that a page which must not show a name never
    holds one. represented: does `user` represent the organisation now (buttons)?
    """
    # on an editorial version the signature of the earlier one stands (HAR-2.3)
    record = Cast(Coalesce("signature__record", "signature_of__signature__record"), JSONField())
    signer = KeyTransform("signer", record)
    parties = Party.objects.filter(version__in=versions).annotate(
        job_title=KeyTextTransform("job_title", signer), given_at=Coalesce("signed_at", "signature_of__signed_at")
    )
    if names:
        mine = Membership.objects.live().filter(
            framework=framework, organisation=OuterRef("organisation"), role=Role.REPRESENTATIVE, user=user
        )
        parties = parties.annotate(
            signatory=KeyTextTransform("full_name", signer),
            capacity=KeyTextTransform("capacity", KeyTransform("authority", record)),
            represented=Exists(mine),
        )
    return parties.order_by("order", "name")


def represents_party(user, version) -> bool:
    """Is the person a representative, now, of an organisation that is a party of this version?"""
    mine = Membership.objects.live().filter(framework=version.framework_id, user=user, role=Role.REPRESENTATIVE)
    return version.parties.filter(organisation__in=mine.values("organisation")).exists()


# --- what the public sees


def in_effect(field, version="pk"):
    """A field of the publication decision that holds for a version, as an expression; NULL if there is none."""
    newest = Publication.objects.filter(version=OuterRef(version)).order_by("-decided_at", "-pk")
    return Subquery(newest.values(field)[:1])


def published(framework):
    """Versions in force that a publication decision in effect shows, with `level` and `summary` (UK-pub)."""
    return (
        Version.objects.filter(framework=framework, status=Version.Status.IN_FORCE)
        .annotate(level=in_effect("level"))
        .filter(level__in=PUBLISHED)
    )


def published_wanted(framework, wanted, *, now):
    """Published versions that fit the filters, in order of reference. A filter finds signatories only.

    Overdue reviews show (KEN-5.4, DUD-5, by UK-pub); asked of the moment, never stored (READ-11).
    """
    found = published(framework)
    if wanted.text:
        found = found.filter(pk__in=hits(wanted.text, wanted.begun))
    if wanted.tier is not None:
        found = found.filter(protocol__tier=wanted.tier)
    if wanted.organisation is not None:
        signed = Party.objects.filter(
            version=OuterRef("pk"), organisation=wanted.organisation, status__in=PUBLICLY_SIGNED
        )
        found = found.filter(Exists(signed))
    if wanted.state:
        overdue = Deadline.objects.open().filter(
            subject_type=ContentType.objects.get_for_model(Protocol),
            subject_id=OuterRef("protocol"),
            rule__in=REVIEWS,
            due_at__lt=now,
        )
        found = found.filter(Exists(overdue) if wanted.state == OVERDUE else ~Exists(overdue))
    return found.order_by("protocol__reference")


def with_public_rows(versions):
    """Add to each version `signatories` (names of organisations), `summary` (the secretary's) and `next_review`."""
    signed = Party.objects.filter(version=OuterRef("pk"), status__in=PUBLICLY_SIGNED).order_by("order", "name")
    return versions.select_related(
        "protocol__tier", "protocol__partnership", "protocol__lead_organisation", "pilot"
    ).annotate(
        signatories=ArraySubquery(signed.values("name")),
        summary=in_effect("summary"),
        next_review=next_review("protocol"),
    )


def with_public_details(versions):
    """The same for the page of one protocol, with `aims` (purposes) and `show_standings`."""
    purposes = Purpose.objects.filter(version=OuterRef("pk")).order_by("pk")
    return with_public_rows(versions).annotate(
        aims=ArraySubquery(purposes.values("text")), show_standings=in_effect("show_standings")
    )


def lookers(version) -> list[tuple[list[str], list[str]]]:
    """Who may look and how they are checked, as lines, each pair once (HAM-voice)."""
    pairs = {
        (tuple(flow.roles), flow.vetting): None for flow in version.data_flows.only("readers", "vetting", "version")
    }
    return [(list(roles), vetting.splitlines()) for roles, vetting in pairs if roles or vetting]


def public_signatories(framework, text=""):
    """Organisations that have signed a published version in force: id, name and number of protocols, by name (HAM-register)."""
    signed = Party.objects.filter(version__in=published(framework).values("pk"), status__in=PUBLICLY_SIGNED)
    if text:
        signed = signed.filter(organisation__name__icontains=text)
    rows = signed.order_by("organisation__name").values("organisation_id", "organisation__name")
    return rows.annotate(protocols=Count("version__protocol", distinct=True))


def public_choices_and_count(framework, found) -> tuple[dict[str, list], int]:
    """As choices_and_count, but only tiers and organisations that a published protocol names anyway."""
    shown = published(framework).order_by()
    total = found.order_by().values("framework").annotate(n=Count("pk"))
    signed = shown.filter(parties__status__in=PUBLICLY_SIGNED)
    rows = in_one(
        total=total.values_list(Value("found"), Value(0), Value("", output_field=CharField()), Value(0), "n"),
        tiers=Tier.objects.filter(Exists(shown.filter(protocol__tier=OuterRef("pk"))), framework=framework).order_by(),
        organisations=signed.values_list(
            Value("organisations"), "parties__organisation_id", "parties__organisation__name", Value(0), Value(0)
        ).distinct(),
    )
    return apart(rows)
