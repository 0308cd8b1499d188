"""Anyshire, three-tier: partnerships with boards of their own, a pilot, a second edition, an overdue review."""

from portal import tenancy
from portal.models import Framework
from protocols import demo_texts, pilots
from protocols.models import Protocol
from signatories import workflow as signing
from signatories.demo.rounds import consult, intend, next_edition
from signatories.demo.story import Story

COUNCIL, POLICE, TRUST, REFUGE = (
    "Anyshire County Council",
    "Anyshire Police",
    "Anyshire Community Health Trust",
    "Anyshire Refuge Network",
)


def anyshire(story: Story) -> None:
    """Everything that happened; the second edition of the upper protocol comes last, for it ends the first."""
    facts, text = demo_texts.framework("anyshire"), demo_texts.load("anyshire_overarching")
    story.found(
        text,
        since=-400,
        preset=Framework.Preset.THREE_TIER,
        board=facts["board"],
        members=facts["organisations"],
    )
    with tenancy.scope(story.framework.pk):
        version = story.draft(text, last_draft=-350, effective=-320, sign_by=-325)
        story.approve_and_open(version, approved=-340, opened=-338, minute="Minute 4")
        story.sign(version, first=-335)
        story.into_force(version)
        story.publish(version, text, offset=-318)
        safer_communities(story, version.protocol)
        adult_services(story, version.protocol)
        people_at_risk(story)
        second_edition(story, version, text)


def safer_communities(story: Story, parent: Protocol) -> None:
    """A tier 2 protocol that is overdue for review, and under it a pilot that is kept from the public."""
    owner = story.partnership(
        "Safer Communities Partnership", [COUNCIL, POLICE, REFUGE], board="Safer Communities Board", since=-300
    )
    text = demo_texts.load("anyshire_safer")
    version = story.draft(text, parent=parent, partnership=owner, last_draft=-250, effective=-205, sign_by=-210)
    story.approve_and_open(version, approved=-235, opened=-233, minute="Minute 9")
    story.sign(version, first=-230)
    story.into_force(version)
    story.publish(version, text, offset=-200)
    text = demo_texts.load("anyshire_domestic")
    pilot = story.draft(text, parent=version.protocol, last_draft=-120, effective=-90, sign_by=-95)
    story.pilot(pilot, since=-118, first=-90, last=12)
    story.approve_and_open(pilot, approved=-110, opened=-108, minute="IG 2")
    story.sign(pilot, first=-105)
    story.into_force(pilot)
    story.publish(pilot, text, offset=-89)
    pilots.evaluate(
        pilot,
        text="Two districts, eleven weeks, 38 cases. The duty desk answered within the hour in 35 of them.",
        by=story.who("drafter"),
        now=story.day(-8),
    )


def adult_services(story: Story, parent: Protocol) -> None:
    """In consultation: comments with and without a response, and a closing date to come."""
    owner = story.partnership(
        "Adult Services Partnership", [COUNCIL, TRUST, POLICE], board="Adult Services Board", since=-300
    )
    text = demo_texts.load("anyshire_adults")
    version = story.draft(text, parent=parent, partnership=owner, last_draft=-6, effective=90, sign_by=70)
    consult(story, version, text, opened=-6, closes=text["consultation"]["closes_in"])
    intend(story, version, text, offset=-2)


def people_at_risk(story: Story) -> None:
    """Open for signature under a parent outside the portal: one has signed, one declined, one is waited for."""
    text = demo_texts.load("anyshire")
    version = story.draft(text, last_draft=-30, effective=30, sign_by=20)
    story.approve_and_open(version, approved=-12, opened=-10, minute="Minute 11")
    story.sign(version, first=-8, how_many=1)
    signing.decline(
        version.parties.get(name=TRUST),
        reason="Our information governance committee has not met yet. Please ask us again in a month.",
        by=story.representative(TRUST),
        now=story.day(-5),
    )


def second_edition(story: Story, first, text: dict) -> None:
    """It supersedes the first; one party has not signed it."""
    version = next_edition(story, first, text, begun=-75, effective=-40, sign_by=-45)
    story.approve_and_open(version, approved=-70, opened=-68, minute="Minute 17")
    story.sign(version, first=-65, names=[COUNCIL, POLICE, TRUST])
    story.into_force(version)
    story.publish(version, text, offset=-39)
