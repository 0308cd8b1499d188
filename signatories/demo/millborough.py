"""Millborough, protocol, policy, data exchange agreement: policies that are adopted, a pilot, a delegated signature."""

from portal import tenancy
from portal.models import Framework
from protocols import demo_texts, pilots
from protocols.models import Protocol
from signatories import workflow as signing
from signatories.delegation import delegable
from signatories.demo.story import Story

COUNCIL, TRUST, POLICE = "Millborough Metropolitan Council", "Millborough Hospitals Trust", "Vale and Moor Police"
DELEGATE = "jonah.pellwright@example.org"


def millborough(story: Story) -> None:
    """The protocol, a policy of each of two organisations, and three agreements."""
    facts, text = demo_texts.framework("millborough"), demo_texts.load("millborough_protocol")
    story.found(
        text,
        since=-330,
        preset=Framework.Preset.PROTOCOL_POLICY_EXCHANGE,
        board=facts["board"],
        members=facts["organisations"],
    )
    with tenancy.scope(story.framework.pk):
        version = story.draft(text, last_draft=-280, effective=-240, sign_by=-250)
        story.approve_and_open(version, approved=-270, opened=-268, minute="Decision 5")
        story.sign(version, first=-265)
        story.into_force(version)
        story.publish(version, text, offset=-239)
        policy = policies(story, version.protocol)
        agreements(story, policy)


def policies(story: Story, parent: Protocol) -> Protocol:
    """Adopted, not signed: the council's in force, the trust's from a day to come (DUD-8). Returns the council's."""
    text = demo_texts.load("millborough_policy")
    version = story.draft(text, parent=parent, last_draft=-200, effective=-170, sign_by=-170)
    story.approve(version, approved=-190, minute="Decision 8")
    story.adopt(version, offset=-175, body="Cabinet", minute="Cabinet minute 44")
    story.publish(version, text, offset=-169)
    council = version.protocol
    text = demo_texts.load("millborough_hospitals")
    version = story.draft(text, parent=parent, last_draft=-30, effective=18, sign_by=18)
    story.approve(version, approved=-20, minute="Decision 19")
    story.adopt(version, offset=-7, body="Trust Board", minute="TB 11")
    return council


def agreements(story: Story, policy: Protocol) -> None:
    """A pilot in force, one partly signed, one approved and not opened yet."""
    text = demo_texts.load("millborough_centres")
    version = story.draft(text, parent=policy, last_draft=-130, effective=-95, sign_by=-100)
    story.pilot(version, since=-128, first=-95, last=25)
    story.approve_and_open(version, approved=-120, opened=-118, minute="IG 6")
    story.sign(version, first=-115)
    story.into_force(version)
    story.publish(version, text, offset=-94)
    pilots.evaluate(
        version,
        text="Six centres wrote to 212 mothers; 131 came. Nobody complained about the letter.",
        by=story.who("drafter"),
        now=story.day(-10),
    )
    text = demo_texts.load("millborough_discharge")
    version = story.draft(text, parent=policy, last_draft=-28, effective=35, sign_by=16)
    story.approve_and_open(version, approved=-14, opened=-12, minute="IG 17")
    delegate(story, version.protocol)
    story.sign_for(version.parties.get(name=COUNCIL), story.user[DELEGATE], story.day(-8))
    text = demo_texts.load("millborough_rough")
    version = story.draft(text, parent=policy, last_draft=-20, effective=40, sign_by=30)
    story.approve(version, approved=-4, minute="IG 18")


def delegate(story: Story, protocol: Protocol) -> None:
    """The chief executive lets a director sign this one agreement (SIG-who)."""
    holder = story.representative(COUNCIL)
    signing.delegate(
        delegable(holder, story.day(-11)).get(),
        user=story.user[DELEGATE],
        protocol=protocol,
        capacity="Director of Housing, for and on behalf of the Council",
        valid_from=story.date(-11),
        valid_to=story.date(60),
        by=holder,
        now=story.day(-11),
    )
