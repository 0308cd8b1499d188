"""How a framework gets on, for its board (KEN-6iii): protocols by state, what is signed, reviews, deadlines over time.

Figures are counted over what the reader may see, so nothing restricted shows in a number. Needs the scope.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Case, Count, F, IntegerField, Q, Value, When
from django.db.models.functions import TruncMonth

from portal import clock, due
from portal.permissions import Access
from protocols.models import Party, Tier, Version

MONTHS = 12
REVIEWS = ("review.first", "review.annual")
REPORT = "review.findings"  # starts when any review has been held (HAR-5.3)
OPEN_OR_BOUND = (Version.Status.OPEN_FOR_SIGNATURE, Version.Status.COMPLETED, Version.Status.IN_FORCE)


@dataclass(frozen=True, slots=True)
class Signed:
    """How many of a tier's required parties have signed what is open or in force."""

    tier: str
    protocols: int
    parties: int
    signed: int


@dataclass(frozen=True, slots=True)
class Month:
    """The deadlines that were due in a month: done in time, done late, still to be done although it has passed."""

    first: date
    met: int
    late: int
    missed: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The figures of one report."""

    states: list[tuple[str, int]]
    signed: list[Signed]
    reviews_soon: int
    reviews_overdue: int
    reviews_done: int
    months: list[Month]
    at: datetime

    @property
    def protocols(self) -> int:
        """How many protocols there are."""
        return sum(count for _state, count in self.states)

    @property
    def asked(self) -> int:
        """How many parties were asked."""
        return sum(one.parties for one in self.signed)

    @property
    def have_signed(self) -> int:
        """How many of them have signed."""
        return sum(one.signed for one in self.signed)

    @property
    def due(self) -> int:
        """Deadlines of the twelve months."""
        return sum(one.met + one.late + one.missed for one in self.months)

    @property
    def in_time(self) -> int:
        """Those that were met in time."""
        return sum(one.met for one in self.months)


def of(access: Access, *, now: datetime) -> Progress:
    """The figures at this moment."""
    soon, overdue, done = reviews(access, now=now)
    return Progress(states(access), signed(access), soon, overdue, done, months(access, now=now), now)


def states(access: Access) -> list[tuple[str, int]]:
    """Protocols by the state of the version that counts: the one in force, else the newest. In order of the states."""
    counts = Counter(
        Version.objects.visible_to(access)
        .annotate(
            rank=Case(
                When(status=Version.Status.IN_FORCE, then=Value(0)), default=Value(1), output_field=IntegerField()
            )
        )
        .order_by("protocol_id", "rank", "-major", "-minor")
        .distinct("protocol_id")
        .values_list("status", flat=True)
    )
    return [(status.value, counts[status.value]) for status in Version.Status if counts[status.value]]


def signed(access: Access) -> list[Signed]:
    """For each tier whose protocols are signed."""
    visible = Version.objects.visible_to(access).filter(status__in=OPEN_OR_BOUND, protocol__tier__adopted=False)
    rows = (
        Party.objects.filter(version__in=visible.order_by().values("pk"), required=True)
        .order_by()
        .values(tier=F("version__protocol__tier"))
        .annotate(
            protocols=Count("version__protocol", distinct=True),
            parties=Count("pk"),
            signed=Count("pk", filter=Q(status__in=Party.HELD)),
        )
    )
    found = {row["tier"]: row for row in rows}
    tiers = Tier.objects.filter(pk__in=found).order_by("order")
    return [Signed(tier.name, *(found[tier.pk][name] for name in ("protocols", "parties", "signed"))) for tier in tiers]


def reviews(access: Access, *, now: datetime) -> tuple[int, int, int]:
    """Due within three months, overdue, done within the last twelve (HAR-5.1); done are also those that a change of law or of
    a parent triggered, which have no date by which they are held."""
    of_cycle = Q(rule__in=REVIEWS, met_at__isnull=True, dropped_at__isnull=True)
    held = Q(rule=REPORT, started_at__gte=now - timedelta(days=365), started_at__lte=now)
    found = (
        due.visible(access)
        .filter(rule__in=[*REVIEWS, REPORT])
        .order_by()
        .aggregate(
            soon=Count("pk", filter=of_cycle & Q(due_at__gte=now, due_at__lt=now + due.MONTHS)),
            overdue=Count("pk", filter=of_cycle & Q(due_at__lt=now)),
            done=Count("pk", filter=held),
        )
    )
    return found["soon"], found["overdue"], found["done"]


def months(access: Access, *, now: datetime) -> list[Month]:
    """The last twelve months with this one, whether anything was due in them or not; by the date that counted."""
    firsts = last_months(clock.london_date(now))
    late = Q(met_at__gt=F("due_at"))
    rows = (
        due.visible(access)
        .filter(dropped_at__isnull=True, due_at__gte=clock.start_of_day(firsts[0]), due_at__lte=now)
        .order_by()
        .annotate(month=TruncMonth("due_at", tzinfo=clock.LONDON))
        .values("month")
        .annotate(
            met=Count("pk", filter=Q(met_at__isnull=False) & ~late),
            late=Count("pk", filter=late),
            missed=Count("pk", filter=Q(met_at__isnull=True)),
        )
    )
    found = {clock.london_date(row["month"]): row for row in rows}
    return [
        Month(first, *((found[first][name] if first in found else 0) for name in ("met", "late", "missed")))
        for first in firsts
    ]


def last_months(today: date) -> list[date]:
    """The first days of the last twelve months, this one last."""
    number = today.year * 12 + today.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(number - MONTHS + 1, number + 1)]
