"""Haringey, general and individual: the real protocol, in force and once more as a draft."""

from portal import tenancy
from protocols import demo_texts
from signatories.demo.story import Story

FOR_THE_NEWCOMER = "HSP-ISP-015"


def haringey(story: Story) -> None:
    """The general protocol and the individual protocol in force, and the individual protocol again as Draft 5."""
    general, individual = demo_texts.load("haringey_general"), demo_texts.load("haringey")
    story.found(individual, since=-260)
    with tenancy.scope(story.framework.pk):
        parent = story.draft(general, last_draft=-110, effective=-85, sign_by=-88)
        story.approve_and_open(parent, approved=-100, opened=-98, minute="Minute 3")
        story.sign(parent, first=-95)
        parent.bring_into_force(now=parent.in_force_from)
        story.publish(parent, general, offset=-84)
        version = story.draft(individual, parent=parent.protocol, last_draft=-60, effective=-30, sign_by=-34)
        story.approve_and_open(version, approved=-50, opened=-48, minute="Agenda item 10")
        story.sign(version, first=-45)
        version.bring_into_force(now=version.in_force_from)
        story.publish(version, individual, offset=-29)
        story.draft(
            individual,
            reference=FOR_THE_NEWCOMER,
            title=f"{individual['protocol']['title']} (next edition)",
            parent=parent.protocol,
            last_draft=0,
            effective=0,
            sign_by=0,
        )
