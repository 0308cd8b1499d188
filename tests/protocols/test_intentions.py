"""Notices of intention: "we intend to sign by …", "we do not intend to sign" (HAR-r2)."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from portal import notices
from portal.errors import StateError
from portal.models import AuditEvent, OutgoingEmail
from portal.permissions import Role
from portal.tenancy import scope
from protocols import intentions
from protocols.models import Intention, Party
from tests.builders import NOW, advance, make_framework, make_member, make_version

pytestmark = pytest.mark.django_db
YES = {"will_sign": "yes", "sign_by": "1 July 2099", "note": "After our cabinet of 3 June"}


class Table:
    """A circulated draft, its lead and partner, and whoever reads notices of intention."""

    def __init__(self, client, status="approval"):
        self.client = client
        self.framework = make_framework(slug="anyshire")
        with scope(self.framework.pk):
            self.version = advance(make_version(framework=self.framework, parties=3), status)
            self.reference = self.version.protocol.reference
            self.lead, self.partner, self.third = self.version.parties.select_related("organisation")
            organisations = [party.organisation for party in (self.lead, self.partner, self.third)]
        self.drafter = make_member(self.framework, Role.DRAFTER, organisations[0])
        self.secretary = make_member(self.framework, Role.SECRETARY, organisations[0])
        self.person = make_member(self.framework, Role.REPRESENTATIVE, organisations[1])
        self.other = make_member(self.framework, Role.REPRESENTATIVE, organisations[2])

    def url(self, name, *more):
        return reverse(name, args=["anyshire", self.reference, "1.0", *more])

    def get(self, person, name, *more):
        self.client.force_login(person)
        return self.client.get(self.url(name, *more))

    def post(self, person, party, **form):
        self.client.force_login(person)
        return self.client.post(self.url("intention", party.pk), form)


@pytest.fixture
def table(client):
    return Table(client)


def test_notice_is_given_and_changed_by_a_new_one(table):
    """HAR-r2: by the party's representative, before signature; the newest holds, the earlier one stays to be read."""
    assert table.post(table.person, table.partner, **YES).status_code == 302
    assert table.post(table.person, table.partner, will_sign="no", note="Our cabinet refused").status_code == 302
    with scope(table.framework.pk):
        assert list(Intention.objects.values_list("will_sign", "sign_by")) == [(True, date(2099, 7, 1)), (False, None)]
        assert AuditEvent.objects.filter(verb="protocols.intention:given").count() == 2
        for act in (
            lambda: Intention.objects.update(will_sign=True),
            lambda: Intention.objects.all()._raw_delete("default"),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()
    page = table.get(table.person, "intention", table.partner.pk).content.decode()
    assert "Intends to sign by 1 July 2099" in page
    for name in ("approval", "signatures"):
        page = table.get(table.secretary, name).content.decode()
        assert ("Does not intend to sign" in page, "Intends to sign by" in page) == (True, False)


def test_who_reads_a_notice(table):
    """HAR-r2: drafters, secretaries and the party itself; the other parties neither read it nor count it."""
    table.post(table.person, table.partner, **YES)
    assert "Intends to sign by 1 July 2099" in table.get(table.drafter, "approval").content.decode()
    assert "After our cabinet" in table.get(table.person, "signatures").content.decode()
    page = table.get(table.other, "signatures").content.decode()
    assert ("Intends to sign" in page, "After our cabinet" in page) == (False, False)


def test_who_gives_a_notice(table):
    """SIG-who, HAR-r2: nobody for another party; other roles 403, strangers 404; nothing is left behind."""
    assert table.post(table.other, table.partner, **YES).status_code == 404
    for person in (
        table.drafter,
        table.secretary,
        make_member(table.framework, Role.VIEWER, table.partner.organisation),
    ):
        assert table.post(person, table.partner, **YES).status_code == 403
    stranger = make_member(make_framework(), Role.REPRESENTATIVE)
    assert table.post(stranger, table.partner, **YES).status_code == 404
    with scope(table.framework.pk):
        assert not Intention.objects.exists()


@pytest.mark.parametrize(
    "form, wrong",
    [({"will_sign": ""}, "will_sign"), ({"sign_by": ""}, "sign_by"), ({"sign_by": "1 May 2020"}, "sign_by"), ({"note": "x" * 2_001}, "note")],
)  # fmt: skip
def test_bad_notices(table, form, wrong):
    """HAR-r2: an answer, and a date if it is yes."""
    assert wrong in table.post(table.person, table.partner, **YES | form).context["form"].errors


@pytest.mark.parametrize("standing", ["signed", "declined"])
def test_no_notice_after_the_answer(client, standing):
    """HAR-r2: a notice comes before signature: once the party has signed or declined, GET and POST say so, and no trace is left."""
    table = Table(client, "open-for-signature")
    with scope(table.framework.pk):
        act = table.partner.sign if standing == "signed" else table.partner.decline
        act(by=None, now=NOW, **({} if standing == "signed" else {"reason": "x"}))
        before = AuditEvent.objects.count()
        with pytest.raises(StateError):
            intentions.give(table.partner, will_sign=False, sign_by=None, note="", by=None, now=NOW)
        assert AuditEvent.objects.count() == before
    assert table.get(table.person, "intention", table.partner.pk).status_code == 409
    assert table.post(table.person, table.partner, **YES).status_code == 409


@pytest.mark.parametrize("status", ["draft", "completed"])
def test_no_notice_outside_its_time(client, status):
    """HAR-r2: not on a draft that was never circulated, nor by a later joiner of what all others have signed."""
    table = Table(client, "draft")
    with scope(table.framework.pk):
        if status != "draft":
            Party.objects.filter(pk=table.third.pk).update(required=False)
            advance(table.version, "open-for-signature")
            for party in table.version.parties.filter(required=True):
                party.sign(by=None, now=NOW)
            table.version.complete_if_signed(now=NOW)
        before = AuditEvent.objects.count()
        with pytest.raises(StateError):
            intentions.give(table.third, will_sign=False, sign_by=None, note="", by=None, now=NOW)
        assert AuditEvent.objects.count() == before


def test_secretary_and_lead_are_told(table):
    """HAR-r2: one mail to each, naming the party and not what it said."""
    table.post(table.person, table.partner, **YES)
    with scope(table.framework.pk):
        mails = list(OutgoingEmail.objects.filter(kind="protocols.intention-given"))
        assert {mail.user for mail in mails} == {table.drafter, table.secretary}
        body = notices.render(mails[0]).body
    assert table.partner.name in body
    assert "After our cabinet" not in body
    assert body.count("http") == 1
