"""What tests of reviews need: a version in force with its people, and a review brought to any state by the real verbs."""

from datetime import date, timedelta

from portal import sweep
from portal.models import AuditEvent, Deadline, Job
from portal.permissions import Role
from reviews import cycle, plan, workflow
from reviews.models import Review
from tests.builders import NOW, make_framework, make_member, make_version

PDF = b"%PDF-1.7 placeholder of the tests"
FINDING = {"severity": "high", "text": "Nobody uses the form.", "recommendation": "Drop it."}
ROAD = ["open", "in-progress", "completed", "reported", "agreed", "closed"]


class Case:
    """A version in force between a lead and a partner, with a drafter, a secretary and a representative of each."""

    def __init__(self):
        self.framework = make_framework()

    def begin(self, **fields):
        """Inside the framework's scope."""
        self.version = make_version(
            framework=self.framework, status="in-force", effective_on=date(2026, 6, 1), **fields
        )
        self.protocol = self.version.protocol
        self.lead = self.protocol.lead_organisation
        self.partner = self.version.parties.exclude(organisation=self.lead).get().organisation
        self.drafter = make_member(self.framework, Role.DRAFTER, self.lead)
        self.secretary = make_member(self.framework, Role.SECRETARY)
        self.signer = make_member(self.framework, Role.REPRESENTATIVE, self.partner)
        self.viewer = make_member(self.framework, Role.VIEWER, self.partner)
        return self

    @property
    def board(self):
        """The deciding body."""
        return self.protocol.deciding_body

    def run_jobs(self, now):
        """What the worker does at a moment, sealing aside."""
        Job.objects.filter(kind__in=["protocols.seal", "protocols.seal_public"]).delete()
        done = {"jobs": 0, "failed": 0}
        sweep.run_jobs(done, now=now)
        assert not done["failed"]

    def review(self, status="open", *, now=NOW) -> Review:
        """The review of the cycle, brought to a state."""
        deadline = cycle.owed(self.protocol).filter(rule__in=["review.first", "review.annual"]).get()
        return self.advance(cycle.open_for(deadline, now=now), status, now=now)

    def advance(self, review, status, *, now=NOW, **agreed) -> Review:
        """Along the road by its verbs."""
        for step in ROAD[ROAD.index(review.status) + 1 : ROAD.index(status) + 1]:
            getattr(self, step.replace("-", "_"))(review, now, **(agreed if step == "agreed" else {}))
        review.refresh_from_db()
        return review

    def in_progress(self, review, now):
        workflow.name_reviewer(review, organisation=self.lead, user=self.drafter, by=self.drafter, now=now)
        workflow.consent(review, organisation=self.partner, by=self.signer, now=now)
        workflow.start(review, by=self.drafter, now=now)

    def completed(self, review, now):
        workflow.add_finding(review, **FINDING, by=self.drafter, now=now)
        workflow.complete(review, summary="All of it, at a workshop.", by=self.drafter, now=now)

    def reported(self, review, now):
        plan.report(review, PDF, by=self.drafter, now=now)

    def agreed(self, review, now, **facts):
        if not review.actions.exists():
            self.planned(review, now)
        plan.agree(review, **self.decided(**facts), by=self.secretary, now=now)

    def planned(self, review, now):
        """One action of the lead."""
        return plan.plan_action(
            review, text="Drop the form", organisation=self.lead, owner="Director", due_on=now.date() + timedelta(30),
            finding=review.findings.first(), by=self.drafter, now=now,
        )  # fmt: skip

    def closed(self, review, now):
        for action in review.actions.all():
            plan.finish_action(action, note="Dropped.", by=self.drafter, now=now)

    def decided(self, **facts):
        """A decision of the deciding body on the findings."""
        return {
            "outcome": "no-change", "discussion": "The board read the findings.", "board": self.board,
            "decided_on": NOW.date(), "reference": "Minute 12",
        } | facts  # fmt: skip

    def trace(self):
        """What a refused act must leave as it was."""
        chain = AuditEvent.objects.filter(chain=self.version.ledger_chain).count()
        rows = list(Review.objects.order_by("pk").values_list("status", "outcome", "summary"))
        return rows, chain, Deadline.objects.count()

    def verbs(self):
        """What the ledger says."""
        return list(
            AuditEvent.objects.filter(chain=self.version.ledger_chain).order_by("pk").values_list("verb", flat=True)
        )
