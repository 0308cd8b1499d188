"""Chapters of the demonstration: reviews due, overdue, done and in each stage, by the product's own verbs (portal.demo).

Only invented organisations are late. Dates are relative to the day of loading.
"""

from datetime import time

from portal import meetings, tenancy
from portal.demo import chapter
from portal.jobs import JOBS
from portal.models import Job, Organisation
from protocols.models import Version
from reviews import cycle, informal, plan, reporting, triggers, workflow
from reviews.models import Review

KINDS = (cycle.PREPARE, triggers.LAWS, triggers.RECORDED)
COUNCIL, POLICE, TRUST = "Anyshire County Council", "Anyshire Police", "Anyshire Community Health Trust"


@chapter("haringey")
def haringey(story) -> None:
    """Only what the worker does by itself: nothing here is late, and nothing is invented about real bodies."""
    with tenancy.scope(story.framework.pk):
        catch_up(story)


@chapter("anyshire")
def anyshire(story) -> None:
    """Overdue for its first review; in progress; one decided with an action that is late, one closed, reported, settled."""
    with tenancy.scope(story.framework.pk):
        catch_up(story)
        pilot = running(story, "AISB-T3-001") or asked(
            story, version_of("AISB-T3-001"), "The districts of the pilot asked for it.", -12
        )
        hold(story, pilot, begun=-9, findings=[
            ("2", "high", "The duty desk is not staffed on Sundays. Three calls waited until Monday.",
             "Name a desk that answers on Sundays."),
            ("", "low", "The list of contacts names a post that is gone.", "Take the post off the list."),
        ])  # fmt: skip
        informal.report(
            version_of("AISB-T2-001").protocol,
            text="A housing officer telephones the police station directly.", why="The form takes two days.",
            by=None, now=story.day(-30),
        )  # fmt: skip
        upper = version_of("AISB-T1-001")
        decided(story, upper)
        closed(story, upper)
        reported(story, upper)


@chapter("elmshire")
def elmshire(story) -> None:
    """Held early, its findings settled. The board called a meeting since: the report is due at it, sooner than the month that
    it had, and the page keeps both dates (READ-6)."""
    with tenancy.scope(story.framework.pk):
        catch_up(story)
        review = running(story, "EIS-1-001") or asked(story, version_of("EIS-1-001"), "Two partners asked for it.", -15)
        hold(story, review, begun=-12, findings=[("", "medium", "Training records are kept in three places.", "")])
        settle(story, review, offset=-6)
        board = review.protocol.deciding_body
        assert board is not None
        meetings.plan(
            board, starts_at=story.day(12, time(10, 0)), place="Elm House, council chamber", by=story.who("secretary"),
            now=story.day(-3),
        )  # fmt: skip


@chapter("millborough")
def millborough(story) -> None:
    """What the worker opens by itself."""
    with tenancy.scope(story.framework.pk):
        catch_up(story)


def catch_up(story) -> None:
    """What the worker did before today: reviews opened three months before their date, changes of law looked at."""
    while (job := Job.objects.filter(kind__in=KINDS, done_at=None, run_at__lte=story.now).order_by("run_at", "pk").first()) is not None:  # fmt: skip
        JOBS[job.kind](job, job.run_at)
        job.mark_done(now=job.run_at)


def version_of(reference) -> Version:
    """The version in force of a protocol."""
    return Version.objects.select_related("protocol", "framework").get(protocol__reference=reference, status="in-force")


def running(story, reference) -> Review | None:
    """The review of the cycle that is to be prepared, if its time has come."""
    waiting = Review.objects.filter(protocol__reference=reference, status=Review.Status.OPEN, deadline__isnull=False)
    return waiting.select_related("protocol", "version__protocol", "framework", "deadline").first()


def asked(story, version, reason, offset) -> Review:
    """A review that was asked for."""
    return cycle.open_review(version, Review.Kind.TRIGGERED, reason=reason, now=story.day(offset))


def hold(story, review, *, begun, findings) -> None:
    """The lead reviews with the consent of the others; its findings are written. findings: clause, severity, words."""
    act = {"by": story.who("drafter"), "now": story.day(begun)}
    lead = review.protocol.lead_organisation
    officer = story.representative(lead.name)
    workflow.name_reviewer(review, organisation=lead, user=officer, by=officer, now=story.day(begun))
    for party in review.parties().exclude(organisation=lead).select_related("organisation"):
        signer = story.representative(party.organisation.name)
        workflow.consent(review, organisation=party.organisation, by=signer, now=story.day(begun))
    workflow.start(review, **act)
    for label, severity, text, recommendation in findings:
        clause = review.version.clauses.filter(label=label).first() if label else None
        words = {"severity": severity, "text": text, "recommendation": recommendation}
        workflow.add_finding(review, clause_uid=clause and clause.uid, **words, **act)


def settle(story, review, *, offset) -> None:
    """The findings are settled."""
    words = "Eleven practitioners met on two mornings, and 30 requests were read."
    workflow.complete(review, summary=words, by=story.who("drafter"), now=story.day(offset))


def report(story, review, *, offset) -> None:
    """The findings are reported to the parties."""
    now = story.day(offset)
    plan.report(review, reporting.pdf_bytes(review, now=now), by=story.who("drafter"), now=now)


def action(story, review, text, name, owner, *, due, offset) -> None:
    """A line of the plan."""
    facts = {"text": text, "organisation": Organisation.objects.get(name=name), "owner": owner}
    plan.plan_action(
        review, **facts, due_on=story.date(due), finding=None, by=story.who("drafter"), now=story.day(offset)
    )


def agree(story, review, *, offset, minute) -> None:
    """The board discussed and decided: no change, and the plan."""
    plan.agree(
        review, outcome="no-change", discussion="The board read the findings, and asked who watches the mailbox.",
        board=review.protocol.deciding_body, decided_on=story.date(offset), reference=minute,
        by=story.who("secretary"), now=story.day(offset),
    )  # fmt: skip


def decided(story, version) -> None:
    """Agreed, with an action done and one that is late."""
    review = asked(story, version, "The police asked for it after a change of their systems.", -34)
    hold(
        story,
        review,
        begun=-33,
        findings=[("", "high", "Two partners still send the form by fax.", "Use secure mail.")],
    )
    settle(story, review, offset=-30)
    report(story, review, offset=-28)
    action(story, review, "Set up a shared secure mailbox", COUNCIL, "Head of Information", due=-5, offset=-27)
    action(story, review, "Take the fax number off every form", POLICE, "Records Adviser", due=-12, offset=-27)
    agree(story, review, offset=-24, minute="Minute 19")
    done = review.actions.get(organisation__name=POLICE)
    plan.finish_action(done, note="Done on all 14 forms.", by=story.representative(POLICE), now=story.day(-14))


def closed(story, version) -> None:
    """Everything is done."""
    review = asked(story, version, "A partner asked whether the list of contacts is right.", -38)
    hold(
        story,
        review,
        begun=-37,
        findings=[("", "low", "Two names on the list of contacts are old.", "Put them right.")],
    )
    settle(story, review, offset=-36)
    report(story, review, offset=-35)
    agree(story, review, offset=-24, minute="Minute 18")


def reported(story, version) -> None:
    """Waits for the board."""
    review = asked(story, version, "The trust asked for it.", -14)
    hold(story, review, begun=-13, findings=[("", "medium", "Nobody knows who answers on bank holidays.", "")])
    settle(story, review, offset=-10)
    report(story, review, offset=-8)
    action(story, review, "Agree a rota for bank holidays", TRUST, "Medical Director", due=60, offset=-7)
