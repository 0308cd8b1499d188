"""Closing dates, reminders, threads, who else was consulted, and pages that answer GET as they answer POST (HAR-¶9)."""

from datetime import date, timedelta

import pytest

from portal import clock, notices
from portal.errors import StateError
from portal.jobs import JOBS
from portal.models import AuditEvent, Job, OutgoingEmail
from portal.permissions import Role
from portal.tenancy import scope
from protocols import consulting, documents, workflow
from protocols.canonical import validate
from protocols.models import Comment, Consulted, Reply, Version
from protocols.printing import protocol_context
from tests.builders import NOW, advance, make_framework, make_member, make_party, make_version
from tests.protocols.test_consultation import FAR, Round

pytestmark = pytest.mark.django_db
LAST = date(2026, 6, 20)
OVER = clock.end_of_day(LAST) + timedelta(seconds=1)


@pytest.fixture
def circle(client):
    return Round(client)


@pytest.fixture
def inside():
    """The scope of a framework with its two tiers."""
    framework = make_framework()
    with scope(framework.pk):
        yield framework


@pytest.fixture
def one(inside):
    """A round until 20 June, on a draft with a representative of its partner."""
    version = make_version(framework=inside)
    return workflow.open_consultation(version, closes_on=LAST, by=None, now=NOW)


def told(kind):
    """Who has a mail of this kind waiting."""
    return set(OutgoingEmail.objects.filter(kind=kind).values_list("user", flat=True))


def test_last_day_is_a_day_in_london(inside, one):
    """HAR-¶9: comments are taken until 23:59:59 London time of the closing date; a second later nothing is kept."""
    organisation = one.version.parties.first().organisation
    facts = {"organisation": organisation, "clause_uid": None, "text": "x", "by": None}
    said = workflow.comment(one, **facts, now=OVER - timedelta(seconds=1))
    before = AuditEvent.objects.count()
    with pytest.raises(StateError, match="until the end of 20 June 2026"):
        workflow.comment(one, **facts, now=OVER)
    with pytest.raises(StateError):
        workflow.reply(said, organisation=organisation, text="x", by=None, now=OVER)
    assert (Comment.objects.count(), Reply.objects.count(), AuditEvent.objects.count()) == (1, 0, before)
    workflow.reply(said, organisation=organisation, text="What do you mean?", by=None, now=OVER, drafter=True)
    workflow.respond(said, text="Done", outcome="partly", by=None, now=OVER)
    workflow.close_consultation(one, by=None, now=OVER)
    with pytest.raises(StateError):
        workflow.reply(said, organisation=organisation, text="x", by=None, now=OVER, drafter=True)


def test_extending(inside, one):
    """HAR-¶9: a later date only, while the round is open; told to the parties, both dates in the ledger."""
    person = make_member(inside, Role.REPRESENTATIVE, one.version.parties.first().organisation)
    for day in (LAST, LAST - timedelta(days=1)):
        with pytest.raises(StateError):
            workflow.extend_consultation(one, closes_on=day, by=None, now=NOW)
    with pytest.raises(StateError):  # later than it was, and past by now
        workflow.extend_consultation(one, closes_on=LAST + timedelta(days=1), by=None, now=OVER + timedelta(days=9))
    workflow.extend_consultation(one, closes_on=date(2026, 6, 27), by=None, now=OVER)
    assert AuditEvent.objects.get(verb="protocols.consultation:extended").payload == {
        "was": "2026-06-20", "closes_on": "2026-06-27",
    }  # fmt: skip
    assert told("protocols.consultation-extended") == {person.pk}
    assert "27 June 2026" in notices.render(OutgoingEmail.objects.get(kind="protocols.consultation-extended")).body
    workflow.comment(
        one, organisation=one.version.parties.first().organisation, clause_uid=None, text="x", by=None, now=OVER
    )


def run_due(now):
    """What the sweep runs of the reminders at a moment, late or not."""
    for job in Job.objects.filter(kind__startswith="protocols.consultation_", done_at__isnull=True, run_at__lte=now):
        JOBS[job.kind](job, now)
        job.mark_done(now=now)


def test_reminder_before_the_closing_date(inside, one, monkeypatch):
    """READ-11: who has not commented is reminded once, three days before or whenever the machine is back; not after."""
    organisation = one.version.parties.first().organisation
    silent, heard = (make_member(inside, Role.REPRESENTATIVE, organisation) for _n in range(2))
    workflow.comment(one, organisation=organisation, clause_uid=None, text="x", by=heard, now=NOW)
    run_due(clock.start_of_day(date(2026, 6, 17)) - timedelta(seconds=1))
    assert told("protocols.comments-wanted") == set()
    late = clock.start_of_day(date(2026, 6, 19))  # two days too late
    run_due(late)
    assert told("protocols.comments-wanted") == {silent.pk}
    mail = OutgoingEmail.objects.get(kind="protocols.comments-wanted")
    monkeypatch.setattr(clock, "now", lambda: late)
    assert "20 June 2026" in notices.render(mail).body
    monkeypatch.setattr(clock, "now", lambda: OVER)
    assert notices.render(mail) is None


def test_reminder_follows_an_extended_date(inside, one):
    """READ-11: the row of the old date does nothing once the date is later; that of the new date reminds."""
    make_member(inside, Role.REPRESENTATIVE, one.version.parties.first().organisation)
    workflow.extend_consultation(one, closes_on=date(2026, 7, 10), by=None, now=NOW)
    run_due(clock.start_of_day(date(2026, 6, 18)))
    assert told("protocols.comments-wanted") == set()
    run_due(clock.start_of_day(date(2026, 7, 7)))
    assert len(told("protocols.comments-wanted")) == 1


def test_drafters_are_told_that_it_is_over(inside, one):
    """HAR-¶9: after the closing date the round stays open for answers, and the drafters are told to close it."""
    drafter = make_member(inside, Role.DRAFTER)
    workflow.comment(
        one, organisation=one.version.parties.first().organisation, clause_uid=None, text="x", by=None, now=NOW
    )
    run_due(OVER)
    assert told("protocols.consultation-over") == {drafter.pk}
    assert "1 comment waits" in notices.render(OutgoingEmail.objects.get(kind="protocols.consultation-over")).body
    one.refresh_from_db()
    assert one.closed_at is None


def test_late_comment_is_refused_and_not_lost(circle):
    """HAR-¶9: sent from a page that stood open over the closing date: why, and everything that was typed."""
    with scope(circle.framework.pk):
        workflow.open_consultation(circle.version, closes_on=LAST, by=circle.drafter, now=NOW)
    answer = circle.post(circle.partner_person, "comment-new", text="Disagree")
    page = answer.content.decode()
    assert (answer.status_code, circle.comments()) == (409, [])
    assert "were taken until the end of 20 June 2026" in page
    assert "Disagree</textarea>" in page
    assert circle.get(circle.partner_person, "comment-new").status_code == 409
    assert (
        "were taken until the end of 20 June 2026" in circle.get(circle.partner_person, "consultation").content.decode()
    )
    assert circle.post(circle.drafter, "consultation-extend", closes_on="19 June 2026").context["form"].errors
    assert circle.post(circle.drafter, "consultation-extend", closes_on=FAR).status_code == 302
    assert circle.post(circle.partner_person, "comment-new", text="Disagree").status_code == 302


def test_thread_over_http(circle):
    """HAR-¶9: comment, replies of the drafter and of the party, a response with its outcome; all to be read below each other."""
    circle.open()
    circle.post(circle.partner_person, "comment-new", text="Too long")
    pk = circle.comments()[0].pk
    ways = [
        f'/comments/{pk}/"' in circle.get(who, "consultation").content.decode()
        for who in (circle.drafter, circle.partner_person)
    ]
    assert ways == [True, False]  # the lead's drafter answers
    assert circle.post(circle.drafter, "comment-reply", pk, text="Which part?").status_code == 302
    assert circle.post(circle.partner_person, "comment-reply", pk, text="The second half").status_code == 302
    assert "outcome" in circle.post(circle.drafter, "comment-respond", pk, text="Cut").context["form"].errors
    assert circle.post(circle.drafter, "comment-respond", pk, text="Cut", outcome="partly").status_code == 302
    page = circle.get(circle.partner_person, "consultation").content.decode()
    assert f"/comments/{pk}/reply/" in page
    places = [page.index(words) for words in ("Too long", "Which part?", "The second half", "Accepted in part", "Cut")]
    assert places == sorted(places)
    for role in (Role.VIEWER, Role.AUDITOR):
        person = make_member(circle.framework, role, circle.partner)
        assert circle.post(person, "comment-reply", pk, text="x").status_code == 403
    outsider = make_member(circle.framework, Role.REPRESENTATIVE)
    assert circle.post(outsider, "comment-reply", pk, text="x").status_code == 404
    with scope(circle.framework.pk):
        assert Reply.objects.count() == 2


def test_after_the_last_day_the_drafter_may_still_ask_back(circle, time_machine):
    """HAR-¶9: parties comment and reply until the closing date; drafters until the round is closed."""
    circle.open()
    circle.post(circle.partner_person, "comment-new", text="Too long")
    pk = circle.comments()[0].pk
    time_machine.move_to("2099-07-02 12:00Z")  # the round of these tests is open until the day before
    assert circle.post(circle.partner_person, "comment-reply", pk, text="And too old").status_code == 409
    assert circle.post(circle.drafter, "comment-reply", pk, text="Which part?").status_code == 302


def test_who_was_consulted_belongs_to_the_text_that_is_read(circle):
    """Who only got an earlier draft reads nothing of what is written down while the next one is on the drafter's desk."""
    circle.open()
    circle.post(circle.drafter, "consultation-close")
    circle.post(circle.drafter, "draft-again", reason="To take it in")
    with scope(circle.framework.pk):
        consulting.add(circle.version, kind="event", name="Canary workshop", held_on=None, groups=[], by=None, now=NOW)
    assert "Canary workshop" in circle.get(circle.drafter, "consultation").content.decode()
    assert "Canary workshop" not in circle.get(circle.partner_person, "consultation").content.decode()


def test_old_round_shows_its_own_text(circle):
    """HAR-¶9: comments of the first round stand in the text of the first draft; a party sees only rounds that it was in."""
    circle.open()
    circle.post(circle.partner_person, "comment-new", query=f"?clause={circle.clause.uid}", text="My remark")
    circle.post(circle.drafter, "comment-respond", circle.comments()[0].pk, text="Yes", outcome="accepted")
    circle.post(circle.drafter, "consultation-close")
    circle.post(circle.drafter, "draft-again", reason="To take it in")
    with scope(circle.framework.pk):
        clause = circle.version.clauses.get(label="1.1")
        old, clause.text = clause.text, "A new wording"
        clause.save()
    late = make_member(circle.framework, Role.REPRESENTATIVE)
    with scope(circle.framework.pk):
        make_party(circle.version, late.memberships.get().organisation)
    circle.post(circle.drafter, "consultation-open", closes_on=FAR)
    page = circle.get(circle.partner_person, "consultation", query="?round=1").content.decode()
    assert (old in page, "A new wording" in page, "My remark" in page) == (True, False, True)
    page = circle.get(late, "consultation", query="?round=1").content.decode()
    assert (old in page, "A new wording" in page, "My remark" in page) == (False, True, False)
    # nor by a form that is refused: an empty reply shows the comment that it is about
    remark = circle.comments()[0].pk
    assert circle.post(late, "comment-reply", remark).status_code == 404
    assert circle.post(circle.partner_person, "comment-reply", remark).status_code == 200
    shown = circle.get(circle.partner_person, "draft-issue", 1)
    assert shown.status_code == 200
    flows = shown.content.decode().partition(">How the information flows</h2>")[2].partition("</section>")[0]
    assert "govuk-summary-list" in flows, "what is consulted on stands in the draft that is read"
    assert [circle.get(late, "draft-issue", n).status_code for n in (1, 2, 3, 9**9)] == [404, 200, 404, 404]


@pytest.mark.parametrize(
    "status, name, more, answer",
    [
        ("draft", "comment-new", [], 409), ("draft", "consultation-close", [], 409), ("draft", "consultation-extend", [], 409),
        ("draft", "draft-again", [], 409), ("approval", "draft-again", [], 409), ("consultation", "consultation-open", [], 409),
        ("approved", "consultation-open", [], 409), ("draft", "approval-decide", [], 409), ("approved", "approval-decide", [], 409),
        ("approved", "approval-ratify", [], 409), ("approval", "consulted-add", [], 409),
    ],
)  # fmt: skip
def test_a_page_shows_no_form_that_would_be_refused(client, status, name, more, answer):
    """A form is shown on GET only in the states in which its POST is taken."""
    circle = Round(client)
    with scope(circle.framework.pk):
        advance(circle.version, status)
    person = circle.secretary if name.startswith("approval") else circle.drafter
    form = {"reason": "x", "text": "x", "closes_on": FAR, "kind": "event", "name": "x"}
    form |= {"who": "board", "outcome": "approved", "reference": "M7", "decided_on_day": "2", "decided_on_month": "2", "decided_on_year": "2026"}  # fmt: skip
    assert circle.get(person, name, *more).status_code == answer
    assert circle.post(person, name, *more, **form).status_code == answer


def test_closed_round_takes_nothing(circle):
    """HAR-¶9: comment, reply, response, extension and closing of a closed round answer GET and POST with 409."""
    circle.open()
    circle.post(circle.partner_person, "comment-new", text="x")
    pk = circle.comments()[0].pk
    circle.post(circle.drafter, "comment-respond", pk, text="x", outcome="accepted")
    circle.post(circle.drafter, "consultation-close")
    for name, more in (
        ("comment-new", []), ("comment-reply", [pk]), ("comment-respond", [pk]), ("consultation-close", []), ("consultation-extend", []),
    ):  # fmt: skip
        form = {"text": "Some words", "outcome": "accepted", "closes_on": FAR}
        assert circle.get(circle.drafter, name, *more).status_code == 409, name
        answer = circle.post(circle.drafter, name, *more, **form)
        assert answer.status_code == 409, name
        assert "Some words" in answer.content.decode() or not name.startswith("comment")


# --- who else was consulted

WORKSHOPS = {
    "kind": "event", "name": "Workshops", "held_on": "3 March 2026", "groups": "236 children\n103 parents\n259 practitioners",
}  # fmt: skip


def test_workshops_and_bodies(circle):
    """HAM-consult, KEN-5.2: 236 children, 103 parents, 259 practitioners, and a body that is no party: on the page and printed."""
    assert circle.post(circle.drafter, "consulted-add", **WORKSHOPS).status_code == 302
    body = {"kind": "body", "name": "Association of Head Teachers"}
    assert circle.post(circle.drafter, "consulted-add", **body).status_code == 302
    circle.open()
    page = circle.get(circle.partner_person, "consultation").content.decode()
    for words in (
        "236 children",
        "103 parents",
        "259 practitioners",
        "in all 598 people",
        "Association of Head Teachers",
    ):
        assert words in page
    with scope(circle.framework.pk):
        version = Version.objects.get(pk=circle.version.pk)
        text = documents.canonical(version)
        validate(text)
        extras = documents.extras_of(kind="draft", made_at=NOW, status_words="Draft")
        control = protocol_context(text, extras)["control"]["consulted"]
    assert [(entry["name"], entry["date"], len(entry["groups"])) for entry in control] == [
        ("Association of Head Teachers", None, 0), ("Workshops", date(2026, 3, 3), 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "groups", ["children", "children: 236", "-3 parents", "236", "9999999 people", "3 x\n\n\nmany", "3 ☃ people"]
)
def test_bad_groups(circle, groups):
    """HAM-consult: a line without a number and a group is named in the error, and nothing is kept."""
    response = circle.post(circle.drafter, "consulted-add", **WORKSHOPS | {"groups": groups})
    assert "groups" in response.context["form"].errors
    with scope(circle.framework.pk):
        assert not Consulted.objects.exists()


def test_who_was_consulted_is_changed_by_drafters_until_approval(circle):
    """KEN-5.2: changed and removed by drafters only; with the deciding body it stands as it is, and leaves no trace."""
    circle.post(circle.drafter, "consulted-add", **WORKSHOPS)
    with scope(circle.framework.pk):
        row = Consulted.objects.get()
    assert circle.post(circle.drafter, "consulted-edit", row.pk, **WORKSHOPS | {"name": "Fairs"}).status_code == 302
    for person, answer in ((circle.secretary, 403), (circle.partner_person, 403)):
        for name, more in (
            ("consulted", []),
            ("consulted-add", []),
            ("consulted-edit", [row.pk]),
            ("consulted-remove", [row.pk]),
        ):
            assert circle.post(person, name, *more, **WORKSHOPS).status_code == answer
    with scope(circle.framework.pk):
        workflow.submit(Version.objects.get(pk=circle.version.pk), by=None, now=NOW)
        before = AuditEvent.objects.count()
        with pytest.raises(StateError):
            consulting.remove(Consulted.objects.get(), by=None, now=NOW)
    assert circle.post(circle.drafter, "consulted-remove", row.pk).status_code == 409
    assert circle.get(circle.drafter, "consulted-edit", row.pk).status_code == 409
    with scope(circle.framework.pk):
        assert (Consulted.objects.get().name, AuditEvent.objects.count()) == ("Fairs", before)
