"""Agendas: compiled from what is due, ordered, open or restricted, hidden while a session is closed (HAR-6.4, DUD-17)."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from portal import agenda, agendas, meetings, minutes, papers
from portal.agenda import Entry
from portal.agenda_page import parts_of
from portal.errors import StateError
from portal.models import AgendaItem, AuditEvent, Board, Decision, Meeting, Paper, Paragraph
from portal.permissions import ROLE_PERMISSIONS, Access, Perm, Role
from portal.tenancy import scope
from protocols import workflow as drafting
from protocols.models import Protocol, Version
from tests import builders
from tests.builders import NOW

pytestmark = pytest.mark.django_db
IN_A_MONTH = NOW + timedelta(days=30)


@pytest.fixture
def framework():
    """Inside its scope."""
    framework = builders.make_framework()
    with scope(framework.pk), transaction.atomic():
        yield framework


@pytest.fixture
def board(framework):
    """The framework's own."""
    return Board.objects.get_or_create(framework=framework, name="Strategic Partnership Board")[0]


@pytest.fixture
def meeting(board):
    """In a month."""
    return meetings.plan(board, starts_at=IN_A_MONTH, by=None, now=NOW)


def access_of(framework, role=Role.REPRESENTATIVE, organisation=None) -> Access:
    """Of somebody."""
    return Access.of(builders.make_member(framework, role, organisation), framework)


def submit(version) -> Version:
    """By the drafter, as the page does."""
    drafting.submit(version, by=None, now=NOW)
    return version


def titles(meeting, access) -> list[str]:
    """What this reader finds on the agenda."""
    items = AgendaItem.objects.visible_to(access).standing().filter(meeting=meeting)
    return [item.title for item in items.order_by("restricted", "order")]


def test_what_is_due_is_on_the_agenda_of_a_planned_meeting_once(meeting, monkeypatch):
    """Compiled when a meeting is planned and again later: nothing twice, and what was taken off does not come back."""
    protocols = [builders.make_protocol(meeting.framework) for _n in range(2)]
    found = [Entry("test.thing", f"Thing {n}", "/x/", one) for n, one in enumerate(protocols)]
    monkeypatch.setattr(agenda, "SOURCES", [lambda board, meeting: found])
    assert agendas.compile_due(meeting, by=None, now=NOW) == 2
    assert agendas.compile_due(meeting, by=None, now=NOW) == 0
    item = AgendaItem.objects.get(title="Thing 0")
    agendas.remove(item, by=None, now=NOW)
    assert agendas.refresh(meeting.board, now=NOW) == 0
    assert titles(meeting, access_of(meeting.framework, Role.SECRETARY)) == ["Thing 1"]
    agendas.put_back(item, by=None, now=NOW)
    assert titles(meeting, access_of(meeting.framework, Role.SECRETARY)) == ["Thing 1", "Thing 0"]


def test_an_item_with_minutes_or_a_decision_stays_and_an_empty_agenda_is_not_sent(meeting):
    """HAR-6.6: what was written or decided on an item is not taken off with it; refusals leave no trace."""
    with pytest.raises(StateError, match="nothing on the agenda"):
        agendas.send(meeting, by=None, now=NOW)
    minuted, decided = (agendas.add(meeting, title=name, paragraph="", by=None, now=NOW) for name in "AB")
    body = builders.make_organisation(framework=meeting.framework)
    meetings.hold(meeting, present={body.pk: ""}, by=None, now=IN_A_MONTH)
    minutes.write(minuted, "It was so.", revision=0, by=None, now=IN_A_MONTH)
    Decision.objects.record(
        decided, meeting=meeting, item=decided, board=meeting.board, decided_on=IN_A_MONTH.date(), reference="1",
        outcome="approved", by=None, now=IN_A_MONTH,
    )  # fmt: skip
    before = AuditEvent.objects.count()
    for item in (minuted, decided):
        with pytest.raises(StateError, match="stays on the agenda"):
            agendas.remove(AgendaItem.objects.get(pk=item.pk), by=None, now=IN_A_MONTH)
    assert AgendaItem.objects.standing().count() == 2
    assert AuditEvent.objects.count() == before


def test_a_submitted_draft_is_on_the_agenda_of_its_deciding_body(framework):
    """HAR-2.3: submitted after the meeting was planned, or before: it waits on the next agenda of the body that decides."""
    version = builders.make_version(builders.make_protocol(framework), parties=2)
    meeting = meetings.plan(version.protocol.deciding_body, starts_at=IN_A_MONTH, by=None, now=NOW)
    submit(version)
    item = AgendaItem.objects.get(meeting=meeting)
    assert (item.kind, item.subject) == ("protocols.approval", version)
    later = submit(builders.make_version(builders.make_protocol(framework), parties=2))
    other = meetings.plan(later.protocol.deciding_body, starts_at=IN_A_MONTH, by=None, now=NOW)
    assert {one.subject for one in AgendaItem.objects.filter(meeting=other)} == {later, version}


def test_an_approval_is_open_only_if_everybody_on_the_board_may_know_of_it(framework):
    """A body of more organisations than the parties finds it restricted, nobody can open it, others do not see it."""
    version = builders.make_version(builders.make_protocol(framework), parties=2)
    outside = builders.make_organisation(framework=framework)
    meeting = meetings.plan(version.protocol.deciding_body, starts_at=IN_A_MONTH, by=None, now=NOW)
    submit(version)
    item = AgendaItem.objects.get(meeting=meeting)
    assert (item.restricted, item.paragraph) == (True, Paragraph.PARTNERSHIP)
    with pytest.raises(StateError):
        agendas.edit(item, title="Open", note="", paragraph="", by=None, now=NOW)
    party = version.parties.first().organisation
    assert titles(meeting, access_of(framework, organisation=party)) == [item.title]
    assert titles(meeting, access_of(framework, Role.VIEWER, party)) == []
    assert titles(meeting, access_of(framework, organisation=outside)) == []
    assert titles(meeting, access_of(framework, Role.SECRETARY, outside)) == [item.title]


def test_restricted_items_and_papers_are_for_those_entitled(meeting):
    """LGA 1972 Sch 12A: viewers see the open part only, representatives and those who see everything the whole; nobody what
    was taken off, or what is about a protocol that they may not see."""
    agendas.add(meeting, title="Open one", paragraph="", by=None, now=NOW)
    secret = agendas.add(meeting, title="Secret one", paragraph=Paragraph.BUSINESS, by=None, now=NOW)
    viewer = access_of(meeting.framework, Role.VIEWER)
    assert titles(meeting, viewer) == ["Open one"]
    for role in (Role.REPRESENTATIVE, Role.SECRETARY, Role.AUDITOR, Role.DRAFTER, Role.FRAMEWORK_ADMIN):
        assert titles(meeting, access_of(meeting.framework, role)) == ["Open one", "Secret one"]
    pdf = papers.Checked(b"%PDF-1.7", "a.pdf", papers.PDF, 1)
    item = AgendaItem.objects.get(title="Open one")
    for one, paragraph in ((item, ""), (item, Paragraph.BUSINESS), (secret, "")):
        agendas.attach(one, pdf, title=f"Paper {paragraph}", paragraph=paragraph, by=None, now=NOW)
    assert Paper.objects.visible_to(viewer).count() == 1
    representative = access_of(meeting.framework)
    assert Paper.objects.visible_to(representative).count() == 3
    assert all(paper.restricted for paper in Paper.objects.filter(item=secret))
    parts = parts_of(meeting, viewer)
    assert ([len(entry.papers) for entry in parts["open"]], parts["restricted"]) == ([1], [])
    item.subject = builders.make_protocol(meeting.framework)
    item.save()
    assert Paper.objects.visible_to(representative).filter(item=item).get().restricted is False
    agendas.detach(Paper.objects.get(item=secret), by=None, now=NOW)
    assert not Paper.objects.visible_to(representative).filter(item=secret).exists()


def test_what_a_closed_session_hides_is_gone_for_every_role_of_the_organisation(framework, monkeypatch):
    """HAR-6.4: a rule hides items from the people of one organisation, administrators and auditors too, and the ledger
    has no row of them; the others see them."""
    version = builders.make_version(builders.make_protocol(framework), parties=2)
    protocol = version.protocol
    builders.advance(version, "consultation")
    culprit, other = (party.organisation for party in version.parties.all())
    kind = ContentType.objects.get_for_model(Protocol)
    monkeypatch.setattr(
        agenda, "SOURCES", [lambda board, meeting: [Entry("test.breach", "Breach", "/x/", protocol, restricted=True)]]
    )
    meeting = meetings.plan(protocol.deciding_body, starts_at=IN_A_MONTH, by=None, now=NOW)
    item = AgendaItem.objects.get(meeting=meeting)
    agendas.edit(item, title="Breach", note="Note", paragraph=Paragraph.PARTNERSHIP, by=None, now=NOW)
    own = agendas.add(meeting, title="Own item", paragraph="", by=None, now=NOW)

    def rule(access):
        return Q(subject_type=kind, subject_id=protocol.pk) if culprit.pk in access.organisations else None

    monkeypatch.setattr(agenda, "RULES", [rule])
    for role in Role.values:
        if not {Perm.VIEW_ALL, Perm.REPRESENT} & ROLE_PERMISSIONS[role]:  # no restricted items for these
            continue
        assert titles(meeting, access_of(framework, role, culprit)) == ["Own item"], role
        assert titles(meeting, access_of(framework, role, other)) == ["Own item", "Breach"], role
    ledger = AuditEvent.objects.visible_to(access_of(framework, Role.AUDITOR, culprit))
    assert not ledger.about(item).exists()
    assert ledger.about(own).exists()
    assert AuditEvent.objects.visible_to(access_of(framework, Role.AUDITOR, other)).about(item).exists()


def test_items_move_within_their_part_and_hidden_ones_keep_their_place(meeting):
    """Up and down; the first does not go up; an item that the person does not see stays where it is."""
    first, second, third = (agendas.add(meeting, title=name, paragraph="", by=None, now=NOW) for name in "ABC")
    everything = AgendaItem.objects.all()
    assert not agendas.shift(first, up=True, among=everything, by=None, now=NOW)
    assert agendas.shift(third, up=True, among=everything, by=None, now=NOW)
    secretary = access_of(meeting.framework, Role.SECRETARY)
    assert titles(meeting, secretary) == ["A", "C", "B"]
    unseen = AgendaItem.objects.exclude(pk=third.pk)
    first.refresh_from_db()
    assert agendas.shift(first, up=False, among=unseen, by=None, now=NOW)
    assert titles(meeting, secretary) == ["B", "C", "A"]
    assert second.pk


REFUSED = [
    ("add", lambda m, i: agendas.add(m, title="X", paragraph="", by=None, now=NOW)),
    ("edit", lambda m, i: agendas.edit(i, title="X", note="", paragraph="", by=None, now=NOW)),
    ("shift", lambda m, i: agendas.shift(i, up=True, among=AgendaItem.objects.all(), by=None, now=NOW)),
    ("remove", lambda m, i: agendas.remove(i, by=None, now=NOW)),
    ("paper", lambda m, i: agendas.write_paper(i, [], revision=0, by=None, now=NOW)),
    ("compile", lambda m, i: agendas.compile_due(m, by=None, now=NOW)),
    ("send", lambda m, i: agendas.send(m, by=None, now=NOW)),
]


@pytest.mark.parametrize("status", ["minuted", "circulated", "cancelled"])
@pytest.mark.parametrize(("name", "act"), REFUSED)
def test_the_agenda_of_a_meeting_that_is_over_is_not_changed(meeting, name, act, status):
    """Refusals leave no trace."""
    item = agendas.add(meeting, title="Item", paragraph="", by=None, now=NOW)
    Meeting.objects.filter(pk=meeting.pk).update(status=status)
    before = AuditEvent.objects.count()
    with pytest.raises(StateError):
        act(meeting, item)
    item.refresh_from_db()
    assert (item.title, item.removed_at, AuditEvent.objects.count()) == ("Item", None, before)


def test_two_who_write_the_same_board_paper_lose_nothing(meeting):
    """The second is told, and nothing is overwritten."""
    item = agendas.add(meeting, title="Item", paragraph="", by=None, now=NOW)
    agendas.write_paper(item, [{"heading": "Summary", "text": "One"}], revision=0, by=None, now=NOW)
    with pytest.raises(agendas.Overtaken):
        agendas.write_paper(item, [{"heading": "Summary", "text": "Two"}], revision=0, by=None, now=NOW)
    item.refresh_from_db()
    assert item.board_paper.sections[0]["text"] == "One"
    assert Version.objects.count() == 0
