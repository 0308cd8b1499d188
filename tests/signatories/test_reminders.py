"""The sign-up deadline and its reminders (HAR-r4, READ-11): each step once, one mail, to those who can sign."""

from datetime import date, timedelta

import pytest

from portal import clock, notices, reminders
from portal.ladders import Timing, latest, next_run
from portal.models import Job, OutgoingEmail, Reminder
from portal.permissions import Role
from protocols.models import Party
from signatories import workflow
from signatories.models import Authority
from signatories.reminders import RULE, describe
from tests.builders import NOW, join, make_decision, make_member, make_protocol, make_version
from tests.signatories.signing import make_authority, make_signer, sign

pytestmark = pytest.mark.django_db
SIGN_BY = date(2026, 8, 31)


def at(day) -> object:
    """Nine in the morning of that day, in London's summer."""
    return clock.start_of_day(day) + timedelta(hours=9)


@pytest.fixture
def version(framework):
    """Open since 15 June, to be signed by 31 August."""
    return make_version(status="open-for-signature", framework=framework, sign_by=SIGN_BY)


@pytest.fixture
def signer(version):
    """Who may sign for the first party."""
    return make_signer(version.parties.first(), full_name="Tamsin Reid")


def remind(version, day) -> list[str]:
    """Steps that a run on that day made, for the person in whose name it is sorted."""
    before = set(Reminder.objects.values_list("pk", flat=True))
    reminders.remind(version.framework, now=at(day))
    return list(Reminder.objects.exclude(pk__in=before).values_list("step", flat=True))


def test_the_ladder_is_data():
    """4 weeks before, 1 week before, on the day, then every week; the latest step that has come, never before since."""
    timing = Timing(clock.end_of_day(SIGN_BY), clock.end_of_day(date(2026, 6, 15)))
    assert latest(RULE, timing, at(date(2026, 8, 2))) is None
    days = [date(2026, 8, 3), date(2026, 8, 24), date(2026, 8, 31), date(2026, 9, 7), date(2026, 9, 15)]
    assert [latest(RULE, timing, at(day)).name for day in days] == [
        "4-weeks-before", "1-week-before", "on-the-day", "overdue-1", "overdue-2"
    ]  # fmt: skip
    late = Timing(clock.end_of_day(SIGN_BY), clock.end_of_day(date(2026, 8, 3)))
    assert latest(RULE, late, at(date(2026, 8, 10))) is None
    eight = timedelta(hours=8)
    assert next_run(RULE, timing, at(date(2026, 8, 3))) == clock.start_of_day(date(2026, 8, 24)) + eight
    assert next_run(RULE, timing, at(date(2027, 8, 31)), paces=()) == clock.start_of_day(date(2027, 9, 6)) + eight


def test_each_step_once(version, signer):
    """READ-11: not before its day; then once, however often it runs; on a later day than its own too."""
    assert remind(version, date(2026, 8, 2)) == []
    assert remind(version, date(2026, 8, 3)) == ["4-weeks-before"]
    assert remind(version, date(2026, 8, 3)) == []
    assert remind(version, date(2026, 8, 26)) == ["1-week-before"]
    assert remind(version, date(2026, 8, 31)) == ["on-the-day"]
    assert remind(version, date(2026, 9, 7)) == ["overdue-1"]
    assert remind(version, date(2026, 9, 14)) == ["overdue-2"]
    assert set(OutgoingEmail.objects.filter(kind="portal.reminder").values_list("user", flat=True)) == {signer.pk}


def test_a_digest_and_no_storm_after_an_outage(version, signer, time_machine):
    """Two documents, all steps missed: one mail with both, of the latest step; nothing of what was missed follows."""
    other = make_version(
        make_protocol(version.framework, lead=version.protocol.lead_organisation),
        status="open-for-signature",
        sign_by=SIGN_BY,
    )
    assert sorted(remind(version, date(2026, 9, 1))) == ["on-the-day", "on-the-day"]
    mail = OutgoingEmail.objects.get(kind="portal.reminder", user=signer)
    time_machine.move_to(at(date(2026, 9, 1)), tick=False)
    message = notices.render(mail)
    for one in (version, other):
        assert f"Sign {one.protocol.reference} 1.0" in message.body
        assert one.protocol.title not in message.body
    assert message.subject == f"Reminder: 2 things wait for you in {version.framework.name}"
    assert message.body.count("http") == 2  # one link, and the portal's address at the foot
    assert "A date that has passed closes nothing" in message.body
    assert remind(version, date(2026, 9, 1)) == []


def test_one_document_has_its_own_link(version, signer, time_machine):
    """The link of a single document is its signing page, an address and no token."""
    remind(version, date(2026, 8, 3))
    time_machine.move_to(at(date(2026, 8, 3)), tick=False)
    message = notices.render(OutgoingEmail.objects.get(kind="portal.reminder"))
    party = version.parties.first()
    assert message.subject == f"Reminder: Sign {version.protocol.reference} 1.0 for {party.name}"
    assert f"/{version.protocol.reference}/1.0/sign/{party.pk}/\n" in message.body


def test_by_permission_not_by_name(version, signer):
    """Everybody who may sign is reminded, and nobody else: no role, no authority, another protocol's authority."""
    party = version.parties.first()
    second = make_signer(party)
    without = make_member(version.framework, Role.REPRESENTATIVE, party.organisation)
    make_member(version.framework, Role.DRAFTER, party.organisation)
    elsewhere = make_member(version.framework, Role.REPRESENTATIVE, party.organisation)
    make_authority(elsewhere, party.organisation, version.framework, protocol=make_protocol(version.framework))
    remind(version, date(2026, 8, 3))
    assert set(Reminder.objects.values_list("user", flat=True)) == {signer.pk, second.pk}
    assert without.pk not in set(OutgoingEmail.objects.values_list("user", flat=True))


@pytest.mark.parametrize("answer", ["sign", "decline", "release", "withdraw", "end"])
def test_it_stops(version, signer, answer, time_machine):
    """Signed, declined, released, withdrawn, or no authority any more: no further reminder, and a mail that was queued
    before is not sent."""
    party = version.parties.first()
    remind(version, date(2026, 8, 3))
    day = date(2026, 8, 10)
    if answer == "sign":
        sign(party, signer, now=at(day))
    elif answer == "decline":
        workflow.decline(party, reason="No", by=signer, now=at(day))
    elif answer == "release":
        party.release(make_decision(version), by=None, now=at(day))
    elif answer == "withdraw":
        workflow.withdraw(version, reason="Wrong", by=None, now=at(day))
    else:
        workflow.end_authority(Authority.objects.get(user=signer), by=None, now=at(day))
    time_machine.move_to(at(day), tick=False)
    assert notices.render(OutgoingEmail.objects.get(kind="portal.reminder")) is None
    assert remind(version, date(2026, 8, 31)) == []


def test_who_stands_in_for_a_signer_is_told_only_what_they_may_see(version, signer, time_machine):
    """READ-11: no mail reaches the signer, so the organisation's administrator hears of it, without a way to sign; once
    their role has ended the reminder says nothing."""
    keeper = make_member(version.framework, Role.ORGANISATION_ADMIN, version.parties.first().organisation)
    lost = OutgoingEmail.objects.queue("portal.reminder", to=signer, key="lost", now=NOW, framework=version.framework)
    lost.mark_bounced(error="550 no such person")
    remind(version, date(2026, 8, 3))
    time_machine.move_to(at(date(2026, 8, 3)), tick=False)
    row = Reminder.objects.get(user=keeper)
    assert describe([row])[row.subject_id].href.endswith("/signatures/")
    assert "no mail reaches who may sign" in describe([row])[row.subject_id].what
    another = make_signer(version.parties.first())
    assert describe([row])[row.subject_id].what.endswith(f"has not signed {version.protocol.reference} 1.0")
    Authority.objects.filter(user__in=[signer, another]).update(valid_to=date(2026, 8, 1))
    assert describe([row])[row.subject_id].what.endswith("nobody may sign for it yet")
    keeper.memberships.update(ended_at=NOW)
    assert describe([row]) == {}


def test_the_next_run_is_planned(version, signer):
    """Opening plans the first run for eight in the morning of the first step; each run plans the next one."""
    planned = reminders.plan(version.framework, now=NOW)
    assert planned.run_at == clock.start_of_day(date(2026, 8, 3)) + timedelta(hours=8)
    assert reminders.plan(version.framework, now=NOW).pk == planned.pk
    reminders.run(planned, at(date(2026, 9, 2)))  # late, after an outage
    assert Reminder.objects.get().step == "on-the-day"
    assert clock.london_date(Job.objects.order_by("-run_at").first().run_at) == date(2026, 9, 7)
    version.parties.update(status=Party.Status.DECLINED)
    assert reminders.plan(version.framework, now=NOW) is None


def test_the_secretary_sees_who_was_reminded(version, signer, client, time_machine):
    """The page of signatures lists person, organisation, time and step to those who run the signing, with no signer's
    link; a party's own reader does not see it; the deadline is shown, and said when it has passed (HAR-r4)."""
    remind(version, date(2026, 9, 7))
    time_machine.move_to(at(date(2026, 9, 7)), tick=False)
    address = f"/{version.framework.slug}/protocols/{version.protocol.reference}/1.0/signatures/"
    client.force_login(make_member(version.framework, Role.SECRETARY))
    page = client.get(address).content.decode()
    for words in ("Tamsin Reid", "1 week overdue", "The sign-up deadline has passed. The version stays open"):
        assert words in page
    assert "/sign/" not in page
    reader = make_member(version.framework, Role.VIEWER)
    join(reader, version.framework, version.parties.first().organisation, Role.VIEWER)
    client.force_login(reader)
    page = client.get(address).content.decode()
    assert "1 week overdue" not in page
    assert "The sign-up deadline has passed" in page
