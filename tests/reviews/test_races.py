"""Two people settle the findings of one review at the same moment: once, and the control without the lock."""

import threading
from contextlib import contextmanager, suppress

import pytest
from django.db import transaction
from django.db.models import QuerySet

from portal import tenancy
from portal.errors import TransitionNotAllowed
from portal.models import AuditEvent, Deadline
from reviews import workflow
from reviews.models import Review
from tests.builders import NOW
from tests.reviews.holding import Case
from tests.test_races import at_once, failures

pytestmark = pytest.mark.race


class Race(Case):
    """A review in progress, committed."""

    def __init__(self):
        with transaction.atomic():
            super().__init__()
        with self.scope():
            self.begin()
            self.pk = self.review("in-progress").pk

    @contextmanager
    def scope(self):
        """As a request has it."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            yield

    def complete(self, user):
        """Settle the findings."""
        with self.scope():
            workflow.complete(Review.objects.get(pk=self.pk), summary="All of it.", by=user, now=NOW)
            return "done"

    def facts(self):
        """How often it was settled, and how many reports and next reviews are due."""
        with self.scope():
            settled = AuditEvent.objects.filter(verb="reviews.review:completed").count()
            rules = Deadline.objects.open().order_by("rule").values_list("rule", flat=True)
            return settled, [rule for rule in rules if rule in {"review.annual", "review.findings"}]


@pytest.fixture
def together(monkeypatch):
    """Whoever has looked at the state and written nothing waits until the other is there too, at most a second."""
    gate, look = threading.Barrier(2), Review.require_step

    def pausing(self, target):
        look(self, target)
        if target == Review.Status.COMPLETED:
            with suppress(threading.BrokenBarrierError):
                gate.wait(1)

    monkeypatch.setattr(Review, "require_step", pausing)


def both(race):
    """Drafter and secretary at the same moment."""
    return at_once(lambda: race.complete(race.drafter), lambda: race.complete(race.secretary))


def test_two_settle_the_findings_at_once(own_database, together):
    """REV: one does; the other is told of the state. One report and one next review are due."""
    race = Race()
    (refused,) = failures(both(race))
    assert isinstance(refused, TransitionNotAllowed)
    assert race.facts() == (1, ["review.annual", "review.findings"])


def test_two_settle_the_findings_without_the_lock(own_database, together, monkeypatch):
    """Control: both would, so the test above would fail."""
    race = Race()
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
    both(race)
    assert race.facts() != (1, ["review.annual", "review.findings"])
