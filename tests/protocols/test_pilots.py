"""A pilot: period in the draft, evaluation, then roll-out or end by decision (DUD-11)."""

import json
from datetime import date, timedelta

import pytest
from django.urls import reverse

from portal import notices, sweep, tenancy
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline, Decision, Job, OutgoingEmail
from portal.permissions import Role
from protocols import documents, pilots, printing
from protocols.models import Party, Pilot, Publication, Version
from tests.builders import NOW, advance, make_framework, make_member, make_version

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 7, 1), date(2026, 12, 31)


class Case:
    """A pilot with the people who run it, inside the framework's scope."""

    def __init__(self):
        self.framework = make_framework()

    def begin(self):
        """A draft made a pilot by the real verb."""
        self.version = make_version(framework=self.framework)
        lead = self.version.protocol.lead_organisation
        self.drafter = make_member(self.framework, Role.DRAFTER, lead)
        self.secretary = make_member(self.framework, Role.SECRETARY)
        self.party = self.version.parties.exclude(organisation=lead).get().organisation
        self.signer = make_member(self.framework, Role.REPRESENTATIVE, self.party)
        pilots.set_period(self.version, starts_on=FIRST, ends_on=LAST, by=self.drafter, now=NOW)
        return self

    def run(self):
        """In force, by the worker."""
        advance(self.version, "completed")
        Job.objects.filter(kind="protocols.seal").delete()
        sweep.run_jobs({"jobs": 0, "failed": 0}, now=self.version.in_force_from)
        self.version.refresh_from_db()
        assert self.version.status == "in-force"
        return self.version

    def facts(self, **more):
        """A decision of the deciding body."""
        body = self.version.protocol.deciding_body
        return {"board": body, "decided_on": date(2026, 12, 1), "reference": "Minute 9"} | more

    def url(self, name):
        return reverse(name, args=[self.framework.slug, self.version.protocol.reference, self.version.number])

    def trace(self):
        """What a refused act must leave as it was."""
        chain = AuditEvent.objects.filter(chain=self.version.ledger_chain).count()
        pilot = Pilot.objects.get()
        return (
            Version.objects.get(pk=self.version.pk).status,
            pilot.outcome,
            pilot.evaluation,
            chain,
            Decision.objects.count(),
        )

    def verbs(self):
        return list(AuditEvent.objects.filter(chain=self.version.ledger_chain).values_list("verb", flat=True))


@pytest.fixture
def case(time_machine):
    time_machine.move_to(NOW, tick=False)
    made = Case()
    with tenancy.scope(made.framework.pk):
        yield made.begin()


def test_the_period_is_part_of_the_text(case):
    """What is agreed holds the period; the cover prints it; a text that is no pilot has no such member."""
    text = documents.canonical(case.version)
    assert text["version"]["pilot"] == {"from": "2026-07-01", "to": "2026-12-31"}
    extras = documents.extras_of(kind="draft", made_at=NOW, status_words="Draft")
    facts = printing.protocol_context(text, extras)["facts"]
    assert {"name": "Pilot", "value": "1 July 2026 to 31 December 2026"} in facts
    pilots.set_period(case.version, starts_on=None, ends_on=None, by=case.drafter, now=NOW)
    assert "pilot" not in documents.canonical(case.version)["version"]
    assert case.verbs().count("protocols.version:pilot-changed") == 2


def test_the_period_changes_only_in_draft(case):
    """Frozen with the text: refused afterwards, and in the wrong order."""
    with pytest.raises(NotReady):
        pilots.set_period(case.version, starts_on=LAST, ends_on=FIRST, by=case.drafter, now=NOW)
    advance(case.version, "open-for-signature")
    before = case.trace()
    with pytest.raises(StateError):
        pilots.set_period(case.version, starts_on=FIRST, ends_on=date(2030, 1, 1), by=case.drafter, now=NOW)
    assert case.trace() == before
    assert json.loads(case.version.canonical.content())["version"]["pilot"]["to"] == "2026-12-31"


def test_the_lead_is_told_when_the_period_ends(case):
    """DUD-11: the duty runs to the end of the last day and belongs to the lead; the mail goes out the day after, once."""
    version = case.run()
    deadline = Deadline.objects.open().get(rule="pilot.outcome")
    assert deadline.due_at.isoformat() == "2026-12-31T23:59:59+00:00"
    assert (deadline.owner, deadline.subject) == (version.protocol.lead_organisation, version.protocol)
    pilots.begin(version, now=NOW)  # safe to run twice
    assert Deadline.objects.filter(rule="pilot.outcome").count() == 1
    mails = OutgoingEmail.objects.filter(kind="protocols.pilot-ended")
    sweep.run_jobs({"jobs": 0, "failed": 0}, now=deadline.due_at)
    assert not mails.exists()
    for _again in range(2):
        sweep.run_jobs({"jobs": 0, "failed": 0}, now=deadline.due_at + timedelta(seconds=2))
    assert {mail.user for mail in mails.select_related("user")} == {case.drafter, case.secretary}
    text = notices.render(mails.first())
    assert "31 December 2026" in text.body
    assert version.protocol.title not in text.subject + text.body


def test_a_decided_pilot_is_not_reminded_of(case):
    """Decided before its last day: nobody is told that it ends, and a queued mail is not sent."""
    version = case.run()
    pilots.evaluate(version, text="It works.", by=case.drafter, now=NOW)
    pilots.decide(version, outcome="rolled-out", **case.facts(), by=case.secretary, now=NOW)
    sweep.run_jobs({"jobs": 0, "failed": 0}, now=NOW + timedelta(days=365))
    assert not OutgoingEmail.objects.filter(kind="protocols.pilot-ended").exists()


def test_roll_out(case):
    """By recorded decision after an evaluation: the version stays in force, the duty is met, everybody is told."""
    version = case.run()
    pilots.evaluate(version, text="It works.", by=case.drafter, now=NOW)
    made = pilots.decide(version, outcome="rolled-out", **case.facts(), by=case.secretary, now=NOW)
    version.refresh_from_db()
    assert (version.status, made.get_outcome_display(), made.decision.outcome) == ("in-force", "Rolled out", "approved")
    assert Deadline.objects.get(rule="pilot.outcome").met_at == NOW
    assert Party.objects.bound([case.party.pk]).exists()
    assert {"protocols.pilot:evaluated", "protocols.pilot:rolled-out", "portal.deadline:met"} <= set(case.verbs())
    mails = OutgoingEmail.objects.filter(kind="protocols.pilot-decided").select_related("user")
    assert {mail.user for mail in mails} == {case.drafter, case.signer}
    assert "rolled out" in notices.render(mails.first()).body


def test_end(case):
    """By recorded decision and reason: the version is withdrawn, nobody is bound, the duty is met and not dropped."""
    version = case.run()
    pilots.evaluate(version, text="It does not work.", by=case.drafter, now=NOW)
    pilots.decide(version, outcome="ended", reason="Too slow", **case.facts(), by=case.secretary, now=NOW)
    version.refresh_from_db()
    assert (version.status, Pilot.objects.get().outcome) == ("withdrawn", "ended")
    assert not Party.objects.bound([case.party.pk]).exists()
    deadline = Deadline.objects.get(rule="pilot.outcome")
    assert (deadline.met_at, deadline.dropped_at) == (NOW, None)


def test_a_version_that_ends_otherwise_takes_its_pilot_along(case):
    """Withdrawn, superseded or expired before anybody decided: nothing is left to do."""
    version = case.run()
    decision = Decision.objects.record(version, by=None, now=NOW, outcome="withdrawn", **case.facts())
    version.withdraw(by=case.secretary, now=NOW, reason="The service has closed", decision=decision)
    assert Deadline.objects.get(rule="pilot.outcome").dropped_at == NOW
    assert "portal.deadline:dropped" in case.verbs()
    with pytest.raises(StateError):
        pilots.evaluate(version, text="Late", by=case.drafter, now=NOW)


@pytest.mark.parametrize(
    "text, facts, refused",
    [
        ("", {}, "has not been evaluated"),
        ("Good", {"reference": ""}, "reference"),
        ("Good", {"board": None}, "deciding body"),
        ("Good", {"outcome": "ended", "reason": " "}, "why it is ended"),
        ("Good", {"outcome": "later"}, "rolled out or ended"),
    ],
)
def test_a_decision_that_says_too_little(case, text, facts, refused):
    """Refused with the list of what is missing, and without a trace."""
    version = case.run()
    if text:
        pilots.evaluate(version, text=text, by=case.drafter, now=NOW)
    before = case.trace()
    with pytest.raises(NotReady) as error:
        pilots.decide(version, **case.facts(outcome="rolled-out") | facts, by=case.secretary, now=NOW)
    assert refused in str(error.value) + str(getattr(error.value, "missing", ""))
    assert case.trace() == before


def test_before_and_after_its_time(case):
    """Neither evaluated before it is in force nor decided twice, nor where there is no pilot."""
    with pytest.raises(StateError):
        pilots.evaluate(case.version, text="Early", by=case.drafter, now=NOW)
    version = case.run()
    before = case.trace()
    with pytest.raises(NotReady):
        pilots.evaluate(version, text=" ", by=case.drafter, now=NOW)
    assert case.trace() == before
    pilots.evaluate(version, text="Good", by=case.drafter, now=NOW)
    pilots.decide(version, outcome="rolled-out", **case.facts(), by=case.secretary, now=NOW)
    before = case.trace()
    with pytest.raises(StateError):
        pilots.decide(version, outcome="ended", reason="x", **case.facts(), by=case.secretary, now=NOW)
    with pytest.raises(StateError):
        pilots.evaluate(version, text="Other", by=case.drafter, now=NOW)
    assert case.trace() == before
    with pytest.raises(StateError):
        pilots.require_running(make_version(framework=case.framework, status="in-force"))


def test_the_pages(case, client):
    """From the draft to the outcome by links and buttons; every role sees or is refused what it should."""
    client.force_login(case.drafter)
    address = case.url("draft-pilot")
    assert address in client.get(case.url("draft")).content.decode()
    assert "1 July 2026" in client.get(address).content.decode()
    for sent, words in (
        ({"starts_on": "1 July 2026"}, "Enter the last day"),
        ({"ends_on": "1 July 2026"}, "Enter the first day"),
        ({"starts_on": "2 July 2026", "ends_on": "1 July 2026"}, "must be after the first day"),
    ):
        assert words in client.post(address, sent).content.decode()
    assert client.post(address, {"starts_on": "1 July 2026", "ends_on": "30 November 2026"}).status_code == 302
    version = case.run()
    Publication.objects.decide(
        version, by=None, now=NOW, level="summary", summary="What we do.", reason="None", review_on=date(2027, 1, 1)
    )
    home = reverse("protocol", args=[case.framework.slug, version.protocol.reference])
    assert "1 July 2026 to 30 November 2026" in client.get(home).content.decode()
    assert case.url("pilot") in client.get(home).content.decode()
    listed = client.get(reverse("protocols", args=[case.framework.slug])).content.decode()
    assert "Pilot until 30 November 2026" in listed
    for name, args in (("register", []), ("public-protocol", [version.protocol.reference])):
        assert "Until 30 November 2026" in client.get(reverse(name, args=[case.framework.slug, *args])).content.decode()
    assert client.post(case.url("pilot-outcome"), {"outcome": "ended"}).status_code == 403
    assert "Enter the evaluation" in client.post(case.url("pilot-evaluation"), {"text": ""}).content.decode()
    assert client.post(case.url("pilot-evaluation"), {"text": "It **works**."}).status_code == 302
    client.force_login(case.signer)
    page = client.get(case.url("pilot")).content.decode()
    assert "<strong>works</strong>" in page
    assert case.url("pilot-outcome") not in page
    assert client.get(case.url("pilot-evaluation")).status_code == 403
    client.force_login(case.secretary)
    address = case.url("pilot-outcome")
    assert address in client.get(case.url("pilot")).content.decode()
    sent = {"outcome": "ended", "who": "board", "reference": "Minute 9"}
    sent |= {"decided_on_day": "1", "decided_on_month": "6", "decided_on_year": "2026"}
    assert "Enter the reason" in client.post(address, sent).content.decode()
    delegated = client.post(address, sent | {"who": "delegated"}).content.decode()
    assert "Enter the officer who decided" in delegated
    assert client.post(address, sent | {"reason": "Too slow"}).status_code == 302
    assert Version.objects.get(pk=version.pk).status == "withdrawn"
    assert client.post(address, sent | {"reason": "Too slow"}).status_code == 409
    assert "The pilot was ended (Minute 9)" in client.get(home).content.decode()


def test_strangers_and_plain_versions(case, client):
    """404 for strangers and parties of other protocols; a version that is no pilot says so (409)."""
    version = case.run()
    client.force_login(make_member(make_framework(), Role.SECRETARY))
    for name in ("pilot", "pilot-evaluation", "pilot-outcome", "draft-pilot"):
        assert client.get(case.url(name)).status_code == 404
        assert client.post(case.url(name), {"text": "x"}).status_code in {404, 405}
    client.force_login(make_member(case.framework, Role.VIEWER))
    assert client.get(case.url("pilot")).status_code == 404
    Pilot.objects.all().delete()
    client.force_login(case.drafter)
    assert client.get(case.url("pilot")).status_code == 409
    assert version.status == "in-force"
