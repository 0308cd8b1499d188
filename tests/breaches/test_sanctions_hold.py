"""What a suspension and an exclusion do beside the version in force, and what the pages say of them (HAR-6.6, ADR 27)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from breaches import closed, hearing
from breaches.parties import in_force
from portal import todo
from portal.models import Decision, Job, OutgoingEmail
from protocols import applying, bars, editorial
from protocols.models import Party
from signatories import reminders
from signatories import workflow as signing
from signatories.obstacles import obstacles
from signatories.schedule import signed_words
from tests.breaches import sessions
from tests.breaches.test_suspension import lift, next_version, sanctioned, standing
from tests.breaches.test_views import client_of
from tests.builders import advance, make_decision, make_party, make_protocol, make_version, quick_frozen

pytestmark = pytest.mark.django_db


def mine(version, case) -> Party:
    """The party of the organisation in breach."""
    return version.parties.get(organisation=case.trust)


def blocks(party, case, rule="HAR-6.6") -> list:
    """What is in the way of its signature under this rule."""
    return [one for one in obstacles(party, case.guilty, case.now).blocks if one.rule == rule]


def others_sign(version, case):
    """Everybody but the organisation in breach; then the version is complete, if nobody waits for that."""
    for party in version.parties.exclude(organisation=case.trust):
        party.sign(by=None, now=case.now)
    version.complete_if_signed(now=case.now)
    version.refresh_from_db()


def superseded(case):
    """The next version is in force, without the organisation in breach."""
    version = next_version(case, "open-for-signature")
    version.parties.filter(organisation=case.trust).update(required=False)
    others_sign(version, case)
    version.bring_into_force(now=version.in_force_from)
    return version


@pytest.mark.parametrize("kind", ["suspension", "exclusion"])
def test_it_holds_though_nothing_is_in_force_for_it(case, kind):
    """Between decision and recall the next version came into force, which the organisation had not signed: it does not sign
    that one either."""
    breach = sessions.presented(case)
    act = {"by": case.secretary, "now": case.now}
    closed.begin(breach, **act)
    one = closed.propose(breach, organisation=case.trust.pk, kind=kind, text="x", **act)
    closed.vote(one, dict.fromkeys([case.police.pk, case.school.pk, case.council.pk], "for"), **act)
    closed.decide(breach, outcome="Decided.", **act)
    version = superseded(case)
    case.now = version.in_force_from + timedelta(days=1)
    assert not blocks(mine(version, case), case)
    closed.recall(breach, told_by="a", told_to="b", told_at=case.now, by=case.secretary, now=case.now)
    assert standing(case.version, case) == "not-re-signed"
    assert len(blocks(mine(version, case), case)) == 1


@pytest.mark.parametrize("required", [True, False])
def test_an_editorial_version_carries_the_suspension(case, required):
    """It stays bound by its signature, and suspended, whether or not it is required (HAR-2.3)."""
    breach = sanctioned(case, "suspension")
    version = make_version(case.protocol, parties=0, minor=1, effective_on=case.now.date())
    for order, one in enumerate((case.council, case.trust, case.police, case.school)):
        make_party(version, one, order=order, required=required or one != case.trust)
    assert editorial.in_the_way(version) == []
    advance(version, "approval", now=case.now)
    facts = {"board": version.protocol.tier.deciding_body, "decided_on": case.now.date(), "reference": "M7"}
    version.decide(
        Decision.objects.record(version, by=None, now=case.now, outcome="approved", no_re_signing=True, **facts),
        by=None,
        now=case.now,
    )
    version.refresh_from_db()
    version.open_for_signature(quick_frozen(version), by=None, now=case.now)
    editorial.carry_on(version, by=None, now=case.now)
    version.refresh_from_db()
    version.bring_into_force(now=version.in_force_from)
    party = mine(version, case)
    assert party.status == "suspended" and party.bound_from
    assert party in in_force(version)
    lift(breach, case)
    assert standing(version, case) == "continued"


def test_lifted_after_the_next_version_came(case):
    """It has then not signed the new version, as everybody who did not; and it may (SIG-new)."""
    breach = sanctioned(case, "suspension")
    version = superseded(case)
    before = mine(case.version, case)
    assert (before.status, bool(before.bound_until)) == ("suspended", True)
    lift(breach, case)
    after = mine(case.version, case)
    assert (after.status, after.bound_until) == ("not-re-signed", before.bound_until)
    assert not blocks(mine(version, case), case)


def test_nobody_is_asked_for_what_they_may_not_do(case):
    """Neither on the home page nor by reminders; the pages say why."""
    breach = sanctioned(case, "suspension")
    version = next_version(case, "open-for-signature")
    party = mine(version, case)
    assert party in reminders.unsigned()

    def asked():
        return [item.title for item in todo.items(case.guilty) if str(item.title).startswith("Sign")]

    def reminded():
        return party.pk in {duty.subject_id for duty in reminders.duties(None, case.now)}

    assert (asked(), reminded()) == ([], False)
    with pytest.raises(signing.StateError, match=breach.reference):
        signing.invite(party, by=case.drafter, now=case.now)
    drafter = client_of(case.drafter)
    for name in ("signatures", "version"):
        args = [case.framework.slug, case.protocol.reference, version.number]
        assert f"suspended ({breach.reference})" in drafter.get(reverse(name, args=args)).content.decode()
    lift(breach, case)
    assert (len(asked()), reminded()) == (1, True)


@pytest.mark.parametrize(("kind", "word"), [("suspension", "Suspended"), ("exclusion", "Excluded")])
def test_what_applies_says_it(case, kind, word):
    """With the next version in force for others: not that existing arrangements go on."""
    version = next_version(case, "open-for-signature")
    version.parties.filter(organisation=case.trust).update(required=False)
    breach = sanctioned(case, kind)
    others_sign(version, case)
    version.bring_into_force(now=version.in_force_from)
    case.now = version.in_force_from + timedelta(days=1)
    access = case.access(case.guilty)
    (party,) = applying.with_rows(applying.parties([access], now=case.now))
    assert party.version == version
    bar = bars.barring([party])[party.pk]
    assert applying.standing(party, bar, now=case.now)[0] == word
    if kind == "exclusion":
        return
    lift(breach, case)
    assert bars.barring([party]) == {}
    assert applying.standing(party, None, now=case.now)[0] == "Not signed"


def test_opening_invites_nobody_who_was_excluded(case, monkeypatch):
    """Put on the draft before: it is neither invited nor waited for, and the drafter is told; by name it can be invited."""
    version = next_version(case, "approved")
    breach = sanctioned(case, "exclusion")
    monkeypatch.setattr(signing, "prepare", lambda version, now: quick_frozen(version))
    page = reverse("open-for-signature", args=[case.framework.slug, case.protocol.reference, version.number])
    assert f"was excluded from this protocol ({breach.reference})" in client_of(case.drafter).get(page).content.decode()
    case.now += timedelta(days=1)
    version.refresh_from_db()
    signing.open_for_signature(version, by=case.drafter, now=case.now)
    party = mine(version, case)
    assert (party.status, party.required) == ("pending", False)
    assert set(version.parties.exclude(pk=party.pk).values_list("status", "required")) == {("invited", True)}
    signing.invite(party, by=case.drafter, now=case.now)
    assert not blocks(mine(version, case), case)


def test_an_invitation_that_is_repeated_lets_it_come_back(case):
    """It waited when it was excluded: only the drafter, by name, lets it sign after all."""
    version = next_version(case, "open-for-signature")
    sanctioned(case, "exclusion")
    assert len(blocks(mine(version, case), case)) == 1
    case.now += timedelta(days=1)
    signing.invite(mine(version, case), by=case.drafter, now=case.now)
    assert not blocks(mine(version, case), case)


@pytest.mark.parametrize(("kind", "words"), [("suspension", "suspended"), ("exclusion", "new invitation")])
def test_below_it(case, kind, words):
    """A protocol that supplements it: the way out is said, not a day that has passed (HAR-10)."""
    child = make_protocol(case.framework, lead=case.council, parent=case.protocol)
    version = make_version(child, parties=0)
    for order, one in enumerate((case.council, case.trust)):
        make_party(version, one, order=order)
    advance(version, "open-for-signature", now=case.now)
    sanctioned(case, kind)
    (block,) = blocks(mine(version, case), case, "HAR-10")
    assert words in block.what_to_do and "Come back then" not in block.what_to_do


def test_bound_below_though_suspended(case):
    """What it signed below waits for the parent: it is bound with the others when that is complete (HAR-10)."""
    parent = make_version(make_protocol(case.framework, lead=case.council), parties=0)
    for order, one in enumerate((case.council, case.trust)):
        make_party(parent, one, order=order)
    advance(parent, "open-for-signature", now=case.now)
    mine(parent, case).sign(by=None, now=case.now)
    type(case.protocol).objects.filter(pk=case.protocol.pk).update(
        parent=parent.protocol, external_parent="", external_parent_dated=None
    )
    case.protocol.refresh_from_db()
    version = next_version(case, "open-for-signature")
    mine(version, case).sign(by=None, now=case.now)
    others_sign(version, case)
    assert mine(version, case).bound_from is None
    sanctioned(case, "suspension")
    parent.parties.get(organisation=case.council).sign(by=None, now=case.now)
    type(parent).objects.get(pk=parent.pk).complete_if_signed(now=case.now)
    assert mine(version, case).status == "suspended"
    assert mine(version, case).bound_from is not None


def test_complete_when_the_suspended_one_is_the_last(case):
    """It has signed: when nobody else is required any more, the version is complete."""
    version = next_version(case, "open-for-signature")
    mine(version, case).sign(by=None, now=case.now)
    sanctioned(case, "suspension")
    version.parties.exclude(organisation=case.trust).update(required=False)
    assert version.complete_if_signed(now=case.now)


def test_an_exclusion_ends_the_suspensions(case):
    """Whoever comes back afterwards comes back whole: an older suspension does not hold it."""
    first = sanctioned(case, "suspension")
    seals = Job.objects.filter(kind="protocols.seal", subject_id=case.version.pk).count()
    second = sanctioned(case, "exclusion", case.report())
    assert Job.objects.filter(kind="protocols.seal", subject_id=case.version.pk).count() <= seals + 1
    page = client_of(case.secretary).get(first.get_absolute_url()).content.decode()
    assert "Lift the suspension" not in page and f"excluded ({second.reference})" in page
    version = next_version(case, "draft")
    assert bars.barring([mine(version, case)])[mine(version, case).pk].excluded
    advance(version, "in-force", now=case.now + timedelta(days=1))
    case.now = version.in_force_from + timedelta(days=1)
    coming = make_party(make_version(case.protocol, parties=0, major=3), case.trust)
    assert bars.barring([coming]) == {}  # it came back: the next version is opened to it as to everybody
    third = sanctioned(case, "suspension", case.report())
    assert bars.barring([coming])[coming.pk].excluded is False
    lift(third, case)
    assert standing(version, case) == "signed"
    assert bars.barring([coming]) == {}


def test_words_where_another_suspension_stays(case):
    """Nobody reads that information may be shared again while it may not."""
    first = sanctioned(case, "suspension")
    sanctioned(case, "suspension", case.report())
    url = f"{first.get_absolute_url()}sanctions/{first.sanctions.get().pk}/lift/"
    answer = client_of(case.secretary).post(url, {"reference": "M"}, follow=True).content.decode()
    assert "stays suspended after another breach" in answer and "The suspension is lifted" not in answer
    assert OutgoingEmail.objects.filter(kind="breaches.lifted").exists()


def test_the_schedule_says_who_left_before_it_was_bound(case):
    """Signed while open, then excluded: its signature stays in the schedule, with what became of it."""
    version = next_version(case, "open-for-signature")
    mine(version, case).sign(by=None, now=case.now)
    sanctioned(case, "exclusion")
    party = mine(version, case)
    assert party.bound_from is None
    assert signed_words(party, standings=False) == "Signed electronically; left before it was bound"


def test_figures_agree(case):
    """A suspended party has signed: on the page, in the list and in the register of progress."""
    sanctioned(case, "suspension")
    client, base = client_of(case.secretary), f"/{case.framework.slug}/"
    page = client.get(f"{base}protocols/{case.protocol.reference}/").content.decode()
    assert "Who has signed: 4 of 4" in page and "4 of 4 parties have signed" in page
    assert "3 of 4" not in client.get(f"{base}register/").content.decode()
    assert "3 of 4" not in client.get(f"{base}progress/").content.decode()


def test_a_breach_outlives_its_version(case):
    """Superseded before it is decided: the parties of the version in force decide; with none in force, those who were bound
    when it was reported."""
    for withdrawn in (False, True):
        breach = case.report()
        if withdrawn:
            decision = make_decision(case.version, "withdrawn", now=case.now)
            case.version.withdraw(by=None, now=case.now, reason="x", decision=decision)
        else:
            case.version = next_version(case, "in-force")
        assert {one.organisation for one in hearing.remaining(breach)} == {case.council, case.police, case.school}
        sanctioned(case, "warning", breach)
