"""The organisation's own administrator: its particulars, and who stands in for whom; one's own pace."""

import pytest
from django.db import transaction

from portal import deputies, tenancy
from portal.models import AuditEvent, Deputy, MemberOrganisation, Organisation, User
from portal.permissions import Role
from tests.builders import NOW, join, make_framework, make_member, make_organisation, make_user
from tests.portal.place import Place

pytestmark = pytest.mark.django_db
FACTS = {"name": "Anytown Council", "address": "2 High Street", "telephone": "", "nation": "england-and-wales",
         "ico_number": "", "ico_expires": "", "ods_code": ""}  # fmt: skip


@pytest.fixture
def place(client):
    """A framework with one organisation, its administrator signed in."""
    place = Place(client)
    place.keeper = make_member(place.framework, Role.ORGANISATION_ADMIN, place.body, full_name="Kit Keeper")
    client.force_login(place.keeper)
    return place


def test_its_own_particulars(place):
    """Also where other frameworks rely on them: each of these has the change in its ledger, by whom."""
    other = make_framework()
    with place.in_scope(), transaction.atomic():
        member = MemberOrganisation.objects.get(organisation=place.body)
    with tenancy.scope(other.pk), transaction.atomic():
        MemberOrganisation.objects.create(framework=other, organisation=place.body, joined_on=NOW.date())
    answer = place.client.post(place.url("organisation-edit", member.pk), FACTS)
    assert answer.status_code == 302, answer.content.decode()
    assert Organisation.objects.get(pk=place.body.pk).address == "2 High Street"
    for framework in (place.framework, other):
        with tenancy.scope(framework.pk), transaction.atomic():
            event = AuditEvent.objects.get(verb="portal.memberorganisation:edited")
            assert event.person.user_id == place.keeper.pk


def test_not_those_of_others(place):
    """Another organisation of the framework is closed to them (403), of another framework it is not there (404), and
    their role elsewhere does not help."""
    other = make_organisation(framework=place.framework)
    join(place.keeper, place.framework, other, Role.VIEWER)
    with place.in_scope(), transaction.atomic():
        foreign = MemberOrganisation.objects.get(organisation=other)
    for name in ("organisation-edit", "deputies"):
        assert place.client.get(place.url(name, foreign.pk)).status_code == 403
        assert place.client.get(place.url(name, 10**6)).status_code == 404
    assert place.client.post(place.url("organisation-edit", foreign.pk), FACTS).status_code == 403
    assert place.client.post(place.url("deputy", foreign.pk, place.keeper.pk), {"deputy": ""}).status_code == 403


def test_naming_a_deputy(place):
    """The list says who acts and who stands in; only people of the organisation can be chosen; a deputy who left is said."""
    olive = make_member(place.framework, Role.DRAFTER, place.body, full_name="Olive Owner")
    dara = make_member(place.framework, Role.VIEWER, place.body, full_name="Dara Deputy")
    stranger = make_member(place.framework, Role.VIEWER, full_name="Of another body")
    with place.in_scope(), transaction.atomic():
        member = MemberOrganisation.objects.get(organisation=place.body)
    form = place.url("deputy", member.pk, olive.pk)
    page = place.client.get(form).content.decode()
    assert "Who stands in for Olive Owner?" in page
    assert "Dara Deputy" in page
    assert "Of another body" not in page
    refused = place.client.post(form, {"deputy": stranger.pk}).content.decode()
    assert "Select somebody from the list" in refused
    assert place.client.post(form, {"deputy": dara.pk}).status_code == 302
    listed = place.client.get(place.url("deputies", member.pk)).content.decode()
    assert listed.count("Dara Deputy") >= 2
    with place.in_scope(), transaction.atomic():
        place.framework.memberships.filter(user=dara).update(ended_at=NOW)
    assert "holds no role here any more" in place.client.get(place.url("deputies", member.pk)).content.decode()
    assert place.client.post(form, {"deputy": ""}).status_code == 302
    assert place.count(Deputy) == 0
    assert place.client.get(place.url("deputy", member.pk, stranger.pk)).status_code == 404


def test_the_framework_administrator_may_too(place):
    """When the organisation has nobody who does."""
    olive = make_member(place.framework, Role.DRAFTER, place.body)
    place.client.force_login(place.admin)
    with place.in_scope(), transaction.atomic():
        member = MemberOrganisation.objects.get(organisation=place.body)
    assert place.client.post(place.url("deputy", member.pk, olive.pk), {"deputy": place.keeper.pk}).status_code == 302
    assert place.only(Deputy).deputy == place.keeper
    with place.in_scope(), transaction.atomic():
        assert list(deputies.principals(place.framework, place.body))


def test_a_role_of_its_own_needs_a_second_factor(place):
    """Like every role but the viewer's."""
    without = make_member(place.framework, Role.ORGANISATION_ADMIN, place.body, mfa=False)
    place.client.force_login(without)
    assert "/accounts/2fa/" in place.client.get(place.url("organisations")).url


def test_choosing_ones_pace(client):
    """Kept for the person; nothing else can be chosen."""
    user = make_user()
    client.force_login(user)
    page = client.get("/accounts/reminders/").content.decode()
    assert "What is urgent comes at once whatever you choose" in page
    assert client.post("/accounts/reminders/", {"pace": "weekly"}).status_code == 302
    assert User.objects.get(pk=user.pk).reminder_pace == "weekly"
    assert client.post("/accounts/reminders/", {"pace": "never"}).status_code == 200
    assert "Select how often you want to be reminded" in client.post("/accounts/reminders/", {}).content.decode()
    assert client.post("/accounts/reminders/", {"pace": "by-role"}).status_code == 302
    assert User.objects.get(pk=user.pk).reminder_pace == ""
