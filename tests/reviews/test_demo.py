"""The demonstration loaded on awkward days: reviews due, overdue and done, and no lapse on a real organisation (issue 4).

The load of an ordinary day is looked at in tests/signatories/test_demo.py.
"""

from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings
from django.db import transaction

import reviews.demo  # noqa: F401  registers its chapters
from portal import demo as chapters
from portal.models import Deadline, Framework
from portal.tenancy import scope
from protocols import demo_texts
from reviews.models import Action, Review
from signatories import demo

REAL = {party["organisation"] for party in demo_texts.load("haringey")["parties"]}
DAYS = [
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    pytest.param(datetime(2027, 1, 1, 12, 0, tzinfo=UTC), marks=pytest.mark.slow),
    pytest.param(datetime(2027, 10, 31, 0, 30, tzinfo=UTC), marks=pytest.mark.slow),  # 01:30, for the first time
]


@pytest.fixture
def quick(monkeypatch):
    """Reports without their rendering, which takes a second each."""
    monkeypatch.setattr("reviews.reporting.pdf_bytes", lambda review, *, now: b"%PDF-1.7 placeholder of the tests")


@pytest.mark.parametrize("now", DAYS, ids=lambda day: f"{day:%Y-%m-%d}")
def test_the_demonstration_on_this_day(db, quick, monkeypatch, now):
    """Something is due, something overdue, something done, and every stage can be looked at; in the framework with real
    names nothing is late, whatever the day."""
    assert chapters.CHAPTERS["anyshire"]
    monkeypatch.setattr(settings, "PORTAL_DEMO", True)
    with time_machine.travel(now, tick=False), transaction.atomic():
        assert demo.load(now=now)
    states, late, coming, met = set(), set(), set(), set()
    for framework in Framework.objects.all():
        with scope(framework.pk):
            states |= set(Review.objects.values_list("status", flat=True))
            mine = Deadline.objects.filter(rule__startswith="review.")
            late |= set(mine.overdue(now).values_list("framework__slug", flat=True))
            coming |= set(mine.open().filter(due_at__gte=now).values_list("framework__slug", flat=True))
            met |= set(mine.filter(met_at__isnull=False).values_list("framework__slug", flat=True))
            owners = set(Deadline.objects.overdue(now).values_list("owner__name", flat=True))
            assert REAL.isdisjoint(owners)
            if framework.slug == "haringey":
                assert not any(one.overdue(now) for one in Action.objects.all())
    assert {"open", "in-progress", "completed", "reported", "agreed", "closed"} <= states
    assert late == {"anyshire"}
    assert {"haringey", "anyshire", "elmshire", "millborough"} <= coming
    assert "anyshire" in met
