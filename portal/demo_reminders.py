"""The demonstration: a deputy, and somebody who wants to be reminded once a week."""

from portal import deputies, tenancy
from portal.demo import chapter
from portal.ladders import Pace
from portal.models import Organisation
from portal.permissions import Role


@chapter("anyshire")
def who_stands_in(story) -> None:
    """The auditor stands in for the officer who drafts for the council; the officer reads reminders on Mondays."""
    with tenancy.scope(story.framework.pk):
        name_deputy(story)


def name_deputy(story) -> None:
    """By the council's own administrator. Needs the scope."""
    drafter, keeper = story.who(Role.DRAFTER), story.who(Role.ORGANISATION_ADMIN)
    held = story.framework.memberships.get(user=keeper, role=Role.ORGANISATION_ADMIN)
    council = Organisation.objects.get(pk=held.organisation_id)
    deputies.name(story.framework, council, drafter, story.who(Role.AUDITOR), by=keeper, now=story.now)
    drafter.reminder_pace = Pace.WEEKLY
    drafter.save(update_fields=["reminder_pace"])
