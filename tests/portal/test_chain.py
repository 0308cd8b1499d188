"""Owner → deputy → organisation administrator → framework administrator, by permission; who is not reached is skipped."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from portal import deputies, notices, reminders, tenancy, workflow
from portal.chain import Chain
from portal.errors import NotReady
from portal.ladders import Level, Pace
from portal.models import AuditEvent, Deadline, Deputy, OutgoingEmail, Reminder, Skipped
from portal.permissions import Perm, Role
from protocols.models import Version
from tests.builders import NOW, join, make_framework, make_member, make_organisation, make_party, make_protocol

pytestmark = pytest.mark.django_db
DUE = datetime(2026, 12, 15, 12, tzinfo=UTC)  # the review that started at NOW
FIRST = datetime(2026, 9, 15, 8, tzinfo=UTC)  # its first step has come


@pytest.fixture
def framework():
    """A framework whose scope is entered for the whole test."""
    framework = make_framework()
    with tenancy.scope(framework.pk), transaction.atomic():
        yield framework


@pytest.fixture
def body(framework):
    return make_organisation("Borough of Anytown", framework)


@pytest.fixture
def people(framework, body):
    """One of each place in the chain."""
    return {
        "owner": make_member(framework, Role.DRAFTER, body, full_name="Olive Owner"),
        "deputy": make_member(framework, Role.AUDITOR, body, full_name="Dara Deputy"),
        "admin": make_member(framework, Role.ORGANISATION_ADMIN, body, full_name="Ash Admin"),
        "framework": make_member(framework, Role.FRAMEWORK_ADMIN, full_name="Fran Framework"),
    }


@pytest.fixture
def named(framework, body, people):
    """The deputy is named."""
    deputies.name(framework, body, people["owner"], people["deputy"], by=people["admin"], now=NOW)


@pytest.fixture
def review(framework, body):
    """A review that the body owes, of a protocol that its people see."""
    protocol = make_protocol(framework, lead=body)
    make_party(
        Version.objects.create(framework=framework, protocol=protocol, status="in-force", circulated_at=NOW), body
    )
    return Deadline.objects.start(
        "review.first", protocol, framework=framework, start=NOW, now=NOW, nation="england-and-wales", owner=body
    )


def told(framework, people, moment) -> dict[str, str]:
    """Name in the chain → step, of what a run at that moment makes."""
    before = set(Reminder.objects.values_list("pk", flat=True))
    reminders.remind(framework, now=moment)
    names = {person.pk: name for name, person in people.items()}
    made = Reminder.objects.exclude(pk__in=before)
    return {names[user]: step for user, step in made.values_list("user", "step")}


def bounce(framework, user, at=NOW) -> OutgoingEmail:
    """A mail to the person came back."""
    mail = OutgoingEmail.objects.queue(
        "portal.reminder", to=user, key=f"bounce:{user.pk}:{at}", now=at, framework=framework, at=at.isoformat()
    )
    mail.mark_bounced(error="550 no such person")
    return mail


def test_up_the_chain_step_by_step(framework, people, named, review):
    """Before the date the owner; a week late the deputy too, two weeks the organisation, four weeks the framework."""
    assert told(framework, people, FIRST) == {"owner": "3-months-before"}
    assert told(framework, people, DUE + timedelta(days=1)) == {"owner": "overdue-1", "deputy": "overdue-1"}
    second = told(framework, people, DUE + timedelta(days=8))
    assert set(second) == {"owner", "deputy", "admin"}
    assert set(told(framework, people, DUE + timedelta(days=22))) == {"owner", "deputy", "admin", "framework"}
    levels = dict(Reminder.objects.filter(step="overdue-4").values_list("user", "told_as"))
    assert [levels[people[name].pk] for name in ("owner", "deputy", "admin", "framework")] == list(Level)


def test_whose_mail_came_back_is_skipped(framework, people, named, review):
    """The deputy is told in the same run; the organisation's administrator hears once that the owner is not reached."""
    bounce(framework, people["owner"])
    assert told(framework, people, FIRST) == {"deputy": "3-months-before"}
    row = Skipped.objects.get()
    assert (row.user, row.reason, row.cleared_at) == (people["owner"], Skipped.Reason.BOUNCED, None)
    mail = OutgoingEmail.objects.get(kind="portal.skipped")
    assert mail.user == people["admin"]
    message = notices.render(mail)
    assert "mail to Olive Owner came back" in message.body
    assert people["owner"].email not in message.body
    told(framework, people, FIRST + timedelta(days=62))
    assert OutgoingEmail.objects.filter(kind="portal.skipped").count() == 1


def test_without_a_deputy_the_administrator_is_next(framework, people, review):
    """And after the administrator of the organisation the administrator of the framework."""
    bounce(framework, people["owner"])
    assert told(framework, people, FIRST) == {"admin": "3-months-before"}
    bounce(framework, people["admin"])
    assert told(framework, people, FIRST + timedelta(days=62)) == {"framework": "1-month-before"}


def test_who_has_left_is_skipped(framework, body, people, named, review):
    """Nobody drafts there any more: the deputy stands in, named for who has left; the administrator is told of it."""
    workflow.end_membership(framework.memberships.get(user=people["owner"]), by=people["framework"], now=NOW)
    assert told(framework, people, FIRST) == {"deputy": "3-months-before"}
    assert Skipped.objects.get().reason == Skipped.Reason.LEFT
    assert "no longer holds a role" in notices.render(OutgoingEmail.objects.get(kind="portal.skipped")).body
    join(people["owner"], framework, body, Role.DRAFTER)
    assert told(framework, people, FIRST + timedelta(days=62)) == {"owner": "1-month-before"}
    assert Skipped.objects.get().cleared_at is not None


def test_who_only_changed_roles_has_not_left(framework, body, people, named, review):
    """The drafter reads now: the deputy stands in, but nobody is told, at this run or the next ones, that they left."""
    framework.memberships.filter(user=people["owner"]).update(ended_at=NOW)
    join(people["owner"], framework, body, Role.VIEWER)
    for moment in (FIRST, FIRST + timedelta(days=31), FIRST + timedelta(days=62)):
        told(framework, people, moment)
    assert set(Reminder.objects.values_list("user", flat=True)) == {people["deputy"].pk}
    assert not Skipped.objects.exists()
    assert not OutgoingEmail.objects.filter(kind="portal.skipped").exists()


def test_the_deputy_of_a_secretary_who_has_left(framework, body, people):
    """HAR-6.6: what any secretary of the framework does; the only one has left, and their deputy is the next contact. Of
    the same one several runs tell once."""
    people["secretary"] = make_member(framework, Role.SECRETARY, body)
    deputies.name(framework, body, people["secretary"], people["deputy"], by=people["admin"], now=NOW)
    workflow.end_membership(framework.memberships.get(user=people["secretary"]), by=people["framework"], now=NOW)
    Deadline.objects.start(
        "meeting.minutes", make_protocol(framework, lead=body), framework=framework, start=NOW, now=NOW,
        nation="england-and-wales",
    )  # fmt: skip
    assert told(framework, people, NOW + timedelta(days=3)) == {"deputy": "2-working-days-before"}
    assert set(told(framework, people, NOW + timedelta(days=9))) == {"deputy", "framework"}
    told(framework, people, NOW + timedelta(days=10))
    assert [(row.user, row.organisation) for row in Skipped.objects.all()] == [(people["secretary"], None)]
    assert OutgoingEmail.objects.filter(kind="portal.skipped").count() == 1


def test_an_inactive_account_is_skipped(framework, people, named, review):
    """As one that has left."""
    people["owner"].is_active = False
    people["owner"].save()
    assert told(framework, people, FIRST) == {"deputy": "3-months-before"}


def test_a_deputy_who_has_left_does_not_count(framework, people, named, review):
    """Then the next one in the chain."""
    workflow.end_membership(framework.memberships.get(user=people["deputy"]), by=None, now=NOW)
    bounce(framework, people["owner"])
    assert told(framework, people, FIRST) == {"admin": "3-months-before"}


def test_an_arrived_mail_ends_the_skipping(framework, people, named, review):
    """Something arrived since, or an administrator had it tried again: the owner hears again."""
    mail = bounce(framework, people["owner"])
    later = OutgoingEmail.objects.queue(
        "portal.reminder", to=people["owner"], key="later", now=NOW, framework=framework
    )
    later.mark_sent(now=NOW)
    assert told(framework, people, FIRST) == {"owner": "3-months-before"}
    assert mail.pk < later.pk


def test_another_owner_who_is_reached_does_not_hide_the_lost_one(framework, body, people, named, review):
    """Two owners, one lost: the other is told, and so is the deputy of the lost one."""
    people["second"] = make_member(framework, Role.DRAFTER, body)
    bounce(framework, people["owner"])
    assert set(told(framework, people, FIRST)) == {"second", "deputy"}


def test_the_same_person_of_another_organisation_does_not_count(framework, body, people, review):
    """By permission at the organisation that owes it: an administrator of another one is not told."""
    other = make_organisation(framework=framework)
    people["stranger"] = make_member(framework, Role.ORGANISATION_ADMIN, other)
    bounce(framework, people["owner"])
    bounce(framework, people["admin"])
    assert told(framework, people, FIRST) == {"framework": "3-months-before"}


def test_who_may_not_see_it_is_no_contact(framework, body, people, named):
    """A protocol that only the desk sees: neither the deputy who reads for the body nor its administrator is told, and the
    chain goes on to somebody who may see it; no mail is queued that would say nothing."""
    framework.memberships.filter(user=people["deputy"]).update(role=Role.VIEWER)
    Deadline.objects.start(
        "review.first", make_protocol(framework, lead=body), framework=framework, start=NOW, now=NOW,
        nation="england-and-wales", owner=body,
    )  # fmt: skip
    bounce(framework, people["owner"])
    assert told(framework, people, FIRST) == {"framework": "3-months-before"}


def test_the_chain_costs_the_same_for_more_people(framework, body, people):
    """Statements do not grow with people, deputies and bounces."""

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            Chain.of(framework)
        return len(seen)

    few = cost()
    for _ in range(5):
        one, two = make_member(framework, Role.DRAFTER, body), make_member(framework, Role.VIEWER, body)
        deputies.name(framework, body, one, two, by=None, now=NOW)
        bounce(framework, one)
    assert cost() == few


def test_deputies_are_named_by_rules(framework, body, people):
    """Somebody else, with a role for the organisation; recorded with ids, not with names; named again and removed."""
    for wrong in (people["owner"], people["framework"]):
        with pytest.raises(NotReady):
            deputies.name(framework, body, people["owner"], wrong, by=people["admin"], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deputy.objects.create(
            framework=framework, organisation=body, user=people["owner"], deputy=people["owner"], named_at=NOW
        )
    deputies.name(framework, body, people["owner"], people["deputy"], by=people["admin"], now=NOW)
    deputies.name(framework, body, people["owner"], people["deputy"], by=people["admin"], now=NOW)
    deputies.name(framework, body, people["owner"], people["admin"], by=people["admin"], now=NOW)
    deputies.name(framework, body, people["owner"], None, by=people["admin"], now=NOW)
    deputies.name(framework, body, people["owner"], None, by=people["admin"], now=NOW)
    verbs = AuditEvent.objects.filter(verb__startswith="portal.deputy").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["portal.deputy:named", "portal.deputy:named", "portal.deputy:removed"]
    assert not Deputy.objects.exists()
    assert not any("Olive" in str(event.payload) for event in AuditEvent.objects.all())


def test_paces_by_role_and_by_choice(framework, body, people):
    """At once for who may sign, weekly for the secretary, daily for others; of several roles the quickest; one's own
    choice before that."""
    signer, secretary = make_member(framework, Role.REPRESENTATIVE, body), make_member(framework, Role.SECRETARY, body)
    paces = Chain.of(framework).paces
    assert [paces[user.pk] for user in (signer, secretary, people["owner"])] == [Pace.AT_ONCE, Pace.WEEKLY, Pace.DAILY]
    join(secretary, framework, body, Role.DRAFTER)
    signer.reminder_pace = Pace.WEEKLY
    signer.save()
    paces = Chain.of(framework).paces
    assert [paces[user.pk] for user in (signer, secretary)] == [Pace.WEEKLY, Pace.DAILY]


def test_a_weekly_person_gets_one_mail_on_monday(framework, body, people):
    """Two reviews that came in the week: one mail on Monday; what is urgent comes at once."""
    people["owner"].reminder_pace = Pace.WEEKLY
    people["owner"].save()
    for day in (0, 1):
        Deadline.objects.start(
            "review.first", make_protocol(framework, lead=body), framework=framework, start=NOW + timedelta(days=day),
            now=NOW, nation="england-and-wales", owner=body,
        )  # fmt: skip
    assert told(framework, people, datetime(2026, 9, 18, 9, tzinfo=UTC)) == {}  # they came on Tuesday and Wednesday
    assert reminders.plan(framework, now=datetime(2026, 9, 18, 9, tzinfo=UTC)).run_at == datetime(
        2026, 9, 21, 7, tzinfo=UTC
    )
    monday = datetime(2026, 9, 21, 7, tzinfo=UTC)
    assert reminders.remind(framework, now=monday) == 1
    assert Reminder.objects.filter(user=people["owner"], reminded_at=monday).count() == 2
    Deadline.objects.start(
        "breach.report", make_protocol(framework, lead=body), framework=framework, start=monday + timedelta(days=1),
        now=monday + timedelta(days=1), nation="england-and-wales", owner=body,
    )  # fmt: skip
    assert told(framework, people, monday + timedelta(days=1)) == {"owner": "at-once"}


def test_the_permission_counts_for_that_organisation_only(framework, body, people):
    """A person may administer one organisation and read for another one."""
    other = make_organisation(framework=framework)
    join(people["admin"], framework, other, Role.VIEWER)
    access = tenancy.Access.of(people["admin"], framework)
    assert access.can_for(Perm.ORGANISATION, body.pk)
    assert not access.can_for(Perm.ORGANISATION, other.pk)
