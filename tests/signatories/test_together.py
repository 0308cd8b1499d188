"""Several documents in one act: parent before child, all or none, each with its own evidence (HAR-10, SIG-new)."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from portal import second_factor, tenancy
from portal.errors import StateError
from portal.models import AuditEvent, OutgoingEmail, SecondFactorProof
from portal.permissions import Role
from protocols.models import Party
from signatories import workflow
from signatories.models import Signature
from tests.builders import NOW, join, make_party, make_protocol, make_version
from tests.signatories.signing import make_authority, make_signer, refused, sign, ticked
from tests.totp import next_code

pytestmark = pytest.mark.django_db


@dataclass
class Pair:
    """A parent and a child, both open, with one party of both, its signer, and the parent's other party."""

    parent: Party
    child: Party
    user: object
    other: Party

    def forms(self, *parties):
        """What the signer sends."""
        return [(party, ticked(Party.objects.get(pk=party.pk))) for party in parties or (self.child, self.parent)]

    def prove(self, *parties, now=NOW):
        """One code for all the texts."""
        hashes = [party.version.canonical.sha256 for party in parties or (self.child, self.parent)]
        return second_factor.prove_all(self.user, next_code(self.user, now=now), hashes=hashes, now=now)


@pytest.fixture
def pair(framework):
    """Both open, effective on 1 July."""
    upper = make_version(make_protocol(framework, tier=1), status="open-for-signature")
    mine, other = upper.parties.all()
    lower = make_protocol(framework, parent=upper.protocol, lead=mine.organisation)
    child = make_version(lower, status="open-for-signature", parties=1)
    return Pair(mine, child.parties.get(), make_signer(mine), other)


def test_parent_and_child_in_one_act(pair):
    """HAR-10: the parent first, each with its own reference, evidence, proof and place; one code for both."""
    proofs = pair.prove()
    upper, lower = workflow.sign_together(pair.forms(), by=pair.user, now=NOW)
    assert (upper.party, lower.party) == (pair.parent, pair.child)
    assert upper.reference != lower.reference
    for signature in (upper, lower):
        record = json.loads(signature.record)
        assert record["authentication"]["bound_to_sha256"] == signature.version.canonical.sha256
        assert (record["integrity"]["position"], record["document"]["protocol"]["reference"]) == (
            1,
            signature.version.protocol.reference,
        )
    assert len(proofs) == 2
    assert not SecondFactorProof.objects.filter(used_at__isnull=True).exists()
    made = AuditEvent.objects.filter(verb="signatories.signature:made").order_by("pk")
    assert [row.chain for row in made] == [upper.version.ledger_chain, lower.version.ledger_chain]
    assert OutgoingEmail.objects.filter(kind="signatories.signed").count() == 2


def test_the_child_alone_is_refused(pair):
    """HAR-10: without the parent in the same act, or a parent that binds, the child is not signed."""
    pair.prove(pair.child)
    error = refused(StateError, workflow.sign, pair.child, pair.forms()[0][1], by=pair.user, now=NOW)
    assert "is not bound by" in error.explanation
    assert "both in one act" in error.what_to_do


def test_nobody_is_bound_by_the_child_before_the_parent(pair):
    """HAR-10: the child is complete and in force, but binds only when the parent does, whose other party is late."""
    pair.prove()
    workflow.sign_together(pair.forms(), by=pair.user, now=NOW)
    pair.child.version.refresh_from_db()
    pair.child.refresh_from_db()
    assert (pair.child.version.status, pair.child.bound_from) == ("completed", None)
    pair.child.version.bring_into_force(now=pair.child.version.in_force_from)
    later = pair.child.version.in_force_from + timedelta(days=9)
    sign(pair.other, now=later)
    pair.child.refresh_from_db()
    pair.parent.refresh_from_db()
    assert pair.parent.bound_from == pair.child.bound_from == later


def test_all_or_none(pair):
    """A refusal of one takes neither, names which and why, and leaves the proofs for the next try (decision 14)."""
    pair.prove()
    forms = pair.forms()
    workflow.withdraw(pair.child.version, reason="A clause was wrong.", by=None, now=NOW)
    error = refused(workflow.Refused, workflow.sign_together, forms, by=pair.user, now=NOW)
    assert error.party == pair.child
    assert "Withdrawn" in error.explanation
    pair.parent.refresh_from_db()
    assert (pair.parent.status, SecondFactorProof.objects.filter(used_at__isnull=True).count()) == ("invited", 2)
    workflow.sign_together(forms[1:], by=pair.user, now=NOW)  # what was proved a moment ago still signs the other


def test_a_proof_for_one_signs_one(pair):
    """Each text has its own proof: a code given for the parent only does not sign the child."""
    pair.prove(pair.parent)
    refused(workflow.Refused, workflow.sign_together, pair.forms(), by=pair.user, now=NOW)


def test_twice_is_once(pair):
    """The same forms again give the same signatures."""
    pair.prove()
    first = workflow.sign_together(pair.forms(), by=pair.user, now=NOW)
    mails = OutgoingEmail.objects.count()
    assert workflow.sign_together(pair.forms(), by=pair.user, now=NOW) == first
    assert OutgoingEmail.objects.count() == mails


def test_the_parent_of_one_organisation_does_not_serve_another(pair):
    """HAR-10 is asked of each organisation: another one's signature of the parent lets nobody sign the child."""
    guest = make_party(pair.child.version)
    guest.invite(by=None, now=NOW)
    join(pair.user, guest.framework, guest.organisation, Role.REPRESENTATIVE)
    make_authority(pair.user, guest.organisation, guest.framework)
    pair.prove(pair.parent, guest)
    error = refused(workflow.Refused, workflow.sign_together, pair.forms(guest, pair.parent), by=pair.user, now=NOW)
    assert error.party == guest


# --- pages


@pytest.fixture
def signer(pair, client, time_machine, framework):
    """The signer's browser at NOW; everything committed to the test's own transaction."""
    time_machine.move_to(NOW, tick=False)
    client.force_login(pair.user)
    return client


def address(pair, name, *parties):
    """A page about these parties."""
    query = "&".join(f"party={party.pk}" for party in parties)
    return f"{reverse(name, args=[pair.parent.framework.slug])}?{query}"


def filled(page, pair):
    """Everything ticked, and a code."""
    data = {"code": next_code(pair.user)}
    for document in page.context["documents"]:
        for field in document.form:
            data[field.html_name] = "on" if "statement" in field.name else field.value()
    return data


def test_choose_read_and_sign(pair, signer):
    """Both are listed; the page shows the parent first, none ticked; one code signs both; two references."""
    listed = signer.get(address(pair, "sign-several")).content.decode()
    assert listed.index(f'value="{pair.parent.pk}"') < listed.index(f'value="{pair.child.pk}"')
    both = address(pair, "sign-together", pair.child, pair.parent)
    page = signer.get(both)
    assert [document.party for document in page.context["documents"]] == [pair.parent, pair.child]
    assert "checked" not in page.content.decode()
    response = signer.post(both, filled(page, pair))
    assert response.status_code == 302
    done = signer.get(response.url).content.decode()
    with tenancy.scope(pair.parent.framework_id), transaction.atomic():
        for signature in Signature.objects.all():
            assert signature.reference in done
    again = signer.post(both, filled(page, pair) | {"code": "000000"})
    assert (again.status_code, again.url) == (302, response.url)


def test_nothing_typed_is_lost(pair, signer):
    """A box that is missing on one: nothing is signed, the code is not used up, and every tick stands as it was."""
    both = address(pair, "sign-together", pair.child, pair.parent)
    data = filled(signer.get(both), pair)
    missing = f"party{pair.child.pk}-statement_bound"
    page = signer.post(both, {key: value for key, value in data.items() if key != missing})
    assert page.status_code == 200
    assert page.content.decode().count("checked") == 5
    assert "Error: " in page.content.decode()
    assert signer.post(both, data).status_code == 302


def test_the_child_alone_offers_both(pair, signer):
    """The signing page of a child whose parent waits as well leads to the page that signs both."""
    version = pair.child.version
    args = [version.framework.slug, version.protocol.reference, version.number, pair.child.pk]
    page = signer.get(reverse("sign", args=args)).content.decode()
    link = address(pair, "sign-together", pair.child, pair.parent).replace("&", "&amp;")
    assert link in page
    alone = signer.get(address(pair, "sign-together", pair.child))
    assert alone.context["blocked"]


def test_a_strange_party_is_not_found(pair, signer):
    """Somebody else's party, one's own in a draft that nobody was sent, a foreign id, a word: not found; nothing chosen: the
    list with an error."""
    desk = make_party(make_version(framework=pair.parent.framework), pair.parent.organisation)
    for wanted in (pair.other.pk, desk.pk, 10**12, "x", "9" * 40):
        url = f"{reverse('sign-together', args=[pair.parent.framework.slug])}?party={wanted}"
        assert signer.get(url).status_code == 404
    empty = signer.get(reverse("sign-together", args=[pair.parent.framework.slug]))
    assert "Choose at least one document" in empty.content.decode()


def test_the_deadline_is_said_and_closes_nothing(pair, signer, time_machine):
    """HAR-r4: after the sign-up deadline the page says so, and both can still be signed."""
    time_machine.move_to(NOW + timedelta(days=20), tick=False)
    signer.force_login(pair.user)
    assert pair.parent.version.sign_by == date(2026, 6, 30)
    both = address(pair, "sign-together", pair.child, pair.parent)
    page = signer.get(both)
    assert "The sign-up deadline was 30 June 2026. You can still sign." in page.content.decode()
    assert signer.post(both, filled(page, pair)).status_code == 302
