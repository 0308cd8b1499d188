"""A protocol in force between four organisations with their people, and breaches of it, by the product's own verbs."""

from datetime import date, datetime, timedelta

from breaches import reporting
from portal import clock
from portal.permissions import Access, Role
from tests.builders import (
    NOW,
    advance,
    make_framework,
    make_member,
    make_organisation,
    make_party,
    make_protocol,
    make_version,
)

STARTED = NOW + timedelta(days=30)  # in force since 1 July 2026


class Case:
    """Inside the framework's scope. `council` leads, `trust` is in breach, `police` and `school` are the others."""

    def __init__(self, framework=None):
        self.framework = framework or make_framework()

    def begin(self, now=STARTED):
        """The parties, their people and the version in force."""
        self.now = now
        self.council, self.trust, self.police, self.school = (
            make_organisation(name, framework=self.framework) for name in ("Council", "Trust", "Police", "School")
        )
        protocol = make_protocol(self.framework, lead=self.council)
        self.version = make_version(protocol, parties=0)
        for order, one in enumerate((self.council, self.trust, self.police, self.school)):
            make_party(self.version, one, order=order)
        advance(self.version, "in-force")
        self.protocol = protocol
        self.secretary = make_member(self.framework, Role.SECRETARY, self.council, full_name="Sam Secretary")
        self.drafter = make_member(self.framework, Role.DRAFTER, self.council, full_name="Lee Drafter")
        self.guilty = make_member(self.framework, Role.REPRESENTATIVE, self.trust, full_name="Toni Trust")
        self.officer = make_member(self.framework, Role.REPRESENTATIVE, self.police, full_name="Pat Police")
        self.teacher = make_member(self.framework, Role.VIEWER, self.school, full_name="Ty Teacher")
        self.auditor = make_member(self.framework, Role.AUDITOR, full_name="Ali Auditor")
        return self

    def access(self, user) -> Access:
        """What the person may do here."""
        return Access.of(user, self.framework)

    def answers(self, **more) -> dict:
        """What is typed into the six pages; more: fields by name, as typed."""
        fields = {
            "happened": {
                "what_happened": "A list went to the wrong address.",
                "occurred": "known",
                **boxes("occurred_from", self.now.date()),
            },
            "identified": {
                "identified_by": "records manager, Trust",
                "identified_time": "",
                **boxes("identified_on", self.now.date()),
            },
            "protocol": {"protocol": self.protocol.pk},
            "organisations": {"in_breach": [self.trust.pk]},
            "data": {"personal_data": "no"},
            "containment": {"containment": "The list was called back."},
        }
        for step in fields.values():
            for name in list(step):
                if name in more:
                    step[name] = more.pop(name)
        fields["data"] |= {name: more.pop(name) for name in ("data_kinds", "people", "controllers") if name in more}
        for name in ("occurred_from", "occurred_until"):
            if name in more:
                fields["happened"] |= boxes(name, more.pop(name))
        if "identified_on" in more:
            fields["identified"] |= boxes("identified_on", more.pop("identified_on"))
        assert not more, more
        return {key: {name: listed(value) for name, value in step.items()} for key, step in fields.items()}

    def report(self, *, by=None, now=None, **more):
        """A breach, reported through a draft."""
        by, now = by or self.guilty, now or self.now
        draft = reporting.begin(self.framework, by=by, now=now)
        for key, answers in self.answers(**more).items():
            reporting.keep(draft, key, answers, now=now)
        return reporting.submit(draft, self.access(by), by=by, now=now)


def boxes(name, day: date | None) -> dict:
    """A date as three boxes."""
    return {f"{name}_{part}": str(getattr(day, part)) if day else "" for part in ("day", "month", "year")}


def listed(value) -> list[str]:
    """As a form sends it."""
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def at(day: date, hour=9) -> datetime:
    """A moment in London."""
    return clock.start_of_day(day) + timedelta(hours=hour)
