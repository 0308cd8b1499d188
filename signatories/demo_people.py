"""The people of the demonstration. All of them are invented (docs/sources.md); addresses are at example.org."""

from dataclasses import dataclass

from portal.permissions import Role

PASSWORD = "meadow-lantern-orbit"

COUNCIL, TRUST, POLICE = (
    "Haringey Council",
    "Haringey Teaching Primary Care Trust",
    "Metropolitan Police Service (Haringey Division)",
)


@dataclass(frozen=True, slots=True)
class Person:
    """framework: slug. organisation: its name. capacity: what stands beside the signature of a representative."""

    name: str
    job_title: str
    framework: str
    organisation: str
    role: str
    capacity: str = ""

    @property
    def email(self) -> str:
        """first.last@example.org."""
        return f"{self.name.lower().replace(' ', '.')}@example.org"


PEOPLE = [
    Person("Callum Verity", "Partnership Manager", "haringey", COUNCIL, Role.FRAMEWORK_ADMIN),
    Person("Amara Whitlock", "Information Governance Officer", "haringey", COUNCIL, Role.DRAFTER),
    Person("Tomasz Fieldgate", "Board Secretary", "haringey", COUNCIL, Role.SECRETARY),
    Person("Grace Oyelaran", "Director of Children’s Services", "haringey", COUNCIL, Role.REPRESENTATIVE, "Director of Children’s Services, for and on behalf of the Council"),
    Person("Rhys Calderdale", "Caldicott Guardian", "haringey", TRUST, Role.REPRESENTATIVE, "Caldicott Guardian, for and on behalf of the Trust"),
    Person("Nadia Sorrell", "Borough Commander", "haringey", POLICE, Role.REPRESENTATIVE, "Borough Commander, for and on behalf of the Service"),
    Person("Ines Marlowe", "Internal Auditor", "haringey", COUNCIL, Role.AUDITOR),
    Person("Joss Tarrantine", "Health Visitor", "haringey", TRUST, Role.VIEWER),
    Person("Odette Marshwood", "Records Adviser", "haringey", POLICE, Role.VIEWER),
    Person("Odette Marshwood", "Records Adviser", "anyshire", "Anyshire Police", Role.VIEWER),
    Person("Elin Prosser", "Data Protection Officer", "anyshire", "Anyshire County Council", Role.FRAMEWORK_ADMIN),
    Person("Marcus Hollin", "Resilience Officer", "anyshire", "Anyshire County Council", Role.DRAFTER),
    Person("Farah Denning", "Board Secretary", "anyshire", "Anyshire County Council", Role.SECRETARY),
    Person("Gwen Ashdown", "Chief Executive", "anyshire", "Anyshire County Council", Role.REPRESENTATIVE, "Chief Executive, for and on behalf of the Council"),
    Person("Duncan Reever", "Assistant Chief Constable", "anyshire", "Anyshire Police", Role.REPRESENTATIVE, "Assistant Chief Constable, for and on behalf of the Force"),
    Person("Leila Fontane", "Medical Director", "anyshire", "Anyshire Community Health Trust", Role.REPRESENTATIVE, "Medical Director, for and on behalf of the Trust"),
]  # fmt: skip
SUMMARIES = {
    "HSP-GEN-001": "The general protocol sets out the principles that every organisation in the partnership follows when it shares"
    " personal information. It was written for this demonstration.",
    "HSP-ISP-014": "The council, the health trust and the police share what they need to know to keep children and young people"
    " in Haringey safe and well. They share only the least that is needed, tell families about it where they can, and"
    " check every year that the arrangement works.",
}
