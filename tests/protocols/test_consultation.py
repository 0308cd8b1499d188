"""Consultation: rounds, comments, responses, and who may do what (HAR-¶9)."""

import uuid
from datetime import date

import pytest
from django.urls import reverse

from portal import notices
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, OutgoingEmail
from portal.permissions import Role
from portal.tenancy import scope
from protocols import workflow
from protocols.models import Comment, Version
from tests.builders import (
    NOW,
    join,
    make_framework,
    make_member,
    make_organisation,
    make_party,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside():
    """The scope of a framework with its two tiers."""
    framework = make_framework()
    with scope(framework.pk):
        yield framework


def test_round_and_draft_numbers(inside, now):
    """SIG-num, HAR-¶9: a round on draft 1, back to draft 2, a second round; what was circulated is listed."""
    version = make_version(framework=inside)
    for draft in (1, 2):
        assert version.name == f"1.0 draft {draft}"
        one = workflow.open_consultation(
            version, closes_on=date(2026, 7, 1), by=None, now=now, change=f"Change {draft}"
        )
        with pytest.raises(StateError, match="still open"):
            workflow.take_back(version, reason="Too early", by=None, now=now)
        with pytest.raises(StateError, match="still open"):
            workflow.submit(version, by=None, now=now)
        workflow.close_consultation(one, by=None, now=now)
        workflow.take_back(version, reason="Comments taken in", by=None, now=now)
    assert [(issue.number, issue.change) for issue in version.issues.all()] == [(1, "Change 1"), (2, "Change 2")]
    workflow.submit(version, by=None, now=now)
    assert [(issue.number, issue.change) for issue in version.issues.all()][2:] == [(3, "Submitted for approval")]


def test_comment_must_be_answered_before_closing(inside, now):
    """HAR-¶9: response to every comment before the round can be resolved; afterwards it is closed to all."""
    version = make_version(framework=inside)
    person, organisation = make_user(), version.parties.first().organisation
    one = workflow.open_consultation(version, closes_on=date(2026, 7, 1), by=None, now=now)
    facts = {"organisation": organisation, "text": "Too long", "by": person, "now": now}
    with pytest.raises(StateError):
        workflow.comment(one, clause_uid=uuid.uuid4(), **facts)
    said = workflow.comment(one, clause_uid=version.clauses.first().uid, **facts)
    with pytest.raises(NotReady):
        workflow.close_consultation(one, by=None, now=now)
    workflow.respond(said, text="Shortened", by=person, now=now)
    workflow.close_consultation(one, by=None, now=now)
    with pytest.raises(StateError, match="This consultation is closed"):
        workflow.comment(one, clause_uid=None, **facts)
    with pytest.raises(StateError):
        workflow.respond(said, text="Other", by=person, now=now)
    with pytest.raises(StateError):
        workflow.close_consultation(one, by=None, now=now)


def test_people_of_the_parties_are_told(inside, now):
    """HAR-¶9: those who may comment for a party get one mail; others get none."""
    version = make_version(framework=inside)
    organisation = version.parties.first().organisation
    told = make_member(inside, Role.REPRESENTATIVE, organisation)
    make_member(inside, Role.VIEWER, organisation)
    make_member(inside, Role.REPRESENTATIVE)
    workflow.open_consultation(version, closes_on=date(2026, 7, 1), by=None, now=now)
    assert list(OutgoingEmail.objects.values_list("kind", "user")) == [("protocols.consultation-opened", told.pk)]


# --- over HTTP


class Round:
    """A draft in consultation with people of both parties and the drafter of the lead."""

    def __init__(self, client):
        self.client = client
        self.framework = make_framework(slug="anyshire")
        with scope(self.framework.pk):
            self.version = make_version(framework=self.framework)
            self.reference = self.version.protocol.reference
            self.lead, self.partner = (party.organisation for party in self.version.parties.all())
            self.clause = self.version.clauses.get(label="1.1")
        self.drafter = make_member(self.framework, Role.DRAFTER, self.lead)
        self.partner_person = make_member(self.framework, Role.REPRESENTATIVE, self.partner)
        self.secretary = make_member(self.framework, Role.SECRETARY, self.lead)

    def url(self, name, *more):
        return reverse(name, args=["anyshire", self.reference, "1.0", *more])

    def get(self, person, name, *more, query=""):
        self.client.force_login(person)
        return self.client.get(self.url(name, *more) + query)

    def post(self, person, name, /, *more, query="", **form):
        self.client.force_login(person)
        return self.client.post(self.url(name, *more) + query, form)

    def open(self):
        response = self.post(self.drafter, "consultation-open", closes_on=FAR, change="First draft")
        assert response.status_code == 302

    def comments(self):
        with scope(self.framework.pk):
            return list(Comment.objects.select_related("organisation", "author"))


FAR = "1 July 2099"


def test_a_reader_of_one_party_does_not_speak_for_another_body(client):
    """HAR-¶9: a viewer of a party who represents an organisation that is none reads the round and says nothing in it."""
    circle = Round(client)
    circle.open()
    assert circle.post(circle.partner_person, "comment-new", text="Good").status_code == 302
    person = make_member(circle.framework, Role.VIEWER, circle.partner)
    join(person, circle.framework, make_organisation(framework=circle.framework), Role.REPRESENTATIVE)
    said = circle.comments()[0].pk
    assert circle.get(person, "consultation").status_code == 200
    for answer in (
        circle.get(person, "comment-new"),
        circle.post(person, "comment-new", text="Mine"),
        circle.post(person, "comment-reply", said, text="Mine"),
    ):
        assert answer.status_code == 403
    assert len(circle.comments()) == 1


@pytest.fixture
def circle(client):
    return Round(client)


def test_round_over_http(circle):
    """HAR-¶9: open, comment on a clause and on the whole, respond, close, on to approval."""
    circle.open()
    on_clause = f"?clause={circle.clause.uid}"
    assert circle.post(circle.partner_person, "comment-new", query=on_clause, text="Too long").status_code == 302
    assert circle.post(circle.partner_person, "comment-new", text="Good on the whole").status_code == 302
    first, second = circle.comments()
    assert (first.clause_uid, first.organisation, first.author) == (
        circle.clause.uid,
        circle.partner,
        circle.partner_person,
    )
    assert second.clause_uid is None
    page = circle.get(circle.drafter, "consultation").content.decode()
    for words in ("Too long", "Good on the whole", "2 wait for a response"):
        assert words in page
    refused = circle.post(circle.drafter, "consultation-close")
    assert refused.status_code == 409
    assert "2 comments have no response yet" in refused.content.decode()
    for comment in (first, second):
        assert (
            circle.post(circle.drafter, "comment-respond", comment.pk, text="Thank you", outcome="partly").status_code
            == 302
        )
    assert circle.post(circle.drafter, "consultation-close").status_code == 302
    assert "Thank you" in circle.get(circle.partner_person, "consultation").content.decode()
    assert circle.post(circle.partner_person, "comment-new", text="Too late").status_code == 409
    assert circle.post(circle.drafter, "consultation-close").status_code == 409
    assert circle.post(circle.drafter, "approval-submit").status_code == 302
    with scope(circle.framework.pk):
        assert Version.objects.get(pk=circle.version.pk).status == "approval"


def test_parties_see_only_circulated_drafts(circle):
    """A draft is hidden before it is circulated and while it is changed afterwards; comments and responses stay readable."""
    assert circle.get(circle.partner_person, "consultation").status_code == 404
    assert circle.get(circle.partner_person, "version").status_code == 404
    circle.open()
    circle.post(circle.partner_person, "comment-new", text="My comment")
    assert circle.get(circle.partner_person, "version").status_code == 200
    circle.post(circle.drafter, "comment-respond", circle.comments()[0].pk, text="My response", outcome="accepted")
    circle.post(circle.drafter, "consultation-close")
    assert circle.post(circle.drafter, "draft-again", reason="To take it in").status_code == 302
    with scope(circle.framework.pk):
        clause = circle.version.clauses.get(label="1.1")
        clause.text = "Half a thought"
        clause.save()
    assert circle.get(circle.partner_person, "version").status_code == 404
    assert circle.get(circle.partner_person, "comment-new").status_code == 404
    page = circle.get(circle.partner_person, "consultation").content.decode()
    assert ("My comment" in page, "My response" in page, "Half a thought" in page) == (True, True, False)


def test_who_joins_later_reads_no_earlier_draft(circle):
    """HAR-¶9, SIG-num: a party of the second round alone: neither the first draft, nor that there was one, nor a comment on it."""
    circle.open()
    circle.post(circle.partner_person, "comment-new", text="Early words")
    said = circle.comments()[0].pk
    circle.post(circle.drafter, "comment-respond", said, text="Thanks", outcome="accepted")
    circle.post(circle.drafter, "consultation-close")
    circle.post(circle.drafter, "draft-again", reason="To take it in")
    late = make_organisation("Late Trust", circle.framework)
    with scope(circle.framework.pk):
        make_party(circle.version, late)
    circle.open()
    person = make_member(circle.framework, Role.REPRESENTATIVE, late)
    seen = [(who == person, circle.get(who, "draft-issue", draft).status_code)
            for who in (circle.partner_person, person) for draft in (1, 2)]  # fmt: skip
    assert seen == [(False, 200), (False, 200), (True, 404), (True, 200)]
    page = circle.get(person, "consultation")
    assert "Early words" not in page.content.decode()
    assert len(page.context["issues"]) == 1
    assert circle.post(person, "comment-reply", said, text="x").status_code == 404


def test_comment_is_for_an_own_organisation(circle):
    """A person comments for an organisation of theirs, asked which if there are several, never for another one."""
    circle.open()
    other = make_organisation("Other Trust", circle.framework)
    with scope(circle.framework.pk):
        make_party(circle.version, other)
    join(circle.partner_person, circle.framework, other, Role.REPRESENTATIVE)
    refused = circle.post(circle.partner_person, "comment-new", text="x", organisation=circle.lead.pk)
    assert "organisation" in refused.context["form"].errors
    circle.post(circle.partner_person, "comment-new", text="x", organisation=other.pk)
    assert [comment.organisation for comment in circle.comments()] == [other]


@pytest.mark.parametrize(
    "form, wrong",
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"text": "a\u202eb"}, "text"),
        ({"text": "Snow ☃"}, "text"),
    ],
)
def test_bad_comments(circle, form, wrong):
    """Empty, too long, invisible or unprintable: an error at the field, nothing kept."""
    circle.open()
    assert wrong in circle.post(circle.partner_person, "comment-new", **form).context["form"].errors
    assert circle.comments() == []


@pytest.mark.parametrize("day", ["", "yesterday", "1 January 2020", "31 February 2099", "9999-12-31"])
def test_bad_closing_dates(circle, day):
    """The closing date must be a real day that is not past; the draft stays a draft."""
    response = circle.post(circle.drafter, "consultation-open", closes_on=day)
    assert "closes_on" in response.context["form"].errors
    with scope(circle.framework.pk):
        assert Version.objects.get(pk=circle.version.pk).status == "draft"


def test_comments_of_elsewhere_are_not_found(circle):
    """Own parent, foreign child: a comment of another version cannot be answered under mine; a foreign clause has no page."""
    circle.open()
    with scope(circle.framework.pk):
        other = make_version(framework=circle.framework)
        one = workflow.open_consultation(other, closes_on=date(2099, 7, 1), by=None, now=NOW)
        foreign = workflow.comment(one, organisation=circle.lead, clause_uid=None, text="x", by=circle.drafter, now=NOW)
        uid = other.clauses.first().uid
    assert circle.get(circle.drafter, "comment-respond", foreign.pk).status_code == 404
    assert circle.post(circle.drafter, "comment-respond", foreign.pk, text="x").status_code == 404
    for query in (f"?clause={uid}", "?clause=nonsense", "?clause=%00"):
        assert circle.post(circle.partner_person, "comment-new", query=query, text="x").status_code == 404
    with scope(circle.framework.pk):
        foreign.refresh_from_db()
        assert (foreign.response, one.comments.count()) == ("", 1)


def test_who_may_do_what(circle):
    """Only drafters open, answer, close and take back; viewers and auditors do not comment; other parties see nothing."""
    circle.open()
    circle.post(circle.partner_person, "comment-new", text="x")
    pk = circle.comments()[0].pk
    for person in (circle.partner_person, circle.secretary):
        for name, more in (
            ("consultation-open", []),
            ("consultation-close", []),
            ("draft-again", []),
            ("comment-respond", [pk]),
        ):
            assert circle.post(person, name, *more, text="x", reason="x", closes_on=FAR).status_code == 403
    assert circle.get(circle.secretary, "comment-new").status_code == 200
    for role in (Role.VIEWER, Role.AUDITOR, Role.FRAMEWORK_ADMIN):
        person = make_member(circle.framework, role, circle.partner)
        assert circle.get(person, "consultation").status_code == 403
        assert circle.post(person, "comment-new", text="x").status_code == 403
    outsider = make_member(circle.framework, Role.REPRESENTATIVE)
    assert circle.get(outsider, "consultation").status_code == 404
    assert circle.post(outsider, "comment-new", text="x").status_code == 404
    assert len(circle.comments()) == 1


def test_reading_the_consultation_changes_nothing(circle):
    """GET changes nothing."""
    circle.open()
    circle.post(circle.partner_person, "comment-new", text="x")
    with scope(circle.framework.pk):
        before = AuditEvent.objects.count()
    for name, more in (
        ("consultation", []), ("consultation-close", []), ("comment-new", []), ("comment-respond", [circle.comments()[0].pk]),
    ):  # fmt: skip
        # the round is open, so the draft cannot be taken back yet
        assert circle.get(circle.drafter, name, *more).status_code == (409 if name == "draft-again" else 200)
    for number in ("1", "2", "0", "-1", "x", "9" * 30):
        assert circle.get(circle.drafter, "consultation", query=f"?round={number}").status_code == 200
    with scope(circle.framework.pk):
        assert AuditEvent.objects.count() == before
        assert Version.objects.get(pk=circle.version.pk).status == "consultation"


def test_mails_of_a_round(circle):
    """The text is made at sending: reference and closing date, one link, no title and no word of the draft."""
    circle.open()
    with scope(circle.framework.pk):
        mails = {
            mail.user: notices.render(mail)
            for mail in OutgoingEmail.objects.filter(kind="protocols.consultation-opened")
        }
        title = Version.objects.get(pk=circle.version.pk).protocol.title
    assert set(mails) == {circle.drafter, circle.partner_person, circle.secretary}
    mail = mails[circle.partner_person]
    assert circle.reference in mail.subject
    assert "1 July 2099" in mail.body
    assert mail.body.count("http") == 1
    assert title not in mail.body
    circle.post(circle.drafter, "consultation-close")
    with scope(circle.framework.pk):
        opened = OutgoingEmail.objects.filter(kind="protocols.consultation-opened").first()
        closed = OutgoingEmail.objects.filter(kind="protocols.consultation-closed", user=circle.partner_person).get()
        assert notices.render(opened) is None
        assert "0 comments were made" in notices.render(closed).body
