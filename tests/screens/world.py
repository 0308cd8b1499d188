"""What the addresses of the pages name, in the demonstration; and the states that the demonstration does not show.

Runs in a process with the settings of the photographed server. Everything is done by the real verbs.
"""

import time
from datetime import timedelta
from functools import partial

from django.urls import reverse

from portal import clock, invitations, organisations, partnerships
from portal import workflow as people
from portal.models import (
    Board,
    Invitation,
    MemberOrganisation,
    Membership,
    Organisation,
    User,
)
from portal.models.people import sync_permissions
from portal.permissions import Role
from protocols import arrangements, consulting, demo_texts, intentions
from protocols import workflow as drafting
from protocols.models import Edition, JoinRequest, Pilot, Protocol, Tier, Version
from signatories import demo
from signatories import workflow as signing
from signatories.demo.people import PASSWORD, PEOPLE
from signatories.models import Authority
from tests.builders import fill, make_party
from tests.screens.again import Again
from tests.screens.breaches import breaches_of
from tests.screens.inside import inside
from tests.screens.reviewed import make_reviews
from tests.screens.undelivered import undelivered
from tests.screens.ways import BOTH, BREACHER
from tests.screens.world_due import things as due_things
from tests.screens.world_meetings import meetings_of_anyshire
from tests.totp import next_code

EDITIONS = 4  # two protocols in force, each with the parties' and the public copy
FRAMEWORKLESS = {"home", "me", "what-applies", "verify", "checkpoints", "invitation", "demo", "demo-mail"}
FRAMEWORKLESS |= {"help", "accessibility", "privacy", "cookies"}
STATES = ("consulted", "submitted", "approved", "revised", "urgent")
NEWCOMER = "wren.hathersage@example.org"
INVITED = "isolde.penhallow@example.org"


class World:
    """`args(page)`: the values of an address. `person(role, slug)`: the address of somebody with a role."""

    def __init__(self):
        self.password, self.newcomer = PASSWORD, NEWCOMER
        self.things = {"haringey": {}, "anyshire": {}, "elmshire": {}, "millborough": {}}
        self.now = clock.now()

    def person(self, role, slug="haringey"):
        """Of the demonstration's people."""
        if role == "signed":
            return self.things[slug]["signer"]
        if role == BREACHER:
            return next(one.email for one in PEOPLE if one.organisation == "Anyshire Community Health Trust")
        if role == BOTH:
            return next(one.email for one in PEOPLE if one.organisation == "Vale and Moor Police")
        return next(one.email for one in PEOPLE if (one.framework, one.role) == (slug, role))

    def args(self, page):
        """What stands in the address, in order of the names given."""
        return {key: self.things[page.framework].get(what, what) for key, what in page.args.items()}

    def address(self, page):
        """Where the page is."""
        if page.path:
            return page.path
        args, slug = self.args(page), {"framework": page.framework}
        query = page.query.replace("THEN", str(clock.london_date(self.now) - timedelta(days=180)))
        if page.name in FRAMEWORKLESS or page.name.startswith(("account_", "mfa_")):
            return reverse(page.name, kwargs=args) + query
        return reverse(page.name, kwargs=slug | args) + query

    def email(self, page):
        """Who looks at it; "" for nobody signed in."""
        if page.persona == "anybody":
            return ""
        if page.framework == "anyshire" and page.persona == "representative":
            return self.things["anyshire"]["waits"]
        return self.person(page.persona, page.framework)

    def key(self, email):
        """Number of an account, as it stands in the buttons of the demonstration."""
        return User.objects.get(email=email).pk

    def code_of(self, email):
        """A code of the person's app that was not used yet."""
        return next_code(User.objects.get(email=email))

    def wait_for_seals(self, seconds):
        """Until the worker has sealed what the demonstration shows. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            with inside("haringey"):
                if Edition.objects.filter(status=Edition.Status.SEALED).count() >= EDITIONS:
                    return
            if time.monotonic() > deadline:
                raise TimeoutError("The worker does not seal the demonstration's documents.")
            time.sleep(0.5)

    def documents(self):
        """Name → PDF: the sealed edition, the public copy and the text copy of the protocol in force."""
        with inside("haringey"):
            version = Version.objects.get(protocol__reference="HSP-ISP-014")
            found = {edition.kind: edition.file.content() for edition in version.editions.select_related("file")}
            return found | {"text-copy": version.text_copy.content()}

    # --- making

    def make(self):
        """Everything that the pictures need beyond the demonstration."""
        with inside("haringey") as framework:
            self.haringey(framework)
            self.newcomers(framework)
        with inside("anyshire"):
            self.anyshire()

    def haringey(self, framework):
        """Names of what is there, and three more protocols in three states."""
        versions = Version.objects.select_related("protocol")
        live = versions.get(protocol__reference="HSP-ISP-014")
        draft = versions.get(protocol__reference=demo.FOR_THE_NEWCOMER)
        self.edition = live.editions.filter(kind=Edition.Kind.PARTIES).select_related("file").get()
        self.code = self.edition.code
        self.draft_clause = draft.clauses.filter(kind="clause").first()
        self.things["haringey"] = due_things(self, framework) | {
            "in_force": "HSP-ISP-014",
            "general": "HSP-GEN-001",
            "draft": demo.FOR_THE_NEWCOMER,
            "clause": str(self.draft_clause.uid),
            "term": draft.terms.first().pk,
            "item": draft.data_items.first().pk,
            "flow": draft.data_flows.first().pk,
            "purpose": draft.purposes.first().pk,
            "related": draft.related_documents.first().pk,
            "party": draft.parties.first().pk,
            "member": MemberOrganisation.objects.first().pk,
            "deputised": undelivered(framework, self.now).pk,
            "membership": Membership.objects.live().first().pk,
            "authority": Authority.objects.first().pk,
            "join_request": JoinRequest.objects.ask(
                framework,
                now=self.now,
                organisation="North Haringey Youth Club",
                protocol=live.protocol,
                person="Robin Ferndale",
                email="robin@youthclub.example",
                message="We run evening sessions for about 200 young people and meet the council’s workers every week.",
            ).pk,
        }
        self.things["haringey"] |= self.arrange(live.protocol)
        mine = self.things["haringey"]["mine"]
        self.things["haringey"] |= make_reviews(live, Again(framework, now=self.now), mine)
        for number, state in enumerate(STATES, 16):
            self.things["haringey"][state] = f"HSP-ISP-{number:03}"
            self.stage(framework, state, self.things["haringey"][state])

    def arrange(self, protocol):
        """Procedures in several states, and a manager of the organisation that the representative speaks for."""
        mine = Organisation.objects.get(
            name=next(p.organisation for p in PEOPLE if p.email == self.person("representative"))
        )
        facts = {"owner": "Safeguarding lead", "link": "https://example.org/procedure"}
        add = partial(arrangements.add, protocol, by=None, now=self.now)
        add("joint", None, facts | {"title": "Referral between the partners", "status": "in-preparation"})
        add("manager", mine, {"title": "Wren Hathersage", "owner": "Head of Information"})
        made = add("local", mine, facts | {"title": "Handling of requests at the front desk", "status": "in-place"})
        return {"mine": mine.pk, "procedure": made.pk}

    def stage(self, framework, state, reference):
        """A further protocol under the general one, with a comment, brought into a state."""
        story = Again(framework, now=self.now)
        text = demo_texts.load("haringey")
        version = story.begin(text, reference, Protocol.objects.get(reference="HSP-GEN-001"), self.now)
        story.fill(version, text)
        version.effective_on, version.sign_by = story.date(60), story.date(40)
        version.review_first_months, version.review_then_months = 6, 12
        version.save()
        drafter, secretary = story.who("drafter"), story.who("secretary")
        consultation = drafting.open_consultation(
            version, closes_on=story.date(14), by=drafter, now=self.now, change="Circulated for comments"
        )
        signer = story.who("representative")
        clause = version.clauses.filter(label="4.1").first()
        said = drafting.comment(
            consultation,
            by=signer,
            organisation=Organisation.objects.get(name=next(p.organisation for p in PEOPLE if p.email == signer.email)),
            clause_uid=clause.uid,
            text="Please say who tells the family.",
            now=self.now,
        )
        if state == "consulted":
            drafting.reply(
                said, organisation=version.protocol.lead_organisation, text="Which family do you mean?", by=drafter,
                now=self.now, drafter=True,
            )  # fmt: skip
            groups = [
                {"name": name, "people": n} for name, n in (("children", 236), ("parents", 103), ("practitioners", 259))
            ]
            row = consulting.add(
                version, kind="event", name="Workshops", held_on=story.date(-3), groups=groups, by=drafter, now=self.now
            )
            party = version.parties.get(organisation=said.organisation)
            facts = {"will_sign": True, "sign_by": story.date(30), "note": "After our cabinet meets."}
            intentions.give(party, **facts, by=signer, now=self.now)
            self.things["haringey"] |= {"comment": said.pk, "consulted_row": row.pk, "own_party": party.pk}
            return
        drafting.respond(said, text="The lead professional does; 4.1 says so.", by=drafter, now=self.now)
        drafting.close_consultation(consultation, by=drafter, now=self.now)
        if state == "revised":
            drafting.take_back(version, reason="Comments taken in", by=drafter, now=self.now)
            revise(version)
            return
        drafting.submit(version, by=drafter, now=self.now)
        more = {"urgent": {"outcome": "urgent", "ratify_by": story.date(10)}, "approved": {"outcome": "approved"}}
        if state in more:
            drafting.decide(
                version, by=secretary, now=self.now, board=version.protocol.tier.deciding_body,
                decided_on=story.date(0), reference="Minute 12", **more[state],
            )  # fmt: skip

    def policy(self, framework, council, board):
        """A document that one organisation adopts, approved; and a pilot."""
        story = Again(framework, now=self.now)
        tier = Tier.objects.create(
            framework=framework, level="partnership", name="Information sharing policy", order=4, deciding_body=board,
            adopted=True,
        )  # fmt: skip
        drafter, secretary = story.who("drafter"), story.who("secretary")
        version = drafting.create_protocol(
            framework, tier=tier, reference="HSP-POL-001", title="Policy on sharing information with partners",
            lead_organisation=council, external_parent="Charter of the partners", by=drafter, now=self.now,
        )  # fmt: skip
        version.effective_on, version.review_first_months, version.review_then_months = story.date(30), 6, 12
        version.save()
        fill(version)
        make_party(version, council)
        drafting.submit(version, by=drafter, now=self.now)
        drafting.decide(
            version, by=secretary, now=self.now, board=board, decided_on=story.date(0), reference="Minute 3",
            outcome="approved",
        )  # fmt: skip
        self.things["haringey"]["policy"] = "HSP-POL-001"
        live = Version.objects.get(protocol__reference="HSP-ISP-014")
        Pilot.objects.create(
            framework=framework, version=live, starts_on=story.date(-30), ends_on=story.date(60),
            evaluation="Three teams tried it for a month. Requests were answered in two days instead of nine.",
        )  # fmt: skip

    def newcomers(self, framework):
        """Somebody who has a password and no app yet, and somebody who has an invitation."""
        council = Organisation.objects.get(name=PEOPLE[0].organisation)
        user = User.objects.create_user(
            NEWCOMER, "Wren Hathersage", PASSWORD, job_title="Information Governance Officer"
        )
        Membership.objects.create(
            framework=framework, user=user, organisation=council, role=Role.DRAFTER, started_at=self.now
        )
        sync_permissions(framework, user)
        people.invite(
            framework, email=INVITED, full_name="Isolde Penhallow", job_title="Information Officer", organisation=council,
            role=Role.DRAFTER, by=User.objects.get(email=self.person("framework_admin")), now=self.now,
        )  # fmt: skip
        member = people.new_organisation(
            framework, name="Anyvale Youth Association", joined_on=clock.london_date(self.now), by=None, now=self.now
        )
        organisations.suspend(member, reason="Its registration has lapsed.", by=None, now=self.now)
        self.things["haringey"]["suspended"] = member.pk
        board = Board.objects.create(framework=framework, name="Safer Communities Partnership Board")
        owner = partnerships.create(
            framework, name="Safer Communities", board=board, organisations=[council], by=None, now=self.now
        )
        tier = Tier.objects.create(
            framework=framework, level="operational", name="Working agreement", order=3, deciding_body=board
        )
        self.things["haringey"] |= {"partnership": owner.pk, "free_tier": tier.pk}
        self.policy(framework, council, board)
        offer = Invitation.objects.get(email=INVITED)
        self.things["haringey"]["token"] = invitations.path_of(offer).strip("/").split("/")[-1]

    def anyshire(self):
        """The protocol that one of three parties has signed, and its people."""
        version = Version.objects.select_related("protocol").get(status=Version.Status.OPEN_FOR_SIGNATURE)
        signed = version.parties.get(status="signed")
        waiting = version.parties.filter(status="invited").first()
        mine = next(p for p in PEOPLE if p.framework == "anyshire" and p.capacity and p.organisation == waiting.name)
        done = next(p for p in PEOPLE if p.framework == "anyshire" and p.capacity and p.organisation == signed.name)
        own = Authority.objects.get(user__email=mine.email)
        deputy = User.objects.create_user(
            "alder.finch@example.org", "Alder Finch", PASSWORD, job_title="Superintendent"
        )
        Membership.objects.create(
            framework=own.framework,
            user=deputy,
            organisation=own.organisation,
            role=Role.REPRESENTATIVE,
            started_at=self.now,
        )
        sync_permissions(own.framework, deputy)
        delegation = signing.delegate(
            own, user=deputy, protocol=None, capacity="Superintendent, for and on behalf of the Force",
            valid_from=clock.london_date(self.now), valid_to=clock.london_date(self.now) + timedelta(days=60),
            by=own.user, now=self.now,
        )  # fmt: skip
        self.things["anyshire"] = (
            meetings_of_anyshire()
            | {
                "delegation": delegation.pk,
                "open": version.protocol.reference,
                "party_signed": signed.pk,
                "party_waiting": waiting.pk,
                "signer": done.email,
                "waits": mine.email,
            }
            | breaches_of(self, own.framework)
        )

    def keep_typed(self, page, name=""):
        """Words typed on the clause's form and kept; then the page again, which offers them, or a page that lists them."""
        listed = page.url
        if name:
            page.goto(f"{listed.rsplit('/', 2)[0]}/clauses/{self.draft_clause.uid}/")
        page.locator("main [name=text]").fill("What I typed and did not save yet.")
        page.get_by_text("Saved at").wait_for()
        page.goto(listed)

    def clash(self, page):
        """Somebody else changes the clause while it is open in the browser."""
        page.locator("main [name=text]").fill("What I wrote meanwhile.")
        with inside("haringey"):
            self.draft_clause.refresh_from_db()
            self.draft_clause.text += " (changed by a colleague)"
            self.draft_clause.save()
            self.draft_clause.version.touch(
                revision=None, by=User.objects.get(email=self.person("secretary")), now=self.now, what="clause-changed"
            )
        page.get_by_role("main").get_by_role("button", name="Save", exact=True).click()


def revise(version) -> None:
    """What a drafter does after a round: other words, a clause less, one more, one elsewhere, and new numbers."""
    find = version.clauses.get
    changed = find(label="4.1")
    changed.text = f"The lead professional tells the family. {changed.text.replace('must ensure', 'shall make sure')}"
    changed.save()
    find(label="8.3").delete()
    first, moved = find(label="12.1"), find(label="7.4")
    first.parent.children.create(
        framework=version.framework, version=version, order=0, kind="clause",
        text="Each organisation names an officer who answers for the use of this protocol.",
    )  # fmt: skip
    moved.order = 0
    moved.save()
    for parent in (first.parent, moved.parent):
        for place, row in enumerate(parent.children.order_by("order", "pk"), 1):
            row.order, row.label = place, f"{parent.label}.{place}"
            row.save()
    term = version.terms.first()
    term.text = "means what the Children Act 2004 says of it."
    term.save()
