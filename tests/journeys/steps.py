"""What people do on the pages of the portal, one function per act, each ending on the page that follows it."""

import re
from datetime import date

from protocols import demo_texts
from tests.journeys.haringey import COUNCIL, FACTS, REFERENCE, TEXT, section
from tests.journeys.people import Person, Way

HOME = "/haringey/"
PROTOCOL = f"{HOME}protocols/{REFERENCE}/"
VERSION = f"{PROTOCOL}1.0/"


def in_words(day: date) -> str:
    """27 March 2027."""
    return f"{day.day} {day:%B %Y}"


# --- administrator


def describe_organisation(admin: Person, party: dict) -> None:
    """The first organisation gets the particulars that the protocol prints."""
    admin.come(f"{HOME}organisations/")
    admin.click(party["organisation"])
    admin.type(address=party["address"], telephone=party["telephone"])
    admin.click("Save")


def add_organisation(admin: Person, party: dict, joined: date) -> None:
    """Another organisation joins."""
    admin.come(f"{HOME}organisations/")
    admin.click("Add an organisation")
    admin.type(
        name=party["organisation"], address=party["address"], telephone=party["telephone"], joined_on=in_words(joined)
    )
    admin.tick("England and Wales")
    admin.click("Save")


def invite(admin: Person, person: Person, role: str, organisation: str, job_title: str) -> None:
    """A role is offered by mail."""
    admin.come(f"{HOME}people/")
    admin.click("Invite somebody")
    admin.type(email=person.email, full_name=person.name, job_title=job_title)
    admin.choose(organisation=organisation)
    admin.tick(role)
    admin.click("Send the invitation")
    admin.sees(f"The invitation to {person.email} is on its way.")


# --- drafter


def begin(drafter: Person, *, parent: str) -> None:
    """A protocol of the second tier, under the general one."""
    drafter.come(f"{HOME}protocols/new/")
    drafter.type(title=FACTS["title"], reference=REFERENCE)
    drafter.tick("Individual protocol")
    drafter.choose(parent=parent, lead_organisation=COUNCIL)
    drafter.click("Begin the protocol")
    drafter.heading(FACTS["title"])


def settle_dates(drafter: Person, *, effective: date, sign_by: date) -> None:
    """Dates, review rule."""
    drafter.click("Dates, review rule and classification")
    drafter.type(effective_on=in_words(effective), sign_by=in_words(sign_by))
    drafter.type(review_first_months="6", review_then_months="12")
    drafter.click("Save")


def write_clauses(drafter: Person) -> None:
    """Section 2 with its first two clauses: the first typed wrong, then put right."""
    heading = section("2")
    first, second = heading["children"][:2]
    drafter.come(f"{VERSION}draft/clauses/")
    drafter.click("Add a section at the end")
    drafter.tick("Heading")
    drafter.type(label=heading["label"], title=heading["title"], text=heading["text"])
    drafter.click("Save")
    drafter.click(re.compile("^Add inside"))
    drafter.tick("Numbered clause")
    drafter.type(label=first["label"], title=first["title"], text="Not yet what it should say.")
    drafter.click("Preview")
    drafter.click("Save")
    drafter.click(re.compile(f"^Change “{re.escape(first['label'])}"))
    drafter.type(text=first["text"])
    drafter.click("Save")
    drafter.click(re.compile(f"^Add after “{re.escape(first['label'])}"))
    drafter.tick("Numbered clause")
    drafter.type(label=second["label"], title=second["title"], text=second["text"])
    drafter.click("Save")


def fill_schedules(drafter: Person) -> None:
    """The three parties, and one entry of each other schedule."""
    for party in TEXT["parties"]:
        drafter.come(f"{VERSION}draft/parties/")
        drafter.click("Add a party")
        drafter.choose(organisation=party["organisation"])
        drafter.click("Continue")
        drafter.click("Save")
    drafter.come(f"{VERSION}draft/definitions/")
    drafter.click("Add a definition")
    drafter.type(**TEXT["definitions"][0])
    drafter.click("Save")
    drafter.come(f"{VERSION}draft/purposes/")
    drafter.click("Add a purpose")
    drafter.type(text=TEXT["purposes"][0]["text"])
    drafter.click("Save")
    drafter.come(f"{VERSION}draft/data-items/")
    drafter.click("Add a data item")
    item = TEXT["data_items"][0]
    drafter.tick("Aggregate and management information")
    drafter.type(name=item["name"], detail=item["detail"])
    drafter.click("Save")
    describe_flow(drafter)


def describe_flow(drafter: Person) -> None:
    """From whom to whom, and who may look (HAM-voice)."""
    flow = demo_texts.flows(TEXT)[0]
    drafter.come(f"{VERSION}draft/flows/")
    drafter.click("Add a flow")
    drafter.choose(source="Any of the parties")
    drafter.tick("Every other party, those that join later included", "No, never outside the parties")
    drafter.tick(re.compile("^D1 "), re.compile("^P1 "))
    drafter.type(method=flow["method"], frequency=flow["frequency"], power=flow["power"])
    drafter.type(readers=flow["readers"], vetting=flow["vetting"])
    drafter.click("Save")


def consult(drafter: Person, *, until: date) -> None:
    """The draft goes out."""
    drafter.come(f"{VERSION}consultation/")
    drafter.click(re.compile("^Open a consultation"))
    drafter.type(closes_on=in_words(until), change="First draft")
    drafter.click("Open the consultation")


def comment(person: Person, clause: str, words: str) -> None:
    """On one clause, from the page that the mail leads to."""
    person.click(re.compile(f"^Comment on “{re.escape(clause)}"))
    person.type(text=words)
    person.click("Send the comment")
    person.sees(words)


def respond_and_close(drafter: Person, words: str) -> None:
    """Every comment is answered, then the round is closed."""
    drafter.come(f"{VERSION}consultation/")
    drafter.click(re.compile("^Respond to comment"))
    drafter.tick("Accepted")
    drafter.type(text=words)
    drafter.click("Save the response")
    drafter.sees(words)
    drafter.click("Close the consultation")
    drafter.click("Close the consultation")


def submit(drafter: Person) -> None:
    """The draft goes to the board."""
    drafter.click("Go on to approval")
    drafter.click("Submit for approval")
    drafter.sees("This draft waits for the decision of")


# --- secretary


def record_authority(secretary: Person, person: Person, organisation: str, capacity: str, since: date) -> None:
    """Who may sign for whom."""
    secretary.come(f"{HOME}representatives/")
    secretary.click("Record an authority")
    secretary.choose(person=f"{person.name}, {organisation}")
    secretary.type(capacity=capacity, granted_by="Rosalind Achterberg, Chief Executive", scope="All protocols")
    secretary.type(valid_from=in_words(since))
    secretary.click("Record the authority")


def decide(secretary: Person, day: date) -> None:
    """The board approved."""
    secretary.click("Record the decision")
    secretary.tick(FACTS["deciding_body"], "Approved")
    secretary.type(decided_on_day=str(day.day), decided_on_month=str(day.month), decided_on_year=str(day.year))
    secretary.type(reference="Agenda item 10")
    secretary.click("Record the decision")
    secretary.sees("The decision is recorded.")


# --- representative


def sign(person: Person, link: str, organisation: str) -> bytes:
    """From the link in the mail to the confirmation, as a phone would allow it: at most 4 pages and 6 clicks.

    Signing in is not counted. Returns the PDF that was read before.
    """
    person.way = Way(clicks=1)
    person.come(link)
    person.heading(f"Sign: {FACTS['title']} 1.0")
    pdf = person.download(re.compile("^Read the PDF text copy"))
    for box in person.page.get_by_role("checkbox").all():
        assert not box.is_checked()
        person.clicked()
        box.check()
    person.type(code=person.code())
    person.click(f"Sign for {organisation}")
    person.heading(f"You have signed for {organisation}")
    assert len(person.way.pages) <= 4, person.way
    assert person.way.clicks <= 6, person.way
    return pdf


def forget_a_box(person: Person, link: str, organisation: str) -> None:
    """The button without the boxes signs nothing, and says which boxes."""
    person.come(link)
    person.click(f"Sign for {organisation}")
    person.refused("Enter the code from your authenticator app")


def decline(person: Person, organisation: str, reason: str) -> None:
    """No, with a reason; without one it is asked for."""
    person.click(f"Decline to sign for {organisation}")
    person.click(f"Decline for {organisation}")
    person.refused("Say why your organisation declines")
    person.type(reason=reason)
    person.click(f"Decline for {organisation}")
    person.sees(reason)


def invite_again(drafter: Person, organisation: str) -> None:
    """The party that declined is asked once more."""
    drafter.come(f"{VERSION}signatures/")
    drafter.click(f"Invite {organisation} again")
    drafter.click("Invite again")


# --- after signing


def fetch_sealed(person: Person) -> bytes:
    """The sealed edition from the page of the protocol, which says since when it is in force."""
    person.come(PROTOCOL)
    person.sees("In force")
    return person.download(re.compile("edition 1$"))


def publish(secretary: Person, summary: str, *, look_again: date) -> None:
    """In full."""
    secretary.come(PROTOCOL)
    secretary.click(re.compile("^Decide"))
    secretary.tick("Published in full")
    secretary.type(reason="No exemption applies.", review_on=in_words(look_again), summary=summary)
    secretary.click("Record this decision")


def verify_file(person: Person, content: bytes, words: str) -> None:
    """Upload a file at /verify and read the answer."""
    person.go("/verify/")
    person.page.locator("[name=document]").set_input_files(
        {"name": "protocol.pdf", "mimeType": "application/pdf", "buffer": content}
    )
    person.click("Verify")
    person.sees(words)


def verify_code(person: Person, code: str, words: str) -> None:
    """Type the code that is printed on it."""
    person.go("/verify/")
    person.type(code=code)
    person.click("Verify")
    person.sees(words)
