"""What stands between a party and its signature: one function, blocks and warnings."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from portal import clock, tenancy
from portal.models import MemberOrganisation, Membership
from portal.permissions import Role
from protocols.models import Party
from signatories.obstacles import authorised, bound_by, obstacles
from tests.builders import NOW, join, make_framework, make_member, make_organisation, make_protocol, make_version
from tests.signatories.signing import make_authority, make_signer

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """A framework, entered."""
    framework = make_framework()
    with tenancy.scope(framework.pk), transaction.atomic():
        yield framework


@pytest.fixture
def party(framework):
    """An invited party of an open version."""
    return make_version(status="open-for-signature", framework=framework).parties.first()


def rules(party, user, now=NOW):
    """(rules that block, rules that warn)."""
    party = Party.objects.select_related("organisation", "version__protocol").get(pk=party.pk)
    found = obstacles(party, user, now)
    return [entry.rule for entry in found.blocks], [entry.rule for entry in found.warnings]


def test_nothing_in_the_way(party):
    """A representative with authority, a registered organisation, in time; a version that was withdrawn is in the way (SIG-force)."""
    user = make_signer(party)
    assert rules(party, user) == ([], [])
    assert obstacles(party, user, NOW).authority.user == user
    party.version.withdraw(by=None, now=NOW, reason="A clause was wrong.")
    assert rules(party, user)[0] == ["SIG-force"]


@pytest.mark.parametrize("start, end, valid", [
    (date(2026, 6, 15), date(2026, 6, 15), True), (date(2026, 6, 16), None, False), (date(2026, 1, 1), date(2026, 6, 14), False),
    (date(2026, 1, 1), None, True),
])  # fmt: skip
def test_authority_is_valid_by_londons_date(party, start, end, valid):
    """First and last day count whole, in London (SIG-who)."""
    user = make_member(party.framework, Role.REPRESENTATIVE, party.organisation)
    make_authority(user, party.organisation, party.framework, valid_from=start, valid_to=end)
    for now in (clock.start_of_day(date(2026, 6, 15)), clock.end_of_day(date(2026, 6, 15))):
        assert (rules(party, user, now)[0] == []) is valid


def test_authority_needs_the_role_too(party):
    """A person who left, or whose organisation is suspended, signs nothing, whatever was recorded."""
    user = make_signer(party)
    Membership.objects.filter(user=user).update(ended_at=NOW)
    assert rules(party, user)[0] == ["SIG-who"]
    other = make_signer(party)
    MemberOrganisation.objects.filter(organisation=party.organisation).update(status="suspended")
    assert rules(party, other)[0] == ["SIG-who"]
    assert (
        authorised([party.organisation_id], NOW, protocol=party.version.protocol_id).get(party.organisation_id, [])
        == []
    )


def test_authority_of_another_organisation_is_none(party):
    """No one signs for someone else."""
    other = party.version.parties.exclude(pk=party.pk).get()
    assert rules(party, make_signer(other))[0] == ["SIG-who"]


def test_registration_warns(party):
    """HAR-4.1: no number; HAR-4.2: lapsed. Both warn, neither blocks."""
    user, organisation = make_signer(party), party.organisation
    organisation.ico_number = ""
    organisation.save()
    assert rules(party, user) == ([], ["HAR-4.1"])
    organisation.ico_number, organisation.ico_expires = "ZA123456", date(2026, 6, 14)
    organisation.save()
    assert rules(party, user) == ([], ["HAR-4.2"])
    organisation.ico_expires = date(2026, 6, 15)
    organisation.save()
    assert rules(party, user) == ([], [])


def test_the_sign_up_deadline_warns(party):
    """HAR-r4: the day itself is in time; afterwards signing is still possible."""
    user = make_signer(party)
    assert rules(party, user, clock.end_of_day(date(2026, 6, 30))) == ([], [])
    assert rules(party, user, clock.start_of_day(date(2026, 7, 1))) == ([], ["HAR-r4"])


@pytest.mark.parametrize("status, bound", [
    ("open-for-signature", False), ("completed", True), ("in-force", True),
])  # fmt: skip
def test_bound_by_the_parent(framework, status, bound):
    """HAR-10: bound is signed, past the moment, on a version that is completed or in force."""
    organisation = make_organisation(framework=framework)
    parent = make_protocol(framework, lead=organisation, tier=1)
    version = make_version(parent, status=status)
    moment = clock.start_of_day(date(2026, 7, 1))
    assert bound_by(parent, organisation, moment) is bound
    assert not bound_by(parent, organisation, moment - timedelta(seconds=1))
    assert not bound_by(parent, make_organisation(framework=framework), moment)
    if status == "in-force":
        version.withdraw(by=None, now=moment, reason="Over", decision=version.approval)
        assert not bound_by(parent, organisation, moment)


def test_a_party_that_left_the_parent_is_not_bound(framework):
    """Bound until it withdrew."""
    organisation = make_organisation(framework=framework)
    parent = make_protocol(framework, lead=organisation, tier=1)
    version = make_version(parent, status="in-force")
    moment = version.in_force_from + timedelta(days=1)
    version.parties.get(organisation=organisation).withdraw(by=None, now=moment, reason="We left.")
    assert not bound_by(parent, organisation, moment)


def test_people_with_authority_by_organisation(framework):
    """Each once, by name, in one query for all organisations."""
    version = make_version(status="open-for-signature", framework=framework)
    first, second = version.parties.all()
    zoe, adam = make_signer(first, full_name="Zoe Bell"), make_signer(first, full_name="Adam Cole")
    make_authority(zoe, first.organisation, framework)
    join(zoe, framework, second.organisation, Role.REPRESENTATIVE)
    found = authorised([first.organisation_id, second.organisation_id], NOW, protocol=version.protocol_id)
    assert found == {first.organisation_id: [adam, zoe]}
