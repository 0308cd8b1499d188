"""What is typed is kept for its person alone, offered when they come back, and never a change of the draft."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from portal import clock, typed
from portal.permissions import Role
from portal.tenancy import scope
from protocols import deleting
from protocols.models import UnsavedDraft, Version
from tests.builders import NOW, make_member
from tests.protocols.test_drafting import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    return Desk(client)


def kept(desk, user=None):
    """What the table holds for a person."""
    with scope(desk.framework.pk, user_id=(user or desk.drafter).pk):
        return list(UnsavedDraft.objects.values_list("place", "fields"))


def type_into(desk, name, *more, **fields):
    """What the script sends while somebody types."""
    token = {"typed_by": typed.token(desk.drafter), "act": "keep"}
    return desk.client.post(desk.url(name, *more), desk.form(name, *more) | token | fields)


def test_words_are_kept_offered_used_and_gone_once_saved(desk):
    """From the first letter to the saved clause; the draft itself stays as it was until "Save"."""
    before = desk.trace()
    answer = type_into(desk, "clause-edit", desk.clause.uid, text="Half a sent")
    assert (answer.status_code, answer.json().keys()) == (200, {"at"})
    assert desk.trace() == before
    url = desk.url("clause-edit", desk.clause.uid)
    page = desk.client.get(url).content.decode()
    assert "You have unsaved changes from" in page
    assert "Half a sent" not in page
    assert "data-keep-typed" in page
    form = desk.client.get(f"{url}?unsaved=1").context["form"]
    assert form["text"].value() == "Half a sent"
    listed = desk.client.get(desk.url("draft-unsaved")).content.decode()
    assert "Half a sent" in listed
    assert re.search(r'<label [^>]*for="(kept-[^"]+)">Text</label><textarea [^>]*id="\1">', listed)
    assert "1.1" in listed
    saved = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    assert desk.client.post(f"{url}?unsaved=1", saved).status_code == 302
    assert kept(desk) == []
    assert "unsaved changes" not in desk.client.get(url).content.decode()
    with scope(desk.framework.pk):
        desk.clause.refresh_from_db()
        assert desk.clause.text == "Half a sent"


def test_kept_words_make_no_clash_and_hide_none(desk):
    """Used after a colleague saved, they meet the same clash page as the form itself would; not used, they disturb nobody."""
    url = desk.url("clause-edit", desk.clause.uid)
    type_into(desk, "clause-edit", desk.clause.uid, text="Mine, not saved")
    assert (
        desk.client.post(url, desk.form("clause-edit", desk.clause.uid) | {"text": "A colleague's"}).status_code == 302
    )
    type_into(desk, "clause-edit", desk.clause.uid, text="Mine, once more")
    with scope(desk.framework.pk):
        desk.clause.refresh_from_db()
        desk.clause.text = "Theirs"
        desk.clause.save()
        desk.version.refresh_from_db()
        desk.version.touch(revision=None, by=None, now=NOW, what="clause-changed")
    fresh = desk.form("clause-edit", desk.clause.uid)
    assert fresh["text"] == "Theirs"
    form = desk.client.get(f"{url}?unsaved=1").context["form"]
    again = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    clash = desk.client.post(url, again)
    assert clash.status_code == 409
    for words in ("Mine, once more", "Theirs"):
        assert words in clash.content.decode()


def test_nobody_else_reads_them(desk, client):
    """Another drafter's pages do not know of them, and the database itself shows each person their own rows only."""
    type_into(desk, "clause-edit", desk.clause.uid, text="For my eyes only")
    other = make_member(desk.framework, Role.DRAFTER, desk.council)
    client.force_login(other)
    for name, more in (("clause-edit", [desk.clause.uid]), ("draft-unsaved", []), ("draft", [])):
        page = client.get(desk.url(name, *more), {"unsaved": 1}).content.decode()
        assert "For my eyes only" not in page
        assert "have unsaved changes" not in page
    assert kept(desk, other) == []
    with scope(desk.framework.pk, user_id=other.pk), connection.cursor() as cursor:
        cursor.execute("select count(*) from protocols_unsaveddraft")
        assert cursor.fetchone() == (0,)
        cursor.execute("update protocols_unsaveddraft set place = 'mine now'")
        assert cursor.rowcount == 0
    client.force_login(make_member(desk.framework, Role.SECRETARY, desk.council))
    assert client.post(desk.url("clause-edit", desk.clause.uid), {"act": "keep", "text": "x"}).status_code == 403


def test_words_of_another_person_are_not_kept_as_mine(desk, client):
    """A page that was opened by somebody else, or a made-up request, keeps nothing."""
    for token in ("", "nonsense", typed.token(make_member(desk.framework, Role.DRAFTER))):
        answer = client.post(desk.url("draft-details"), {"act": "keep", "typed_by": token, "title": "x"})
        assert answer.status_code == 400
    assert kept(desk) == []


def test_they_can_be_discarded(desk):
    """On the form and on the page that lists them; somebody else's number is not found."""
    type_into(desk, "draft-details", title="A title of mine")
    assert desk.client.post(desk.url("draft-details"), {"act": "discard"}).status_code == 302
    assert kept(desk) == []
    type_into(desk, "draft-terms-add", term="Carer")
    for key in ("", "x", "0", "9" * 30):
        assert desk.client.post(desk.url("draft-unsaved"), {"discard": key}).status_code == 404
    with scope(desk.framework.pk, user_id=desk.drafter.pk):
        key = UnsavedDraft.objects.get().pk
    assert desk.client.post(desk.url("draft-unsaved"), {"discard": key}).status_code == 302
    assert kept(desk) == []


def test_words_outlive_their_clause_and_the_circulation_of_the_draft(desk):
    """The clause was removed, then the draft went out: the words are listed still, without a way to a form."""
    type_into(desk, "clause-edit", desk.clause.uid, text="Precious words")
    desk.client.post(desk.url("clause-remove", desk.clause.uid), desk.form("clause-remove", desk.clause.uid))
    listed = desk.client.get(desk.url("draft-unsaved")).content.decode()
    assert "Precious words" in listed
    assert "removed since" in listed
    with scope(desk.framework.pk):
        Version.objects.get(pk=desk.version.pk).start_consultation(by=None, now=NOW)
    assert "Precious words" in desk.client.get(desk.url("draft-unsaved")).content.decode()


def test_they_go_with_a_deleted_draft_whoever_deletes_it(desk):
    """A colleague who cannot see them deletes the draft."""
    type_into(desk, "draft-details", title="A title of mine")
    other = make_member(desk.framework, Role.DRAFTER, desk.council)
    with scope(desk.framework.pk, user_id=other.pk), transaction.atomic():
        deleting.delete_draft(desk.version, revision=1, by=other, now=NOW)
    assert kept(desk) == []


# --- a session that ends under one's hands


def sent_too_late(desk, monkeypatch, **fields):
    """A form that was opened in time and is sent after the session has ended."""
    url = desk.url("clause-edit", desk.clause.uid)
    page = desk.form("clause-edit", desk.clause.uid) | {"typed_by": typed.token(desk.drafter)}
    later = clock.now() + timedelta(seconds=settings.SESSION_IDLE_SECONDS + 60)
    monkeypatch.setattr(clock, "now", lambda: later)
    return url, desk.client.post(url, page | fields)


def test_nothing_typed_is_lost_when_the_session_has_ended(desk, monkeypatch):
    """Without JavaScript: the form sent after half an hour leads to the sign-in page and back to what was typed."""
    before = desk.trace()
    url, answer = sent_too_late(desk, monkeypatch, text="Typed for half an hour")
    assert answer.status_code == 302
    assert "kept=1" in answer.url
    assert "What you typed is kept" in desk.client.get(answer.url).content.decode()
    assert desk.trace() == before
    desk.client.force_login(desk.drafter)
    assert "You have unsaved changes from" in desk.client.get(url).content.decode()
    form = desk.client.get(f"{url}?unsaved=1").context["form"]
    assert form["text"].value() == "Typed for half an hour"
    again = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    assert desk.client.post(url, again).status_code == 302
    assert "unsaved changes" not in desk.client.get(url).content.decode()


def test_the_next_person_at_the_browser_is_not_offered_them(desk, monkeypatch):
    """Somebody else signs in on that browser: the words stay hidden from them."""
    url, _answer = sent_too_late(desk, monkeypatch, text="Typed for half an hour")
    desk.client.force_login(make_member(desk.framework, Role.DRAFTER, desk.council))
    for address in (url, f"{url}?unsaved=1"):
        page = desk.client.get(address).content.decode()
        assert "half an hour" not in page
        assert "have unsaved changes" not in page


def test_strangers_cannot_fill_the_sessions(desk):
    """Without the page's own token nothing is kept, however it is sent."""
    stranger = Client()
    for token in ("", "made:up:token"):
        answer = stranger.post(desk.url("draft-details"), {"title": "spam " * 100, "typed_by": token})
        assert "kept" not in answer.url
        assert typed.SESSION not in stranger.session


def test_a_token_of_somebody_who_has_left_fills_no_sessions(desk):
    """The token is good for a week, whoever holds it: another site sends nothing with it, and it works 20 times an hour."""
    cache.clear()
    form = {"title": "spam " * 100, "typed_by": typed.token(desk.drafter)}
    foreign = Client()
    foreign.post(desk.url("draft-details"), form, headers={"Sec-Fetch-Site": "cross-site"})
    assert not foreign.cookies.get(settings.SESSION_COOKIE_NAME)
    kept_in = []
    for _number in range(22):
        stranger = Client()
        stranger.post(desk.url("draft-details"), form)
        kept_in.append(typed.SESSION in stranger.session)
    assert kept_in == [True] * 20 + [False] * 2


def test_signing_in_again_elsewhere_loses_nothing(desk):
    """The token of the old page does not count any more (CSRF): refused, and the words wait behind one link."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(desk.drafter)
    url = desk.url("draft-details")
    answer = strict.post(url, {"title": "A title of mine", "typed_by": typed.token(desk.drafter)})
    assert answer.status_code == 403
    assert "Open the form again" in answer.content.decode()
    assert "You have unsaved changes from" in strict.get(url).content.decode()
    assert "Open the form again" not in strict.post(url, {"title": "x"}).content.decode()
