"""Nothing is public until a publication decision says so (UK-pub)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from portal import clock, notices
from portal.errors import StateError
from portal.jobs import JOBS
from portal.models import AuditEvent, Job, OutgoingEmail
from portal.permissions import Role
from portal.tenancy import scope
from protocols import views_publication
from protocols.models import Publication
from tests.builders import NOW, make_framework, make_member, make_protocol, make_version
from tests.protocols.sealed import sealed_edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """The tenant, with its scope held for the test's own look at rows; every request enters a scope of its own."""
    made = make_framework()
    with scope(made.pk):
        yield made


@pytest.fixture
def version(framework):
    return make_version(framework=framework, status="in-force")


@pytest.fixture
def secretary(framework):
    return make_member(framework, Role.SECRETARY)


def address(framework, version):
    return reverse("publication", args=[framework.slug, version.protocol.reference, version.number])


def values(**changes):
    return {
        "level": "summary",
        "reason": "FOI s.31(1)(a)",
        "review_on": "1 June 2100",
        "summary": "We share.",
    } | changes


def test_decision_is_recorded_and_stays_on_record(client, framework, version, secretary):
    """Each decision is a new row and a ledger event; the newest holds."""
    client.force_login(secretary)
    for level in ("summary", "none"):
        response = client.post(address(framework, version), values(level=level))
        assert response.status_code == 302, response.content
    assert [one.level for one in version.publications.order_by("pk")] == ["summary", "none"]
    assert [one.level for one in Publication.objects.in_effect()] == ["none"]
    assert AuditEvent.objects.filter(verb="protocols.publication:decided").count() == 2
    html = client.get(address(framework, version)).content.decode()
    assert "Decisions so far" in html
    assert "FOI s.31(1)(a)" in html


def test_full_plans_the_public_copy(client, framework, version, secretary):
    """Only "in full" makes the worker seal a public copy."""
    client.force_login(secretary)
    client.post(address(framework, version), values())
    assert not Job.objects.filter(kind="protocols.seal_public").exists()
    client.post(address(framework, version), values(level="full"))
    assert Job.objects.get(kind="protocols.seal_public").subject_id == version.pk
    html = client.get(reverse("public-protocol", args=[framework.slug, version.protocol.reference])).content.decode()
    assert "The public copy is being sealed" in html


@pytest.mark.parametrize("tier, level", [(1, "summary"), (2, "none")])
def test_usual_level_follows_the_tier_and_is_explained(client, framework, secretary, tier, level):
    """Tiers 1 and 2 summary, tier 3 not published; the page says why."""
    version = make_version(make_protocol(framework, tier=tier), status="completed")
    client.force_login(secretary)
    response = client.get(address(framework, version))
    assert response.context["form"].initial["level"] == level
    assert version.protocol.tier.name in response.content.decode()
    assert not version.publications.exists()


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"level": ""}, "Select what is published"),
        ({"level": "everything"}, "Select"),
        ({"reason": ""}, "Enter the reason for this decision"),
        ({"review_on": "31 February 2100"}, "real date"),
        ({"review_on": "1 June 2001"}, "on or after"),
        ({"summary": ""}, "Enter a plain-language summary"),
        ({"summary": "x" * 5001}, "5000 characters or fewer"),
        ({"reason": "a\u202eb"}, "right-to-left override"),
    ],
)
def test_bad_input_is_named_and_nothing_is_lost(client, framework, version, secretary, changes, words):
    """The same page says what to do; what was typed stays; nothing is recorded."""
    client.force_login(secretary)
    response = client.post(address(framework, version), values(**changes))
    html = response.content.decode()
    assert response.status_code == 200
    assert words in html
    assert "Error: " in html
    assert "FOI s.31(1)(a)" in html or "reason" in changes
    assert not version.publications.exists()


def test_not_published_needs_no_summary(client, framework, version, secretary):
    """A summary that nobody may read is not asked for."""
    client.force_login(secretary)
    assert client.post(address(framework, version), values(level="none", summary="")).status_code == 302


def test_only_whoever_decides_may_decide(client, framework, version):
    """A member without the permission gets 403, a stranger 404; nothing is recorded."""
    for person, status in [
        (make_member(framework, Role.DRAFTER), 403),
        (make_member(framework, Role.FRAMEWORK_ADMIN), 403),
        (make_member(make_framework(), Role.SECRETARY), 404),
    ]:
        client.force_login(person)
        assert client.get(address(framework, version)).status_code == status
        assert client.post(address(framework, version), values()).status_code == status
    assert not version.publications.exists()


def test_decided_only_while_the_version_is_agreed(client, framework, secretary):
    """Before all required have signed there is nothing to publish: 409 with what to do."""
    version = make_version(framework=framework, status="open-for-signature")
    client.force_login(secretary)
    for response in (client.get(address(framework, version)), client.post(address(framework, version), values())):
        assert response.status_code == 409
        assert "once all required parties have signed" in response.content.decode()
    facts = {"level": "none", "reason": "x", "review_on": NOW.date(), "summary": ""}
    with pytest.raises(StateError):  # it ended between the page and the lock
        views_publication.decide(version, facts, by=secretary, now=NOW)
    assert not version.publications.exists()


def test_an_undecided_publication_waits_for_the_secretary(client, framework, version, secretary):
    """A version in force stands on the secretary's list until somebody has decided what the public sees."""
    client.force_login(secretary)
    words = f"Decide what is published of {version.protocol.reference}"
    assert words in client.get(reverse("me")).content.decode()
    client.post(address(framework, version), values(level="none"))
    assert words not in client.get(reverse("me")).content.decode()


def test_going_down_stops_the_public_copy_at_once(client, framework, version, secretary, time_machine):
    """UK-pub: page, file and the list of the register stop with the decision; no cache kept any of them."""
    time_machine.move_to(NOW)
    edition = sealed_edition(version, now=NOW, kind="public")
    facts = {"summary": "S", "reason": "R", "review_on": NOW.date()}
    reference = version.protocol.reference
    addresses = {
        "file": reverse("file", args=[framework.slug, edition.file.uid]),
        "page": reverse("public-protocol", args=[framework.slug, reference]),
        "list": reverse("register", args=[framework.slug]),
    }
    seen = {}
    for hours, level in enumerate(("full", "summary", "none", "full")):
        Publication.objects.decide(version, by=None, now=NOW + timedelta(hours=hours), level=level, **facts)
        got = {name: client.get(address) for name, address in addresses.items()}
        for response in got.values():
            if response.status_code == 200:
                assert "no-store" in response["Cache-Control"]
        shown = reference in got["list"].content.decode()
        seen[level] = (got["file"].status_code, got["page"].status_code, shown)
        assert (addresses["file"] in got["page"].content.decode()) is (level == "full")
    assert seen == {"full": (200, 200, True), "summary": (404, 200, True), "none": (404, 404, False)}


def test_whoever_decides_is_reminded_on_the_review_date(client, framework, version, secretary, time_machine):
    """UK-pub: on the day (or the first sweep after it) a mail and the list of what needs doing; a newer decision ends both."""
    time_machine.move_to(NOW)
    facts = {"summary": "S", "reason": "Canary reason", "level": "summary"}
    day = NOW.date() + timedelta(days=100)
    decision = Publication.objects.decide(version, by=None, now=NOW, review_on=day, **facts)
    job = Job.objects.get(kind="protocols.publication_review")
    assert (job.subject_id, job.due_at) == (decision.pk, clock.start_of_day(day))
    client.force_login(secretary)
    words = f"Look again at what is published of {version.protocol.reference}"
    assert words not in client.get(reverse("me")).content.decode()
    later = NOW + timedelta(days=130)  # the machine was off that day (READ-11)
    time_machine.move_to(later)
    client.force_login(secretary)
    assert words in client.get(reverse("me")).content.decode()
    JOBS["protocols.publication_review"](job, later)
    mail = OutgoingEmail.objects.get(kind="protocols.publication-review")
    assert mail.user == secretary
    body = notices.render(mail).body
    assert "summary only" in body
    assert "Canary reason" not in body
    newer = Publication.objects.decide(
        version, by=None, now=later, review_on=later.date() + timedelta(days=90), **facts
    )
    assert words not in client.get(reverse("me")).content.decode()
    assert notices.render(mail) is None  # it waited in the outbox, and is not true any more
    JOBS["protocols.publication_review"](job, later)
    assert OutgoingEmail.objects.filter(kind="protocols.publication-review").count() == 1
    assert Job.objects.filter(kind="protocols.publication_review", subject_id=newer.pk).exists()


def test_suspension_and_exclusion_are_public_only_if_it_was_said(client, framework, version, secretary):
    """UK-pub: without the deciding body's word a suspended party reads as signed, an excluded one not at all."""
    one, two = version.parties.all()
    version.parties.filter(pk=one.pk).update(status="suspended")
    version.parties.filter(pk=two.pk).update(status="excluded")
    client.force_login(secretary)
    page = reverse("public-protocol", args=[framework.slug, version.protocol.reference])
    client.post(address(framework, version), values())
    html = client.get(page).content.decode()
    assert one.name in html
    assert "Suspended" not in html
    assert "Excluded" not in html
    client.post(address(framework, version), values(show_standings="on"))
    html = client.get(page).content.decode()
    assert "Suspended" in html
    assert "Excluded" in html
    assert two.name in html


def test_standings_are_asked_about_only_when_there_is_one(client, framework, version, secretary):
    """The box is no noise on the ordinary page."""
    client.force_login(secretary)
    assert "show_standings" not in client.get(address(framework, version)).content.decode()
