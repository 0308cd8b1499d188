"""How many rows of each model visible_to() gives to whom in the world of tests/world.py (tests/test_access.py). A number that
changes is a row more in that world, or somebody who reads more, or less, than before."""

READERS = (
    "viewer", "drafter", "representative", "secretary", "auditor", "organisation_admin", "framework_admin",
    "viewer in breach", "representative in breach", "secretary in breach", "auditor in breach",
    "viewer elsewhere", "representative elsewhere", "secretary elsewhere", "auditor elsewhere",
)  # fmt: skip
VISIBLE: dict[str, tuple[int, ...]] = {
    "portal.Board": (3, 4, 3, 4, 4, 3, 4, 3, 3, 4, 4, 2, 2, 4, 4),
    "portal.Meeting": (5, 6, 5, 6, 6, 5, 6, 5, 5, 6, 6, 4, 4, 6, 6),
    "portal.AgendaItem": (12, 17, 15, 17, 17, 12, 17, 12, 15, 16, 16, 12, 15, 17, 17),
    "portal.Paper": (3, 7, 6, 7, 7, 3, 7, 3, 6, 7, 7, 3, 6, 7, 7),
    "protocols.Protocol": (5, 8, 5, 8, 8, 5, 8, 5, 5, 8, 8, 0, 0, 8, 8),
    "protocols.Version": (5, 8, 5, 8, 8, 5, 8, 5, 5, 8, 8, 0, 0, 8, 8),
    "protocols.DraftIssue": (6, 7, 6, 7, 7, 6, 7, 6, 6, 7, 7, 0, 0, 7, 7),
    "protocols.Consultation": (5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 5, 5),
    "protocols.Intention": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1),
    "breaches.Breach": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1),
    "breaches.Controller": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1),
    "breaches.ReportDraft": (0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "breaches.PartyNotice": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1),
    "breaches.ClosedSession": (0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1),
    "breaches.ClosedNote": (0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1),
    "breaches.Proposal": (0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1),
    "breaches.Vote": (0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1),
    "breaches.BreakGlass": (0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1),
    "breaches.WrittenReport": (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1),
    "reviews.Review": (5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 5, 5),
    "reviews.Finding": (3, 5, 5, 5, 5, 3, 5, 3, 3, 5, 5, 0, 0, 5, 5),
    "reviews.Action": (1, 3, 1, 3, 3, 1, 3, 1, 1, 3, 3, 0, 0, 3, 3),
}
