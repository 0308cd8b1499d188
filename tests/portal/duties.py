"""Deadlines of a framework for the tests of lists, calendars and feeds."""

from datetime import UTC, datetime

from django.db import transaction

from portal.models import Deadline
from portal.permissions import Role
from portal.tenancy import scope
from tests import builders
from tests.builders import NOW


class Duties:
    """A framework with a lead body and a protocol in force, whose parties are the lead and a partner."""

    def __init__(self, **fields):
        self.framework = builders.make_framework(**fields)
        self.lead = builders.make_organisation("Lead Council", framework=self.framework)
        self.partner = builders.make_organisation("Partner Trust", framework=self.framework)
        with self.scope(), transaction.atomic():
            self.protocol = builders.make_protocol(
                self.framework, lead=self.lead, reference="REF-ONE", title="First protocol"
            )
            version = builders.make_version(self.protocol, parties=0, status="draft")
            for organisation in (self.lead, self.partner):
                builders.make_party(version, organisation)
            builders.advance(version, "in-force")
            self.other = builders.make_protocol(
                self.framework, lead=self.lead, reference="REF-TWO", title="Draft protocol"
            )

    def scope(self):
        """The framework's scope."""
        return scope(self.framework.pk)

    def owe(self, rule="meeting.minutes", *, subject=None, start=NOW, owner=None, **changes) -> Deadline:
        """A deadline; changes: fields that no verb of this release sets yet."""
        options = {name: changes.pop(name) for name in ("n", "next_meeting", "overrides") if name in changes}
        with self.scope(), transaction.atomic():
            deadline = Deadline.objects.start(
                rule, subject or self.protocol, framework=self.framework, start=start, now=NOW,
                nation=self.framework.nation, owner=owner, **options,
            )  # fmt: skip
            for name, value in changes.items():
                setattr(deadline, name, value)
            deadline.save()
        return deadline

    def member(self, role=Role.SECRETARY, organisation=None):
        """A person with a role, for the lead unless an organisation is given."""
        return builders.make_member(self.framework, role, organisation or self.lead)


def at(year, month, day, hour=9):
    """A moment."""
    return datetime(year, month, day, hour, tzinfo=UTC)
