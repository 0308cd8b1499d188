"""The page of one review: facts, steps, who takes part, findings, plan; and what the reader may do next."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock
from portal.models import Deadline
from portal.permissions import Perm
from portal.templatetags.dates import contextual_days, longdate, longdatetime
from protocols.protocol_page import link
from reviews import informal, plan, workflow
from reviews.looking_up import place
from reviews.models import Action, Finding, Review

COLOURS = {
    Review.Status.OPEN: "blue",
    Review.Status.IN_PROGRESS: "yellow",
    Review.Status.COMPLETED: "purple",
    Review.Status.REPORTED: "purple",
    Review.Status.AGREED: "teal",
    Review.Status.CLOSED: "green",
    Review.Status.DROPPED: "grey",
}
SEVERITY = {Finding.Severity.LOW: "grey", Finding.Severity.MEDIUM: "yellow", Finding.Severity.HIGH: "red"}
S = Review.Status


def state(review) -> dict:
    """The state of a review as a tag with words."""
    return {"tag": review.get_status_display(), "colour": COLOURS[review.status]}


def due_cell(due_at, *, now, done=False) -> dict:
    """A date with its distance in words; overdue is asked of now (READ-11)."""
    if done or due_at is None:
        return {"value": longdate(due_at) if due_at else "", "empty": _("No date is set")}
    if due_at < now:
        return {"value": longdate(due_at), "tag": _("Overdue"), "colour": "red"}
    return {"value": longdate(due_at), "note": contextual_days(due_at, now)}


def facts(review, *, now) -> list[dict]:
    """The summary list."""
    slug = review.framework.slug
    rows = [
        {
            "key": _("Protocol"),
            "value": f"{review.protocol.title} ({review.protocol.reference}), {review.version.number}",
            "link": link("protocol", slug, review.protocol.reference),
        }
    ]
    if review.reason:
        rows.append({"key": _("Why"), "lines": review.reason.split("\n")})
    if review.deadline:
        done = review.held or review.status == S.DROPPED
        rows.append({"key": _("To be held by")} | due_cell(review.deadline.due_at, now=now, done=done))
    if review.completed_at:
        rows.append({"key": _("Held"), "value": longdate(review.completed_at), "note": str(review.completed_by or "")})
    reporting = Deadline.objects.filter(rule=workflow.FINDINGS, subject_id=review.pk, subject_type__model="review")
    if (deadline := reporting.first()) is not None:
        met = deadline.met_at is not None
        rows.append({"key": _("Report due by")} | due_cell(deadline.due_at, now=now, done=met))
        rows.append({"key": _("How that is counted"), "value": deadline.explanation})
    if review.reported_at:
        rows.append({"key": _("Reported"), "value": longdatetime(review.reported_at)})
    return rows


def decision_rows(review) -> list[dict]:
    """The outcome, and the decision behind it (REV-out)."""
    decision, slug = review.decision, review.framework.slug
    if decision is None:
        return []
    who = str(decision.board or f"{decision.delegated_to}, {decision.delegation_scheme}")
    rows = [
        {"key": _("Outcome"), "value": review.get_outcome_display()},
        {"key": _("Decided by"), "value": who, "note": f"{longdate(decision.decided_on)}, {decision.reference}"},
        {"key": _("What was discussed"), "lines": review.discussion.split("\n")},
    ]
    if review.outcome_reason:
        rows.append({"key": _("Reason"), "lines": review.outcome_reason.split("\n")})
    if review.draft:
        name = _("Version %(name)s") % {"name": review.draft.name}
        href = link("version", slug, review.protocol.reference, review.draft.number)
        rows.append({"key": _("The findings are attached to"), "value": name, "link": href})
    return rows


# --- steps


def steps(request, review, *, can_work) -> list[dict]:
    """The task list: what is done, what is next and for whom, what cannot start yet."""
    status, can = review.status, request.access.can
    order = list(Review.Status)
    reached = order.index(S(status))
    done = {"status": _("Completed")}
    later = {"status": _("Cannot start yet")}
    findings = review.findings.filter(corrects=None).count()
    taking_part = _("Each party names a reviewer, or consents to a review by the others")
    next_up = {"status": _("Next"), "colour": "blue"}
    reported = _("At the next meeting or after a month, whichever is sooner")
    if status == S.COMPLETED and not can(Perm.REVIEW):
        reported = _("A drafter or a board secretary does this")

    def step(title, hint, href, stage, *, until) -> dict:
        row = {"title": title, "hint": hint, "href": ""}
        if status == S.DROPPED:
            return row | {"status": _("No longer needed")}
        if reached >= order.index(until):
            return row | done
        return row | ({"href": href} | next_up if reached == order.index(stage) else later)

    count = ngettext("%(count)d finding", "%(count)d findings", findings) % {"count": findings}
    return [
        step(_("Who takes part"), taking_part, "#taking-part", S.OPEN, until=S.IN_PROGRESS),
        step(
            _("Findings"), count if review.held or can_work else "",
            place(request, "review-complete", review) if can_work else "", S.IN_PROGRESS, until=S.COMPLETED,
        ),
        step(
            _("Report in writing to the parties"), reported,
            place(request, "review-report", review) if can(Perm.REVIEW) else "", S.COMPLETED, until=S.REPORTED,
        ),
        step(
            _("Discussion, implementation plan and outcome"), _("Decided by the deciding body"),
            place(request, "review-decide", review) if can(Perm.DECIDE) else "", S.REPORTED, until=S.AGREED,
        ),
        step(_("Actions"), _("Each with an owner and a date"), "#plan", S.AGREED, until=S.CLOSED),
    ]  # fmt: skip


# --- who takes part


def taking_part(request, review) -> list[list]:
    """Each party with its reviewers or its consent, and what the reader may do about it."""
    reviewers: dict[int, list] = {}
    for one in review.reviewers.select_related("user"):
        reviewers.setdefault(one.organisation_id, []).append(one)
    consents = {one.organisation_id: one for one in review.consents.all()}
    rows = []
    for party in review.parties().select_related("organisation"):
        named, consented = reviewers.get(party.organisation_id, []), consents.get(party.organisation_id)
        cell: dict = {"lines": [f"{one.user.full_name}, {one.user.job_title}" for one in named]}
        if consented:
            cell = {"value": _("Consents to a review by the others"), "note": longdate(consented.given_at)}
        elif not named:
            cell = {"tag": _("Not answered yet"), "colour": "grey"}
        action: dict = {"value": "", "empty": ""}
        own = party.organisation_id in request.access.organisations
        open_to_answers = review.status in workflow.BEFORE_HELD and own
        if open_to_answers and workflow.may_name(request.user, party.organisation, review.framework_id):
            href = place(request, "review-take-part", review, party.organisation_id)
            hidden = _("for %(organisation)s") % {"organisation": party.name}
            action = {"value": _("Answer") if not named else _("Change"), "link": href, "link_hidden": hidden}
        rows.append([party.name, cell, action])
    return rows if any(row[2].get("link") for row in rows) else [row[:2] for row in rows]


# --- findings


def findings(request, review, *, can_work) -> list[dict]:
    """Every finding that the reader may see, with its corrections and what may be done with it."""
    seen = list(Finding.objects.visible_to(request.access).filter(review=review).order_by("pk"))
    corrections: dict[int, list] = {}
    for one in seen:
        if one.corrects_id:
            corrections.setdefault(one.corrects_id, []).append(one)
    found = []
    for number, one in enumerate([one for one in seen if not one.corrects_id], 1):
        name, words = ("finding-edit", _("Change")) if review.status == S.IN_PROGRESS else ("", "")
        if review.held:
            name, words = "finding-correct", _("Add a correction")
        found.append(
            {
                "number": number,
                "about": one.about,
                "severity": one.get_severity_display(),
                "colour": SEVERITY[Finding.Severity(one.severity)],
                "text": one.text,
                "recommendation": one.recommendation,
                "is_informal": one.is_informal,
                "corrections": corrections.get(one.pk, []),
                "href": place(request, name, review, one.pk) if can_work and name else "",
                "action": words,
            }
        )
    return found


# --- the plan


def actions(request, review, *, now) -> list[list]:
    """The implementation plan: overdue actions stand out (HAR-5.5)."""
    rows = []
    seen = Action.objects.visible_to(request.access).filter(review=review)
    for one in seen.select_related("organisation", "done_by"):
        cell: dict = due_cell(clock.end_of_day(one.due_on), now=now, done=one.done_at is not None)
        if one.done_at:
            cell |= {"tag": _("Done"), "colour": "green", "note": longdate(one.done_at)}
        todo: dict = {"value": "", "empty": ""}
        hidden = _("the action “%(text)s”") % {"text": str(one.text)[:80]}
        if review.status in plan.TO_PLAN and request.access.can(Perm.REVIEW):
            href = place(request, "action-edit", review, one.pk)
            todo = {"value": _("Change"), "link": href, "link_hidden": hidden}
        elif review.status == S.AGREED and not one.done_at and may_finish(request.access, one):
            href = place(request, "action-done", review, one.pk)
            todo = {"value": _("Record as done, or move"), "link": href, "link_hidden": hidden}
        what: dict = {"lines": one.text.split("\n"), "note": one.note}
        rows.append([what, {"value": one.organisation.name, "note": one.owner}, cell, todo])
    return rows


def may_finish(access, action) -> bool:
    """Who records that an action is done: whoever holds reviews, and representatives of the organisation that owes it."""
    return access.can(Perm.REVIEW) or access.can_for(Perm.REPRESENT, action.organisation_id)


def page(request, review, *, now) -> dict:
    """Everything that the template shows."""
    can_work = workflow.may_work(review, request.access)
    shows_findings = review.held or can_work or request.access.can(Perm.VIEW_ALL)
    terminate = review.outcome == Review.Outcome.TERMINATE and plan.still_binds(review)
    withdraw = link("version-withdraw", review.framework.slug, review.protocol.reference, review.version.number)
    planning = review.status in plan.TO_PLAN
    parties = taking_part(request, review)
    headers = [_("Party"), _("Reviewer"), _("Your answer")]
    return {
        "review": review,
        "state": state(review),
        "facts": facts(review, now=now),
        "steps": steps(request, review, can_work=can_work),
        "taking_part": parties,
        "taking_part_headers": headers[: len(parties[0])] if parties else headers,
        "single": workflow.single(review) if review.started_at else "",
        "in_the_way": workflow.in_the_way(review) if review.status == S.OPEN else [],
        "start_href": place(request, "review-start", review) if review.status == S.OPEN and can_work else "",
        "shows_findings": shows_findings and review.status != S.OPEN,
        "findings": findings(request, review, can_work=can_work),
        "add_href": place(request, "finding-new", review) if review.status == S.IN_PROGRESS and can_work else "",
        "complete_href": place(request, "review-complete", review)
        if review.status == S.IN_PROGRESS and can_work
        else "",
        "informal": informal.waiting(review.protocol).count()
        if review.status == S.OPEN and request.access.can(Perm.REVIEW)
        else 0,
        "report_href": place(request, "review-report-pdf", review) if review.report else "",
        "report_now_href": place(request, "review-report", review)
        if review.status == S.COMPLETED and request.access.can(Perm.REVIEW)
        else "",
        "decision_rows": decision_rows(review),
        "decide_href": place(request, "review-decide", review)
        if review.status == S.REPORTED and request.access.can(Perm.DECIDE)
        else "",
        "withdraw_href": withdraw if terminate and request.access.can(Perm.DECIDE) else "",
        "draft_href": link("draft", review.framework.slug, review.protocol.reference, review.draft.number)
        if review.draft and review.draft.editable and request.access.can(Perm.DRAFT)
        else "",
        "plan_headers": [_("Action"), _("Who"), _("By"), _("Next")],
        "plan": actions(request, review, now=now),
        "plan_href": place(request, "action-new", review) if planning and request.access.can(Perm.REVIEW) else "",
        "is_planned": review.held,
    }
