"""Search: by words and beginnings of words, and never a way round what visible_to() or a publication decision hides."""

import pytest
from django.db import connection
from django.urls import reverse

from portal.permissions import Role
from portal.tenancy import scope
from protocols import drafting
from protocols.models import Protocol, Publication, Purpose, SearchEntry, Version
from protocols.search import hits
from tests.builders import NOW, make_framework, make_member, make_protocol, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """The tenant, with its scope held for the test's own look at rows."""
    made = make_framework("Anyshire Board", slug="anyshire")
    with scope(made.pk):
        yield made


def publish(version, level="summary", summary="We look after swans."):
    Publication.objects.decide(
        version, by=None, now=NOW, level=level, summary=summary, reason="Agreed", review_on=NOW.date()
    )


def found(text):
    return set(Version.objects.filter(pk__in=hits(text)).values_list("protocol__reference", flat=True))


@pytest.mark.parametrize(
    "text",
    ["safeguard", "SAFEGUARDING children", "mash", "MASH-014", "mash 01", "014", "child", "keeping", "swan", "peop"],
)
def test_words_and_beginnings_are_found(framework, text):
    """Title, reference, purposes and the published summary; plural and other forms, half words, half references."""
    one = make_version(
        make_protocol(framework, reference="MASH-014", title="Safeguarding of children"), status="in-force"
    )
    publish(one)
    two = make_version(make_protocol(framework, reference="ROAD-2", title="Gritting"))
    two.purposes.update(text="Free roads")
    assert found(text) == {"MASH-014"}


@pytest.mark.parametrize(
    "text", ["zlatoroh", "mash roads", "-mash", "!!!", "'; drop table", ":*", "&|!()", "a" * 100, "☃"]
)
def test_strange_words_find_nothing_and_break_nothing(framework, text):
    """Every word must occur; signs of the query language are no words."""
    make_version(make_protocol(framework, reference="MASH-014", title="Safeguarding"))
    make_version(make_protocol(framework, reference="ROAD-2", title="Roads"))
    assert found(text) == ({"MASH-014"} if text == "-mash" else set())


def test_words_follow_every_change(framework):
    """Title, purposes and the newest decision: what was changed is found, what was taken out is not."""
    version = make_version(make_protocol(framework, reference="REF-A", title="Oldtitle"))
    purpose = drafting.add_row(version, Purpose, {"text": "Otters"}, by=None, now=NOW)
    assert found("otters") == {"REF-A"}
    drafting.remove(purpose, revision=version.revision, base="", by=None, now=NOW)
    assert found("otters") == set()
    Protocol.objects.filter(pk=version.protocol_id).update(title="Newtitle")
    assert (found("newtitle"), found("oldtitle")) == ({"REF-A"}, set())
    live = make_version(make_protocol(framework, reference="REF-B"), status="in-force")
    publish(live, summary="Badgers")
    assert found("badgers") == {"REF-B"}
    publish(live, "none", summary="Badgers")
    assert found("badgers") == set()


def test_the_public_finds_only_what_is_published(client, framework):
    """UK-pub: words of an unpublished protocol, or of the next version of a published one, find nothing (canary)."""
    shown = make_version(make_protocol(framework, reference="OPEN-1", title="Shown"), status="in-force")
    publish(shown)
    make_version(make_protocol(framework, reference="SECRET-1", title="Canary title"), status="in-force")
    coming = make_version(shown.protocol, major=2)
    drafting.add_row(coming, Purpose, {"text": "Canary purpose"}, by=None, now=NOW)
    for text in ("canary", "secret", "secret-1"):
        html = client.get(reverse("register", args=[framework.slug]), {"q": text}).content.decode()
        assert "No published protocol fits these filters" in html
    assert ">Shown</a>" in client.get(reverse("register", args=[framework.slug]), {"q": "swans"}).content.decode()


def test_members_find_only_what_they_may_see(client, framework):
    """visible_to() holds: a party's reader finds no protocol, and no word of a version, that is not theirs (canary)."""
    mine = make_version(make_protocol(framework, reference="MINE-1", title="Mine"), status="in-force")
    organisation = mine.parties.last().organisation
    coming = make_version(mine.protocol, major=2)
    drafting.add_row(coming, Purpose, {"text": "Canary purpose"}, by=None, now=NOW)
    make_version(make_protocol(framework, reference="THEIRS-1", title="Canary title"), status="in-force")
    client.force_login(make_member(framework, Role.VIEWER, organisation, mfa=False))
    address = reverse("protocols", args=[framework.slug])
    assert "No protocol fits these filters" in client.get(address, {"q": "canary"}).content.decode()
    assert ">MINE-1</span>" in client.get(address, {"q": "people safe"}).content.decode()
    client.force_login(make_member(framework, Role.DRAFTER))
    html = client.get(address, {"q": "canary"}).content.decode()
    assert ">MINE-1</span>" in html
    assert ">THEIRS-1</span>" in html


def test_hits_are_of_the_scope_alone(framework):
    """The owner's function sees every tenant's words, and gives ids of the scope's framework only."""
    other = make_framework("Elsewhere")
    with scope(other.pk):
        make_version(make_protocol(other, title="Canary title"))
    with connection.cursor() as cursor:
        cursor.execute("select version_id from search_hits('canary:*', 'canary')")
        assert cursor.fetchall() == []
    with scope(other.pk), connection.cursor() as cursor:
        cursor.execute("select version_id from search_hits('canary:*', 'canary')")
        assert len(cursor.fetchall()) == 1


def test_every_version_has_its_words(framework):
    """One entry per version, made with it, whatever road it takes."""
    version = make_version(framework=framework, parties=0)
    more = Version(framework=framework, protocol=version.protocol, major=2)
    Version.objects.bulk_create([more])
    assert SearchEntry.objects.filter(version__in=[version.pk, more.pk]).count() == 2
