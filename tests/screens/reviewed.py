"""Reviews of the protocol in force in every state, for the pictures; by the real verbs."""

from portal.models import Organisation
from reviews import cycle, informal, plan, reporting, triggers, workflow

FINDINGS = (
    ("4.1", "high", "Two of the three partners still send the form by fax. Nobody reads it before the next morning.",
     "Say that the form goes to the shared secure mailbox, and drop the fax number from the schedule."),
    ("", "low", "The list of contacts names three posts that are gone.", ""),
)  # fmt: skip


def make_reviews(version, story, mine) -> dict:
    """Things by name. mine: id of the organisation that the representative speaks for."""
    drafter, secretary, signer = story.who("drafter"), story.who("secretary"), story.who("representative")
    own, now = Organisation.objects.get(pk=mine), story.now
    act = {"by": drafter, "now": now}
    others = [party.organisation for party in version.parties.exclude(organisation=own)]

    def opened(reason):
        return cycle.open_review(version, "triggered", reason=reason, now=now)

    def begun(reason):
        review = opened(reason)
        workflow.name_reviewer(review, organisation=own, user=signer, by=signer, now=now)
        for organisation in others:
            workflow.consent(review, organisation=organisation, by=signer, now=now)
        workflow.start(review, **act)
        return review

    def written(reason):
        review = begun(reason)
        for label, severity, text, more in FINDINGS:
            clause = version.clauses.filter(label=label).first() if label else None
            words = {"severity": severity, "text": text, "recommendation": more}
            workflow.add_finding(review, clause_uid=clause and clause.uid, **words, **act)
        return review

    def settled(reason):
        review = written(reason)
        workflow.complete(review, summary="Eleven practitioners met on two mornings and read 30 requests.", **act)
        line = {"text": "Set up the mailbox and tell the teams", "owner": "Head of Information", "organisation": own}
        plan.plan_action(review, **line, due_on=story.date(40), finding=review.findings.first(), **act)
        return review

    def reported(reason):
        review = settled(reason)
        plan.report(review, reporting.pdf_bytes(review, now=now), **act)
        return review

    def agreed(reason, **facts):
        review = reported(reason)
        plan.agree(
            review, discussion="The board asked why the fax was kept.", board=version.protocol.deciding_body,
            decided_on=story.date(0), reference="Minute 21", by=secretary, now=now, **facts,
        )  # fmt: skip
        return review

    informal.report(version.protocol, text="A school telephones the duty desk.", why="The form is too long.", now=now)
    triggers.record(version.framework, law="commission", what="in-force", on=story.date(90), note="SI 2026/386", **act)
    running = written("The Children Act 2004, which it cites, changes.")
    done, planned = agreed("The parent has a new version.", outcome="no-change"), settled("A partner asked for it.")
    waiting = opened("The Data Protection Act 2018, which it cites, changes on 1 January 2027.")
    made = workflow.name_reviewer(waiting, organisation=own, user=signer, by=signer, now=now)
    return {
        "review_waiting": waiting.pk,
        "reviewer": made.pk,
        "review_running": running.pk,
        "finding": running.findings.filter(is_informal=False).first().pk,
        "review_settled": planned.pk,
        "settled_finding": planned.findings.first().pk,
        "planned_action": planned.actions.get().pk,
        "review_reported": reported("An audit recommended it.").pk,
        "review_agreed": done.pk,
        "agreed_action": done.actions.get().pk,
    }
