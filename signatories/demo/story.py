"""What every framework of the demonstration is told with: its people and protocols, by the product's own verbs.

`Story` loads one framework; the files beside it say what happens in each. The texts are data (protocols.demo_texts).
"""

from datetime import date, datetime, time, timedelta
from functools import cache

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.contrib.auth.hashers import make_password

from portal import clock, organisations, partnerships, second_factor, tenancy
from portal import workflow as people
from portal.models import Board, Framework, Membership, Organisation, Partnership, StoredFile, User
from portal.models.history import at_moment
from portal.models.people import sync_permissions
from protocols import adoption, demo_texts, pilots, presets
from protocols import workflow as drafting
from protocols.models import (
    Clause,
    DataFlow,
    DataItem,
    Party,
    Protocol,
    Publication,
    Purpose,
    RelatedDocument,
    Term,
    Tier,
    Version,
)
from signatories import workflow as signing
from signatories.demo.people import PASSWORD, PEOPLE
from signatories.evidence import Submission
from signatories.statements import statements

NOON = time(12, 0)


class Story:
    """Loads one framework. `day(n)` is noon in London n days from the day of loading (negative: before)."""

    def __init__(self, slug: str, *, now: datetime):
        self.slug, self.now = slug, now
        self.framework: Framework
        self.user: dict[str, User] = {}

    def day(self, offset: int, at: time = NOON) -> datetime:
        """An hour in London of a day near today."""
        return datetime.combine(self.date(offset), at, tzinfo=clock.LONDON)

    def date(self, offset: int) -> date:
        """A day near today."""
        return clock.london_date(self.now) + timedelta(days=offset)

    def midnight(self, offset: int) -> datetime:
        """The beginning of a day near today, as things come into force and expire."""
        return clock.start_of_day(self.date(offset))

    def who(self, role: str) -> User:
        """The person of this framework with a role."""
        return self.user[next(p.email for p in PEOPLE if p.framework == self.slug and p.role == role)]

    def found(
        self,
        text: dict,
        *,
        since: int,
        preset: str = Framework.Preset.GENERAL_INDIVIDUAL,
        board: str = "",
        members: list[dict] | None = None,
    ) -> None:
        """Framework, board, tiers of the preset, organisations, people and authorities.

        members: the organisations; default are the parties of the text.
        """
        facts, moment = text["framework"], self.day(since)
        board = board or text["protocol"]["deciding_body"]
        self.framework = people.create_framework(
            name=facts["name"],
            slug=facts["slug"],
            nation=facts["nation"],
            preset=preset,
            board=board,
            by=None,
            now=moment,
        )
        with tenancy.scope(self.framework.pk):
            presets.apply(self.framework, by=None, now=moment, board_name=board)
            for organisation in members or text["parties"]:
                self.organisation(organisation, moment)
            for person in PEOPLE:
                if person.framework == self.slug:
                    self.person(person, moment)

    def organisation(self, party: dict, moment) -> None:
        """A party of the text becomes a member of the framework, with the particulars that the text prints."""
        joined = {"joined_on": clock.london_date(moment), "by": None, "now": moment}
        known = Organisation.objects.filter(name=party["organisation"]).first()
        if known is not None:
            organisations.join(self.framework, known, **joined)
            return
        people.new_organisation(
            self.framework,
            **joined,
            name=party["organisation"],
            address=party["address"],
            telephone=party["telephone"],
            ico_number=party["ico_number"] or "",
            ico_expires=self.date(300) if party["ico_number"] else None,
            ods_code=party["ods_code"] or "",
            nation=self.framework.nation,
        )

    def partnership(self, name: str, members: list[str], *, board: str, since: int) -> Partnership:
        """A partnership with a board of its own, owner of tier 2 protocols (KEN-4.3iii)."""
        return partnerships.create(
            self.framework,
            name=name,
            board=people.add_board(self.framework, board, kind=Board.Kind.PARTNERSHIP, by=None, now=self.day(since)),
            organisations=[named(one) for one in members],
            by=None,
            now=self.day(since),
        )

    def pilot(self, version: Version, *, since: int, first: int, last: int) -> None:
        """Make a draft a pilot from one day to another (DUD-11)."""
        pilots.set_period(
            version, starts_on=self.date(first), ends_on=self.date(last), by=self.who("drafter"), now=self.day(since)
        )

    def adopt(self, version: Version, *, offset: int, body: str, minute: str) -> None:
        """The one organisation adopts an approved version (DUD-8); it is in force if its effective date has passed."""
        moment = self.day(offset)
        adoption.adopt(
            version, body=body, decided_on=self.date(offset), reference=minute, bound=True, by=self.who("secretary"),
            now=moment,
        )  # fmt: skip
        version.refresh_from_db()
        self.into_force(version)

    def into_force(self, version: Version) -> None:
        """What the worker does at the moment when a completed version comes into force, if that has passed."""
        if version.in_force_from and version.in_force_from <= self.now:
            version.bring_into_force(now=version.in_force_from)
            pilots.begin(version, now=version.in_force_from)

    def person(self, person, moment) -> None:
        """An account with an authenticator app, a role, and for a representative an authority."""
        user = User.objects.filter(email=person.email).first()
        if user is None:
            user = User.objects.create(
                email=person.email, full_name=person.name, job_title=person.job_title, password=password()
            )
            TOTP.activate(user, generate_totp_secret())
        self.user[person.email] = user
        organisation = named(person.organisation)
        Membership.objects.create(
            framework=self.framework, user=user, organisation=organisation, role=person.role, started_at=moment
        )
        sync_permissions(self.framework, user)
        if person.capacity:
            signing.record_authority(
                self.framework,
                user=user,
                organisation=organisation,
                by=None,
                now=moment,
                capacity=person.capacity,
                granted_by=f"Chief officer of {organisation.name}",
                scope="Information sharing protocols of this partnership",
                valid_from=clock.london_date(moment),
                valid_to=None,
            )

    # --- one protocol

    def draft(
        self,
        text: dict,
        *,
        reference="",
        parent: Protocol | None = None,
        last_draft: int,
        effective: int,
        sign_by: int,
        partnership: Partnership | None = None,
        expires: int | None = None,
        title: str = "",
    ) -> Version:
        """The text as a draft, its earlier numbered drafts circulated and taken back (HAR-¶9)."""
        issues = text["document_control"]["drafts"]
        first = self.day(last_draft - max(issue["days_before_last"] for issue in issues) - 1)
        version = self.begin(text, reference or text["protocol"]["reference"], parent, first, partnership, title)
        with at_moment(first, self.who("drafter")):
            self.fill(version, text)
            version.effective_on, version.sign_by = self.date(effective), self.date(sign_by)
            version.expires_on = None if expires is None else self.date(expires)
            version.review_first_months = text["version"]["review"]["first_months"]
            version.review_then_months = text["version"]["review"]["then_months"]
            version.classification = text["version"]["classification"]
            version.save()
        drafter = self.who("drafter")
        for issue in issues[:-1]:
            moment = self.day(last_draft - issue["days_before_last"])
            closes = clock.london_date(moment) + timedelta(days=7)
            consultation = drafting.open_consultation(
                version, closes_on=closes, by=drafter, now=moment, change=issue["change"]
            )
            drafting.close_consultation(consultation, by=drafter, now=moment + timedelta(days=7))
            drafting.take_back(version, reason="Comments taken in", by=drafter, now=moment + timedelta(days=8))
        return version

    def begin(self, text, reference, parent, moment, partnership=None, title="") -> Version:
        """Identity of the protocol, and its version 1.0."""
        facts = text["protocol"]
        outside = facts["parent"] if facts["parent"] and facts["parent"]["external"] else None
        return drafting.create_protocol(
            self.framework,
            tier=Tier.objects.get(framework=self.framework, level=facts["tier"]["level"]),
            parent=parent,
            partnership=partnership,
            external_parent=outside["title"] if outside else "",
            external_parent_dated=date.fromisoformat(outside["dated"]) if outside else None,
            reference=reference,
            title=title or facts["title"],
            lead_organisation=named(facts["lead_organisation"]),
            by=self.who("drafter"),
            now=moment,
        )

    def fill(self, version: Version, text: dict) -> None:
        """Clauses, definitions, purposes, data items and parties of the text."""
        own = {"framework": self.framework, "version": version}
        order = 0

        def clauses(nodes, parent):
            nonlocal order
            for node in nodes:
                order += 10
                row = Clause.objects.create(
                    **own,
                    uid=node["uid"],
                    parent=parent,
                    order=order,
                    kind=node["kind"],
                    label=node["label"],
                    title=node["title"],
                    text=node["text"],
                )
                clauses(node["children"], row)

        clauses(demo_texts.with_uids(text["clauses"], version.protocol.reference), None)
        for row in text["definitions"]:
            Term.objects.create(**own, term=row["term"], text=row["text"])
        for row in text["purposes"]:
            Purpose.objects.create(**own, label=row["label"], text=row["text"])
        for row in text["data_items"]:
            DataItem.objects.create(
                **own, label=row["label"], level=row["level"], name=row["name"], detail=row["detail"]
            )
        for row in text.get("related_documents", []):
            inside = Protocol.objects.filter(framework=self.framework, reference=row.get("protocol", "")).first()
            words = {name: row.get(name, "") for name in ("owner", "link")}
            RelatedDocument.objects.create(**own, title=row["title"], protocol=inside, **words)
        for number, row in enumerate(demo_texts.flows(text), 1):
            DataFlow.objects.create(**own, label=f"F{number}", **self.parties_by_id(row))
        for index, row in enumerate(text["parties"]):
            Party.objects.create(
                **own,
                organisation=named(row["organisation"]),
                order=index,
                required=row["required"],
                name=row["organisation"],
                address=row["address"],
                telephone=row["telephone"],
            )

    def parties_by_id(self, flow: dict) -> dict:
        """A flow of a text with the ids of its organisations in place of their names."""

        def key(name):
            return name if name in ("", "all") else str(named(name).pk)

        return flow | {"source": key(flow["source"]), "recipients": [key(name) for name in flow["recipients"]]}

    def approve(self, version: Version, *, approved: int, minute: str) -> None:
        """Submitted, and decided by the deciding body."""
        drafting.submit(version, by=self.who("drafter"), now=self.day(approved - 3))
        board = version.protocol.deciding_body
        drafting.decide(
            version,
            by=self.who("secretary"),
            now=self.day(approved),
            board=board,
            decided_on=self.date(approved),
            reference=minute,
            outcome="approved",
        )

    def submit_after_round(self, version: Version, *, offset: int) -> None:
        """The open round is closed, and the draft goes to the deciding body."""
        drafter, moment = self.who("drafter"), self.day(offset)
        drafting.close_consultation(drafting.open_round(version), by=drafter, now=moment)
        drafting.submit(version, by=drafter, now=moment + timedelta(hours=1))

    def approve_and_open(self, version: Version, *, approved: int, opened: int, minute: str) -> None:
        """Submitted, decided by the board, opened for signature."""
        self.approve(version, approved=approved, minute=minute)
        signing.open_for_signature(version, by=self.who("drafter"), now=self.day(opened))

    def sign(
        self, version: Version, *, first: int, how_many: int | None = None, names: list[str] | None = None, at=NOON
    ) -> None:
        """The representatives sign, one a day, each with a second factor of their own.

        names: of the organisations that sign, in this order; default are the parties in theirs, or the first of them.
        """
        by_name = {party.name: party for party in version.parties.select_related("organisation", "version")}
        for offset, name in enumerate(names if names is not None else list(by_name)[:how_many]):
            self.sign_for(by_name[name], self.representative(name), self.day(first + offset, at))
        version.refresh_from_db()

    def representative(self, organisation: str) -> User:
        """Who signs for an organisation by an authority of their own."""
        held = (p for p in PEOPLE if p.framework == self.slug and p.organisation == organisation and p.capacity)
        return self.user[next(held).email]

    def sign_for(self, party: Party, user: User, moment: datetime) -> None:
        """One signature, with the code that the app showed at that moment."""
        sha256 = StoredFile.objects.get(purpose="canonical", subject_id=party.version_id).sha256
        second_factor.prove(user, code_at(user, moment), sha256=sha256, now=moment)
        ticked = tuple(shown.key for shown in statements(party))
        signing.sign(party, Submission(sha256=sha256, ticked=ticked, opened_at=moment), by=user, now=moment)

    def publish(self, version: Version, text: dict, *, offset: int) -> None:
        """Record the publication decision that stands in the text (UK-pub)."""
        Publication.objects.decide(
            version,
            by=self.who("secretary"),
            now=self.day(offset),
            review_on=self.date(offset + 365),
            **text["publication"],
        )


def code_at(user: User, moment: datetime) -> str:
    """The code that the person's authenticator app showed at a moment."""
    secret = decrypt(Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"])
    return format_hotp_value(hotp_value(secret, int(moment.timestamp()) // 30))


def named(organisation: str) -> Organisation:
    """The organisation of that name."""
    return Organisation.objects.get(name=organisation)


@cache
def password() -> str:
    """The hash of the password that is the same for all, made once: it costs as much as it should."""
    return make_password(PASSWORD)
