"""Reviews of a tenant of tests.world in every state, each text with its canary; ids by what an address can name."""

from datetime import date

from reviews import cycle, informal, plan, triggers, workflow
from reviews.models import LawChange
from tests.builders import NOW

PDF = b"%PDF-1.7 placeholder of the tests"


def make_reviews(tenant) -> dict[str, int]:
    """Reviews of the version in force: the partner's representative takes part in two, the lead alone in the others."""
    drafter, signer = tenant.people["drafter"], tenant.people["representative"]
    canary, secretary = tenant.canary, tenant.people["secretary"]
    finding = {"severity": "high", "text": f"{canary} finding", "recommendation": f"{canary} recommendation"}
    line = {
        "text": f"{canary} action",
        "owner": f"{canary} director",
        "organisation": tenant.lead,
        "due_on": date(2026, 9, 1),
    }
    act = {"by": drafter, "now": NOW}

    def opened():
        return cycle.open_review(tenant.in_force, "triggered", reason=f"{canary} reason", now=NOW)

    def begun(*, jointly=False):
        review = opened()
        workflow.name_reviewer(review, organisation=tenant.lead, user=drafter, **act)
        if jointly:
            workflow.name_reviewer(review, organisation=tenant.partner, user=signer, by=signer, now=NOW)
        else:
            workflow.consent(review, organisation=tenant.partner, by=signer, now=NOW)
        workflow.start(review, **act)
        return review

    def held():
        review = begun()
        workflow.add_finding(review, **finding, **act)
        workflow.complete(review, summary=f"{canary} summary", **act)
        return review

    def reported():
        review = held()
        action = plan.plan_action(review, **line, **act)
        plan.report(review, PDF, **act)
        return review, action

    waiting, running, settled = opened(), begun(jointly=True), held()
    reviewer = workflow.name_reviewer(waiting, organisation=tenant.partner, user=signer, by=signer, now=NOW)
    on_desk, _planned = reported()
    agreed, action = reported()
    plan.agree(
        agreed, outcome="no-change", discussion=f"{canary} discussion", board=tenant.in_force.protocol.deciding_body,
        decided_on=NOW.date(), reference=f"{canary} minute", by=secretary, now=NOW,
    )  # fmt: skip
    informal.report(tenant.in_force.protocol, text=f"{canary} informal", why=f"{canary} why", by=None, now=NOW)
    facts = {"law": "dpa-1998", "what": "repealed", "on": date(2018, 5, 25), "note": f"{canary} note"}
    triggers.record(tenant.framework, **facts, by=tenant.people["framework_admin"], now=NOW)
    assert LawChange.objects.exists()
    return {
        "review-waiting": waiting.pk,
        "reviewer": reviewer.pk,
        "review-running": running.pk,
        "finding": workflow.add_finding(running, **finding, **act).pk,
        "review-settled": settled.pk,
        "settled-finding": settled.findings.get().pk,
        "planned-action": plan.plan_action(settled, **line, **act).pk,
        "review-reported": on_desk.pk,
        "review-agreed": agreed.pk,
        "agreed-action": action.pk,
    }
