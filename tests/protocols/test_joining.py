"""Has your organisation signed up? Who has, asking to join, and answering (HAM-register)."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from portal import notices
from portal.models import AuditEvent, OutgoingEmail
from portal.permissions import Role
from portal.tenancy import scope
from protocols import joining
from protocols.models import JoinRequest, Publication
from protocols.views_joining import TRIES
from tests.builders import NOW, make_framework, make_member, make_organisation, make_party, make_protocol, make_version

pytestmark = pytest.mark.django_db
CAVEAT = "Information may be shared without a protocol."
TYPED = {
    "organisation": "Canary Youth Club",
    "person": "Canary Asker",
    "email": "canary@club.example.org",
    "message": "Canary words",
}


@pytest.fixture(autouse=True)
def _fresh_limits():
    """Each test has its full share of requests."""
    cache.clear()


@pytest.fixture
def framework():
    """The tenant, with its scope held for the test's own look at rows."""
    made = make_framework("Anyshire Board", slug="anyshire")
    with scope(made.pk):
        yield made


def publish(version, level="summary"):
    facts = {"summary": "We share.", "reason": "Agreed", "review_on": NOW.date() + timedelta(days=365)}
    return Publication.objects.decide(version, by=None, now=NOW, level=level, **facts)


def read(client, name, *args, status=200, **query):
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == status
    return response.content.decode()


def test_signatories_of_published_protocols_are_listed(client, framework):
    """Every organisation that signed a published protocol once, with how many; nobody of an unpublished one (UK-pub)."""
    both = make_organisation("Both Council", framework=framework)
    for n in range(2):
        version = make_version(make_protocol(framework, lead=both, title=f"Title {n}"), status="in-force", parties=1)
        publish(version)
    late = make_party(version, make_organisation("Late Trust", framework=framework))
    hidden = make_version(make_protocol(framework), status="in-force", parties=1)
    html = read(client, "register-organisations", framework.slug)
    assert "Both Council" in html
    assert "2 protocols" in html
    assert f"/anyshire/register/?organisation={both.pk}" in html
    assert hidden.parties.get().name not in html
    assert late.name not in html  # has not signed
    assert "its existing arrangements for sharing information apply" in html
    assert reverse("join", args=[framework.slug]) in html
    html = read(client, "register-organisations", framework.slug, q="nobody")
    assert CAVEAT in html
    assert html.count("Clear filters") == 1
    assert "Both Council" in read(client, "register-organisations", framework.slug, q="both c")


def test_asking_keeps_the_request_and_tells_those_who_answer(client, framework):
    """A request row, a mail to secretary and administrator that says nothing of it, and a ledger row without names."""
    people = {role: make_member(framework, role) for role in (Role.SECRETARY, Role.FRAMEWORK_ADMIN, Role.DRAFTER)}
    response = client.post(reverse("join", args=[framework.slug]), TYPED)
    assert response.status_code == 302
    assert "Your request is sent" in client.get(response["Location"]).content.decode()
    asked = JoinRequest.objects.get()
    assert (asked.organisation, asked.email, asked.status) == (
        "Canary Youth Club",
        "canary@club.example.org",
        "waiting",
    )
    mails = list(OutgoingEmail.objects.filter(kind="protocols.join-asked"))
    assert {mail.user for mail in mails} == {people[Role.SECRETARY], people[Role.FRAMEWORK_ADMIN]}
    message = notices.render(mails[0])
    assert "Canary" not in message.subject + message.body
    assert reverse("join-request", args=[framework.slug, asked.pk]) in message.body
    event = AuditEvent.objects.get(verb="protocols.joinrequest:made")
    assert "Canary" not in f"{event.subject_label}{event.payload}"
    client.force_login(people[Role.SECRETARY])
    assert "Answer Canary Youth Club, which asks to join" in client.get(reverse("me")).content.decode()


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"organisation": ""}, "Enter the name of the organisation"),
        ({"email": "nobody"}, "email"),
        ({"person": "a\u202eb"}, "right-to-left"),
        ({"protocol": "999999"}, "id_protocol_error"),
        ({"message": "x" * 2001}, "2000"),
    ],
)
def test_bad_requests_are_named_and_not_kept(client, framework, changes, words):
    """The same page with what was typed; no row, no mail."""
    response = client.post(reverse("join", args=[framework.slug]), TYPED | changes)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert not JoinRequest.objects.exists()
    assert not OutgoingEmail.objects.exists()


def test_an_unpublished_protocol_cannot_be_named(client, framework):
    """UK-pub: the choices hold published protocols only, and a guessed id is no choice."""
    hidden = make_version(make_protocol(framework, title="Hidden title"), status="in-force")
    publish(make_version(make_protocol(framework, title="Shown title"), status="in-force"))
    html = read(client, "join", framework.slug)
    assert "Shown title" in html
    assert "Hidden title" not in html
    response = client.post(reverse("join", args=[framework.slug]), TYPED | {"protocol": hidden.protocol_id})
    assert "protocol" in response.context["form"].errors
    assert not JoinRequest.objects.exists()


def test_too_many_requests_wait(client, framework, time_machine):
    """A few an hour from one address; the next one is answered with 429 and not kept."""
    time_machine.move_to(NOW)
    address = reverse("join", args=[framework.slug])
    for _n in range(TRIES):
        assert client.post(address, TYPED).status_code == 302
    response = client.post(address, TYPED)
    assert response.status_code == 429
    assert "Wait an hour" in response.content.decode()
    assert "Canary words" in response.content.decode()
    assert JoinRequest.objects.count() == TRIES


@pytest.mark.django_db(databases=["default", "ratelimit"])
def test_the_count_lasts_its_hour(client, framework, time_machine, settings):
    """Also where counters are rows of the database: a pause of some minutes does not begin a new hour."""
    settings.CACHES = {"default": settings.DATABASE_CACHE}
    begun = NOW.replace(minute=0, second=0)
    time_machine.move_to(begun)
    address = reverse("join", args=[framework.slug])
    for _n in range(TRIES):
        assert client.post(address, TYPED).status_code == 302
    time_machine.move_to(begun + timedelta(minutes=20))
    assert client.post(address, TYPED).status_code == 429
    time_machine.move_to(begun + timedelta(minutes=61))
    assert client.post(address, TYPED).status_code == 302


def test_an_answer_is_mailed_once(client, framework):
    """Answered by mail to whoever asked; a second answer or a closing is refused (409) without a trace."""
    client.force_login(make_member(framework, Role.SECRETARY))
    one = JoinRequest.objects.ask(framework, now=NOW, **TYPED)
    address = reverse("join-request", args=[framework.slug, one.pk])
    assert "Enter your answer" in client.post(address, {"act": "answer"}).content.decode()
    assert client.post(address, {"act": "answer", "answer": "Write to the board."}).status_code == 302
    mail = OutgoingEmail.objects.get(kind="protocols.join-answered")
    assert mail.recipient == "canary@club.example.org"
    assert "Write to the board." in notices.render(mail).body
    html = read(client, "join-requests", framework.slug)
    assert "Answered" in html
    assert "Write to the board." in read(client, "join-request", framework.slug, one.pk)
    events = AuditEvent.objects.count()
    for typed in ({"act": "answer", "answer": "Again"}, {"act": "close"}):
        assert client.post(address, typed).status_code == 409
    assert AuditEvent.objects.count() == events
    assert OutgoingEmail.objects.filter(kind="protocols.join-answered").count() == 1


def test_who_answers_no_longer_is_not_told(framework):
    """The role ended between queue and sending."""
    secretary = make_member(framework, Role.SECRETARY)
    joining.ask(framework, now=NOW, **TYPED)
    mail = OutgoingEmail.objects.get(kind="protocols.join-asked", user=secretary)
    assert notices.render(mail).to == [secretary.email]
    secretary.memberships.update(ended_at=NOW)
    assert notices.render(OutgoingEmail.objects.get(pk=mail.pk)) is None


def test_a_closed_request_sends_nothing(client, framework):
    """What was no serious request is closed without a word."""
    client.force_login(make_member(framework, Role.FRAMEWORK_ADMIN))
    one = JoinRequest.objects.ask(framework, now=NOW, **TYPED)
    assert client.post(reverse("join-request", args=[framework.slug, one.pk]), {"act": "close"}).status_code == 302
    one.refresh_from_db()
    assert one.status == "closed"
    assert not OutgoingEmail.objects.filter(kind="protocols.join-answered").exists()


def test_requests_are_for_secretary_and_administrator_of_the_framework(client, framework):
    """Others of the framework 403, strangers 404: the list holds names and addresses."""
    one = JoinRequest.objects.ask(framework, now=NOW, **TYPED)
    for person, status in [
        (make_member(framework, Role.DRAFTER), 403),
        (make_member(framework, Role.AUDITOR), 403),
        (make_member(make_framework(), Role.SECRETARY), 404),
    ]:
        client.force_login(person)
        read(client, "join-requests", framework.slug, status=status)
        read(client, "join-request", framework.slug, one.pk, status=status)
        assert (
            client.post(reverse("join-request", args=[framework.slug, one.pk]), {"act": "close"}).status_code == status
        )
    one.refresh_from_db()
    assert one.status == "waiting"
