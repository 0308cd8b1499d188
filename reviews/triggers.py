"""Reviews that a change calls for: the parent has a new version in force, or a law that the protocol cites changes (HAM-law).

Every function needs the framework's scope, and takes `now` (aware UTC).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal import clock, laws
from portal.models import AuditEvent, Framework, Job
from portal.models.people import User
from portal.templatetags.dates import longdate
from protocols.models import Clause, DataFlow, Protocol, Purpose, RelatedDocument, Term, Version
from reviews.cycle import open_review
from reviews.models import LawChange, Review

LAWS, RECORDED = "reviews.laws", "reviews.law_change"
AT_MOST = timedelta(days=30)  # so that a release with new data is noticed
# Where a version can name a law: table → columns
TEXTS = {
    Clause: ("title", "text"),
    Term: ("term", "text"),
    Purpose: ("text",),
    DataFlow: ("power", "method"),
    RelatedDocument: ("title",),
}


def in_force() -> QuerySet[Version]:
    """What binds in the framework."""
    return Version.objects.filter(status=Version.Status.IN_FORCE).select_related("protocol", "framework")


def trigger(version, reason, *, now, by=None) -> Review | None:
    """Open a review of a version for a reason; a triggered one that has not begun yet takes the reason in. Once for each
    reason."""
    Protocol.objects.select_for_update(of=("self",)).get(pk=version.protocol_id)
    mine = Review.objects.filter(version=version, kind=Review.Kind.TRIGGERED)
    if mine.filter(reason__contains=reason).exists():
        return None
    waiting = mine.filter(status=Review.Status.OPEN).select_for_update(of=("self",)).first()
    if waiting is None:
        return open_review(version, Review.Kind.TRIGGERED, reason=reason, now=now, by=by)
    waiting.reason = f"{waiting.reason}\n{reason}"
    waiting.save(update_fields=["reason"])
    AuditEvent.objects.record("reviews.review:reason-added", waiting, by=by, now=now, reason=reason)
    return waiting


# --- the parent


def parent_turned(version, now: datetime) -> None:
    """A new version of the parent is in force: every protocol in force below it is reviewed (HAM-law)."""
    if version.status != Version.Status.IN_FORCE or not version.protocol.versions.exclude(pk=version.pk).exists():
        return
    reason = _("Version %(number)s of %(reference)s, which it supplements, came into force on %(date)s.") % {
        "number": version.number,
        "reference": version.protocol.reference,
        "date": longdate(now),
    }
    for below in in_force().filter(protocol__parent=version.protocol_id).order_by("protocol_id"):
        trigger(below, reason, now=now)


# --- the law


def texts_of(versions) -> dict[int, list[str]]:
    """Version id → everything in which a law can be named; one statement for each table."""
    found: dict[int, list[str]] = {version.pk: [] for version in versions}
    for model, columns in TEXTS.items():
        rows = model.objects.filter(version__in=list(found))  # type: ignore[misc]  # each of them has a version
        for version, *texts in rows.values_list("version", *columns):
            found[version] += texts
    return found


def citations(versions) -> dict[int, list[laws.Law]]:
    """Version id → the entries of the catalogue that it names."""
    return {version: laws.cited_in(texts) for version, texts in texts_of(versions).items()}


def law_reason(change: laws.Change) -> str:
    """Why a change of law calls for a review."""
    facts = {"law": laws.CATALOGUE[change.law].title, "date": longdate(change.on), "words": change.words}
    if change.what == LawChange.What.REPEALED:
        said = _("%(law)s, which it cites, is repealed or replaced from %(date)s.") % facts
    elif change.what == LawChange.What.IN_FORCE:
        said = _("%(law)s, which it cites, comes into force on %(date)s.") % facts
    else:
        said = _("%(law)s, which it cites, changes on %(date)s.") % facts
    return f"{said} {change.words}".strip()


def apply(changes: list[laws.Change], *, now, by: User | None = None) -> list[Review]:
    """Trigger a review of every version in force that names a law which has changed since the version was agreed."""
    versions = list(in_force().order_by("protocol_id"))
    cited = {version: {law.key for law in found} for version, found in citations(versions).items()}
    made = []
    for version in versions:
        for change in changes:
            agreed = version.completed_at and clock.london_date(version.completed_at)
            if change.law in cited[version.pk] and agreed and agreed < change.on:
                made.append(trigger(version, law_reason(change), now=now, by=by))
    return [review for review in made if review is not None]


def plan_laws(framework: Framework, *, now) -> Job:
    """Plan the next look at the catalogue: when something in it changes, and at least every month."""
    today = clock.london_date(now)
    day = min(filter(None, [laws.next_change(today), today + AT_MOST]))
    return Job.objects.plan(
        LAWS, framework=framework, subject_id=framework.pk, run_at=clock.start_of_day(day), key=f"{LAWS}:{day}"
    )


def laws_turned(version, now: datetime) -> None:
    """The first version that is agreed in a framework begins the looks at the catalogue."""
    if version.status == Version.Status.COMPLETED and not Job.objects.filter(kind=LAWS, done_at__isnull=True).exists():
        plan_laws(version.framework, now=now)


@transaction.atomic
def look(framework: Framework, *, now) -> list[Review]:
    """What has changed by today calls for its reviews, and the next look is planned."""
    made = apply(laws.changes(until=clock.london_date(now)), now=now)
    plan_laws(framework, now=now)
    return made


@transaction.atomic
def record(framework: Framework, *, law: str, what: str, on, note: str, by, now) -> LawChange:
    """An administrator records a change of law. Its reviews are opened on its day, or at once if that has come."""
    change = LawChange.objects.create(
        framework=framework, law=law, what=what, on=on, note=note, recorded_by=by, recorded_at=now
    )
    AuditEvent.objects.record(
        "reviews.lawchange:recorded", change, by=by, now=now, law=change.title, date=str(on), note=note
    )
    Job.objects.plan(
        RECORDED, framework=framework, subject_id=change.pk, run_at=max(clock.start_of_day(on), now),
        key=f"{RECORDED}:{change.pk}",
    )  # fmt: skip
    return change


def as_change(change: LawChange) -> laws.Change:
    """A recorded change as the catalogue would hold it."""
    return laws.Change(change.law, change.on, change.note, change.what)
