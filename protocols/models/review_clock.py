"""The review clock of a protocol (HAR-5.1): which reviews are still owed when a version ends."""

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from portal import deadlines
from portal.deadlines import Override
from portal.models import Deadline

RULES = FIRST, LATER = ("review.first", "review.annual")


def lengths(version) -> dict[str, Override]:
    """The version's own review lengths where they differ from HAR-5.1 (READ-10)."""
    usual, later = deadlines.RULES[FIRST], deadlines.RULES[LATER]
    first, then = version.review_first_months or usual.amount, version.review_then_months or later.every
    source = _("the review rule of version %(number)s") % {"number": version.number}
    found = {}
    if first != usual.amount:
        found[FIRST] = Override(first, source)
    if (first, then) != (later.amount, later.every):
        found[LATER] = Override(first, source, every=then)
    return found


def stop(version, *, now) -> None:
    """Drop the reviews that a version owed, now that it has ended.

    A superseded version's clock ends only if its successor was signed anew and has a clock of its own; an editorial
    successor carries it on (SIG-new). A version withdrawn before it was in force takes only its own clock with it.
    """
    if version.completed_at is None:
        return
    protocol = ContentType.objects.get_for_model(version.protocol)
    owed = Deadline.objects.open().filter(rule__in=RULES, subject_type=protocol, subject_id=version.protocol_id)
    if version.status == version.Status.SUPERSEDED:
        newest = owed.order_by("-started_at").values_list("started_at", flat=True).first()
        if newest is not None:
            owed.filter(started_at__lt=newest).drop(now=now)
    elif version.in_force_from <= now:
        owed.filter(started_at__lte=version.completed_at).drop(now=now)
    else:
        owed.filter(started_at=version.completed_at).drop(now=now)
