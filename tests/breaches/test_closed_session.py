"""The closed session is attacked by every road that HAR-6.4 names; with each guard taken away, one finds something."""

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction

from breaches import attending, hearing, hiding, views_session
from breaches.models import Breach, session
from breaches.models.session import AccessRequired
from portal import agenda, tenancy
from portal.db.context import Scope
from portal.models import ledger
from portal.permissions import Role
from tests.breaches.arena import CLOSED, Arena, counted, with_function, without_policies
from tests.breaches.cases import STARTED
from tests.builders import make_member, make_organisation, make_user
from tests.databases import connected_to, copy_of_template

TABLES = (
    "breaches_closedsession", "breaches_closednote", "breaches_proposal", "breaches_vote", "portal_auditevent",
)  # fmt: skip


@pytest.fixture(scope="module")
def arena(django_db_setup, django_db_blocker):
    """In a database of its own, committed: policies can be taken away from outside."""
    with (
        django_db_blocker.unblock(),
        copy_of_template() as name,
        connected_to(name),
        time_machine.travel(STARTED, tick=False),
    ):
        cache.clear()
        yield Arena()


def test_those_who_attend_see_it(arena):
    """Positive control: the same tables and pages are full for a board secretary and for a partner."""
    for user in (arena.case.secretary, arena.case.officer):
        with arena.scope(user), transaction.atomic():
            assert all(count for _table, count in counted(arena.breach))


def test_who_attends(arena):
    """HAR-6.4, asked of the rule itself, since the database stands behind it: who acts for another party, keeps the
    board's records or reads the ledger; no viewer, nobody of another body, nobody without a role."""
    case, attend = arena.case, set()
    with tenancy.scope(case.framework.pk), transaction.atomic():
        elsewhere = make_organisation("Elsewhere", framework=case.framework)
        people = {
            "secretary": case.secretary, "auditor": case.auditor, "partner": case.officer, "drafter": case.drafter,
            "viewer of a party": case.teacher, "in breach": case.guilty,
            "representative of no party": make_member(case.framework, Role.REPRESENTATIVE, elsewhere),
            "auditor of the organisation in breach": make_member(case.framework, Role.AUDITOR, case.trust),
            "nobody": make_user(),
        }  # fmt: skip
        for who, user in people.items():
            with arena.scope(user):
                if session.attended(case.access(user)).filter(pk=arena.breach.pk).exists():
                    attend.add(who)
        transaction.set_rollback(True)
    assert attend == {"secretary", "auditor", "partner", "drafter"}


def test_no_page_tells_them_anything(arena):
    """HAR-6.4: every address of the framework as each of the excluded, before and after notes, votes and decision: no
    word, and not one byte of difference (counts, lengths, page numbers)."""
    assert arena.faults_of_pages() == []


def test_no_query_gives_them_a_row(arena):
    """HAR-6.4: lists, counts, searches and exports ask `visible_to`; the ledger leaves the chain out whole; agendas too."""
    assert arena.faults_of_queries() == []


def test_the_database_gives_them_no_row(arena):
    """HAR-6.4: below every query, for workers and across frameworks as well."""
    assert arena.faults_of_the_database() == []


def test_the_database_shows_it_in_its_own_framework(arena):
    """Whoever attends sees none of it while working in another framework, nor across others: the tenant's policies stand
    beside the session's."""
    elsewhere, user = arena.case.framework.pk + 1, arena.case.secretary.pk
    for scope in (Scope(framework=elsewhere, user=user), Scope(frameworks=(elsewhere,), user=user, cross=True)):
        with tenancy.entered(scope), transaction.atomic():
            assert [table for table, count in counted(arena.breach) if count and table != "portal_auditevent"] == []


@pytest.mark.parametrize("table", [model._meta.db_table for model in CLOSED])
def test_the_database_takes_no_row_of_theirs(arena, table):
    """HAR-6.4: whatever is missing in the row, the policy refuses it first."""
    insert = f"insert into {table} (framework_id, breach_id) values (%s, %s)"
    for user in arena.excluded.values():
        with (
            arena.scope(user),
            connection.cursor() as cursor,
            pytest.raises(DatabaseError, match="row-level security"),
            transaction.atomic(),
        ):
            cursor.execute(insert, [arena.case.framework.pk, arena.breach.pk])


def test_they_do_not_act_in_it(arena):
    """HAR-6.4: no verb, no row, and no chair or secretary of theirs."""
    assert arena.faults_of_acts() == []


def test_no_mail_tells_of_it(arena):
    """HAR-6.4: nobody is written to about notes, votes or the decision."""
    assert arena.faults_of_mails() == []


def test_closed_tables_have_no_way_around():
    """No field history of theirs; their managers need somebody who reads."""
    names = {model._meta.model_name for model in apps.get_app_config("breaches").get_models()}
    assert not [name for name in names if name.startswith("historical")]
    with tenancy.scope(1):
        for model in (*CLOSED,):
            for look in (model.objects.all, model.objects.count, model.objects.filter):
                with pytest.raises(AccessRequired):
                    look()


# --- with each guard taken away, one at a time


@pytest.mark.parametrize("table", TABLES)
def test_sabotaged_policy_is_noticed(arena, table):
    """Row-level security of one table gone: the look below the queries sees it."""
    with without_policies(table):
        assert table in {fault[-1] for fault in arena.faults_of_the_database()}


@pytest.mark.parametrize(
    ("name", "signature", "answer"),
    [
        ("breach_belongs", "person bigint, wanted bigint", "false"),
        ("closed_session_open", "wanted bigint", "true"),
    ],
)
def test_sabotaged_function_is_noticed(arena, name, signature, answer):
    """The functions on which the policies rest say "yes, come in"."""
    with with_function(name, signature, answer):
        assert arena.faults_of_the_database()
        assert arena.faults_of_acts()


def everything(access):
    return Breach.objects.filter(framework=access.framework)


def test_sabotaged_visible_to_is_noticed(arena, monkeypatch):
    """The condition of the queries lets everybody in."""
    monkeypatch.setattr(session, "attended", everything)
    assert {"ClosedSession", "ClosedNote", "Proposal", "Vote"} <= {fault[-1] for fault in arena.faults_of_queries()}


def test_sabotaged_chain_is_noticed(arena, monkeypatch):
    """The ledger does not leave the closed chain out."""
    monkeypatch.setattr(ledger, "HIDDEN_CHAINS", [])
    assert "ledger" in {fault[-1] for fault in arena.faults_of_queries()}


def test_sabotaged_agenda_is_noticed(arena, monkeypatch):
    """Agendas hide nothing."""
    monkeypatch.setattr(agenda, "RULES", [])
    assert "agenda" in {fault[-1] for fault in arena.faults_of_queries()}


def test_sabotaged_acting_is_noticed(arena, monkeypatch):
    """The verbs do not ask who acts: only the database still refuses."""
    monkeypatch.setattr(attending, "is_open_to_reader", lambda breach: True)
    assert {"note", "propose", "decide", "end", "recall"} <= {fault[-1] for fault in arena.faults_of_acts()}


def test_sabotaged_substitution_is_noticed(arena, monkeypatch):
    """Anybody may chair."""
    monkeypatch.setattr(hearing, "belongs", lambda user, breach: False)
    assert "chair" in {fault[-1] for fault in arena.faults_of_acts()}


def test_both_guards_gone_is_seen_on_the_pages(arena, monkeypatch):
    """Query and policies gone together: the walk over the pages sees it, so it looks at the right places."""
    monkeypatch.setattr(session, "attended", everything)
    monkeypatch.setattr(views_session, "attended", everything)
    monkeypatch.setattr(hiding, "attended", everything)
    slug = arena.case.framework.slug
    roads = [f"/{slug}/breaches/{arena.breach.number}/session/", f"/{slug}/ledger/", f"/{slug}/meetings/1/"]
    with without_policies(*TABLES):
        seen = {fault[2] for fault in arena.faults_of_pages(["framework administrator"], roads)}
    assert seen == set(roads)
