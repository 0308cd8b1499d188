"""The demonstration loaded on awkward days: reviews due, overdue and done, and no lapse on a real organisation (issue 4).

Only in `script/test slow`: each loads the whole demonstration. That of an ordinary day is looked at in
tests/signatories/test_demo.py.
"""

from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.urls import reverse

import reviews.demo  # noqa: F401  registers its chapters
from portal import demo as chapters
from portal.models import Deadline, Framework, User
from portal.permissions import Role
from portal.tenancy import scope
from protocols import demo_texts
from protocols.canonical import canonical_bytes
from reviews.models import Action, Review
from signatories import demo
from signatories.demo.people import PEOPLE

REAL = {party["organisation"] for party in demo_texts.load("haringey")["parties"]}
pytestmark = pytest.mark.slow
DAYS = [
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2027, 1, 1, 12, 0, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 30, tzinfo=UTC),  # 01:30, for the first time
]


STATES = ("overdue", "later", "done")


def listed(client, slug, state) -> int:
    """How many reviews the secretary's list of deadlines shows in a state."""
    secretary = next(one for one in PEOPLE if one.framework == slug and one.role == Role.SECRETARY)
    client.force_login(User.objects.get(email=secretary.email))
    rows = client.get(reverse("deadlines-csv", args=[slug]), {"state": state}).content.decode().splitlines()[1:]
    return sum("review" in row.lower() for row in rows)


@pytest.fixture
def quick(monkeypatch):
    """Reports and text copies without their rendering, which takes a second each, and on a busy machine a minute."""

    def placeholder(data, extras):
        return b"%PDF-1.7 placeholder of the tests " + canonical_bytes(data)

    monkeypatch.setattr("protocols.documents.render_protocol", placeholder)
    monkeypatch.setattr("reviews.reporting.pdf_bytes", lambda review, *, now: b"%PDF-1.7 placeholder of the tests")


@pytest.mark.parametrize("now", DAYS, ids=lambda day: f"{day:%Y-%m-%d}")
def test_the_demonstration_on_this_day(db, quick, client, monkeypatch, now):
    """Something is due, something overdue, something done, in the rows and on the pages, and every stage can be looked at;
    in the framework with real names nothing is late, whatever the day, not even on its public register."""
    assert chapters.CHAPTERS["anyshire"]
    monkeypatch.setattr(settings, "PORTAL_DEMO", True)
    with time_machine.travel(now, tick=False), transaction.atomic():
        assert demo.load(now=now)
        shown = {(slug, state): listed(client, slug, state) for slug in ("anyshire", "haringey") for state in STATES}
        register = client.get("/haringey/register/").content.decode()
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
    assert all(shown["anyshire", state] for state in STATES), shown
    assert shown["haringey", "later"]
    assert not shown["haringey", "overdue"]
    assert "HSP-ISP" in register
    assert "Review overdue" not in register
    assert {"open", "in-progress", "completed", "reported", "agreed", "closed"} <= states
    assert late == {"anyshire"}
    assert {"haringey", "anyshire", "elmshire", "millborough"} <= coming
    assert "anyshire" in met
