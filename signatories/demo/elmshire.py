"""Elmshire, two-tier: protocols that wait, are complete, have ended; a suspended organisation, a party that withdrew."""

from portal import organisations, tenancy
from portal.models import Framework, MemberOrganisation
from protocols import demo_texts
from protocols.models import Protocol
from signatories import workflow as signing
from signatories.demo.rounds import consult, intend
from signatories.demo.story import Story

COUNCIL, TRUST, POLICE, YOUTH, SCHOOLS = (
    "Elmshire County Council",
    "Elmshire Children’s Health Trust",
    "Vale and Moor Police",
    "Elmshire Youth Alliance",
    "Elmshire Schools Trust",
)


def elmshire(story: Story) -> None:
    """The general parameters, and four protocols of the second tier under them."""
    facts, text = demo_texts.framework("elmshire"), demo_texts.load("elmshire_general")
    story.found(
        text, since=-420, preset=Framework.Preset.TWO_TIER, board=facts["board"], members=facts["organisations"]
    )
    with tenancy.scope(story.framework.pk):
        version = story.draft(text, last_draft=-350, effective=-320, sign_by=-330)
        story.approve_and_open(version, approved=-345, opened=-343, minute="Item 6")
        story.sign(version, first=-341, names=[COUNCIL, TRUST, YOUTH, POLICE])
        story.into_force(version)
        story.publish(version, text, offset=-318)
        ended(story, version.protocol)
        under_way(story, version.protocol)
        left(story, version)


def left(story: Story, version) -> None:
    """A party that signed has withdrawn; an organisation that never signed is suspended from the framework."""
    version.parties.get(name=YOUTH).withdraw(
        by=story.representative(YOUTH), now=story.day(-60), reason="It no longer works with single children."
    )
    member = MemberOrganisation.objects.get(framework=story.framework, organisation__name=SCHOOLS)
    organisations.suspend(
        member,
        reason="Its registration with the regulator has lapsed, and it did not answer.",
        by=story.who("framework_admin"),
        now=story.day(-40),
    )


def ended(story: Story, parent: Protocol) -> None:
    """One expired with its winter, one was withdrawn by the deciding body."""
    text = demo_texts.load("elmshire_offending")
    version = story.draft(text, parent=parent, last_draft=-310, effective=-290, sign_by=-295, expires=-180)
    story.approve_and_open(version, approved=-305, opened=-303, minute="IG 1")
    story.sign(version, first=-301)
    story.into_force(version)
    version.expire(now=story.midnight(-179))
    text = demo_texts.load("elmshire_fax")
    version = story.draft(text, parent=parent, last_draft=-280, effective=-260, sign_by=-265)
    story.approve_and_open(version, approved=-275, opened=-273, minute="IG 3")
    story.sign(version, first=-271)
    story.into_force(version)
    signing.withdraw(
        version,
        reason="Nobody has a fax machine any more. The rota stands on the shared secure site.",
        by=story.who("secretary"),
        now=story.day(-100),
        board=version.protocol.deciding_body,
        decided_on=story.date(-101),
        reference="IG 14",
    )


def under_way(story: Story, parent: Protocol) -> None:
    """One waits for its decision, with what the workshops said; one is signed and waits for its first day."""
    text = demo_texts.load("elmshire_need")
    version = story.draft(text, parent=parent, last_draft=-10, effective=80, sign_by=60)
    consult(story, version, text, opened=-10, closes=-4)
    intend(story, version, text, offset=-5)
    story.submit_after_round(version, offset=-3)
    text = demo_texts.load("elmshire_missing")
    version = story.draft(text, parent=parent, last_draft=-30, effective=21, sign_by=14)
    story.approve_and_open(version, approved=-20, opened=-18, minute="IG 21")
    story.sign(version, first=-15, names=[COUNCIL, TRUST])
