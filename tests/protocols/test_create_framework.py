"""manage.py create_framework: whole or nothing."""

import pytest
from django.core.management import CommandError, call_command

from portal import tenancy
from portal.models import AuditEvent, Board, Framework, Invitation, MemberOrganisation, OutgoingEmail
from protocols.models import Tier

pytestmark = pytest.mark.django_db
PEOPLE = {"organisation": "Anyshire Council", "admin_email": "first.admin@example.org", "admin_name": "First Admin"}


def test_everything_a_framework_starts_from(capsys):
    """Board, tiers of the preset (HAR-2.1), first organisation, invited administrator, each in the ledger."""
    call_command("create_framework", "Anyshire Partnership", "anyshire-new", nation="scotland", **PEOPLE)
    framework = Framework.objects.get(slug="anyshire-new")
    assert (framework.nation, framework.preset) == ("scotland", "general-individual")
    with tenancy.scope(framework.pk):
        board = Board.objects.get()
        assert board.name == "Anyshire Partnership Board"
        assert [(tier.order, tier.level, tier.deciding_body) for tier in Tier.objects.order_by("order")] == [
            (1, "overarching", board),
            (2, "operational", board),
        ]
        assert MemberOrganisation.objects.get().organisation.name == "Anyshire Council"
        invitation = Invitation.objects.get()
        assert (invitation.email, invitation.role, invitation.invited_by) == (
            "first.admin@example.org",
            "framework_admin",
            None,
        )
        assert OutgoingEmail.objects.get().ids == {"invitation": invitation.pk}
        assert set(AuditEvent.objects.values_list("verb", flat=True)) >= {
            "portal.framework:created",
            "portal.board:created",
            "protocols.tiers:made",
            "portal.memberorganisation:joined",
            "portal.invitation:sent",
        }
    assert "/anyshire-new/" in capsys.readouterr().out


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"slug": "accounts"}, "reserved"),
        ({"slug": "two words"}, "valid"),
        ({"slug": "taken"}, "already exists"),
        ({"admin_email": "nobody"}, "valid email"),
        ({"organisation": "Anyshire\u202eCouncil"}, "--organisation: take out the right-to-left override"),
        ({"admin_name": "First\nAdmin"}, "--admin-name: take out the"),
    ],
)
def test_what_cannot_be_made(changes, words):
    """A reserved or taken word, a bad address: said in words, and nothing is made."""
    Framework.objects.create(name="Taken", slug="taken")
    options = PEOPLE | {"slug": "fine"} | changes
    with pytest.raises(CommandError, match=words):
        call_command("create_framework", "Some Partnership", options.pop("slug"), **options)
    assert Framework.objects.count() == 1
