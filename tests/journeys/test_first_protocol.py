"""The first protocol, from an empty installation to the public register, in browsers, on the Haringey text.

Everything through the pages, the mails, passwords and authenticator apps, outside demo mode; axe looks at every page.
"""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from tempfile import NamedTemporaryFile
from urllib.request import urlopen

from django.core.management import call_command
from django.db import transaction

from portal import clock
from portal.models import Framework
from portal.permissions import Role
from portal.seal import check
from portal.tenancy import scope
from protocols import demo_texts
from protocols.models import Edition, Version
from signatories.demo.people import PEOPLE
from tests.journeys import steps
from tests.journeys.haringey import COUNCIL, POLICE, REFERENCE, TEXT, TRUST, add_the_rest, general_protocol
from tests.journeys.people import NARROW, Person

JOINED, EFFECTIVE, SIGN_BY = date(2026, 6, 1), date(2026, 7, 1), date(2026, 6, 26)
GENERAL = demo_texts.load("haringey_general")["protocol"]
CAST = {person.email: person for person in PEOPLE if person.framework == TEXT["framework"]["slug"]}
OFFICES = {Role.FRAMEWORK_ADMIN: "Framework administrator", Role.DRAFTER: "Drafter", Role.SECRETARY: "Board secretary"}
SUMMARY = "Organisations in Haringey share information about children so that they are safe."


def morning(day: date) -> datetime:
    """09:30 in London."""
    return clock.start_of_day(day) + timedelta(hours=9, minutes=30)


CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def pdfsig(pdf: bytes) -> str:
    """What poppler says of the signatures of a file."""
    return tool("pdfsig", "-nocert", pdf=pdf)


def words_of(pdf: bytes) -> str:
    """Everything that is printed, in one line."""
    return " ".join(tool("pdftotext", after=["-"], pdf=pdf).split())


def tool(*words: str, pdf: bytes, after=()) -> str:
    """Output of a command on a file."""
    with NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return subprocess.run([*words, file.name, *after], capture_output=True, text=True, check=True).stdout


class Story:
    """The people, and what they do, in order."""

    def __init__(self, server, looker):
        self.server, self.looker = server, looker
        self.admin, self.drafter, self.secretary = map(self.of_role, OFFICES)
        self.council = self.signer(COUNCIL)
        self.trust = self.signer(TRUST, java_script_enabled=False)
        self.police = self.signer(POLICE, width=NARROW, is_mobile=True, has_touch=True)
        self.signers = {COUNCIL: self.council, TRUST: self.trust, POLICE: self.police}

    def of_role(self, role):
        found = next(one for one in CAST.values() if one.role == role)
        return Person(self.server, self.looker, found.email, found.name)

    def signer(self, organisation, **options):
        found = next(one for one in CAST.values() if one.organisation == organisation and one.capacity)
        return Person(self.server, self.looker, found.email, found.name, **options)

    # --- 1 June

    def found(self):
        """The operator makes the framework; its first administrator comes through the mail, and brings in the others."""
        with self.server.inside():
            call_command(
                "create_framework", TEXT["framework"]["name"], TEXT["framework"]["slug"], organisation=COUNCIL,
                board=TEXT["protocol"]["deciding_body"], admin_email=self.admin.email, admin_name=self.admin.name,
                verbosity=0,
            )  # fmt: skip
        self.framework = Framework.objects.get(slug=TEXT["framework"]["slug"])
        self.admin.accept()
        steps.describe_organisation(self.admin, TEXT["parties"][0])
        for party in TEXT["parties"][1:]:
            steps.add_organisation(self.admin, party, JOINED)
        for person in (self.drafter, self.secretary, *self.signers.values()):
            invented = CAST[person.email]
            office = OFFICES.get(invented.role, "Representative")
            steps.invite(self.admin, person, office, invented.organisation, invented.job_title)
        for person in (self.drafter, self.secretary, *self.signers.values()):
            person.accept()
        for organisation, person in self.signers.items():
            steps.record_authority(self.secretary, person, organisation, CAST[person.email].capacity, JOINED)

    def parent(self):
        """The general protocol above it is in force, signed by the same three; the worker takes care of its mails."""
        self.server.forward(minutes=2)
        people = {"drafter": self.drafter.email, "secretary": self.secretary.email}
        people |= {organisation: person.email for organisation, person in self.signers.items()}
        with self.server.inside():
            general_protocol(self.framework, people, now=clock.now())
        self.server.wait_until(
            lambda: self.status(GENERAL["reference"]) == "in-force", "The general protocol is not in force."
        )
        self.server.forward(minutes=2)

    def draft(self):
        """Begun, dates, clauses, schedules in the browser; then the rest of the text is put in."""
        steps.begin(self.drafter, parent=f"{GENERAL['reference']} {GENERAL['title']}")
        steps.settle_dates(self.drafter, effective=EFFECTIVE, sign_by=SIGN_BY)
        steps.write_clauses(self.drafter)
        steps.fill_schedules(self.drafter)
        with self.server.inside():
            add_the_rest(self.framework)
        self.drafter.go(f"{steps.VERSION}draft/")
        self.drafter.sees("Everything is there. This draft can be submitted for approval.")

    def consult(self):
        """Out for a week, one comment, one response, closed."""
        steps.consult(self.drafter, until=date(2026, 6, 8))
        self.server.move_to(morning(date(2026, 6, 3)))
        self.trust.come(self.server.link(self.trust.email, f"Comments wanted on {REFERENCE}"))
        steps.comment(self.trust, "4.1", "Please say who is told.")
        self.server.move_to(morning(date(2026, 6, 4)))
        steps.respond_and_close(self.drafter, "The lead professional is told; 4.1 says so.")

    def approve(self):
        """Submitted, and decided by the board."""
        steps.submit(self.drafter)
        self.secretary.come(self.server.link(self.secretary.email, f"Decision wanted on {REFERENCE}"))
        steps.decide(self.secretary, date(2026, 6, 4))

    def open(self):
        """Frozen, and the three are invited."""
        self.drafter.come(self.server.link(self.drafter.email, f"Decision recorded on {REFERENCE}"))
        self.drafter.click("Open for signature")
        self.drafter.click("Freeze the text and open for signature")
        self.drafter.sees("3 people are being invited by email.")

    # --- signing

    def invitation(self, organisation):
        """The link in the mail."""
        return self.server.link(self.signers[organisation].email, f"Sign {REFERENCE} 1.0 for {organisation}")

    def sign(self):
        """The council signs; the trust declines, is asked again and signs, without JavaScript; the police sign on a phone."""
        self.server.move_to(morning(date(2026, 6, 8)))
        links = {organisation: self.invitation(organisation) for organisation in self.signers}
        urlopen(links[COUNCIL]).close()  # a mail scanner opens the link: nothing happens
        steps.forget_a_box(self.council, links[COUNCIL], COUNCIL)
        self.text_copy = steps.sign(self.council, links[COUNCIL], COUNCIL)
        self.trust.come(links[TRUST])
        steps.decline(self.trust, TRUST, "Our Caldicott Guardian is on leave.")
        self.server.link(self.drafter.email, f"declined to sign {REFERENCE}")
        self.server.sink.clear()
        steps.invite_again(self.drafter, TRUST)
        self.server.move_to(morning(date(2026, 6, 12)))
        steps.sign(self.trust, self.invitation(TRUST), TRUST)
        self.server.move_to(morning(date(2026, 6, 15)))
        assert self.status() == Version.Status.OPEN_FOR_SIGNATURE
        assert steps.sign(self.police, links[POLICE], POLICE) == self.text_copy
        assert self.status() == Version.Status.COMPLETED
        self.council.come(steps.PROTOCOL)
        self.council.sees("Signed by all", "15 December 2026")  # the first review, six months after the last signature

    # --- in force

    def midnight(self):
        """Nobody works over that midnight; in force from it all the same (SIG-force)."""
        effective = clock.start_of_day(EFFECTIVE)
        self.wait_for_seal("parties")
        self.server.move_to(effective - timedelta(minutes=30))
        self.server.stop_worker()
        self.server.move_to(effective + timedelta(hours=9, minutes=12))
        assert self.status() == Version.Status.COMPLETED
        self.server.start_worker()
        self.server.wait_until(lambda: self.status() == Version.Status.IN_FORCE, "It does not come into force.")
        assert self.version().in_force_from == effective

    def seal(self):
        """The sealed PDF holds for pdfsig, pyHanko and /verify; a changed one does not."""
        pdf = steps.fetch_sealed(self.council)
        self.council.sees("1 July 2026")
        assert "Signature is Valid" in pdfsig(pdf)
        assert "Total document signed" in pdfsig(pdf)
        certificate = (self.server.layout.seal / "seal.pem").read_bytes()
        with ThreadPoolExecutor() as aside:  # pyHanko's loop cannot run in the thread of the browser's
            assert aside.submit(check, pdf, certificate, now=self.server.now).result().bottom_line
        printed = words_of(pdf)
        for person in self.signers.values():
            assert person.name in printed
        self.code = CODE.search(printed).group()
        self.nobody = Person(self.server, self.looker, "")
        steps.verify_file(self.nobody, pdf, "This document is genuine")
        steps.verify_file(self.nobody, pdf.replace(b"%%EOF", b"%%E0F", 1), "This document is not genuine")
        steps.verify_code(self.nobody, self.code, "This code belongs to a genuine document")

    def publish(self):
        """What the public sees once it is decided: the protocol and its organisations, no person."""
        self.nobody.go(f"{steps.HOME}register/")
        self.nobody.sees("No protocol is published yet")
        steps.publish(self.secretary, SUMMARY, look_again=date(2027, 7, 1))
        self.wait_for_seal("public")
        self.nobody.go(f"{steps.HOME}register/")
        self.nobody.click(TEXT["protocol"]["title"])
        self.nobody.sees(SUMMARY, COUNCIL, TRUST, POLICE)
        copy = self.nobody.download("Download the public copy")
        for seen in (self.nobody.page.content(), words_of(copy)):
            for person in CAST.values():
                assert person.name not in seen
        steps.verify_file(self.nobody, copy, "This document is genuine")

    def wait_for_seal(self, kind):
        """Until the worker has sealed an edition of this kind."""

        def sealed():
            version = self.version()
            with scope(self.framework.pk), transaction.atomic():
                return version.editions.filter(kind=kind, status=Edition.Status.SEALED).exists()

        self.server.wait_until(sealed, f"The {kind} edition is not sealed.")

    def status(self, reference=REFERENCE):
        """Of version 1.0, as it stands in the database."""
        return self.version(reference).status

    def version(self, reference=REFERENCE):
        with scope(self.framework.pk), transaction.atomic():
            return Version.objects.get(protocol__reference=reference)


def test_first_protocol_from_invitation_to_register(server, looker):
    """Draft, consultation, approval, three signatures, in force from the effective date, sealed, verified, published."""
    story = Story(server, looker)
    story.found()
    story.parent()
    story.draft()
    story.consult()
    story.approve()
    story.open()
    story.sign()
    story.midnight()
    story.seal()
    story.publish()
