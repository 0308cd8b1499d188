"""What is left when a suspension has ended or an exclusion stands: history, buttons, invitations, parents (HAR-6.6, ADR 27)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from breaches.finding import place
from portal import clock, ladders
from portal.models import Decision
from protocols import as_at, bars, editorial
from protocols.models import Party
from signatories import presenters, reminders
from signatories import workflow as signing
from tests.breaches.test_sanctions_hold import blocks, mine, others_sign
from tests.breaches.test_suspension import lift, next_version, sanctioned, standing
from tests.breaches.test_views import client_of
from tests.builders import advance, make_party, make_protocol, make_version, quick_frozen

pytestmark = pytest.mark.django_db


def test_history_knows_that_it_ended(case):
    """As at a date: suspended until it was lifted, and what it was from then on."""
    then, breach = case.now, sanctioned(case, "suspension")

    def stood(at):
        day = SimpleNamespace(until=at)
        rows = Party.objects.filter(version=case.version, organisation=case.trust)
        return rows.annotate(then=as_at.standing_then(day)).get().then

    case.now += timedelta(days=2)
    lift(breach, case)
    assert stood(then + timedelta(days=1)) == "suspended"
    assert stood(case.now + timedelta(days=1)) == "signed"


def test_who_had_signed_the_next_one_too_has_re_signed(case):
    """Suspended on both, the next in force, lifted: a party of both, as everybody else (SIG-new)."""
    version = next_version(case, "completed")
    breach = sanctioned(case, "suspension")
    version.refresh_from_db()
    version.bring_into_force(now=version.in_force_from)
    case.now = version.in_force_from + timedelta(days=1)
    lift(breach, case)
    assert (standing(version, case), standing(case.version, case)) == ("signed", "signed")


def test_excluded_after_the_next_one_came(case):
    """No row of the organisation stays suspended, with nothing that could be lifted."""
    old, version = case.version, next_version(case, "completed")
    sanctioned(case, "suspension")
    version.refresh_from_db()
    version.bring_into_force(now=version.in_force_from)
    case.now, case.version = version.in_force_from + timedelta(days=1), version
    case.protocol.refresh_from_db()
    sanctioned(case, "exclusion", case.report())
    assert standing(version, case) == "excluded"
    assert standing(old, case) != "suspended"


def test_an_excluded_signature_does_not_let_it_back(case):
    """Signed at the moment of the recall and excluded with it: the exclusion stands."""
    version = next_version(case, "open-for-signature")
    mine(version, case).sign(by=None, now=case.now + timedelta(seconds=1))
    sanctioned(case, "exclusion")
    coming = make_party(make_version(case.protocol, parties=0, major=3), case.trust)
    assert bars.barring([coming])[coming.pk].excluded


def test_left_out_and_invited_when_it_is_in_force(case, monkeypatch):
    """The pages promise that it can be invited afterwards: as a later joiner too (HAM-signed)."""
    version = next_version(case, "approved")
    sanctioned(case, "exclusion")
    monkeypatch.setattr(signing, "prepare", lambda version, now: quick_frozen(version))
    case.now += timedelta(days=1)
    version.refresh_from_db()
    signing.open_for_signature(version, by=case.drafter, now=case.now)
    others_sign(version, case)
    version.bring_into_force(now=version.in_force_from)
    case.now = version.in_force_from + timedelta(days=1)
    version.refresh_from_db()
    texts = [one["text"] for one in presenters.choices(version, case.access(case.drafter))]
    assert [text for text in texts if case.trust.name in text]
    signing.invite(mine(version, case), by=case.drafter, now=case.now)
    assert not blocks(mine(version, case), case)


def test_nobody_left_who_must_sign(case, monkeypatch):
    """A version that only excluded organisations must sign is not opened: nobody could complete it."""
    version = next_version(case, "approved")
    version.parties.exclude(organisation=case.trust).update(required=False)
    sanctioned(case, "exclusion")
    monkeypatch.setattr(signing, "prepare", lambda version, now: quick_frozen(version))
    version.refresh_from_db()
    with pytest.raises(signing.NotReady, match="excluded every organisation"):
        signing.open_for_signature(version, by=case.drafter, now=case.now)


def test_buttons(case):
    """Neither to sign nor to invite, while it is suspended."""
    version = next_version(case, "open-for-signature")
    breach = sanctioned(case, "suspension")
    url = f"/{case.framework.slug}/protocols/{case.protocol.reference}/{version.number}/"
    words = f"Sign for {case.trust.name}"
    version.refresh_from_db()

    def offered():
        choices = [one["text"] for one in presenters.choices(version, case.access(case.drafter))]
        return words in client_of(case.guilty).get(url).content.decode(), any(
            case.trust.name in text for text in choices
        )

    assert offered() == (False, False)
    lift(breach, case)
    assert offered() == (True, True)


def test_the_print_names_the_signature_on_which_it_rests(case):
    """An editorial version: the same words before and after it is completed, for who is suspended too (HAR-2.3)."""
    breach = sanctioned(case, "suspension")
    version = make_version(case.protocol, parties=0, minor=1, effective_on=case.now.date())
    for order, one in enumerate((case.council, case.trust, case.police, case.school)):
        make_party(version, one, order=order)
    advance(version, "approval", now=case.now)
    facts = {"board": version.protocol.tier.deciding_body, "decided_on": case.now.date(), "reference": "M7"}
    decision = Decision.objects.record(version, by=None, now=case.now, outcome="approved", no_re_signing=True, **facts)
    version.decide(decision, by=None, now=case.now)
    version.refresh_from_db()
    before = editorial.words_of(version)
    version.open_for_signature(quick_frozen(version), by=None, now=case.now)
    editorial.carry_on(version, by=None, now=case.now)
    assert case.trust.name in before and editorial.words_of(version) == before
    (event,) = signing.AuditEvent.objects.filter(
        verb="protocols.party:suspended", subject_id=mine(version, case).pk, subject_type="protocols.party"
    )
    assert event.payload["reference"] == breach.reference


def test_not_bound_before_the_parent_though_suspended_there(case):
    """HAR-10: it waits for the parent that it has signed."""
    parent = make_version(make_protocol(case.framework, lead=case.council), parties=0)
    for order, one in enumerate((case.council, case.trust)):
        make_party(parent, one, order=order)
    advance(parent, "open-for-signature", now=case.now)
    mine(parent, case).sign(by=None, now=case.now)
    mine(parent, case).suspend(by=None, now=case.now, reference="BR-009")
    type(case.protocol).objects.filter(pk=case.protocol.pk).update(
        parent=parent.protocol, external_parent="", external_parent_dated=None
    )
    case.protocol.refresh_from_db()
    version = next_version(case, "open-for-signature")
    mine(version, case).sign(by=None, now=case.now)
    others_sign(version, case)
    assert mine(version, case).bound_from is None


def test_invited_again_is_reminded_as_before(case):
    """Without any sanction: asking once more moves no reminder (HAR-r4)."""
    version = next_version(case, "open-for-signature")
    sign_by = case.now.date() + timedelta(days=1)
    type(version).objects.filter(pk=version.pk).update(sign_by=sign_by)
    party = version.parties.get(organisation=case.police)
    Party.objects.filter(version=version).update(invited_at=case.now - timedelta(days=40))
    morning = clock.start_of_day(sign_by)

    def step():
        noon = morning + timedelta(hours=12)
        (duty,) = [one for one in reminders.duties(None, noon) if one.subject_id == party.pk]
        return ladders.latest("signature.sign_by", duty.timing, noon)

    before = step()
    version.refresh_from_db()
    signing.invite(party, by=case.drafter, now=morning + timedelta(hours=1))
    assert before is not None and step() == before


def test_the_regulator_s_pages_outlive_the_version(case):
    """UK-33a: a party says that it is a controller as well, though the version that was breached is superseded."""
    breach = case.report()
    client = client_of(case.officer)
    assert client.get(place(breach, "breach-controller-new")).status_code == 200
    next_version(case, "in-force")
    assert client.get(place(breach, "breach-controller-new")).status_code == 200
