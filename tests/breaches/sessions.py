"""A breach brought into each stage of its procedure by the product's own verbs."""

from datetime import timedelta

from breaches import closed, hearing, outcome
from breaches.models import Proposal

CANARY = "Wryneckish"  # in every text of the closed session that the organisation in breach must never see


def called(case, breach=None):
    """The meeting is called; its time has come; officers are named."""
    breach = breach or case.report()
    act = {"by": case.secretary, "now": case.now}
    hearing.call(breach, starts_at=case.now, place="Town hall", **act)
    hearing.name_officers(breach, chair=case.officer, secretary=case.secretary, **act)
    return breach


def presented(case, breach=None, there=None):
    """The organisation in breach has presented; all others are there."""
    breach = called(case, breach)
    there = [case.council, case.police, case.school] if there is None else there
    hearing.present(breach, organisations=[one.pk for one in there], by=case.secretary, now=case.now)
    return breach


def in_session(case, breach=None, there=None):
    """Notes, a proposal that is carried and one that is dismissed, with their votes; every text has the canary."""
    breach = presented(case, breach, there)
    closed.begin(breach, by=case.secretary, now=case.now)
    closed.note(breach, text=f"{CANARY} note", by=case.officer, now=case.now)
    facts = {"organisation": case.trust.pk, "by": case.officer, "now": case.now}
    harsh = closed.propose(breach, kind="exclusion", text=f"{CANARY} exclusion", **facts)
    fair = closed.propose(
        breach, kind="action-plan", text="Train the staff again", owner="Director", due_on=case.now.date() + timedelta(30),
        **facts,
    )  # fmt: skip
    there = there or [case.council, case.police, case.school]
    closed.vote(harsh, {one.pk: "against" for one in there}, by=case.secretary, now=case.now)
    closed.vote(fair, {one.pk: "for" for one in there}, by=case.secretary, now=case.now)
    return breach


def decided(case, breach=None, there=None):
    """Decided, not told yet."""
    breach = in_session(case, breach, there)
    closed.decide(breach, outcome="The staff are trained again.", by=case.secretary, now=case.now)
    return breach


def recalled(case, breach=None):
    """The organisation in breach knows."""
    breach = decided(case, breach)
    facts = {"told_by": "The chair", "told_to": "The director of the trust", "told_at": case.now}
    closed.recall(breach, **facts, by=case.secretary, now=case.now)
    return breach


def minuted(case, breach=None):
    """Minutes are written."""
    breach = recalled(case, breach)
    outcome.write_minutes(
        breach, text="It was agreed that the staff are trained again.", by=case.secretary, now=case.now
    )
    return breach


def circulated(case, breach=None):
    """Minutes are circulated."""
    breach = minuted(case, breach)
    outcome.circulate(breach, by=case.secretary, now=case.now)
    return breach


STAGES = {
    "reported": lambda case: case.report(),
    "presented": presented,
    "in-closed-session": in_session,
    "recalled": recalled,
    "minuted": minuted,
    "circulated": circulated,
}
KINDS = Proposal.Kind
