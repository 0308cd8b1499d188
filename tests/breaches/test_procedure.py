"""The whole procedure from the call of the meeting to closure: what each step needs and does (HAR-6.3 to HAR-6.6)."""

from datetime import timedelta

import pytest
from django.db import transaction

from breaches import closed, hearing, outcome
from breaches.clocks import clocks_of, headline
from breaches.models import Breach, ClosedSession, Proposal, Recall, Sanction
from portal import clock, tenancy, todo
from portal.errors import NotReady, StateError
from portal.models import AgendaItem, AuditEvent, Deadline, Meeting, OutgoingEmail
from portal.permissions import Role
from tests.breaches import sessions
from tests.breaches.cases import boxes
from tests.breaches.test_views import client_of
from tests.builders import join, make_member

pytestmark = pytest.mark.django_db

STEPS = {
    "present": lambda case, breach: hearing.present(
        breach, organisations=[case.police.pk], by=case.secretary, now=case.now
    ),
    "begin": lambda case, breach: closed.begin(breach, by=case.secretary, now=case.now),
    "note": lambda case, breach: closed.note(breach, text="x", by=case.secretary, now=case.now),
    "decide": lambda case, breach: closed.decide(breach, outcome="x", by=case.secretary, now=case.now),
    "end": lambda case, breach: closed.end(breach, by=case.secretary, now=case.now),
    "recall": lambda case, breach: closed.recall(
        breach, told_by="a", told_to="b", told_at=case.now, by=case.secretary, now=case.now
    ),
    "minutes": lambda case, breach: outcome.write_minutes(breach, text="x", by=case.secretary, now=case.now),
    "circulate": lambda case, breach: outcome.circulate(breach, by=case.secretary, now=case.now),
    "close": lambda case, breach: outcome.close(breach, lessons="x", by=case.secretary, now=case.now),
}
ALLOWED = {
    "reported": set(),  # the meeting is not called: "present" is refused for that
    "presented": {"begin"},
    "in-closed-session": {"note", "decide", "end"},
    "recalled": {"minutes"},
    "minuted": {"circulate"},
    "circulated": {"close"},  # refused for what is still open
}


@pytest.mark.parametrize("stage", list(sessions.STAGES))
def test_every_other_state_refuses(case, stage):
    """For every step, every other state refuses and leaves no trace."""
    breach = sessions.STAGES[stage](case)
    for step, run in STEPS.items():
        if step in ALLOWED[stage] and step != "close":
            continue
        before = traces(breach)
        with pytest.raises(StateError), transaction.atomic():
            run(case, Breach.objects.get(pk=breach.pk))
        assert traces(breach) == before, step


def traces(breach):
    """What a refused step must leave as it was."""
    return (Breach.objects.get(pk=breach.pk).status, AuditEvent.objects.count(), OutgoingEmail.objects.count())


def test_meeting_is_called_and_moved(case):
    """HAR-6.3: a meeting of the parties of the protocol; called again it is moved; everybody is told each time."""
    breach = case.report()
    act = {"by": case.secretary, "now": case.now}
    first = hearing.call(breach, starts_at=case.now + timedelta(days=3), place="Hall", **act)
    second = hearing.call(breach, starts_at=case.now + timedelta(days=4), place="Hall", **act)
    assert first == second and Meeting.objects.filter(board=first.meeting.board).count() == 1
    assert first.meeting.board.subject == case.protocol
    due = Deadline.objects.get(
        rule="breach.meeting"
    ).due_at  # the item says by when it is to be held, not when it was reported
    assert AgendaItem.objects.get(meeting=first.meeting).due_at == due
    assert OutgoingEmail.objects.filter(kind="breaches.meeting-called", user=case.guilty).count() == 2
    with pytest.raises(StateError):  # it has not begun
        hearing.present(breach, organisations=[case.police.pk], **act)


def test_meeting_deadline_is_met_by_the_meeting(case):
    """HAR-6.3: met at the moment of the meeting; the organisation in breach is not among those that count."""
    breach = sessions.presented(case, there=[case.police, case.trust, case.school])
    row = next(one for one in clocks_of(breach, now=case.now) if one.deadline.rule == "breach.meeting")
    assert row.state == "met"
    assert (
        "Circulate the minutes with action" in client_of(case.officer).get(breach.get_absolute_url()).content.decode()
    )
    assert "circulate the minutes with action" in headline(clocks_of(breach, now=case.now))  # not "every duty is done"
    held = hearing.of(breach)
    assert set(held.present) == {case.police.pk, case.school.pk}
    quorum = hearing.quorum_of(breach, held)
    assert (quorum.remaining, quorum.present, quorum.needed, quorum.majority) == (3, 2, 2, 2)
    assert hearing.words_of(quorum) == "2 of 3 parties are there, 2 are needed"
    assert hearing.words_of(hearing.Quorum(2, 2, 1, 2)) == "2 of 2 parties are there, 1 is needed"


def test_not_quorate_nothing_is_decided(case):
    """HAR-6.3: one of three remaining is there: no decision can be recorded; the session ends, another meeting is called."""
    breach = sessions.in_session(case, there=[case.council])
    with pytest.raises(NotReady):
        closed.decide(breach, outcome="x", by=case.secretary, now=case.now)
    closed.end(breach, by=case.secretary, now=case.now)
    assert Breach.objects.get(pk=breach.pk).status == "reported"
    again = hearing.call(breach, starts_at=case.now, place="Hall", by=case.secretary, now=case.now)
    assert again.chair == case.officer
    hearing.present(breach, organisations=[case.council.pk, case.school.pk], by=case.secretary, now=case.now)
    closed.begin(breach, by=case.secretary, now=case.now)
    with tenancy.scope(case.framework.pk, user_id=case.secretary.pk):
        earlier = Proposal.objects.visible_to(case.access(case.secretary)).first()
    with pytest.raises(NotReady):  # it was made in the session that ended
        closed.vote(earlier, {case.council.pk: "for"}, by=case.secretary, now=case.now)
    closed.decide(breach, outcome="No sanction.", by=case.secretary, now=case.now)


def test_majority_of_those_present(case):
    """HAR-6.3: two of three carry; a tie of those present does not; who is in breach or away has no vote."""
    breach = sessions.presented(case)
    act = {"by": case.secretary, "now": case.now}
    closed.begin(breach, **act)
    facts = {"organisation": case.trust.pk, "kind": "warning", **act}
    carried, lost = closed.propose(breach, text="a", **facts), closed.propose(breach, text="b", **facts)
    closed.vote(carried, {case.police.pk: "for", case.school.pk: "for", case.council.pk: "against"}, **act)
    closed.vote(lost, {case.police.pk: "for", case.school.pk: "abstained", case.council.pk: "against"}, **act)
    with pytest.raises(NotReady):
        closed.vote(lost, {case.trust.pk: "for"}, **act)
    closed.decide(breach, outcome="A warning.", **act)
    with tenancy.scope(case.framework.pk, user_id=case.secretary.pk):
        found = Proposal.objects.visible_to(case.access(case.secretary)).values_list("text", "result")
        assert dict(found) == {"a": "carried", "b": "dismissed"}


def test_partial_officers_are_substituted(case):
    """HAR-6.4: nobody of the organisation in breach chairs or keeps the record, whatever other role they hold; one who
    joins it afterwards must be substituted before the session is closed."""
    partial = make_member(case.framework, Role.SECRETARY, case.trust)
    breach = case.report()
    act = {"by": case.secretary, "now": case.now}
    hearing.call(breach, starts_at=case.now, place="Hall", **act)
    with pytest.raises(NotReady):
        hearing.name_officers(breach, chair=case.officer, secretary=partial, **act)
    hearing.present(breach, organisations=[case.police.pk, case.council.pk], **act)
    with pytest.raises(NotReady):
        closed.begin(breach, **act)
    hearing.name_officers(breach, chair=case.officer, secretary=case.secretary, **act)
    join(case.officer, case.framework, case.trust)
    with pytest.raises(NotReady):
        closed.begin(breach, **act)


def test_recall_opens_the_outcome_and_nothing_else(case):
    """HAR-6.5: logged with who told whom when; from then the outcome and what was carried are there for the organisation
    in breach; a dismissed proposal, notes and votes never are (HAR-6.4)."""
    breach = sessions.decided(case)
    url = f"/{case.framework.slug}/breaches/{breach.number}/"
    client = client_of(case.guilty)
    assert "trained again" not in client.get(url).content.decode()
    assert not Sanction.objects.exists() and not Recall.objects.exists()
    assert (
        client_of(case.teacher).get(f"{url}session/").status_code == 404
    )  # reads for a party, and does not act for it
    with tenancy.scope(case.framework.pk, user_id=case.teacher.pk):
        assert not ClosedSession.objects.visible_to(case.access(case.teacher)).exists()
    facts = {"told_by": "The chair", "told_to": "Their director", "told_at": case.now}
    closed.recall(breach, **facts, by=case.secretary, now=case.now)
    text = client.get(url).content.decode()
    assert "The staff are trained again." in text and "Train the staff again" in text and "The chair" in text
    assert sessions.CANARY not in text and "xclusion" not in text
    assert client.get(f"{url}session/").status_code == 404
    assert [one.kind for one in Sanction.objects.all()] == ["action-plan"]
    for name in ("Outcome", "Sanctions"):
        assert name in client_of(case.officer).get(url).content.decode()


@pytest.mark.parametrize(
    ("kind", "status"), [("suspension", "suspended"), ("exclusion", "excluded"), ("warning", "signed")]
)
def test_sanctions_change_the_standing_at_the_recall(case, kind, status):
    """HAR-6.6: suspension and exclusion change the party's standing, not before the recall."""
    breach = sessions.presented(case)
    act = {"by": case.secretary, "now": case.now}
    closed.begin(breach, **act)
    one = closed.propose(breach, organisation=case.trust.pk, kind=kind, text="x", **act)
    closed.vote(one, {case.police.pk: "for", case.school.pk: "for", case.council.pk: "for"}, **act)
    closed.decide(breach, outcome="Decided.", **act)
    party = case.version.parties.get(organisation=case.trust)
    assert party.status == "signed"
    closed.recall(breach, told_by="a", told_to="b", told_at=case.now, **act)
    party.refresh_from_db()
    assert party.status == status


def test_an_action_needs_owner_and_date(case):
    """HAR-6.6, and only an organisation in breach is sanctioned."""
    breach = sessions.in_session(case)
    act = {"by": case.secretary, "now": case.now, "text": "x"}
    with pytest.raises(NotReady):
        closed.propose(breach, organisation=case.trust.pk, kind="action-plan", **act)
    with pytest.raises(NotReady):
        closed.propose(breach, organisation=case.police.pk, kind="warning", **act)


def test_a_step_that_says_too_little_is_refused(case):
    """HAR-6.3 to HAR-6.6: at each step, what must be said or done before it; then the same step goes."""
    breach = case.report()
    act = {"by": case.secretary, "now": case.now}
    officers = {"chair": case.officer, "secretary": case.secretary}

    def refused(verb, *args, error=NotReady, **facts):
        with pytest.raises(error), transaction.atomic():
            verb(*args, **facts, **act)
        breach.refresh_from_db()

    refused(hearing.name_officers, breach, error=StateError, **officers)  # the meeting is not called
    held = hearing.call(breach, starts_at=case.now, place="Hall", **act)
    refused(hearing.present, breach, organisations=[case.trust.pk])  # nobody who counts is there
    hearing.present(breach, organisations=[case.police.pk, case.council.pk], **act)
    with transaction.atomic():
        type(held).objects.filter(pk=held.pk).delete()
        refused(closed.begin, breach)
        transaction.set_rollback(True)
    for half in ({"chair": case.officer}, {"secretary": case.secretary}):
        type(held).objects.filter(pk=held.pk).update(**{"chair": None, "secretary": None} | half)
        refused(closed.begin, breach)
    hearing.name_officers(breach, **officers, **act)
    closed.begin(breach, **act)
    refused(closed.note, breach, text=" ")
    facts = {"organisation": case.trust.pk, "text": "x"}
    for half in ({"owner": "Director"}, {"due_on": case.now.date()}):
        refused(closed.propose, breach, kind="action-plan", **facts, **half)
    one = closed.propose(breach, kind="warning", **facts, **act)
    refused(closed.vote, one, {case.school.pk: "for"})  # is not there
    closed.vote(one, {case.police.pk: "for", case.council.pk: "for"}, **act)
    refused(closed.decide, breach, outcome=" ")
    closed.decide(breach, outcome="A warning.", **act)
    refused(closed.propose, breach, kind="warning", error=StateError, **facts)
    refused(closed.vote, one, {case.police.pk: "against"}, error=StateError)
    refused(closed.end, breach, error=StateError)
    told = {"told_by": "The chair", "told_to": "Their director", "told_at": case.now}
    minute = timedelta(minutes=1)
    for wrong in ({"told_by": " "}, {"told_to": " "}, {"told_at": case.now + minute}, {"told_at": case.now - minute}):
        refused(closed.recall, breach, **told | wrong)
    closed.recall(breach, **told, **act)
    refused(hearing.name_officers, breach, error=StateError, **officers)
    refused(outcome.done, Sanction.objects.get(), note="Done.", error=StateError)  # a warning is no action
    refused(outcome.write_minutes, breach, text=" ")


def test_told_after_it_was_decided(case):
    """HAR-6.5: the time is needed and after the decision; a refusal comes back on the form with what was typed."""
    breach = sessions.decided(case)
    client, url = client_of(case.secretary), f"/{case.framework.slug}/breaches/{breach.number}/session/recall/"
    typed = {"told_by": "The chair", "told_to": "Their director"} | boxes("on", case.now.date())
    before = (case.now - timedelta(minutes=1)).astimezone(clock.LONDON)
    for time, words in (("", "Enter the time"), (f"{before:%H:%M}", "It was decided on")):
        text = client.post(url, typed | {"time": time}).content.decode()
        assert words in text and 'value="Their director"' in text
    assert client.post(url, typed | {"time": f"{case.now.astimezone(clock.LONDON):%H:%M}"}).status_code == 302


def test_officers_have_it_on_their_home(case):
    """HAR-6.4: who chairs or keeps the record sees what is next, up to the circulation; not once they belong to the
    organisation in breach; whether the session has decided is not said."""
    breach = sessions.presented(case)
    title = lambda user: [(one.title, one.note) for one in todo.items(user) if "on breach BR-001" in one.title]  # noqa: E731
    assert title(case.officer) == [("Close the session on breach BR-001", "You chair it")]
    assert title(case.secretary) == [("Close the session on breach BR-001", "You keep its record")]
    act = {"by": case.secretary, "now": case.now}
    closed.begin(breach, **act)
    before = title(case.officer)
    assert before == [("Closed session on breach BR-001", "You chair it")]
    assert "Closed session on breach BR-001" in client_of(case.officer).get("/me/").content.decode()
    with transaction.atomic():
        join(case.officer, case.framework, case.trust)
        assert title(case.officer) == []
        transaction.set_rollback(True)
    closed.decide(breach, outcome="No sanction.", **act)
    assert title(case.officer) == before
    closed.recall(breach, told_by="a", told_to="b", told_at=case.now, **act)
    assert title(case.officer) == [("Write the minutes on breach BR-001", "You chair it")]
    assert title(case.secretary) == []  # has the duty of the board's records
    outcome.write_minutes(breach, text="x", **act)
    assert title(case.officer) == [("Circulate the minutes on breach BR-001", "You chair it")]
    outcome.circulate(breach, **act)
    assert title(case.officer) == title(case.teacher) == []


def test_forms_of_the_session_say_what_is_missing(case):
    """HAR-6.3, HAR-6.6: votes by the name of who did not vote; what an action plan needs is not called optional; and what
    the verb refuses comes back on the form."""
    breach = sessions.in_session(case, there=[case.council])
    client, url = client_of(case.secretary), f"/{case.framework.slug}/breaches/{breach.number}/session/"
    text = client.post(f"{url}proposals/{first_proposal(case)}/votes/", {"x": "1"}).content.decode()
    assert "Select how Council voted" in text and "This field is required" not in text
    text = client.get(f"{url}propose/").content.decode()
    assert "Who does it?" in text and "(optional)" not in text
    answer = client.post(f"{url}decide/", {"outcome": "A warning."})
    assert answer.status_code == 409 and "not quorate" in answer.content.decode()
    assert "A warning." in answer.content.decode() and "error-summary" in answer.content.decode()


def first_proposal(case) -> int:
    """Its number."""
    with tenancy.scope(case.framework.pk, user_id=case.secretary.pk):
        return Proposal.objects.visible_to(case.access(case.secretary)).first().pk


def test_open_ledger_says_nothing_of_the_session(case):
    """HAR-6.4: the breach's own chain has no act of the closed session; the closed one is left out for the excluded."""
    breach = sessions.decided(case)
    verbs = set(AuditEvent.objects.filter(chain=breach.ledger_chain).values_list("verb", flat=True))
    assert not [verb for verb in verbs if "session:" in verb or "decided" in verb]
    text = client_of(case.auditor).get(f"/{case.framework.slug}/ledger/").content.decode()
    assert "The closed session decided" in text
    own = make_member(case.framework, Role.AUDITOR, case.trust)
    assert "The closed session" not in client_of(own).get(f"/{case.framework.slug}/ledger/").content.decode()
