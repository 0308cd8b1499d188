"""The four arrangements of tiers, their page, and the owner of a tier 2 protocol."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal import partnerships, tenancy
from portal.errors import NotReady
from portal.models import AuditEvent, Board, Framework
from portal.permissions import Role
from protocols import presets, tiers, workflow
from protocols.models import Protocol, Tier
from tests.builders import NOW, make_framework, make_member, make_organisation, make_party, make_version
from tests.builders import fill as fill_text

pytestmark = pytest.mark.django_db
PEOPLE = {"organisation": "Anyshire Council", "admin_email": "first.admin@example.org", "admin_name": "First Admin"}
BOARD, GROUP = "Anyshire Partnership Board", "Anyshire Partnership Information Governance Group"
EXPECTED = {
    "three-tier": [
        ("Tier 1 overarching protocol", "overarching", BOARD, False),
        ("Tier 2 partnership protocol", "partnership", None, False),
        ("Tier 3 operational protocol", "operational", GROUP, False),
    ],
    "two-tier": [
        ("First tier: general parameters", "overarching", BOARD, False),
        ("Second tier: particular work", "operational", GROUP, False),
    ],
    "general-individual": [
        ("General protocol", "overarching", BOARD, False),
        ("Individual protocol", "operational", BOARD, False),
    ],
    "protocol-policy-exchange": [
        ("Information sharing protocol", "overarching", BOARD, False),
        ("Information sharing policy", "partnership", BOARD, True),
        ("Data exchange agreement", "operational", GROUP, False),
    ],
}


@pytest.mark.parametrize("preset", Framework.Preset.values)
def test_each_preset_is_made_by_the_command(preset):
    """KEN-4.1, HAM-2t, HAR-2.1, DUD-7, DUD-8: tiers in order, each with its deciding body as data."""
    call_command("create_framework", "Anyshire Partnership", "anyshire-new", preset=preset, **PEOPLE)
    framework = Framework.objects.get(slug="anyshire-new")
    with tenancy.scope(framework.pk), transaction.atomic():
        tiers = list(Tier.objects.order_by("order").select_related("deciding_body"))
        found = [(tier.name, tier.level, getattr(tier.deciding_body, "name", None), tier.adopted) for tier in tiers]
        assert found == EXPECTED[preset]
        by_partnership = [tier.order for tier in tiers if tier.decided_by == Tier.DecidedBy.PARTNERSHIP]
        assert by_partnership == ([2] if preset == "three-tier" else [])
        assert Board.objects.count() == len({row[2] for row in EXPECTED[preset]} - {None})
        assert AuditEvent.objects.get(verb="protocols.tiers:made").payload["tiers"] == [tier.name for tier in tiers]


# --- the owner of a tier 2 protocol


@pytest.fixture
def kent():
    """A three-tier framework with one partnership, inside its scope."""
    framework = Framework.objects.create(name="Anyshire Partnership", slug="kent", preset="three-tier")
    with tenancy.scope(framework.pk):
        presets.apply(framework, by=None, now=NOW)
        framework.lead = make_organisation("Anyshire Council", framework=framework)
        framework.owner_board = Board.objects.create(framework=framework, name="Safer Communities Board")
        framework.owner = partnerships.create(
            framework, name="Safer Communities", board=framework.owner_board, organisations=[framework.lead], by=None,
            now=NOW,
        )  # fmt: skip
        yield framework


def begin(framework, order, reference="ISP-2", **facts):
    """A protocol of a tier, by the real verb."""
    more = {"external_parent": "County charter"} if order > 1 else {}
    return workflow.create_protocol(
        framework, tier=Tier.objects.get(order=order), reference=reference, title="Community safety",
        lead_organisation=framework.lead, by=None, now=NOW, **more | facts,
    )  # fmt: skip


def test_a_tier_2_protocol_belongs_to_a_partnership(kent):
    """KEN-4.3iii: it needs an owner, whose board decides; other tiers have none."""
    with pytest.raises(ValidationError) as refused:
        begin(kent, 2)
    assert list(refused.value.message_dict) == ["partnership"]
    for order in (1, 3):
        with pytest.raises(ValidationError) as refused:
            begin(kent, order, partnership=kent.owner)
        assert list(refused.value.message_dict) == ["partnership"]
    assert not Protocol.objects.exists()
    version = begin(kent, 2, partnership=kent.owner)
    assert version.protocol.deciding_body == kent.owner_board
    assert begin(kent, 3, "ISP-3").protocol.deciding_body.name == GROUP


def test_the_board_of_the_partnership_decides(kent):
    """HAR-2.3: a decision of another board of the framework is refused, the partnership's is recorded."""
    version = begin(kent, 2, partnership=kent.owner)
    version.effective_on = version.sign_by = NOW.date()
    version.review_first_months, version.review_then_months = 6, 12
    version.save()
    fill_text(version)
    for organisation in (kent.lead, None):
        make_party(version, organisation)
    workflow.submit(version, by=None, now=NOW)
    facts = {"decided_on": NOW.date(), "reference": "Minute 4", "outcome": "approved", "by": None, "now": NOW}
    with pytest.raises(NotReady):
        workflow.decide(version, board=Board.objects.get(name=BOARD), **facts)
    workflow.decide(version, board=kent.owner_board, **facts)
    version.refresh_from_db()
    assert version.status == "approved"


def test_a_protocol_cannot_point_at_a_partnership_of_another_framework(kent):
    """The database refuses it, whatever the code does."""
    version = begin(kent, 2, partnership=kent.owner)
    other = make_framework()
    with tenancy.scope(other.pk), transaction.atomic():
        body = make_organisation(framework=other)
        board = Board.objects.create(framework=other, name="Theirs")
        foreign = partnerships.create(other, name="Theirs", board=board, organisations=[body], by=None, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic(), tenancy.scope(kent.pk):
        Protocol.objects.filter(pk=version.protocol_id).update(partnership=foreign)
        transaction.get_connection().check_constraints()


def test_pages_show_and_filter_by_partnership(kent, client):
    """The protocol's page and the list name the owner; the filter keeps to it; the form of a new protocol asks for it."""
    begin(kent, 2, partnership=kent.owner)
    begin(kent, 3, "ISP-3")
    drafter = make_member(kent, Role.DRAFTER, kent.lead)
    client.force_login(drafter)
    address = reverse("protocols", args=[kent.slug])
    assert "Safer Communities" in client.get(reverse("protocol", args=[kent.slug, "ISP-2"])).content.decode()
    both = client.get(address).content.decode()
    assert "ISP-2" in both
    assert "ISP-3" in both
    narrowed = client.get(address, {"partnership": kent.owner.pk}).content.decode()
    assert "ISP-2" in narrowed
    assert "ISP-3" not in narrowed
    sent = {
        "title": "Third", "reference": "ISP-4", "tier": Tier.objects.get(order=2).pk, "external_parent": "County charter",
        "lead_organisation": kent.lead.pk, "nation": "england-and-wales",
    }  # fmt: skip
    new = reverse("protocol-new", args=[kent.slug])
    assert "Select the partnership that owns the protocol" in client.post(new, sent).content.decode()
    assert client.post(new, sent | {"partnership": kent.owner.pk}).status_code == 302
    assert Protocol.objects.get(reference="ISP-4").partnership == kent.owner


def test_a_framework_without_partnership_tier_is_not_asked_for_one(client):
    """The two-tier form and list have no such field."""
    framework = make_framework()
    client.force_login(make_member(framework, Role.DRAFTER))
    for name in ("protocol-new", "protocols"):
        assert 'name="partnership"' not in client.get(reverse(name, args=[framework.slug])).content.decode()


# --- the page of the tiers


def test_tiers_are_named_while_nothing_hangs_on_them(client):
    """HAR-2.1: the administrator names a free tier and its deciding body; one with protocols is refused (409)."""
    framework = make_framework()
    admin = make_member(framework, Role.FRAMEWORK_ADMIN)
    client.force_login(admin)
    with tenancy.scope(framework.pk), transaction.atomic():
        first, second = Tier.objects.order_by("order")
        make_version(framework=framework, parties=1)
        other = Board.objects.create(framework=framework, name="Second board")
    page = client.get(reverse("tiers", args=[framework.slug])).content.decode()
    assert reverse("tier-edit", args=[framework.slug, first.pk]) in page
    assert reverse("tier-edit", args=[framework.slug, second.pk]) not in page
    sent = {"name": "General  agreement", "deciding_body": other.pk}
    assert client.post(reverse("tier-edit", args=[framework.slug, first.pk]), sent).status_code == 302
    assert client.post(reverse("tier-edit", args=[framework.slug, second.pk]), sent).status_code == 409
    with tenancy.scope(framework.pk), pytest.raises(NotReady, match="needs a body"):
        tiers.change(Tier.objects.get(pk=first.pk), name="No body", deciding_body=None, by=admin, now=NOW)
    assert "Enter the name" in client.post(reverse("tier-edit", args=[framework.slug, first.pk]), {}).content.decode()
    with tenancy.scope(framework.pk), transaction.atomic():
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.name, first.deciding_body, second.name) == ("General agreement", other, "Individual protocol")
        assert [event.payload["was"]["name"] for event in AuditEvent.objects.filter(verb="protocols.tier:changed")] == [
            "General protocol"
        ]


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.FRAMEWORK_ADMIN])
def test_only_administrators_name_tiers(client, role):
    """403 for other members, who read the page; 404 for strangers."""
    framework = make_framework()
    with tenancy.scope(framework.pk), transaction.atomic():
        tier = Tier.objects.order_by("order").first()
    address = reverse("tier-edit", args=[framework.slug, tier.pk])
    client.force_login(make_member(framework, role))
    assert client.get(reverse("tiers", args=[framework.slug])).status_code == 200
    assert client.post(address, {"name": "Mine"}).status_code == 403
    client.force_login(make_member(make_framework(), Role.FRAMEWORK_ADMIN))
    assert client.post(address, {"name": "Mine"}).status_code == 404
