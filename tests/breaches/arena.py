"""Everybody to whom a closed session is closed, and every road on which they could come to it (HAR-6.4)."""

import io
import logging
import re
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from itertools import product

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client

from breaches import closed, hearing
from breaches.models import Breach, ClosedNote, ClosedSession, Proposal, Vote
from portal import agenda, agendas, minutes, notices, tenancy
from portal.errors import NotReady, StateError
from portal.models import AgendaItem, AuditEvent, CalendarFeed, OutgoingEmail
from portal.models.people import sync_permissions
from portal.permissions import Access, Role
from tests.addresses import addresses
from tests.breaches import sessions
from tests.breaches.cases import Case
from tests.builders import join, make_framework, make_member
from tests.databases import as_owner

CLOSED = (ClosedSession, ClosedNote, Proposal, Vote)
# addresses of what a session could be told by; the forms of drafting and signing have nothing of it
TELLING = re.compile(
    r"breaches|ledger|history|meeting|agenda|deadline|calendar|boards|reminders|progress/$|protocols/$|:framework>/$|<slug:reference>/$"
)
WALKERS = ("framework administrator", "auditor", "of two organisations", "joins in the middle")
# an auditor may do nothing that a framework administrator may not: these roads are enough for the second of them
SHORT = re.compile(r"ledger|/session/|/breaches/|/meetings/1/|/me/")
OPEN = "closed_session_open(breach_id)"
USING = {
    "portal_auditevent": "case when chain like 'breach-closed:%'"
    " then closed_session_open(split_part(chain, ':', 2)::bigint) else true end"
}
# what differs from one answer to the next by itself
CHANGING = re.compile(rb'(csrfmiddlewaretoken" value="|nonce[-=]"?)[A-Za-z0-9+/=_-]+')
BY_THEMSELVES = {"Content-Security-Policy", "X-Request-ID", "Content-Length"}  # a nonce; the length is the content's
PARTS = re.compile(r"<[^>]*:(\w+)>")
ONES = ("meeting", "proposal", "pk", "notice", "controller", "report", "sanction")
# across frameworks and of the whole installation: what needs doing, particulars, health, verification
ELSEWHERE = ("/me/", "/organisations/", "/verify/", "/healthz", "/readyz")
SESSION = re.compile(r"/breaches/.*(/session/|/minutes/circulate/|/sanctions/)")
# enough for each of its forms to be sent
TYPED = {
    "text": "x",
    "kind": "warning",
    "organisation": "1",
    "outcome": "x",
    "told_by": "x",
    "told_to": "x",
    "note": "x",
}


class Arena:
    """A breach in closed session, with notes, proposals and votes that hold the canary; and the excluded."""

    def __init__(self):
        self.case = Case()
        with self.scope(), transaction.atomic():
            self.case.begin()
            self.breach = self.case.report()
            self.excluded = self.people()
            sessions.presented(self.case, self.breach)
            closed.begin(self.breach, by=self.case.secretary, now=self.case.now)
            self.joins_in_the_middle()
        with self.scope(), transaction.atomic():
            made = {name: CalendarFeed.objects.make(self.case.framework, self.excluded[name], now=self.case.now)[1]
                    for name in WALKERS}  # fmt: skip
        self.feeds = {name: f"/{self.case.framework.slug}/calendar/{token}.ics" for name, token in made.items()}
        self.quiet = self.pages()
        with self.scope(), transaction.atomic():
            self.fill()
            self.before = set(OutgoingEmail.objects.values_list("pk", flat=True))

    def scope(self, user=None):
        return tenancy.scope(self.case.framework.pk, user_id=user and user.pk)

    def people(self) -> dict:
        """Whatever other role they hold."""
        framework, trust, since = self.case.framework, self.case.trust, self.case.now
        found = {
            "representative": self.case.guilty,
            "viewer": make_member(framework, Role.VIEWER, trust),
            "framework administrator": make_member(framework, Role.FRAMEWORK_ADMIN, trust),
            "auditor": make_member(framework, Role.AUDITOR, trust),
            "board secretary": make_member(framework, Role.SECRETARY, trust),
            "of two organisations": make_member(framework, Role.REPRESENTATIVE, self.case.police),
            "administrator of another body": make_member(framework, Role.FRAMEWORK_ADMIN, self.case.council),
            "left since": make_member(framework, Role.SECRETARY, self.case.council),
            "through another framework": make_member(framework, Role.AUDITOR, self.case.council),
            "joins in the middle": make_member(framework, Role.SECRETARY, self.case.council),
        }
        join(found["of two organisations"], framework, trust, Role.VIEWER)
        join(found["administrator of another body"], framework, trust, Role.VIEWER)
        gone = join(found["left since"], framework, trust, Role.VIEWER)
        gone.ended_at = since + timedelta(minutes=1)
        gone.save(update_fields=["ended_at"])
        sync_permissions(framework, found["left since"])
        other = make_framework()
        join(found["through another framework"], other, trust, Role.VIEWER)
        return found

    def joins_in_the_middle(self):
        join(self.excluded["joins in the middle"], self.case.framework, self.case.trust, Role.VIEWER)

    def fill(self):
        """Everything that can happen before the recall."""
        case, act = self.case, {"by": self.case.secretary, "now": self.case.now}
        closed.note(self.breach, text=f"{sessions.CANARY} note", **act)
        harsh = closed.propose(
            self.breach, organisation=case.trust.pk, kind="exclusion", text=f"{sessions.CANARY} exclusion", **act
        )
        closed.vote(harsh, {one.pk: "against" for one in (case.council, case.police, case.school)}, **act)
        closed.decide(self.breach, outcome=f"{sessions.CANARY} outcome", **act)
        closed.note(self.breach, text=f"{sessions.CANARY} afterthought", **act)
        # somebody writes it down where the meeting is minuted as well
        item = AgendaItem._base_manager.get(subject_id=self.breach.pk)
        minutes.write(item, f"{sessions.CANARY} minutes", revision=0, **act)
        sections = [{"heading": "Summary", "text": f"{sessions.CANARY} board paper"}]
        agendas.write_paper(item, sections, revision=0, **act)

    # --- roads

    def urls(self) -> list[str]:
        """Every address of the framework that tells of meetings, breaches, dates or the ledger, and those across frameworks
        and of the installation, filled in with what is there."""
        case = self.case
        values = {
            "framework": [case.framework.slug],
            "reference": [case.protocol.reference],
            "number": [str(self.breach.number)],
            "organisation": [str(case.trust.pk)],
            "part": ["open", "restricted"],
        }
        found = []
        for address in addresses():
            if not address.route.startswith("<slug:framework>/") or not TELLING.search(address.route):
                continue
            row = values | ({"number": [case.version.number]} if "number:number" in address.route else {})
            row |= {name: ["1"] for name in ONES}
            names = PARTS.findall(address.route)
            for chosen in product(*(row.get(name, []) for name in names)):
                path = address.route
                for name, value in zip(names, chosen, strict=True):
                    path = re.sub(rf"<[^>]*:{name}>", value, path, count=1)
                found.append("/" + path)
        base = f"/{case.framework.slug}/"
        found += [f"{base}ledger/?page=2", f"{base}ledger/?topic=breaches", f"{base}ledger/?person={case.secretary.pk}"]
        found += [f"{base}{page}/?q={sessions.CANARY}" for page in ("breaches", "protocols")]
        found += [f"{base}deadlines/?state=all", f"{base}protocols/{case.protocol.reference}/?as-at=2026-07-01"]
        return [*found, *ELSEWHERE]

    def pages(self, walkers=WALKERS, urls=None) -> dict:
        """persona, method, address → what they see, headers and all, without what changes by itself."""
        seen = {}
        roads = self.urls() if urls is None else urls
        logging.disable(logging.CRITICAL)  # a traceback for each refusal takes as long as the page
        for name in walkers:
            client = Client(raise_request_exception=False)
            client.force_login(self.excluded[name], backend="portal.accounts.AuthenticationBackend")
            mine = [url for url in roads if name != "auditor" or SHORT.search(url)]
            for url in [*mine, self.feeds[name]]:
                seen[name, "get", url] = answer_of(client.get(url))
                if SESSION.search(url):
                    seen[name, "post", url] = answer_of(client.post(url, TYPED))
        logging.disable(logging.NOTSET)
        return seen

    # --- what the guards let through, each by itself

    def faults_of_pages(self, *only) -> list:
        """A word of the session, or any difference at all that its notes, votes and decision made (lengths, counts, headers).
        only: walkers and addresses, if not all."""
        found = []
        for key, (status, headers, content) in self.pages(*only).items():
            if sessions.CANARY.encode() in content and "q=" not in key[2]:
                found.append((*key, "a word"))
            elif (status, headers, content) != self.quiet[key]:
                found.append((*key, "a difference"))
            elif SESSION.search(key[2]) and status not in {403, 404, 405}:
                found.append((*key, status))
        return found

    def faults_of_queries(self) -> list:
        """In the scope of somebody who may attend, so that row-level security is out of the way."""
        found = []
        with self.scope(self.case.secretary), transaction.atomic():
            for name, user in self.excluded.items():
                if name == "through another framework":  # of that the framework's own tables know nothing: see below
                    continue
                access = Access.of(user, self.case.framework)
                found += [(name, model.__name__) for model in CLOSED if model.objects.visible_to(access).exists()]
                events = AuditEvent.objects.visible_to(access)
                found += [(name, "ledger")] if events.filter(chain__startswith="breach-closed:").exists() else []
                hidden = Breach.objects.filter(pk=self.breach.pk)
                rule = agenda.hidden(access)
                found += [(name, "agenda")] if not self.hides(rule, hidden) else []
        return found

    def hides(self, rule, breaches) -> bool:
        """Does the rule of the agenda match an item about the breach?"""
        return bool(agenda_items_hidden(rule, breaches))

    def faults_of_the_database(self) -> list:
        """Below every query, and for a worker, and across frameworks."""
        found = []
        for name, user in [*self.excluded.items(), ("worker", None)]:
            with self.scope(user), transaction.atomic():
                found += [(name, table) for table, count in counted(self.breach) if count]
        for name, user in self.excluded.items():
            with tenancy.cross_scope(user):
                found += [(name, "across", table) for table, count in counted(self.breach) if count]
        return found

    def faults_of_acts(self) -> list:
        """Nobody of them acts in it, by any verb; PostgreSQL takes no row of theirs; and nobody chairs it."""
        found = []
        for name, user in self.excluded.items():
            act = {"by": user, "now": self.case.now}
            verbs = {
                "note": lambda act=act: closed.note(self.breach, text="x", **act),
                "propose": lambda act=act: closed.propose(self.breach, organisation=1, kind="warning", text="x", **act),
                "decide": lambda act=act: closed.decide(self.breach, outcome="x", **act),
                "end": lambda act=act: closed.end(self.breach, **act),
                "recall": lambda act=act: closed.recall(
                    self.breach, told_by="x", told_to="x", told_at=self.case.now, **act
                ),
            }
            for verb, run in verbs.items():
                if not refused(self.scope, run, PermissionDenied):
                    found.append((name, verb))
            if not refused(self.scope, lambda user=user: self.insert(user), DatabaseError):
                found.append((name, "insert"))
            chair = {"chair": user, "secretary": self.case.secretary, "by": self.case.secretary, "now": self.case.now}
            if not refused(self.scope, lambda chair=chair: hearing.name_officers(self.breach, **chair), NotReady):
                found.append((name, "chair"))
        return found

    def insert(self, user):
        """A note below every verb."""
        with self.scope(user), connection.cursor() as cursor:
            cursor.execute(
                "insert into breaches_closednote (framework_id, breach_id, session_id, text, made_at)"
                " values (%s, %s, 1, 'x', now())",
                [self.case.framework.pk, self.breach.pk],
            )

    def faults_of_mails(self) -> list:
        """No mail since the notes, and no word in any."""
        with self.scope(), transaction.atomic():
            rows = list(OutgoingEmail.objects.select_related("user", "framework"))
            texts = {row.pk: notices.render(row) for row in rows}
        found = [row.pk for row in rows if row.pk not in self.before]
        return found + [pk for pk, text in texts.items() if text and sessions.CANARY in text.subject + text.body]

    def faults(self) -> list:
        """All of them but the pages, which take longest."""
        return [
            *self.faults_of_queries(), *self.faults_of_the_database(), *self.faults_of_acts(), *self.faults_of_mails(),
        ]  # fmt: skip


def answer_of(response) -> tuple:
    """(status, headers, content), without what changes by itself."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    headers = sorted((name, value) for name, value in response.headers.items() if name not in BY_THEMSELVES)
    return response.status_code, headers, CHANGING.sub(b"", unpacked(content))


def unpacked(content: bytes) -> bytes:
    """A spreadsheet without the moment at which it was made; everything else as it is."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in book.namelist() if not name.startswith("docProps"))


def refused(scope, act, error) -> bool:
    """Does it raise this error, and leave no trace?"""
    try:
        with scope(), transaction.atomic():
            act()
            transaction.set_rollback(True)
    except error:
        return True
    except (DatabaseError, StateError, PermissionDenied):  # another refusal stood behind the one that is looked for
        return False
    return False


def counted(breach) -> list:
    """Rows of the closed tables and of the closed chain, below every manager."""
    with connection.cursor() as cursor:
        found = []
        for model in CLOSED:
            cursor.execute(f"select count(*) from {model._meta.db_table}")
            found.append((model._meta.db_table, cursor.fetchone()[0]))
        cursor.execute("select count(*) from portal_auditevent where chain like 'breach-closed:%%'")
        found.append(("portal_auditevent", cursor.fetchone()[0]))
    return found


def agenda_items_hidden(rule, breaches):
    """The pairs (content type, id) that a rule over agenda items names, asked of the breaches themselves."""
    found = set()

    def walk(node):
        for child in node.children:
            if isinstance(child, tuple):
                if child[0] == "subject_id__in":
                    found.update(child[1].values_list("pk", flat=True))
            elif hasattr(child, "children"):
                walk(child)

    walk(rule)
    return found & set(breaches.values_list("pk", flat=True))


@contextmanager
def without_policies(*tables):
    """As if the closed session's policy did not stand on these tables; committed, and put back."""
    name = connection.settings_dict["NAME"]
    with as_owner(name) as cursor:
        for table in tables:
            cursor.execute(f"alter policy closed_session on {table} using (true)")
    try:
        yield
    finally:
        with as_owner(name) as cursor:
            for table in tables:
                cursor.execute(f"alter policy closed_session on {table} using ({USING.get(table, OPEN)})")


@contextmanager
def with_function(name, signature, answer):
    """As if a function of the policies always gave this answer; committed, and put back."""
    database = connection.settings_dict["NAME"]
    with as_owner(database) as cursor:
        cursor.execute("select pg_get_functiondef(oid) from pg_proc where proname = %s", [name])
        before = cursor.fetchone()[0]
        cursor.execute(
            f"create or replace function {name}({signature}) returns boolean language sql stable security definer"
            f" set search_path = pg_catalog, public, pg_temp as $$ select {answer} $$"
        )
    try:
        yield
    finally:
        with as_owner(database) as cursor:
            cursor.execute(before)
