"""Numbered drafts are kept as they were circulated, for those who got them (SIG-num, HAR-¶9)."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from portal.models import StoredFile
from portal.permissions import Access, Role
from portal.tenancy import scope
from protocols import workflow
from protocols.canonical import validate
from protocols.models import DraftIssue, DraftRecipient
from tests.builders import make_framework, make_member, make_organisation, make_party, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside():
    """The scope of a framework with its two tiers."""
    framework = make_framework()
    with scope(framework.pk):
        yield framework


def consult(version, *, now, by=None):
    """One whole round, and back to the drafter's desk."""
    one = workflow.open_consultation(version, closes_on=date(2026, 7, 1), by=by, now=now)
    workflow.close_consultation(one, by=by, now=now)
    workflow.take_back(version, reason="Comments taken in", by=by, now=now)


def test_every_circulated_draft_keeps_its_text(inside, now):
    """SIG-num, HAR-¶9: draft 1 says what it said although draft 2 says something else; who sent it, when, to whom."""
    drafter = make_member(inside, Role.DRAFTER)
    version = make_version(framework=inside)
    clause = version.clauses.get(label="1.1")
    said = clause.text
    consult(version, by=drafter, now=now)
    clause.text = "Something else"
    clause.save()
    workflow.submit(version, by=drafter, now=now)
    first, second = version.issues.all()
    assert [issue.text()["clauses"][0]["children"][0]["text"] for issue in (first, second)] == [said, "Something else"]
    for issue in (first, second):
        validate(issue.text())
        assert issue.text()["document_control"]["drafts"][-1]["number"] == f"Draft {issue.number}"
    assert (first.issued_by, first.issued_at) == (drafter, now)
    assert [row.name for row in first.recipients.all()] == [party.name for party in version.parties.all()]


def test_approval_after_consultation_is_the_same_circulation(inside, now):
    """SIG-num: a draft has one number and one text, so submitting it after its consultation circulates nothing new."""
    version = make_version(framework=inside)
    one = workflow.open_consultation(version, closes_on=date(2026, 7, 1), by=None, now=now, change="First draft")
    workflow.close_consultation(one, by=None, now=now)
    workflow.submit(version, by=None, now=now)
    assert [(issue.number, issue.change) for issue in version.issues.all()] == [(1, "First draft")]
    assert StoredFile.objects.filter(purpose="circulated-draft").count() == 1


def test_drafts_stay_readable_for_those_who_got_them(inside, now):
    """HAR-¶9: a party that joined later has not got the first draft; one that left keeps what it got, and no more."""
    version = make_version(framework=inside, parties=3)
    stays, leaves = list(version.parties.all())[1:]
    later = make_organisation(framework=inside)
    consult(version, now=now)
    leaves.delete()
    make_party(version, later)
    consult(version, now=now)
    expected = {stays.organisation: [1, 2], leaves.organisation: [1], later: [2], None: []}
    for organisation, numbers in expected.items():
        access = Access.of(make_member(inside, Role.REPRESENTATIVE, organisation), inside)
        assert list(DraftIssue.objects.visible_to(access).values_list("number", flat=True)) == numbers
    drafter = Access.of(make_member(inside, Role.DRAFTER), inside)
    assert DraftIssue.objects.visible_to(drafter).count() == 2


def test_a_circulated_draft_is_never_changed(inside, now):
    """SIG-num: the database itself refuses another text, another number, another list of recipients, and deleting."""
    version = make_version(framework=inside, status="consultation")
    issue = version.issues.get()
    rows, recipients = DraftIssue.objects.filter(pk=issue.pk), DraftRecipient.objects.filter(issue=issue)
    for act in (
        lambda: rows.update(number=7),
        lambda: rows.update(canonical=None),
        lambda: rows.update(change="Other"),
        lambda: rows._raw_delete(rows.db),
        lambda: recipients.update(name="Other"),
        lambda: recipients._raw_delete(recipients.db),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    issue.issued_by = None
    issue.save()
