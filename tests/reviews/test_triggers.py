"""A change of the parent or of a cited law triggers reviews (HAM-law); the catalogue and LAW-map."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from portal import laws
from portal.models import OutgoingEmail
from portal.permissions import Role
from portal.todo import items
from protocols.models import Version
from reviews import triggers
from reviews.models import LawChange, Review
from tests.builders import NOW, advance, fill, make_member, make_party, make_protocol, make_version


def next_of(version, *, now):
    """The next version of the same protocol, in force."""
    new = Version.objects.create(
        framework=version.framework, protocol=version.protocol, major=2, effective_on=date(2026, 6, 1),
        review_first_months=6, review_then_months=12,
    )  # fmt: skip
    fill(new)
    for party in version.parties.all():
        make_party(new, party.organisation)
    return advance(new, "in-force", now=now)


def triggered():
    """Triggered reviews: version and reason."""
    return [(one.version, one.reason) for one in Review.objects.filter(kind="triggered").order_by("pk")]


def citing(case, words, *, now=NOW):
    """A version in force that names a law in a clause, agreed at a moment."""
    version = make_version(framework=case.framework, effective_on=date(2026, 1, 1))
    clause = version.clauses.filter(kind="clause").first()
    clause.text = words
    clause.save()
    return advance(version, "in-force", now=now)


@pytest.fixture
def family(case):
    """A general protocol in force with one below it, and one that has nothing to do with it."""
    parent = make_version(make_protocol(case.framework, tier=1), status="in-force", effective_on=date(2026, 6, 1))
    below = make_version(
        make_protocol(case.framework, parent=parent.protocol), status="in-force", effective_on=date(2026, 6, 1)
    )
    return parent, below


def test_a_new_version_of_the_parent(case, family):
    """HAM-law: every protocol in force below it is reviewed, with the reason; nothing else is, and the first version of a
    parent triggers nothing."""
    parent, below = family
    assert triggered() == []
    now = NOW + timedelta(days=50)
    next_of(parent, now=now)
    ((version, reason),) = triggered()
    assert version == below
    assert parent.protocol.reference in reason
    assert "4 August 2026" in reason
    mails = OutgoingEmail.objects.filter(kind="reviews.opened")
    assert not mails.exclude(ids__review=Review.objects.get().pk).exists()


def test_a_law_of_the_catalogue_changes(case):
    """HAM-law: when the day has come, what cites the law and was agreed before is reviewed, once; a text that was agreed
    afterwards, or cites it not, is left alone."""
    words = "As the Data Protection Act 2018 asks, we keep it short."
    agreed_before = citing(case, words, now=datetime(2026, 1, 10, tzinfo=UTC))
    citing(case, words)
    changes = [change for change in laws.changes(until=date(2026, 6, 14)) if change.law == "dpa-2018"]
    assert [change.on for change in changes] == [date(2026, 2, 5)]
    for _again in range(2):
        triggers.apply(changes, now=NOW)
    ((version, reason),) = triggered()
    assert version == agreed_before
    assert reason.startswith("Data Protection Act 2018, which it cites, changes on 5 February 2026.")


def test_a_second_reason_before_it_has_begun_is_added(case):
    """HAM-law: one review with both reasons; once it has begun, a further change opens another."""
    first, second, third = (f"Reason {number}." for number in range(3))
    review = triggers.trigger(case.version, first, now=NOW)
    assert triggers.trigger(case.version, second, now=NOW) == review
    assert triggers.trigger(case.version, second, now=NOW) is None
    assert Review.objects.get(kind="triggered").reason.split("\n") == [first, second]
    Review.objects.filter(pk=review.pk).update(status="in-progress")
    triggers.trigger(case.version, third, now=NOW)
    assert Review.objects.filter(kind="triggered").count() == 2
    notes = [one.note for one in items(case.secretary) if "triggered" in one.title]
    assert sorted(note.rpartition(". ")[2] for note in notes) == [first, third], "told apart by their reasons"


def test_the_worker_looks_at_the_catalogue(case, monkeypatch):
    """HAM-law: by itself, at the latest after a month, and then again."""
    citing(case, "Under the Care Act 2014 we share.")
    change = laws.Change("care-2014", date(2026, 7, 1), "SI 2026/1")
    monkeypatch.setattr(laws, "changes", lambda *, after=None, until: [change] if change.on <= until else [])
    case.run_jobs(datetime(2026, 6, 30, 12, 0, tzinfo=UTC))
    assert triggered() == []
    case.run_jobs(datetime(2026, 7, 16, 12, 0, tzinfo=UTC))
    case.run_jobs(datetime(2026, 8, 30, 12, 0, tzinfo=UTC))
    assert [reason for _version, reason in triggered()] == [
        "Care Act 2014, which it cites, changes on 1 July 2026. SI 2026/1"
    ]


def test_an_administrator_records_a_change(case, client):
    """HAM-law: reviews are opened on its day, not before; the same change is not recorded twice; nobody else may."""
    cites = citing(case, "Tell the Information Commissioner’s Office.")
    admin = make_member(case.framework, Role.FRAMEWORK_ADMIN)
    address = reverse("law-change", args=[case.framework.slug])
    sent = {"law": "commissioner", "what": "repealed", "on": "1 October 2026", "note": "SI 2026/386"}
    client.force_login(case.secretary)
    assert client.post(address, sent).status_code == 403
    client.force_login(admin)
    assert client.post(address, sent).status_code == 302
    assert "This change is recorded already" in client.post(address, sent).content.decode()
    assert LawChange.objects.count() == 1
    case.run_jobs(datetime(2026, 9, 30, 22, 0, tzinfo=UTC))
    assert triggered() == []
    case.run_jobs(datetime(2026, 9, 30, 23, 30, tzinfo=UTC))  # 00:30 in London
    assert [version for version, _reason in triggered()] == [cites]


def test_the_page_shows_who_cites_what(case, client):
    """LAW-map: old wording is mapped to the law in force, and marked where a protocol in force still has it."""
    reference = citing(case, "The Data Protection Act 1998 and the Human Rights Act 2000 apply.").protocol.reference
    client.force_login(case.drafter)
    page = client.get(reverse("laws", args=[case.framework.slug])).content.decode()
    assert "UK GDPR article 9 and DPA 2018 Schedule 1" in page
    assert page.count(reference) == 3, "both, and the Children Act 2004 in a flow"
    assert page.count("Out of date") == 2
    client.force_login(make_member(case.framework, Role.VIEWER))
    assert reference not in client.get(reverse("laws", args=[case.framework.slug])).content.decode()
