"""Suspension and exclusion hold for the next version too, and a suspension is lifted by a decision (HAR-6.6)."""

from datetime import timedelta

import pytest
from django.db import transaction

from breaches import closed, outcome
from breaches.models import Sanction
from portal import clock
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, OutgoingEmail
from protocols.models import Party
from signatories.obstacles import obstacles
from tests.breaches import sessions
from tests.breaches.test_views import client_of
from tests.builders import advance, make_party, make_version

pytestmark = pytest.mark.django_db


def sanctioned(case, kind, breach=None):
    """Every other party was for it; the outcome is told."""
    breach = sessions.presented(case, breach)
    act = {"by": case.secretary, "now": case.now}
    closed.begin(breach, **act)
    one = closed.propose(breach, organisation=case.trust.pk, kind=kind, text="Until the first check", **act)
    closed.vote(one, dict.fromkeys([case.police.pk, case.school.pk, case.council.pk], "for"), **act)
    closed.decide(breach, outcome="Decided.", **act)
    closed.recall(breach, told_by="a", told_to="b", told_at=case.now, **act)
    return breach


def next_version(case, status, major=2):
    """The next version of the protocol with the same parties, in this state; if that is open, nobody has signed."""
    version = make_version(
        case.protocol, parties=0, major=major, effective_on=case.now.date() + timedelta(60), now=case.now
    )
    for order, one in enumerate((case.council, case.trust, case.police, case.school)):
        make_party(version, one, order=order)
    advance(version, status, now=case.now)
    return version


def standing(version, case) -> str:
    """Of the organisation in breach."""
    return version.parties.get(organisation=case.trust).status


def lift(breach, case, reference="Minute 14", **more):
    """By the secretary."""
    one = breach.sanctions.get()
    one.breach = breach
    outcome.lift(one, **{"reference": reference, "by": case.secretary, "now": case.now} | more)


@pytest.mark.parametrize("kind", ["suspension", "exclusion"])
def test_it_holds_for_the_version_that_waits(case, kind):
    """Signed before, in force after: the organisation would else be free of what the parties decided."""
    waiting = next_version(case, "completed")
    sanctioned(case, kind)
    state = {"suspension": "suspended", "exclusion": "excluded"}[kind]
    assert [standing(case.version, case), standing(waiting, case)] == [state, state]
    waiting.bring_into_force(now=waiting.in_force_from)
    assert standing(waiting, case) == state
    others = waiting.parties.exclude(organisation=case.trust).values_list("status", flat=True)
    assert set(others) == {"signed"}


def test_who_is_suspended_signs_no_other_version(case):
    """Else a signature would do what only the parties may; the page says who can. Others sign as ever."""
    waiting = next_version(case, "open-for-signature")
    party = waiting.parties.get(organisation=case.trust)
    rules = [one.rule for one in obstacles(party, case.guilty, case.now).blocks]
    assert "HAR-6.6" not in rules
    breach = sanctioned(case, "suspension")
    (block,) = [one for one in obstacles(party, case.guilty, case.now).blocks if one.rule == "HAR-6.6"]
    assert "suspended" in block.words and "lift" in block.what_to_do
    other = waiting.parties.get(organisation=case.police)
    assert [one.rule for one in obstacles(other, case.officer, case.now).blocks] == rules
    lift(breach, case)
    assert [one.rule for one in obstacles(party, case.guilty, case.now).blocks] == rules


def test_who_was_excluded_does_not_come_back_by_an_older_invitation(case):
    """The invitation was sent before; the version can do without it."""
    waiting = next_version(case, "open-for-signature")
    party = waiting.parties.get(organisation=case.trust)
    sanctioned(case, "exclusion")
    (block,) = [one for one in obstacles(party, case.guilty, case.now).blocks if one.rule == "HAR-6.6"]
    assert "excluded" in block.words
    party.invited_at = case.now + timedelta(days=1)
    assert "HAR-6.6" not in [one.rule for one in obstacles(party, case.guilty, case.now).blocks]


@pytest.mark.parametrize(("kind", "bound"), [("suspension", True), ("exclusion", False)])
def test_the_others_complete_the_version(case, kind, bound):
    """Signed and then sanctioned while others had still to sign: they do not wait for ever. Suspended it is bound with
    them, excluded it is not."""
    waiting = next_version(case, "open-for-signature")
    mine = waiting.parties.get(organisation=case.trust)
    mine.sign(by=None, now=case.now)
    sanctioned(case, kind)
    for party in waiting.parties.exclude(pk=mine.pk):
        assert not waiting.complete_if_signed(now=case.now)
        party.sign(by=None, now=case.now)
    assert waiting.complete_if_signed(now=case.now)
    mine.refresh_from_db()
    assert (mine.bound_from is not None) == bound


def test_nobody_is_excluded_into_completion(case):
    """With nobody left who has signed there is no agreement."""
    waiting = next_version(case, "open-for-signature")
    mine = waiting.parties.get(organisation=case.trust)
    mine.sign(by=None, now=case.now)
    waiting.parties.exclude(pk=mine.pk).update(required=False)
    mine.exclude(by=None, now=case.now, reference="BR-001")
    assert not waiting.complete_if_signed(now=case.now)


def test_a_suspended_party_is_told_and_can_be_in_breach_again(case):
    """It stays bound (HAR-6.1)."""
    sanctioned(case, "suspension")
    again = case.report()
    assert case.trust.pk in again.guilty()


def test_a_suspension_is_lifted(case):
    """By a decision, which everybody reads; the standing is what it was, and no second signature is recorded."""
    breach = sanctioned(case, "suspension")
    party = case.version.parties.get(organisation=case.trust)
    signed_at = party.signed_at
    with pytest.raises(NotReady):
        lift(breach, case, reference=" ")
    with pytest.raises(StateError, match="BR-001"):  # nobody of the organisation in breach (HAR-6.4): who can
        lift(breach, case, by=case.guilty)
    before = AuditEvent.objects.filter(verb="protocols.party:signed").count()
    lift(breach, case)
    party.refresh_from_db()
    assert (party.status, party.signed_at) == ("signed", signed_at)
    assert AuditEvent.objects.filter(verb="protocols.party:signed").count() == before
    (event,) = AuditEvent.objects.filter(verb="protocols.party:reinstated")
    assert (event.payload["was"], event.payload["reference"]) == ("suspended", "Minute 14")
    assert AuditEvent.objects.filter(verb="breaches.sanction:lifted").count() == 1
    told = set(OutgoingEmail.objects.filter(kind="breaches.lifted").values_list("user", flat=True))
    assert {case.secretary.pk, case.guilty.pk, case.officer.pk, case.teacher.pk} <= told
    with pytest.raises(StateError, match="Minute 14"):
        lift(breach, case)


def test_a_second_breach_keeps_it_suspended(case):
    """Each suspension is lifted for itself."""
    first = sanctioned(case, "suspension")
    second = sanctioned(case, "suspension", case.report())
    lift(first, case)
    assert standing(case.version, case) == "suspended"
    lift(second, case)
    assert standing(case.version, case) == "signed"


def test_who_is_suspended_can_be_excluded(case):
    """By what is carried on another breach: that ends the suspension, which nobody can lift then; and the history does not
    say that anybody did."""
    first = sanctioned(case, "suspension")
    second = sanctioned(case, "exclusion", case.report())
    assert standing(case.version, case) == "excluded"
    with pytest.raises(StateError, match=second.reference):
        lift(first, case)
    verbs = AuditEvent.objects.filter(subject_type="protocols.party").order_by("pk").values_list("verb", flat=True)
    ended = ["protocols.party:suspended", "protocols.party:suspension-ended", "protocols.party:excluded"]
    assert list(verbs)[-3:] == ended


def test_bound_by_an_earlier_signature_again(case):
    """The standing before it was suspended, not another (HAR-2.3)."""
    signed = case.version.parties.get(organisation=case.trust)
    editorial = make_version(case.protocol, parties=0, minor=1)
    party = make_party(editorial, case.trust)
    Party.objects.filter(pk=party.pk).update(status="continued", signature_of=signed, signed_at=None)
    party.refresh_from_db()
    party.suspend(by=case.secretary, now=case.now, reference="BR-001")
    party.reinstate(by=case.secretary, now=case.now, reference="Minute 14")
    assert party.status == "continued"
    with pytest.raises(StateError), transaction.atomic():
        party.reinstate(by=case.secretary, now=case.now, reference="Minute 15")
    asked = make_party(make_version(case.protocol, parties=0, minor=2), case.trust, status="invited")
    with pytest.raises(StateError), transaction.atomic():  # nobody signs by it
        asked.reinstate(by=case.secretary, now=case.now, reference="Minute 15")


@pytest.mark.parametrize("kind", ["warning", "exclusion"])
def test_nothing_else_is_lifted(case, kind):
    """A warning and an exclusion stay as they are: 409."""
    breach = sanctioned(case, kind)
    with pytest.raises(StateError, match="Only a suspension is lifted"):
        lift(breach, case)
    url = f"/{case.framework.slug}/breaches/{breach.number}/sanctions/{breach.sanctions.get().pk}/lift/"
    assert client_of(case.secretary).get(url).status_code == 409


def test_the_page(case):
    """Offered to who convenes the meeting and belongs to no organisation in breach; what was typed stays when it is refused;
    afterwards everybody reads by which decision it ended."""
    breach = sanctioned(case, "suspension")
    page = f"/{case.framework.slug}/breaches/{breach.number}/"
    url = f"{page}sanctions/{Sanction.objects.get().pk}/lift/"
    for person, status in ((case.secretary, 200), (case.guilty, 404), (case.officer, 404), (case.teacher, 404)):
        client = client_of(person)
        assert client.get(url).status_code == status, person
        assert (url in client.get(page).content.decode()) == (status == 200), person
    client = client_of(case.secretary)
    assert "Enter" in client.post(url, {"reference": ""}).content.decode()
    assert client.post(url, {"reference": "Minute 14 of 3 June"}).status_code == 302
    assert client.get(url).status_code == 409
    shown = client_of(case.guilty).get(page).content.decode()
    assert "Minute 14 of 3 June" in shown and "Ended" in shown and "was lifted" in shown
    assert url not in client.get(page).content.decode()


def test_after_the_closure_too(case):
    """A suspension lasts longer than the case: closed or not, the parties can end it."""
    breach = sanctioned(case, "suspension")
    act = {"by": case.secretary, "now": case.now}
    outcome.write_minutes(breach, text="x", **act)
    outcome.circulate(breach, **act)
    type(breach).objects.filter(pk=breach.pk).update(status="closed", closed_at=clock.now())
    breach.refresh_from_db()
    lift(breach, case)
    assert standing(case.version, case) == "signed"
