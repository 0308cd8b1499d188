"""How many rows of each model visible_to() gives to whom in the world of tests/world.py (tests/test_access.py). A number that
changes is a row more in that world, or somebody who reads more, or less, than before.

How to read it (tests/world.py): viewer, representative and organisation administrator belong to the partner, which is the
organisation in breach (HAR-6.4: nothing of the closed session), the other roles to the lead. Who sees every protocol
(VIEW_ALL) sees drafts of others too; a body that is no party ("elsewhere") sees none unless a role shows it all; what is
restricted on an agenda is for those who read restricted items; a draft of a report is its writer's alone."""

import re
from dataclasses import replace

from django.apps import apps
from django.db import transaction

from portal import subjects
from portal.permissions import Access, Role
from portal.tenancy import scope
from tests import builders
from tests.access_rows import ROWS
from tests.addresses import fill

PARTS = re.compile(r"<(?:\w+:)?(\w+)>")
OF_PARTIES = re.compile(r"<slug:framework>/(breaches/<int:number>|reviews/<int)")
READERS = (
    "viewer", "drafter", "representative", "secretary", "auditor", "organisation_admin", "framework_admin",
    "viewer in breach", "representative in breach", "secretary in breach", "auditor in breach",
    "viewer elsewhere", "representative elsewhere", "secretary elsewhere", "auditor elsewhere",
)  # fmt: skip
VISIBLE: dict[str, tuple[int, ...]] = {
    "portal.Board": (3, 4, 3, 4, 4, 3, 4, 3, 3, 4, 4, 2, 2, 4, 4),
    "portal.Meeting": (5, 6, 5, 6, 6, 5, 6, 5, 5, 6, 6, 4, 4, 6, 6),
    "portal.AgendaItem": (12, 17, 15, 17, 17, 12, 17, 12, 15, 16, 16, 12, 15, 17, 17),
    "portal.Paper": (3, 7, 6, 7, 7, 3, 7, 3, 6, 7, 7, 3, 6, 7, 7),
    "protocols.Protocol": (5, 8, 5, 8, 8, 5, 8, 5, 5, 8, 8, 0, 0, 8, 8),
    "protocols.Version": (5, 8, 5, 8, 8, 5, 8, 5, 5, 8, 8, 0, 0, 8, 8),
    "protocols.DraftIssue": (6, 7, 6, 7, 7, 6, 7, 6, 6, 7, 7, 0, 0, 7, 7),
    "protocols.Consultation": (5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 5, 5),
    "protocols.Intention": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1),
    "breaches.Breach": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1),
    "breaches.Controller": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1),
    "breaches.ReportDraft": (0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "breaches.PartyNotice": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1),
    "breaches.ClosedSession": (0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1),
    "breaches.ClosedNote": (0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1),
    "breaches.Proposal": (0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1),
    "breaches.Vote": (0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1),
    "breaches.BreakGlass": (0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1),
    "breaches.WrittenReport": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1),
    "reviews.Review": (5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 5, 5),
    "reviews.Finding": (3, 5, 5, 5, 5, 3, 5, 3, 3, 5, 5, 0, 0, 5, 5),
    "reviews.Action": (1, 3, 1, 3, 3, 1, 3, 1, 1, 3, 3, 0, 0, 3, 3),
}


def models() -> list:
    """All that say what is visible."""
    return [model for model in apps.get_models() if hasattr(getattr(model, "objects", None), "visible_to")]


def counted(world) -> dict[str, list[int]]:
    """Model → rows for each of READERS."""
    framework, found = world.ours.framework, {}
    with scope(framework.pk), transaction.atomic():
        people = {role: world.people[role] for role in Role.values}
        other = builders.make_organisation("Another body", framework=framework)
        people |= {
            f"{role} {where}": builders.make_member(framework, role, organisation)
            for where, organisation in (("in breach", world.ours.partner), ("elsewhere", other))
            for role in (Role.VIEWER, Role.REPRESENTATIVE, Role.SECRETARY, Role.AUDITOR)
        }
        assert tuple(people) == READERS
        for user in people.values():
            with scope(framework.pk, user_id=user.pk):
                access = Access.of(user, framework)
                for model in models():
                    found.setdefault(model._meta.label, []).append(model.objects.visible_to(access).count())
        transaction.set_rollback(True)
    return found


def of_other_frameworks(world) -> list[tuple]:
    """(role, model) where visible_to() gives a row of another framework, in the scope that holds now, to a person whose
    organisation belongs to both."""
    framework, theirs, found = world.ours.framework, world.theirs, []
    for role in (Role.VIEWER, Role.REPRESENTATIVE, Role.DRAFTER, Role.FRAMEWORK_ADMIN):
        here = Access.of(world.people[role], framework)
        both = (*here.organisations, theirs.lead.pk, theirs.partner.pk)
        access = replace(here, user=theirs.people[role], organisations=both)
        for model in models():
            if model.objects.visible_to(access).exclude(framework_id=framework.pk).exists():
                found.append((role, model))
    return found


def of_a_bystander(world) -> list[tuple]:
    """(address, what is wrong with it) for a representative whose organisation is in the framework and party to nothing: of
    breaches and reviews every page is 403 or 404, and no list names a protocol (of those: of_others). What deadlines and
    agendas are about is there for them as the rows themselves are."""
    framework, found = world.ours.framework, []
    reference = f"{world.ours.canary[:3].upper()}-"
    with transaction.atomic():
        body = builders.make_organisation("Body of nothing", framework=framework)
        user = builders.make_member(framework, Role.REPRESENTATIVE, body)
        client = world.client(user)
        with scope(framework.pk, user_id=user.pk):
            access = Access.of(user, framework)
            for model in map(apps.get_model, subjects.KINDS):
                if set(subjects.rows(model, access)) != set(model.objects.visible_to(access)):
                    found.append((model._meta.label, "as a subject"))
        for route, row in sorted(ROWS.items()):
            if row.expected(Role.REPRESENTATIVE) == 403:  # before anything is looked up
                continue
            if OF_PARTIES.match(route):
                url = world.url(route, world.ours)
                status = client.get(url).status_code
                status = client.post(url).status_code if status == 405 else status
                if status not in {403, 404}:
                    found.append((route, status))
            elif PARTS.findall(route) == ["framework"] and not row.public:
                response = client.get(world.url(route, world.ours))
                content = b"".join(response.streaming_content) if response.streaming else response.content
                if reference.encode() in content:
                    found.append((route, "names a protocol"))
        transaction.set_rollback(True)
    return found


def of_others(tenant) -> tuple[list[str], str]:
    """Addresses of the protocol and of the meeting of the lead alone, and the name of its board."""
    version, meeting = tenant.elsewhere
    with scope(tenant.framework.pk), transaction.atomic():
        item, board, reference = meeting.items.get(kind=""), meeting.board.name, version.protocol.reference
    values = {"framework": tenant.framework.slug, "reference": reference, "number": version.number}
    values |= dict.fromkeys(("side", "old", "new"), "1.0-draft-1")
    routes = [route for route in ROWS if "<slug:reference>" in route and {*PARTS.findall(route)} <= {*values}]
    below = (f"meetings/{meeting.pk}/", f"agenda-items/{item.pk}/board-paper.docx")
    return [fill(route, values) for route in routes] + [f"/{tenant.framework.slug}/{path}" for path in below], board
