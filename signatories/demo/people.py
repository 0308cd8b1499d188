"""The people of the demonstration. All of them are invented (docs/sources.md); addresses are at example.org."""

from dataclasses import dataclass

from portal.permissions import Role

PASSWORD = "meadow-lantern-orbit"


@dataclass(frozen=True, slots=True)
class Person:
    """framework: slug. organisation: its name. capacity: what stands beside the signature of a representative who has an
    authority of their own. tries: what a newcomer can try as this person."""

    name: str
    job_title: str
    framework: str
    organisation: str
    role: str
    capacity: str = ""
    tries: str = ""

    @property
    def email(self) -> str:
        """first.last@example.org."""
        return f"{self.name.lower().replace(' ', '.')}@example.org"


def hints() -> dict[str, str]:
    """Address → what to try, for the page on which a newcomer chooses somebody."""
    return {person.email: person.tries for person in PEOPLE if person.tries}


PEOPLE = [
    Person("Callum Verity", "Partnership Manager", "haringey", "Haringey Council", Role.FRAMEWORK_ADMIN, "", "Invite people, look after organisations and boards"),
    Person("Amara Whitlock", "Information Governance Officer", "haringey", "Haringey Council", Role.DRAFTER, "", "Take the draft HSP-ISP-015 to the board and to signature"),
    Person("Tomasz Fieldgate", "Board Secretary", "haringey", "Haringey Council", Role.SECRETARY, "", "Record what the board decided, decide what is published"),
    Person("Grace Oyelaran", "Director of Children’s Services", "haringey", "Haringey Council", Role.REPRESENTATIVE, "Director of Children’s Services, for and on behalf of the Council", "Comment on a draft, sign for the council"),
    Person("Rhys Calderdale", "Caldicott Guardian", "haringey", "Haringey Teaching Primary Care Trust", Role.REPRESENTATIVE, "Caldicott Guardian, for and on behalf of the Trust", "Decline to sign, and sign after all"),
    Person("Nadia Sorrell", "Borough Commander", "haringey", "Metropolitan Police Service (Haringey Division)", Role.REPRESENTATIVE, "Borough Commander, for and on behalf of the Service", "Sign on a phone"),
    Person("Ines Marlowe", "Internal Auditor", "haringey", "Haringey Council", Role.AUDITOR, "", "Read the ledger, look at the register as at an earlier day"),
    Person("Joss Tarrantine", "Health Visitor", "haringey", "Haringey Teaching Primary Care Trust", Role.VIEWER, "", "Read what is in force"),
    Person("Odette Marshwood", "Records Adviser", "haringey", "Metropolitan Police Service (Haringey Division)", Role.VIEWER, "", "See two frameworks that know nothing of each other"),
    Person("Odette Marshwood", "Records Adviser", "anyshire", "Anyshire Police", Role.VIEWER, "", ""),
    Person("Elin Prosser", "Data Protection Officer", "anyshire", "Anyshire County Council", Role.FRAMEWORK_ADMIN, "", "See the partnerships and their boards"),
    Person("Marcus Hollin", "Resilience Officer", "anyshire", "Anyshire County Council", Role.DRAFTER, "", "Answer the comments on AISB-T2-002; compare the two editions of AISB-T1-001; invite the trust again"),
    Person("Farah Denning", "Board Secretary", "anyshire", "Anyshire County Council", Role.SECRETARY, "", "Decide on the pilot AISB-T3-001"),
    Person("Gwen Ashdown", "Chief Executive", "anyshire", "Anyshire County Council", Role.REPRESENTATIVE, "Chief Executive, for and on behalf of the Council", "Comment on AISB-T2-002"),
    Person("Duncan Reever", "Assistant Chief Constable", "anyshire", "Anyshire Police", Role.REPRESENTATIVE, "Assistant Chief Constable, for and on behalf of the Force", "Sign AISB-OP-001 as the last one; delegate the authority to sign"),
    Person("Leila Fontane", "Medical Director", "anyshire", "Anyshire Community Health Trust", Role.REPRESENTATIVE, "Medical Director, for and on behalf of the Trust", "Sign AISB-OP-001 after declining it"),
    Person("Hester Lindqvist", "Director", "anyshire", "Anyshire Refuge Network", Role.REPRESENTATIVE, "Director, for and on behalf of the Network", "See what a party that has not signed the second edition sees"),
    Person("Bram Okonjo", "Internal Auditor", "anyshire", "Anyshire County Council", Role.AUDITOR, "", "Look at AISB-T1-001 as at half a year ago, when its first edition was in force"),
    Person("Priya Netherby", "Head of Information Governance", "anyshire", "Anyshire County Council", Role.ORGANISATION_ADMIN, "", "Say who stands in for whom at the council; keep the council’s particulars"),
    Person("Sunniva Tarrant", "Partnership Manager", "elmshire", "Elmshire County Council", Role.FRAMEWORK_ADMIN, "", "Lift the suspension of the Schools Trust"),
    Person("Cormac Dellwood", "Information Governance Officer", "elmshire", "Elmshire County Council", Role.DRAFTER, "", "See EIS-2-003, signed and not yet in force; begin a next edition"),
    Person("Petra Hallowby", "Board Secretary", "elmshire", "Elmshire County Council", Role.SECRETARY, "", "Record the decision on EIS-2-002: approve, refer back, refuse"),
    Person("Lionel Abara", "Director of Children’s Services", "elmshire", "Elmshire County Council", Role.REPRESENTATIVE, "Director of Children’s Services, for and on behalf of the Council", "Say whether the council intends to sign EIS-2-002"),
    Person("Yasmin Thornbury", "Caldicott Guardian", "elmshire", "Elmshire Children’s Health Trust", Role.REPRESENTATIVE, "Caldicott Guardian, for and on behalf of the Trust", "Change the trust’s notice of intention on EIS-2-002"),
    Person("Maeve Stokeley", "Chief Executive", "elmshire", "Elmshire Youth Alliance", Role.REPRESENTATIVE, "Chief Executive, for and on behalf of the Alliance", "See a protocol that the Alliance has withdrawn from"),
    Person("Idris Calloway", "Deputy Chief Constable", "elmshire", "Vale and Moor Police", Role.REPRESENTATIVE, "Deputy Chief Constable, for and on behalf of the Force", "Sign in two frameworks from one list: EIS-2-003 and MIL-DEA-002"),
    Person("Idris Calloway", "Deputy Chief Constable", "millborough", "Vale and Moor Police", Role.REPRESENTATIVE, "Deputy Chief Constable, for and on behalf of the Force", ""),
    Person("Rosalind Achterby", "Information Governance Manager", "millborough", "Millborough Metropolitan Council", Role.FRAMEWORK_ADMIN, "", "See who holds which authority to sign"),
    Person("Theo Maddern", "Information Governance Officer", "millborough", "Millborough Metropolitan Council", Role.DRAFTER, "", "Open MIL-DEA-003 for signature"),
    Person("Beatrix Olaniyan", "Clerk to the Executive", "millborough", "Millborough Metropolitan Council", Role.SECRETARY, "", "See a policy that is adopted, not signed: MIL-POL-001; publish MIL-POL-002"),
    Person("Winston Grale", "Chief Executive", "millborough", "Millborough Metropolitan Council", Role.REPRESENTATIVE, "Chief Executive, for and on behalf of the Council", "Take back the authority that was delegated to the Director of Housing"),
    Person("Jonah Pellwright", "Director of Housing", "millborough", "Millborough Metropolitan Council", Role.REPRESENTATIVE, "", "See what was signed under a delegated authority: MIL-DEA-002"),
    Person("Anneke Farrow", "Medical Director", "millborough", "Millborough Hospitals Trust", Role.REPRESENTATIVE, "Medical Director, for and on behalf of the Trust", "Sign MIL-DEA-002"),
    Person("Ottoline Greave", "Director of Homes", "millborough", "Millborough Homes", Role.REPRESENTATIVE, "Director of Homes, for and on behalf of the Association", "Find out why MIL-DEA-002 cannot be signed before the protocol above it"),
]  # fmt: skip
